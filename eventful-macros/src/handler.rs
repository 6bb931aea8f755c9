//! `#[handler]`.

mod check;
mod expand;
mod options;
mod parameters;
mod parse;
mod signature;
mod targets;
#[cfg(test)]
mod tests;
mod types;

use proc_macro2::TokenStream;

/// What `#[handler]` adds behind the function.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let function = syn::parse2(item)?;
    let checked = check::check(arguments, function)?;
    Ok(expand::expand(&checked))
}
