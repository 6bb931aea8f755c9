//! The items that name the crates.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::manifest::LinkedCrate;

/// One import for each crate. It brings nothing into scope, so it can stand anywhere and as often as one likes.
///
/// A crate that does not exist is one error, on the user's word. Only the place is the user's: the import stays
/// generated code in the eyes of lints.
pub(super) fn expand(crates: &[LinkedCrate]) -> TokenStream {
    crates
        .iter()
        .map(|LinkedCrate { name, cfg }| {
            let attribute = cfg.predicate().map(|predicate| quote!(#[cfg(#predicate)]));
            let span = Span::call_site().located_at(name.span());
            quote_spanned!(span=> #attribute use ::#name as _;)
        })
        .collect()
}
