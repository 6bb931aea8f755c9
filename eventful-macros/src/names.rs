//! Names in generated code.

use std::fmt::Display;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, Meta, Path, parse_quote};

use crate::arguments;

/// The import at the start of every expansion: `::eventful::__private`, or that of the crate in `crate = …`.
///
/// It keeps expansions short, and makes a crate that cannot be found a single error.
pub(crate) fn import(krate: Option<&Path>) -> TokenStream {
    krate.map_or_else(
        || {
            quote!(
                use ::eventful::__private as __eventful;
            )
        },
        |krate| quote!(use #krate::__private as __eventful;),
    )
}

/// The first of `attributes` that is our attribute `name`.
pub(crate) fn attribute_named<'a>(
    name: &str,
    attributes: &'a [Attribute],
) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| is_named(name, attribute.path()))
}

/// Returns `true` if `path` names our attribute `name`.
pub(crate) fn is_named(name: &str, path: &Path) -> bool {
    let mut segments = path.segments.iter();
    segments.next_back().is_some_and(|last| last.ident == name)
        && segments
            .next()
            .is_none_or(|first| first.ident == "eventful")
        && segments.next().is_none()
}

/// The attributes for the code that an item generates: the item's `cfg`s, and `allow(deprecated)` for a deprecated
/// item, because the generated code names it.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    let metas = attributes.iter().map(|attribute| &attribute.meta);
    let conditions = metas.filter_map(condition);
    conditions
        .map(|condition| parse_quote!(#[#condition]))
        .collect()
}

/// Returns `true` if one of `attributes` is `name`, or a `cfg_attr` that is it under its predicate.
pub(crate) fn may_be_among(name: &str, attributes: &[Attribute]) -> bool {
    let mut metas = attributes.iter().map(|attribute| &attribute.meta);
    metas.any(|meta| may_be(name, meta))
}

fn may_be(name: &str, attribute: &Meta) -> bool {
    match attribute {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let attributes = arguments::split(list.tokens.clone()).into_iter().skip(1);
            attributes
                .filter_map(|argument| syn::parse2(argument.tokens).ok())
                .any(|meta| may_be(name, &meta))
        }
        _ => attribute.path().is_ident(name),
    }
}

/// The attribute for the generated code, if it needs one. That of a `cfg_attr` holds under the same predicate.
fn condition(attribute: &Meta) -> Option<TokenStream> {
    match attribute {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let mut arguments = arguments::split(list.tokens.clone()).into_iter();
            let predicate = arguments.next()?.tokens;
            let attributes = arguments.filter_map(|argument| syn::parse2(argument.tokens).ok());
            let conditions: Vec<_> = attributes.filter_map(|meta| condition(&meta)).collect();
            (!conditions.is_empty()).then(|| quote!(cfg_attr(#predicate, #(#conditions),*)))
        }
        _ if attribute.path().is_ident("cfg") => Some(attribute.to_token_stream()),
        _ if attribute.path().is_ident("deprecated") || permits_deprecated(attribute) => {
            Some(quote!(allow(deprecated)))
        }
        _ => None,
    }
}

/// Returns `true` for `allow(deprecated)` and `expect(deprecated)`.
fn permits_deprecated(attribute: &Meta) -> bool {
    let Meta::List(list) = attribute else {
        return false;
    };
    (list.path.is_ident("allow") || list.path.is_ident("expect"))
        && list
            .tokens
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "deprecated"))
}

/// Prints tokens the way people write them.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let printed = tokens.to_token_stream().to_string();
    let is_word = |character: char| character.is_alphanumeric() || matches!(character, '_' | '\'');
    let mut text = String::with_capacity(printed.len());
    let mut characters = printed.chars().peekable();
    while let Some(character) = characters.next() {
        if character == ' ' {
            let before = text.chars().next_back().unwrap_or(' ');
            let after = characters.peek().copied().unwrap_or(' ');
            let is_needed = is_word(before) && is_word(after)
                || matches!(before, ',' | ';' | '+' | '=')
                || matches!(after, '+' | '=');
            if !is_needed {
                continue;
            }
        }
        text.push(character);
    }
    text
}

/// The expression for `"module::path::name"`.
pub(crate) fn qualified(name: impl Display) -> TokenStream {
    let suffix = format!("::{name}");
    quote!(::core::concat!(::core::module_path!(), #suffix))
}

#[cfg(test)]
mod tests {
    use proc_macro2::TokenStream;

    use super::text;

    #[test]
    fn types_are_shown_as_people_write_them() {
        for written in [
            "&'a mut Cache",
            "&dyn Mailer",
            "Option<&'static str>",
            "Box<dyn Mailer + Send + 'static>",
            "HashMap<String, [u8; 4]>",
            "shop::audit::<OrderCreated>",
        ] {
            let tokens = written.parse::<TokenStream>().unwrap_or_default();
            assert_eq!(text(tokens), written);
        }
    }
}
