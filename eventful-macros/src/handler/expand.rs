//! One registration for each event; the function stays as it was written.

mod call;

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{Path, Type};

use super::check::CheckedHandler;
use super::event_parameter::EventParameter;
use super::options::Target;
use crate::names::{import, located_at, position, private, qualified, text};
use crate::types;

pub(crate) fn expand(handler: &CheckedHandler) -> TokenStream {
    // Once, because every use of a name counts as one more place.
    let position = position(&handler.ident);
    let events = handler.events.types.iter();
    events
        .map(|event| registration(handler, event, &position))
        .collect()
}

fn registration(handler: &CheckedHandler, event: &Type, position: &TokenStream) -> TokenStream {
    let conditions = &handler.conditions;
    // Errors about the event stand at its name: the whole registration has its place.
    let span = located_at(types::span(event));
    let private = private(span);
    let import = import(handler.krate.as_ref());
    let info = info(handler, position, &private);
    let constraints = constraints(handler, event, &private);
    let parameters = call::parameters(handler, event);
    let name = match handler.events.parameter {
        EventParameter::Unnamed => quote!(#private::Unnamed),
        _ => call::function(handler, event),
    };
    let body = call::body(handler, event);
    let (shim, constructor, call) = if handler.is_async {
        let shim = call::async_shim(handler, event, &parameters, &body);
        (
            Some(shim),
            quote_spanned!(span=> new_async),
            quote_spanned!(span=> __eventful_call),
        )
    } else {
        let call = quote_spanned!(span=> |__eventful_event, __eventful_resources, __eventful_handling| #body);
        (None, quote_spanned!(span=> new), call)
    };
    let entry = quote_spanned! {span=>
        #private::HandlerEntry::#constructor::<#event, #parameters, _, _, _>(
            #info,
            #constraints,
            &#name,
            #call,
        )
    };
    quote! {
        #(#conditions)*
        const _: () = {
            #import
            #shim
            #private::register_handler!(__eventful, #entry);
        };
    }
}

fn info(handler: &CheckedHandler, position: &TokenStream, private: &TokenStream) -> TokenStream {
    let name = handler.ident.unraw().to_string();
    let default_id = qualified(match &handler.owner {
        Some(owner) => owner.short_name(&name),
        None => name,
    });
    let own_id = handler.id.as_ref().map(|id| quote!(.own_id(#id)));
    let order = handler
        .order
        .map(Literal::i32_unsuffixed)
        .map(|order| quote!(.order_at(#order)));
    let guarded = handler.when.as_ref().map(|_| quote!(.guarded()));
    quote!(#private::HandlerInfo::new(#default_id, #private::Position::new(#position)) #own_id #order #guarded)
}

fn constraints(handler: &CheckedHandler, event: &Type, private: &TokenStream) -> TokenStream {
    let for_event = |path: &Path| handler.events.parameter.apply(quote!(#path), event);
    let after = handler.after.iter().map(|target| match target {
        Target::Function(path) => {
            let path = for_event(path);
            let written = text(&path);
            quote!(#private::Constraint::after(&#path, #written))
        }
        Target::Id(id) => quote!(#private::Constraint::after_id(#id)),
    });
    let before = handler.before.iter().map(|target| match target {
        Target::Function(path) => {
            let path = for_event(path);
            let written = text(&path);
            quote!(#private::Constraint::before(&#path, #written))
        }
        Target::Id(id) => quote!(#private::Constraint::before_id(#id)),
    });
    let constraints: Vec<_> = after.chain(before).collect();
    if constraints.is_empty() {
        quote!(&[])
    } else {
        quote!(const { &[#(#constraints),*] })
    }
}
