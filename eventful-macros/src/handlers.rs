//! `#[handlers]`.

mod check;
mod expand;
mod parse;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

/// The block without the attributes of its handlers, and what `#[handlers]` adds behind it: what is right is expanded
/// also if something else is not.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> (TokenStream, TokenStream) {
    let block = parse::parse(item);
    let checked = check::check(arguments, &block);
    (block.item(), expand::expand(checked))
}
