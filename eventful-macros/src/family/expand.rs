//! The trait with its supertraits, and the implementations that make it a family.

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt;
use syn::{TypeParamBound, parse_quote};

use super::check::CheckedFamily;
use crate::names::{import, qualified};
use crate::position::Position;
use crate::record::Facts;
use crate::spans::{at, kept, start};

/// The user's trait with three more supertraits. Every event has them, and the future of a handler needs them.
pub(crate) fn item(family: &CheckedFamily) -> TokenStream {
    let item = &family.item;
    let (attributes, visibility) = (&item.attributes, &item.visibility);
    let (trait_token, ident) = (&item.trait_token, &item.ident);
    let (where_clause, body) = (&item.where_clause, &item.body);
    let mut supertraits = item.supertraits.clone();
    let added = [
        quote!(::core::marker::Send),
        quote!(::core::marker::Sync),
        quote!('static),
    ];
    for bound in added {
        let bound = at(ident.span(), bound);
        let bound: TypeParamBound = parse_quote!(#bound);
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
    let import = kept(import(family.krate.as_ref()));
    let name = qualified(ident.unraw());
    let position = Position::of(ident);
    let arguments = position.arguments();
    let record = record(family, &position);
    let key = key(family, &position);
    let mode = if family.is_durable {
        quote!(__eventful::Durable)
    } else if family.is_async {
        quote!(__eventful::Async)
    } else {
        quote!(__eventful::Sync)
    };
    let dyn_family = kept(named(ident));
    let code = quote! {
        const _: () = {
            #import
            impl __eventful::Family for #dyn_family {
                type Members = <#dyn_family as __eventful::Listen>::Mode;
            }
            impl __eventful::Listen for #dyn_family {
                type Mode = #mode;
                type __Access = __eventful::Projected;
                const __KEY: &'static ::core::primitive::str = #key;
                fn __listened() -> __eventful::Listened {
                    __eventful::Listened::family::<#dyn_family>(#name, __eventful::Position::new(#arguments))
                }
            }
            __eventful::record!(__eventful, #record);
        };
    };
    // A trait that is not dyn-compatible is an error at its name.
    let code = at(family.item.ident.span(), code);
    quote!(#(#conditions)* #code)
}

/// The type `dyn Trait`. It is the user's code, so that a change of the trait's name changes it.
fn named(ident: &Ident) -> TokenStream {
    let dyn_token = quote_spanned!(start(ident.span())=> dyn);
    quote!(#dyn_token #ident)
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
    facts.flag("durable", family.is_durable);
    let facts = facts.tokens();
    quote!(__eventful::RecordText::new(#facts))
}
