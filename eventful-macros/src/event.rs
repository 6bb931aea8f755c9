//! `#[event]`.

mod check;
mod contract;
mod expand;
mod families;
mod options;
mod parse;
#[cfg(test)]
mod tests;
mod with;

use proc_macro2::TokenStream;

/// Returns the code that `#[event]` adds behind the item.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item = syn::parse2(item)?;
    let checked = check::check(arguments, item)?;
    Ok(expand::expand(&checked))
}
