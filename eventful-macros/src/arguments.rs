//! The arguments of an attribute, parsed one by one: a mistake in one does not hide a mistake in the next.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, LitStr, Path, Token};

use crate::angles::Angles;
use crate::diagnostics::Diagnostics;

/// One argument: `key`, `key = value`, or something else, such as a path with several segments.
pub(crate) struct Argument {
    pub(crate) tokens: TokenStream,
    pub(crate) option: Option<KeyValue>,
}

/// An option's key and the tokens after its `=`.
pub(crate) struct KeyValue {
    pub(crate) key: Ident,
    pub(crate) value: Option<TokenStream>,
}

/// Splits the arguments at their commas.
pub(crate) fn split(arguments: TokenStream) -> Vec<Argument> {
    let tokens: Vec<TokenTree> = arguments.into_iter().collect();
    let mut rest = tokens.as_slice();
    let mut items = Vec::new();
    while !rest.is_empty() {
        let length = option_length(rest).unwrap_or_else(|| length(rest));
        let (item, behind) = rest.split_at(length);
        if !item.is_empty() {
            items.push(Argument::new(item.iter().cloned().collect()));
        }
        rest = behind.get(1..).unwrap_or_default();
    }
    items
}

/// The number of tokens of the `key = expression` at the start of `tokens`, if there is one. The expression is parsed,
/// because a `<` in it may be a comparison. The value of `with` is a type.
fn option_length(tokens: &[TokenTree]) -> Option<usize> {
    let option_and_rest = |input: ParseStream<'_>| {
        let key = Ident::parse_any(input)?;
        if key == "with" {
            return Err(input.error("a type"));
        }
        input.parse::<Token![=]>()?;
        input.parse::<Expr>()?;
        input.parse::<TokenStream>()
    };
    let behind = option_and_rest
        .parse2(tokens.iter().cloned().collect())
        .ok()?;
    let mut behind = behind.into_iter().peekable();
    let is_whole = behind.peek().is_none_or(is_comma);
    is_whole.then(|| tokens.len() - behind.count())
}

/// The number of tokens before the first comma outside of angle brackets.
fn length(tokens: &[TokenTree]) -> usize {
    let mut angles = Angles::default();
    tokens
        .iter()
        .position(|token| angles.are_closed_after(token) && is_comma(token))
        .unwrap_or(tokens.len())
}

fn is_comma(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')
}

impl Argument {
    fn new(tokens: TokenStream) -> Self {
        let option = KeyValue::parse.parse2(tokens.clone()).ok();
        Self { tokens, option }
    }

    /// The name of `name(…)`, which a user may write for `name = …`.
    pub(crate) fn called(&self) -> Option<Ident> {
        self.list().map(|(key, _)| key)
    }

    /// The name and the parentheses of `name(…)`.
    pub(crate) fn list(&self) -> Option<(Ident, Group)> {
        let mut tokens = self.tokens.clone().into_iter();
        match (tokens.next(), tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(key)), Some(TokenTree::Group(content)), None) => {
                Some((key, content))
            }
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

    /// Parses the value as text that is not empty. The message names `default`, the value without the option.
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

    /// Reports a flag that has a value.
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

/// The keys of the options that were read so far.
#[derive(Default)]
pub(crate) struct Keys(Vec<Ident>);

impl Keys {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of this name, if it was read.
    pub(crate) fn get(&self, name: &str) -> Option<&Ident> {
        self.0.iter().find(|key| *key == name)
    }

    /// Adds `key`, and returns `true` if it is new. The message for a repeated key ends with `remedy`.
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
