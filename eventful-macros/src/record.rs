//! The facts about an item for its record in the program, as one literal. The reader of records says what each fact
//! means.

use std::env;
use std::fmt::Display;

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use crate::position::Position;

/// The number of characters of a line of documentation that a record keeps.
const LONGEST_DOC: usize = 120;

/// The lines of a record, one a fact.
pub(crate) struct Facts {
    /// The literals of the record. The module's path goes between each two of them.
    texts: Vec<String>,
}

impl Facts {
    pub(crate) fn new(kind: &str, position: &Position, attributes: &[Attribute]) -> Self {
        let mut facts = Self {
            texts: vec![format!("eventful 1 {kind}\n")],
        };
        // Other build tools do not set cargo's variables.
        let variable = |name| env::var(name).unwrap_or_default();
        let (name, version) = (variable("CARGO_PKG_NAME"), variable("CARGO_PKG_VERSION"));
        facts.fact("crate", format_args!("{name} {version}"));
        facts.within("in", "");
        facts.fact("at", position);
        if let Some(doc) = doc(attributes) {
            facts.fact("doc", doc);
        }
        facts
    }

    pub(crate) fn fact(&mut self, name: &str, value: impl Display) {
        self.push(&format!("{name} {}\n", escaped(&value.to_string())));
    }

    pub(crate) fn flag(&mut self, name: &str, holds: bool) {
        if holds {
            self.push(&format!("{name}\n"));
        }
    }

    /// Adds a path: the module's path, then `rest`.
    pub(crate) fn within(&mut self, name: &str, rest: &str) {
        self.push(&format!("{name} "));
        self.texts.push(format!("{rest}\n"));
    }

    /// Returns the lines and `beginning`, the start of one more line, as an expression of type `&str`.
    pub(crate) fn tokens_with(mut self, beginning: &str) -> TokenStream {
        self.push(beginning);
        self.push("\n");
        self.tokens()
    }

    fn push(&mut self, text: &str) {
        if let Some(last) = self.texts.last_mut() {
            last.push_str(text);
        }
    }

    /// Returns the lines as an expression of type `&str`. The last one has no line break: the name of a type may
    /// follow.
    pub(crate) fn tokens(mut self) -> TokenStream {
        if let Some(last) = self.texts.last_mut() {
            last.pop();
        }
        let mut parts = TokenStream::new();
        for (number, text) in self.texts.iter().enumerate() {
            if number > 0 {
                parts.extend(quote!(::core::module_path!(),));
            }
            parts.extend(quote!(#text,));
        }
        quote!(::core::concat!(#parts))
    }
}

/// The first line of the documentation.
fn doc(attributes: &[Attribute]) -> Option<String> {
    let line = attributes.iter().find_map(|attribute| {
        let Meta::NameValue(doc) = &attribute.meta else {
            return None;
        };
        match &doc.value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(text),
                ..
            }) if doc.path.is_ident("doc") => {
                let text = text.value();
                let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
                Some(line.to_owned())
            }
            _ => None,
        }
    })?;
    Some(match line.char_indices().nth(LONGEST_DOC) {
        Some((end, _)) => format!("{}…", line[..end].trim_end()),
        None => line,
    })
}

/// Returns `text` with control characters and backslashes escaped, as in a Rust string.
///
/// So is the `#` of `r#`. Where it is not, it is of a module's path, and the reader of records leaves it out.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || character == '\\' {
            escaped.extend(character.escape_default());
        } else if character == '#' && escaped.ends_with('r') {
            escaped.extend(character.escape_unicode());
        } else {
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use syn::{ItemStruct, parse_quote};

    use super::{doc, escaped};

    #[test]
    fn what_breaks_a_line_is_escaped() {
        assert_eq!(
            escaped("a\\b\n\r\t\u{1b}[31m \"é\" \u{85}"),
            "a\\\\b\\n\\r\\t\\u{1b}[31m \"é\" \\u{85}"
        );
    }

    #[test]
    fn only_the_path_of_a_module_has_a_raw_mark() {
        assert_eq!(escaped("r#type r ## for#"), "r\\u{23}type r ## for\\u{23}");
    }

    #[test]
    fn the_first_line_of_the_documentation_is_kept_if_it_is_not_too_long() {
        let item: ItemStruct = parse_quote! {
            #[derive(Debug)]
            ///
            /// It was paid.
            /// In full.
            struct OrderPaid;
        };
        assert_eq!(doc(&item.attrs).as_deref(), Some("It was paid."));
        let long = "é".repeat(200);
        let item: ItemStruct = parse_quote!(#[doc = #long] struct OrderPaid;);
        assert_eq!(doc(&item.attrs), Some(format!("{}…", "é".repeat(120))));
        let item: ItemStruct = parse_quote!(
            #[doc(hidden)]
            struct OrderPaid;
        );
        assert_eq!(doc(&item.attrs), None);
    }
}
