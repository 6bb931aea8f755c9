//! `#[family]`.

mod check;
mod expand;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Returns the trait with the supertraits that every event has, and the code behind it.
pub(crate) fn expand(
    arguments: TokenStream,
    item: TokenStream,
) -> (TokenStream, syn::Result<TokenStream>) {
    let checked = syn::parse2(item.clone()).and_then(|item| check::check(arguments, item));
    match checked {
        Ok(family) => (expand::item(&family), Ok(expand::expand(&family))),
        Err(mistakes) => (item, Err(mistakes)),
    }
}
