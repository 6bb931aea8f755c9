//! The generated imports.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};

use super::manifest::LinkedCrate;

/// The import of each crate. It brings nothing into scope, so it is valid anywhere and any number of times.
///
/// An error about a crate that does not exist points to the user's word. For lints, the import is generated code.
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
