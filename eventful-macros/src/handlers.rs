//! `#[handlers]`.

mod check;
mod expand;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// Returns the block without the attributes of its handlers, and the code behind it. A mistake in one handler does not
/// keep the others from being expanded.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> (TokenStream, TokenStream) {
    let block = parse::parse(item);
    let checked = check::check(arguments, &block);
    (block.item(), expand::expand(checked))
}
