//! The registration of a handler for each of its events. The function itself is not changed.

mod call;
mod event_argument;
mod record;

use std::iter;

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use self::event_argument::EventArgument;
use super::check::CheckedHandler;
use super::targets::Target;
use crate::names::{self, import, private, qualified};
use crate::position::Position;

pub(crate) fn expand(handler: &CheckedHandler) -> TokenStream {
    let position = Position::of(&handler.ident);
    let events = handler.events.types.iter();
    events
        .map(|event| registration(handler, event, &position))
        .collect()
}

fn registration(handler: &CheckedHandler, event: &Type, position: &Position) -> TokenStream {
    let conditions = &handler.conditions;
    let event_argument = EventArgument::new(handler, event);
    // The whole registration has the span of the event's name, so that errors about the event point to it.
    let span = event_argument.span;
    let private = private(span);
    let import = import(handler.krate.as_ref());
    let alias = event_argument.alias();
    let needs = record::needs(handler, &event_argument);
    let record = record::expand(handler, &event_argument, &needs, position);
    let event = event_argument.name();
    let function = event_argument.named_function(&private);
    let text = text(handler, &needs, position);
    let in_module = position.in_module();
    let options = options(handler);
    let constraints = constraints(handler, &event_argument, &private);
    let parameters = call::parameters(handler, &event_argument);
    let body = call::body(handler, &event_argument);
    let (shim, constructor, call) = if handler.is_async {
        let shim = call::async_shim(handler, &event_argument, &parameters, &body);
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
            #text,
            #in_module,
            &#function,
            #call,
        ) #options #constraints
    };
    quote! {
        #(#conditions)*
        const _: () = {
            #import
            #alias
            #shim
            #private::register_handler!(__eventful, #entry);
            #private::record!(__eventful, #record);
        };
    }
}

/// The default id, the file, and the resources as they are written: a line each.
fn text(handler: &CheckedHandler, needs: &[String], position: &Position) -> TokenStream {
    let name = handler.ident.unraw().to_string();
    let mut text = match &handler.owner {
        Some(owner) => owner.short_name(&name),
        None => name,
    };
    for part in iter::once(position.file()).chain(needs.iter().map(String::as_str)) {
        text.push('\n');
        text.push_str(&part.replace('\n', " "));
    }
    qualified(text)
}

fn options(handler: &CheckedHandler) -> TokenStream {
    let own_id = handler.id.as_ref().map(|id| quote!(.own_id(&#id)));
    let order = handler
        .order
        .map(Literal::i32_unsuffixed)
        .map(|order| quote!(.order_at(#order)));
    let guarded = handler.when.as_ref().map(|_| quote!(.guarded()));
    quote!(#own_id #order #guarded)
}

fn constraints(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
    private: &TokenStream,
) -> Option<TokenStream> {
    let constraint = |side: &str, target: &Target| match target {
        Target::Function(path) => {
            let side = format_ident!("{side}");
            let written = names::text(event_argument.apply_for_people(quote!(#path)));
            let path = event_argument.apply(quote!(#path));
            quote!(#private::Constraint::#side(&#path, #written))
        }
        Target::Id(id) => {
            let side = format_ident!("{side}_id");
            quote!(#private::Constraint::#side(#id))
        }
    };
    let after = handler
        .after
        .iter()
        .map(|target| constraint("after", target));
    let before = handler
        .before
        .iter()
        .map(|target| constraint("before", target));
    let constraints: Vec<_> = after.chain(before).collect();
    let is_constrained = !constraints.is_empty();
    is_constrained.then(|| quote!(.constrained(const { &[#(#constraints),*] })))
}
