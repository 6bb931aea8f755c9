//! The record of a handler for one of its events.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{GenericArgument, PathArguments, Type};

use super::event_argument::EventArgument;
use crate::handler::check::CheckedHandler;
use crate::handler::targets::Target;
use crate::names::text;
use crate::position::Position;
use crate::record::Facts;
use crate::spans::Place;
use crate::types;

/// The resources of the handler as they are written.
pub(super) fn needs(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> Vec<String> {
    let resources = handler.resources.iter().map(|resource| {
        let target = &resource.target;
        let target = text(event_argument.apply_for_people(quote!(#target)));
        if resource.mutability.is_some() {
            format!("&mut {target}")
        } else if resource.is_optional {
            format!("Option<&{target}>")
        } else {
            format!("&{target}")
        }
    });
    resources.collect()
}

pub(super) fn expand(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
    needs: &[String],
    position: &Position,
) -> TokenStream {
    let mut facts = Facts::new("handler", position, &handler.attributes);
    let name = handler.ident.unraw().to_string();
    facts.fact(
        "fn",
        match &handler.owner {
            Some(owner) => owner.short_name(&name),
            None => name,
        },
    );
    if let Some(id) = &handler.id {
        facts.fact("id", id.value());
    }
    if let Some(order) = handler.order {
        facts.fact("order", order);
    }
    for (side, targets) in [("after", &handler.after), ("before", &handler.before)] {
        for target in targets {
            match target {
                Target::Function(path) => {
                    facts.fact(side, text(event_argument.apply_for_people(quote!(#path))));
                }
                Target::Id(id) => facts.fact(&format!("{side}-id"), id.value()),
            }
        }
    }
    facts.flag("in-transaction", handler.in_transaction.is_some());
    let separate = handler.separate.for_people();
    if !separate.is_empty() {
        facts.fact("separate", separate);
    }
    facts.flag("when", handler.when.is_some());
    facts.flag("async", handler.is_async);
    for needed in needs {
        facts.fact("needs", needed);
    }
    if let Some(written) = instantiations(event_argument.written()).first() {
        facts.fact("of-as", written);
    }
    let returned = returned(handler, event_argument, &mut facts);
    let facts = facts.tokens_with("of ");
    let (event, place) = (event_argument.name(), event_argument.place);
    let recorded = quote_spanned!(place.start=> __eventful::Recorded);
    let name = quote_spanned!(place.end=> #recorded::<#event>::NAME);
    quote!(__eventful::RecordText::ending_with(#facts, #name) #returned)
}

/// The call that adds the names of the returned events, which the return type knows. A return type that cannot be named
/// here, and the names of generic events, become facts.
fn returned(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
    facts: &mut Facts,
) -> Option<TokenStream> {
    let written = handler.return_type.as_ref()?;
    let type_for_people = text(event_argument.apply_for_people(quote!(#written)));
    if types::impl_token(written).is_some() || types::lifetime(written).is_some() {
        facts.fact("returns-unnamed", type_for_people);
        return None;
    }
    for instantiation in syn::parse_str(&type_for_people)
        .map(|written| instantiations(&written))
        .unwrap_or_default()
    {
        facts.fact("returns-as", instantiation);
    }
    let written = event_argument.apply(quote!(#written));
    let place = Place::at(handler.return_span);
    let recorded = quote_spanned!(place.start=> __eventful::Recorded);
    let names = quote_spanned!(place.end=> #recorded::<#written>::RETURNED);
    Some(quote!(.returning(#names)))
}

/// The generic types that may be events, in the order of their names in `written`.
fn instantiations(written: &Type) -> Vec<String> {
    let mut found = Vec::new();
    find_instantiations(written, &mut found);
    found
}

fn find_instantiations(written: &Type, found: &mut Vec<String>) {
    match types::ungroup(written) {
        Type::Tuple(tuple) => {
            for element in &tuple.elems {
                find_instantiations(element, found);
            }
        }
        Type::Path(path) => {
            let Some(last) = path.path.segments.last() else {
                return;
            };
            let PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return;
            };
            let is_result = last.ident == "Result";
            let is_outcome = is_result
                || ["Option", "Vec", "Either"]
                    .iter()
                    .any(|name| last.ident == name);
            if !is_outcome {
                found.push(text(last));
                return;
            }
            // The error of a `Result` is no event.
            let outcomes = if is_result { 1 } else { usize::MAX };
            for argument in arguments.args.iter().take(outcomes) {
                if let GenericArgument::Type(argument) = argument {
                    find_instantiations(argument, found);
                }
            }
        }
        _ => {}
    }
}
