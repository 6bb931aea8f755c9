//! Replaces `Self` or a type parameter in code that moves out of its scope.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::ToTokens;

use crate::spans::moved;

/// Replaces a name, `Self` or a type parameter, by a type.
pub(crate) struct Substitution<'a, T> {
    pub(crate) name: &'a str,
    pub(crate) by: T,
}

impl<T: ToTokens> Substitution<'_, T> {
    /// Returns `tokens` with the name replaced. The type gets the span of the name.
    pub(crate) fn apply(&self, tokens: TokenStream) -> TokenStream {
        if !self.occurs_in(tokens.clone()) {
            return tokens;
        }
        let mut replaced = TokenStream::new();
        let mut before = String::new();
        for token in tokens {
            let is_part = ["::", "'", "."].iter().any(|mark| before.ends_with(mark));
            match &token {
                TokenTree::Punct(punct) => before.push(punct.as_char()),
                _ => before.clear(),
            }
            match token {
                TokenTree::Ident(ident) if ident == self.name && !is_part => {
                    replaced.extend(replacing(ident.span(), &self.by));
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

/// Returns the type at the position of the name. One name for another stays as wide, and leads an editor to the type.
fn replacing(span: Span, by: impl ToTokens) -> TokenStream {
    let tokens = by.to_token_stream();
    let mut names = tokens.clone().into_iter();
    match (names.next(), names.next()) {
        (Some(TokenTree::Ident(mut name)), None) => {
            name.set_span(name.span().located_at(span));
            name.into_token_stream()
        }
        _ => moved(tokens, span),
    }
}
