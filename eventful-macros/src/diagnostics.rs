//! Collects all independent mistakes, so that one build shows them all.

use std::fmt::Display;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};

/// The mistakes found so far in one macro call.
#[derive(Default)]
pub(crate) struct Diagnostics {
    errors: Option<syn::Error>,
}

impl Diagnostics {
    /// Reports a mistake at `tokens`.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// Reports a mistake that already has its span.
    pub(crate) fn push(&mut self, error: syn::Error) {
        match &mut self.errors {
            Some(errors) => errors.combine(error),
            None => self.errors = Some(error),
        }
    }

    /// Reports mistakes that stand before the others.
    pub(crate) fn push_first(&mut self, mut errors: syn::Error) {
        errors.extend(self.errors.take());
        self.errors = Some(errors);
    }

    /// The number of mistakes so far.
    pub(crate) fn count(&self) -> usize {
        self.errors
            .as_ref()
            .map_or(0, |errors| errors.into_iter().count())
    }

    /// Returns `value` if there is no mistake, else all of them.
    pub(crate) fn finish<T>(self, value: T) -> syn::Result<T> {
        match self.errors {
            Some(errors) => Err(errors),
            None => Ok(value),
        }
    }

    /// Returns the mistakes. Call it only if there is one.
    pub(crate) fn into_error(self) -> syn::Error {
        self.errors.unwrap_or_else(|| {
            syn::Error::new(
                Span::call_site(),
                "this was refused without a reason; please report it",
            )
        })
    }
}

/// Returns the code that makes the compiler report `errors`: `compile_error!` without the path `::core`, which editions
/// before 2018 do not find.
pub(crate) fn compile_errors(errors: syn::Error) -> TokenStream {
    let path_length = quote!(::core::).into_iter().count();
    errors
        .into_iter()
        .flat_map(|error| error.into_compile_error().into_iter().skip(path_length))
        .collect()
}
