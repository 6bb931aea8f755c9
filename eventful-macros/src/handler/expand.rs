//! The registration of a handler for each of its events. The function itself is not changed.

mod call;
mod event_argument;
mod record;

use std::iter;

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Type;
use syn::ext::IdentExt;

use self::event_argument::EventArgument;
use super::check::CheckedHandler;
use super::targets::Target;
use crate::names::{self, import, qualified};
use crate::position::Position;
use crate::spans::{in_parentheses, located_at};

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
    let options = options(handler, &event_argument);
    let is_named = is_named(handler);
    let parameters = call::parameters(handler, &event_argument);
    let body = call::body(handler, &event_argument);
    let (shim, call) = if handler.is_async {
        let shim = call::async_shim(handler, &event_argument, &parameters, &body);
        (Some(shim), quote!(__eventful_call))
    } else {
        let call = quote_spanned! {place.start=>
            |__eventful_event, __eventful_resources, __eventful_handling| #body
        };
        (None, call)
    };
    let (constructor, first) = match event_argument.first() {
        _ if is_named => ("named", None),
        Some(first) => ("beside", Some(quote!(, #first))),
        None => ("new", None),
    };
    let suffix = if handler.is_async { "_async" } else { "" };
    let (constructor, inferred) = (
        Ident::new(&format!("{constructor}{suffix}"), place.end),
        // The errors about a type that is inferred are here, and it leads an editor nowhere.
        Ident::new("_", place.whole),
    );
    let entry = quote_spanned!(place.start=> __eventful::HandlerEntry);
    let entry = quote_spanned! {place.end=>
        #entry::#constructor::<#event, (#parameters), #inferred, #inferred, #inferred #first>
    };
    let reference = quote_spanned!(place.start=> &);
    let arguments = quote!(#text, #in_module, #reference #function, #call,);
    let arguments = in_parentheses(span, arguments);
    quote! {
        #(#conditions)*
        const _: () = {
            #import
            #shim
            __eventful::register_handler!(__eventful, #entry #arguments #options);
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

/// Returns true if the handler has an id, or takes part in a transaction: then its event may be durable.
fn is_named(handler: &CheckedHandler) -> bool {
    handler.id.is_some() || handler.in_transaction.is_some()
}

/// The calls that set the options. An option that has no meaning for the event is an error at its name.
fn options(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> TokenStream {
    let method = |name: &str, key: &Ident| Ident::new(name, located_at(key.span()));
    let own_id = handler.id.as_ref().map(|id| quote!(.own_id(&#id)));
    let beside = event_argument.first().filter(|_| is_named(handler));
    let beside = beside.map(|first| {
        // The colours are compared where the event is named, so that another one is an error there.
        let event = event_argument.written();
        quote_spanned!(event_argument.place.start=> .beside::<#event, #first>())
    });
    let in_transaction = handler.in_transaction.as_ref().map(|key| {
        let method = method("in_transaction", key);
        quote!(.#method())
    });
    let key_of = |name: &[&str]| {
        let mut orders = handler.orders.iter();
        orders.find(|key| name.iter().any(|name| *key == name))
    };
    let order = handler.order.zip(key_of(&["order"])).map(|(order, key)| {
        let (method, order) = (method("order_at", key), Literal::i32_unsuffixed(order));
        quote!(.#method(#order))
    });
    let guarded = handler.when.as_ref().map(|_| quote!(.guarded()));
    let constraints = constraints(handler, event_argument);
    let constrained = constraints
        .zip(key_of(&["after", "before"]))
        .map(|(constraints, key)| {
            let method = method("constrained", key);
            quote!(.#method(const { #constraints }))
        });
    let separate = &handler.separate;
    let separate = (!separate.is_empty()).then(|| {
        let method = separate.key.as_ref().map_or_else(
            || {
                let event = event_argument.written();
                quote_spanned!(event_argument.place.start=> on_dead::<#event>)
            },
            |key| method("separate", key).into_token_stream(),
        );
        let options = separate.tokens();
        quote!(.#method(const { &#options }))
    });
    let entry = is_named(handler).then(|| quote!(.entry()));
    quote!(#own_id #beside #in_transaction #order #guarded #constrained #separate #entry)
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
    is_constrained.then(|| quote!(&[#(#constraints),*]))
}
