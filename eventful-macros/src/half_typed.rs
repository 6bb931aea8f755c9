//! Half-typed code, for the unit tests of the macros.

use proc_macro2::TokenStream;

/// Every beginning of `code`, as an editor sends it while it is typed.
pub(crate) fn beginnings(code: &str) -> Vec<TokenStream> {
    let tokens: Vec<_> = code.parse::<TokenStream>().into_iter().flatten().collect();
    assert!(!tokens.is_empty(), "the code has tokens");
    (0..=tokens.len())
        .map(|length| tokens[..length].iter().cloned().collect())
        .collect()
}
