//! The arguments of an attribute, one by one, so that a mistake in one does not hide those in the next.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{LitStr, Path, Token};

use crate::angles::Angles;
use crate::diagnostics::Diagnostics;

/// `key`, `key = value`, or something that is neither, such as a path with several segments.
pub(crate) struct Argument {
    pub(crate) tokens: TokenStream,
    pub(crate) option: Option<KeyValue>,
}

/// An option's key and what stands after its `=`.
pub(crate) struct KeyValue {
    pub(crate) key: Ident,
    pub(crate) value: Option<TokenStream>,
}

/// Takes the arguments apart at their commas.
pub(crate) fn split(arguments: TokenStream) -> Vec<Argument> {
    let mut items = vec![TokenStream::new()];
    let mut angles = Angles::default();
    for token in arguments {
        let is_comma = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
        if angles.are_closed_after(&token) && is_comma {
            items.push(TokenStream::new());
        } else if let Some(item) = items.last_mut() {
            item.extend([token]);
        }
    }
    items
        .into_iter()
        .filter(|item| !item.is_empty())
        .map(Argument::new)
        .collect()
}

impl Argument {
    fn new(tokens: TokenStream) -> Self {
        let option = KeyValue::parse.parse2(tokens.clone()).ok();
        Self { tokens, option }
    }

    /// The name in front of parentheses, where an `=` was meant.
    pub(crate) fn called(&self) -> Option<Ident> {
        let mut tokens = self.tokens.clone().into_iter();
        match (tokens.next(), tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(key)), Some(TokenTree::Group(_)), None) => Some(key),
            _ => None,
        }
    }
}

impl Parse for KeyValue {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key = Ident::parse_any(input)?;
        if input.is_empty() {
            return Ok(Self { key, value: None });
        }
        input.parse::<Token![=]>()?;
        Ok(Self {
            key,
            value: Some(input.parse()?),
        })
    }
}

impl KeyValue {
    /// Parses the value as `T`. The message is "`key` is `meaning`: write `key = example`".
    pub(crate) fn value<T: Parse>(
        &self,
        meaning: &str,
        example: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<T> {
        let key = &self.key;
        let usage = format!("`{key}` is {meaning}: write `{key} = {example}`");
        match &self.value {
            Some(value) if !value.is_empty() => {
                let parsed = syn::parse2(value.clone());
                parsed.map_err(|_| diagnostics.error(value, usage)).ok()
            }
            _ => {
                diagnostics.error(key, usage);
                None
            }
        }
    }

    /// Parses the value as text that is not empty; `default` tells what holds without it.
    pub(crate) fn text(
        &self,
        example: &str,
        default: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<LitStr> {
        let text: LitStr = self.value("a string", &format!("\"{example}\""), diagnostics)?;
        if text.value().is_empty() {
            let message = format!(
                "`{}` must not be empty; without it, it is {default}",
                self.key
            );
            diagnostics.error(&text, message);
            return None;
        }
        Some(text)
    }

    /// Parses the value of `crate = …`.
    pub(crate) fn crate_path(&self, diagnostics: &mut Diagnostics) -> Option<Path> {
        self.value("a path", "path::to::eventful", diagnostics)
    }

    /// Notes a mistake if the flag has a value.
    pub(crate) fn flag(&self, diagnostics: &mut Diagnostics) {
        if let Some(value) = &self.value {
            let key = &self.key;
            let message = format!("`{key}` takes no value: write `{key}`");
            if value.is_empty() {
                diagnostics.error(key, message);
            } else {
                diagnostics.error(value, message);
            }
        }
    }
}

/// The keys of the options so far.
#[derive(Default)]
pub(crate) struct Keys(Vec<Ident>);

impl Keys {
    /// Whether `key` was not there before. `remedy` tells what to do if it was.
    pub(crate) fn is_first(
        &mut self,
        key: &Ident,
        remedy: &str,
        diagnostics: &mut Diagnostics,
    ) -> bool {
        let is_first = !self.0.contains(key);
        if is_first {
            self.0.push(key.clone());
        } else {
            diagnostics.error(key, format!("`{key}` is given twice; {remedy}"));
        }
        is_first
    }
}
