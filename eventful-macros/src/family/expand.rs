//! The trait with its supertraits, and the implementations that make it a family.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{TypeParamBound, parse_quote_spanned};

use super::check::CheckedFamily;
use crate::names::{import, located_at, private, qualified};
use crate::position::Position;
use crate::record::Facts;

/// The user's trait with three more supertraits. Every event has them, and the future of a handler needs them.
pub(crate) fn item(family: &CheckedFamily) -> TokenStream {
    let item = &family.item;
    let (attributes, visibility) = (&item.attributes, &item.visibility);
    let (trait_token, ident) = (&item.trait_token, &item.ident);
    let (where_clause, body) = (&item.where_clause, &item.body);
    let span = located_at(ident.span());
    let mut supertraits = item.supertraits.clone();
    let added: [TypeParamBound; 3] = [
        parse_quote_spanned!(span=> ::core::marker::Send),
        parse_quote_spanned!(span=> ::core::marker::Sync),
        parse_quote_spanned!(span=> 'static),
    ];
    for bound in added {
        let is_written = |written: &TypeParamBound| name(written) == name(&bound);
        if !supertraits.iter().any(is_written) {
            supertraits.push(bound);
        }
    }
    quote!(#(#attributes)* #visibility #trait_token #ident: #supertraits #where_clause #body)
}

/// The last name of a trait, or a lifetime.
fn name(bound: &TypeParamBound) -> String {
    match bound {
        TypeParamBound::Trait(bound) => bound
            .path
            .segments
            .last()
            .map_or_else(String::new, |segment| segment.ident.to_string()),
        other => other.to_token_stream().to_string(),
    }
}

pub(crate) fn expand(family: &CheckedFamily) -> TokenStream {
    let ident = &family.item.ident;
    let conditions = &family.conditions;
    let import = import(family.krate.as_ref());
    // A trait that is not dyn-compatible is an error at its name.
    let span = located_at(ident.span());
    let private = private(span);
    let name = qualified(ident.unraw());
    let position = Position::of(ident);
    let arguments = position.arguments();
    let record = record(family, &position);
    let key = key(family, &position);
    let mode = if family.is_async {
        quote!(#private::Async)
    } else {
        quote!(#private::Sync)
    };
    let conditions = quote!(#(#conditions)*);
    let listened = quote_spanned!(span=> #private::Listened::family::<Self>(#name, #private::Position::new(#arguments)));
    quote_spanned! {span=>
        #conditions
        const _: () = {
            #import
            impl #private::Family for dyn #ident {
                type Members = <Self as #private::Listen>::Mode;
            }
            impl #private::Listen for dyn #ident {
                type Mode = #mode;
                type __Access = #private::Projected;
                const __KEY: &'static ::core::primitive::str = #key;
                fn __listened() -> #private::Listened {
                    #listened
                }
            }
            #private::record!(__eventful, #record);
        };
    }
}

/// The key under which other records refer to the family.
fn key(family: &CheckedFamily, position: &Position) -> TokenStream {
    let in_file = format!("{}* dyn ", position.in_file());
    let name = format!("::{}", family.item.ident.unraw());
    quote!(::core::concat!(#in_file, ::core::module_path!(), #name))
}

fn record(family: &CheckedFamily, position: &Position) -> TokenStream {
    let mut facts = Facts::new("family", position, &family.item.attributes);
    facts.within("name", &format!("::{}", family.item.ident.unraw()));
    facts.flag("async", family.is_async);
    let facts = facts.tokens();
    quote!(__eventful::RecordText::new(#facts))
}
