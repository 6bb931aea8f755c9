//! How generated code names things, and where it says that they are.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::sync::{Mutex, PoisonError};

use proc_macro2::{Ident, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Attribute, Meta, Path, parse_quote};

/// The import that every expansion begins with: `::eventful::__private`, or that of the crate that `crate = …` says.
///
/// It keeps expansions short, and a crate that cannot be found one error.
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

/// What is imported, with the given span so that an error in what is named stands there.
pub(crate) fn private(span: Span) -> TokenStream {
    quote_spanned!(span=> __eventful)
}

/// The place of `span` without its hygiene: lints take such tokens for a macro's, and errors stand at the user's.
pub(crate) fn located_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// `tokens` as if they had been written at the place of `span`, for errors about all of them.
pub(crate) fn moved(tokens: impl ToTokens, span: Span) -> TokenStream {
    let tokens = tokens.into_token_stream().into_iter();
    tokens
        .map(|mut token| {
            token.set_span(token.span().located_at(span));
            token
        })
        .collect()
}

/// The attribute among `attributes` that is this crate's `name`.
pub(crate) fn attribute_named<'a>(
    name: &str,
    attributes: &'a [Attribute],
) -> Option<&'a Attribute> {
    attributes
        .iter()
        .find(|attribute| is_named(name, attribute.path()))
}

/// Whether `path` is that of this crate's attribute `name`.
pub(crate) fn is_named(name: &str, path: &Path) -> bool {
    let mut segments = path.segments.iter();
    segments.next_back().is_some_and(|last| last.ident == name)
        && segments
            .next()
            .is_none_or(|first| first.ident == "eventful")
        && segments.next().is_none()
}

/// What an item's attributes mean for all that is made for it: its `cfg`s, and that naming a deprecated item is no use.
pub(crate) fn conditions(attributes: &[Attribute]) -> Vec<Attribute> {
    let mut conditions = Vec::new();
    for attribute in attributes {
        if attribute.path().is_ident("cfg") {
            conditions.push(attribute.clone());
        } else if attribute.path().is_ident("deprecated") || permits_deprecated(attribute) {
            conditions.push(parse_quote!(#[allow(deprecated)]));
        }
    }
    conditions
}

/// Whether it is `#[allow(deprecated)]` or `#[expect(deprecated)]`.
fn permits_deprecated(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else {
        return false;
    };
    (list.path.is_ident("allow") || list.path.is_ident("expect"))
        && list
            .tokens
            .clone()
            .into_iter()
            .any(|token| matches!(token, TokenTree::Ident(ident) if ident == "deprecated"))
}

/// Where an item is. `Display` gives `src/cache.rs:12:4`.
pub(crate) struct Place {
    file: String,
    line: u32,
    column: u32,
}

impl Place {
    /// Of the item that `name` names; it is to be asked once for each, because every use counts as one more column.
    pub(crate) fn of(name: &Ident) -> Self {
        let (file, line, column) = place(name);
        let column = column + earlier_uses(&file, line, column);
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Self {
            line: number(line),
            column: number(column),
            file,
        }
    }

    /// `12:4`.
    pub(crate) fn in_file(&self) -> String {
        format!("{}:{}", self.line, self.column)
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Module path, file, line and column, as arguments.
    pub(crate) fn arguments(&self) -> TokenStream {
        let file = &self.file;
        let (line, column) = self.line_and_column();
        quote!(::core::module_path!(), #file, #line, #column)
    }

    /// As [`arguments`](Self::arguments), without the file.
    pub(crate) fn in_module(&self) -> TokenStream {
        let (line, column) = self.line_and_column();
        quote!(::core::module_path!(), #line, #column)
    }

    fn line_and_column(&self) -> (Literal, Literal) {
        (
            Literal::u32_unsuffixed(self.line),
            Literal::u32_unsuffixed(self.column),
        )
    }
}

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

fn place(name: &Ident) -> (String, usize, usize) {
    // Outside of a compiler, in this crate's own tests, there are no positions.
    if proc_macro::is_available() {
        let span = name.span().unwrap();
        (span.file(), span.line(), span.column())
    } else {
        (String::new(), 0, 0)
    }
}

/// How many items before this one are named at the same place, as those are that a `macro_rules` macro names itself.
///
/// Each use counts as one more column: then no two of them share a place, and they keep the order of the uses.
fn earlier_uses(file: &str, line: usize, column: usize) -> usize {
    type Uses = BTreeMap<(String, usize, usize), usize>;
    static USES: Mutex<Uses> = Mutex::new(BTreeMap::new());
    let mut uses = USES.lock().unwrap_or_else(PoisonError::into_inner);
    let count = uses.entry((file.to_owned(), line, column)).or_default();
    *count += 1;
    *count - 1
}

/// The tokens as people write them.
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

/// `"module::path::name"` as an expression.
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
