//! The input of `link!`.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::ext::IdentExt;

use crate::diagnostics::Diagnostics;

/// The crates that a call of `link!` asks for.
#[derive(Debug)]
pub(super) enum Input {
    /// `link!()`: the crates of the manifest.
    Manifest,
    /// `link!(billing, shipping)`: exactly these crates.
    Named(Vec<Ident>),
}

/// Reads names of crates, separated by commas.
pub(super) fn parse(input: TokenStream) -> syn::Result<Input> {
    let mut diagnostics = Diagnostics::default();
    if input.is_empty() {
        return Ok(Input::Manifest);
    }
    let mut names: Vec<Ident> = Vec::new();
    for element in elements(input, &mut diagnostics) {
        match syn::parse2::<Ident>(element.clone()) {
            Err(_) => diagnostics.error(&element, wrong_element(&element)),
            Ok(name) if names.iter().any(|earlier| earlier.unraw() == name.unraw()) => {
                diagnostics.error(
                    &name,
                    format!("`{name}` is named twice; once is enough to link it"),
                );
            }
            Ok(name) => names.push(name),
        }
    }
    diagnostics.finish(Input::Named(names))
}

/// Splits the tokens at their commas. A comma after the last element is fine.
fn elements(input: TokenStream, diagnostics: &mut Diagnostics) -> Vec<TokenStream> {
    let mut elements = Vec::new();
    let mut current = TokenStream::new();
    for token in input {
        match token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => {
                if current.is_empty() {
                    diagnostics.error(
                        comma,
                        "no crate is named before this comma; remove the comma or name a crate",
                    );
                } else {
                    elements.push(std::mem::take(&mut current));
                }
            }
            token => current.extend([token]),
        }
    }
    if !current.is_empty() {
        elements.push(current);
    }
    elements
}

/// The message for tokens that are no name, with a remedy for the likely mistakes.
fn wrong_element(element: &TokenStream) -> String {
    let tokens: Vec<TokenTree> = element.clone().into_iter().collect();
    let lacks_comma = tokens
        .windows(2)
        .any(|pair| matches!(pair, [TokenTree::Ident(_), TokenTree::Ident(_)]));
    let is_name = |name: &str| !lacks_comma && syn::parse_str::<Ident>(name).is_ok();

    let text: String = tokens.iter().map(ToString::to_string).collect();
    let path = text.strip_prefix("::").unwrap_or(&text);
    let root = path.split_once("::").map_or(path, |(root, _)| root);
    let bare = text.trim_matches('"').replace('-', "_");
    if root != text && is_name(root) {
        format!("`{text}` is a path, and a crate is linked as a whole; write `{root}`")
    } else if bare != text && is_name(&bare) {
        format!(
            "`link!` takes the names of crates as they stand in code; write `{bare}` for `{text}`"
        )
    } else {
        "this is not the name of a crate; `link!` takes names between commas: `link!(billing, shipping)`".to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::{Input, parse};

    fn names(input: &str) -> Result<Vec<String>, Vec<String>> {
        let tokens = input.parse().map_err(|error| vec![format!("{error}")])?;
        match parse(tokens) {
            Ok(Input::Manifest) => Ok(vec!["the manifest".to_owned()]),
            Ok(Input::Named(names)) => Ok(names.iter().map(ToString::to_string).collect()),
            Err(errors) => Err(errors.into_iter().map(|error| error.to_string()).collect()),
        }
    }

    fn mistakes(input: &str) -> Vec<String> {
        names(input).err().unwrap_or_default()
    }

    #[test]
    fn names_stand_between_commas() {
        assert_eq!(names(""), Ok(vec!["the manifest".to_owned()]));
        assert_eq!(names("a"), Ok(vec!["a".to_owned()]));
        assert_eq!(
            names("a, r#try,"),
            Ok(vec!["a".to_owned(), "r#try".to_owned()])
        );
    }

    #[test]
    fn each_mistake_says_what_to_write() {
        for (input, advice) in [
            ("billing::handlers", "write `billing`"),
            ("::billing", "write `billing`"),
            ("billing-core", "write `billing_core` for `billing-core`"),
            ("\"billing\"", "write `billing` for"),
            ("a b", "names between commas"),
            ("a b::c", "names between commas"),
            ("\"two words\"", "not the name of a crate"),
            ("crate", "not the name of a crate"),
            ("crate::billing", "not the name of a crate"),
            ("_", "not the name of a crate"),
            ("{}", "not the name of a crate"),
            (",", "remove the comma"),
            ("a, r#a", "named twice"),
        ] {
            let mistakes = mistakes(input);
            assert_eq!(mistakes.len(), 1, "{input}: {mistakes:?}");
            assert!(
                mistakes.iter().all(|mistake| mistake.contains(advice)),
                "{input}: {mistakes:?}"
            );
        }
    }

    #[test]
    fn all_mistakes_are_reported_at_once() {
        assert_eq!(mistakes("a::b, 1, , c, c").len(), 4);
    }
}
