//! `link!`: names crates, so that the linker keeps their handlers.
//!
//! Rust links a dependency only if some code names it. A dependency that is only in Cargo.toml is compiled and then
//! dropped, and its handlers with it. `link!(billing, shipping)` names these crates; `link!()` reads the manifest.
//! The manifest need not be tracked: cargo compiles a crate again when its dependencies or features change.

mod cargo;
mod expand;
mod files;
mod manifest;
mod parse;

use proc_macro2::{Span, TokenStream};

use crate::diagnostics::Diagnostics;
use cargo::Unit;
use files::Disk;
use manifest::LinkedCrate;
use parse::Input;

/// Returns the code for a call of `link!`.
pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    let crates = match parse::parse(input)? {
        Input::Named(names) => names.into_iter().map(LinkedCrate::always).collect(),
        Input::Manifest => read_manifest()?,
    };
    Ok(expand::expand(&crates))
}

fn read_manifest() -> syn::Result<Vec<LinkedCrate>> {
    let mut diagnostics = Diagnostics::default();
    let Some(unit) = Unit::from_environment() else {
        return Err(syn::Error::new(
            Span::call_site(),
            "`link!()` reads the Cargo.toml that cargo points to, and this build does not come from cargo; \
             name the crates: `link!(billing, shipping)`",
        ));
    };
    let crates = manifest::linked_crates(&unit, &Disk).unwrap_or_else(|errors| {
        for error in errors {
            diagnostics.push(syn::Error::new(Span::call_site(), error));
        }
        Vec::new()
    });
    diagnostics.finish(crates)
}
