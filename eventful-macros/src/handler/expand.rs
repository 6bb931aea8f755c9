//! The registration of a handler for each of its events. The function itself is not changed.

mod call;
mod event_argument;
mod record;

use std::iter;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use self::event_argument::EventArgument;
use super::check::CheckedHandler;
use super::targets::Target;
use crate::names::{self, import, qualified};
use crate::position::Position;
use crate::spans::in_parentheses;

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
    let (span, place) = (event_argument.span, event_argument.place);
    let import = import(handler.krate.as_ref());
    let needs = record::needs(handler, &event_argument);
    let record = record::expand(handler, &event_argument, &needs, position);
    let event = event_argument.name();
    let function = event_argument.named_function();
    let text = text(handler, &needs, position);
    let in_module = position.in_module();
    let options = options(handler);
    let constraints = constraints(handler, &event_argument);
    let parameters = call::parameters(handler, &event_argument);
    let body = call::body(handler, &event_argument);
    let (shim, constructor, call) = if handler.is_async {
        let shim = call::async_shim(handler, &event_argument, &parameters, &body);
        (Some(shim), "new_async", quote!(__eventful_call))
    } else {
        let call = quote_spanned! {place.start=>
            |__eventful_event, __eventful_resources, __eventful_handling| #body
        };
        (None, "new", call)
    };
    let (constructor, inferred) = (
        Ident::new(constructor, place.end),
        // The errors about a type that is inferred are here, and it leads an editor nowhere.
        Ident::new("_", place.whole),
    );
    let entry = quote_spanned!(place.start=> __eventful::HandlerEntry);
    let entry = quote_spanned! {place.end=>
        #entry::#constructor::<#event, (#parameters), #inferred, #inferred, #inferred>
    };
    let reference = quote_spanned!(place.start=> &);
    let arguments = quote!(#text, #in_module, #reference #function, #call,);
    let arguments = in_parentheses(span, arguments);
    quote! {
        #(#conditions)*
        const _: () = {
            #import
            #shim
            __eventful::register_handler!(__eventful, #entry #arguments #options #constraints);
            __eventful::record!(__eventful, #record);
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
) -> Option<TokenStream> {
    let constraint = |side: &str, target: &Target| match target {
        Target::Function(path) => {
            let side = format_ident!("{side}");
            let written = names::text(event_argument.apply_for_people(quote!(#path)));
            let path = event_argument.apply(quote!(#path));
            quote!(__eventful::Constraint::#side(&#path, #written))
        }
        Target::Id(id) => {
            let side = format_ident!("{side}_id");
            quote!(__eventful::Constraint::#side(#id))
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
