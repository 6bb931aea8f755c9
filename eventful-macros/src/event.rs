//! `#[event]`.

mod check;
mod contract;
pub(crate) mod durable;
mod expand;
mod families;
mod options;
mod parse;
#[cfg(test)]
mod tests;
mod with;

use proc_macro2::TokenStream;

use crate::diagnostics::compile_errors;

/// Returns the code that `#[event]` adds behind the item. A mistake in an option does not keep the event from being
/// expanded, so that its handlers and its publishers are right while the option is typed.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let item = syn::parse2(item)?;
    let checked = check::check(arguments, item)?;
    let mut generated = expand::expand(&checked);
    generated.extend(checked.mistakes.map(compile_errors));
    Ok(generated)
}
