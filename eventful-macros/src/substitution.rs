//! What stands in the place of a name outside of where the name means something.

use proc_macro2::{Group, Spacing, TokenStream, TokenTree};
use quote::quote;
use syn::{Path, PathArguments, Type};

use crate::names::moved;

/// Puts a type in the place of `Self` or of a type parameter.
pub(crate) struct Substitution<'a> {
    name: &'a str,
    /// In front of anything but `::`.
    alone: TokenStream,
    /// In front of `::`.
    qualifying: TokenStream,
}

impl<'a> Substitution<'a> {
    pub(crate) fn new(name: &'a str, by: &Type) -> Self {
        let (alone, qualifying) = match by {
            Type::Path(by) if by.qself.is_none() => {
                let path = as_in_expressions(by.path.clone());
                (quote!(#path), quote!(#path))
            }
            by => (quote!(#by), quote!(<#by>)),
        };
        Self {
            name,
            alone,
            qualifying,
        }
    }

    /// `tokens` with the type, which takes the place of the name also in the sources.
    pub(crate) fn apply(&self, tokens: TokenStream) -> TokenStream {
        if !self.occurs_in(tokens.clone()) {
            return tokens;
        }
        let mut replaced = TokenStream::new();
        let mut before = String::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let is_part = ["::", "'", "."].iter().any(|mark| before.ends_with(mark));
            match &token {
                TokenTree::Punct(punct) => before.push(punct.as_char()),
                _ => before.clear(),
            }
            match token {
                TokenTree::Ident(ident) if ident == self.name && !is_part => {
                    let qualifies = tokens.peek().is_some_and(begins_path_separator);
                    let by = if qualifies {
                        &self.qualifying
                    } else {
                        &self.alone
                    };
                    replaced.extend(moved(by, ident.span()));
                }
                TokenTree::Group(group) => {
                    let mut copy = Group::new(group.delimiter(), self.apply(group.stream()));
                    copy.set_span(group.span());
                    replaced.extend([TokenTree::Group(copy)]);
                }
                other => replaced.extend([other]),
            }
        }
        replaced
    }

    fn occurs_in(&self, tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == self.name,
            TokenTree::Group(group) => self.occurs_in(group.stream()),
            _ => false,
        })
    }
}

/// Whether the token is the first half of a `::`.
pub(crate) fn begins_path_separator(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint)
}

/// `Cache<u64>` as both types and expressions name it: `Cache::<u64>`.
pub(crate) fn as_in_expressions(mut path: Path) -> Path {
    for segment in &mut path.segments {
        if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
            arguments.colon2_token.get_or_insert_default();
        }
    }
    path
}
