//! How generated code names things, and where it says that they are.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::Path;
use syn::ext::IdentExt;

/// The path under which expansions find what they name: `::eventful::__private`, or what `crate = …` says.
#[derive(Clone)]
pub(crate) struct Private {
    krate: Option<Path>,
}

impl Private {
    pub(crate) fn new(krate: Option<Path>) -> Self {
        Self { krate }
    }

    /// The path, with the given span so that an error in what is named stands there.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        self.krate.as_ref().map_or_else(
            || quote_spanned!(span=> ::eventful::__private),
            |krate| quote!(#krate::__private),
        )
    }
}

/// The place of `span` without its hygiene: lints take such tokens for a macro's, and errors stand at the user's.
pub(crate) fn located_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// `Position::new(…)` for the item that `name` names.
pub(crate) fn position(name: &Ident, private: &TokenStream) -> TokenStream {
    // Outside of a compiler, in this crate's own tests, there are no positions.
    let (file, line, column) = if proc_macro::is_available() {
        let span = name.span().unwrap();
        (span.file(), span.line(), span.column())
    } else {
        (String::new(), 0, 0)
    };
    let clamp = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let (line, column) = (clamp(line), clamp(column));
    quote!(#private::Position::new(::core::module_path!(), #file, #line, #column))
}

/// `"module::path::name"` as an expression.
pub(crate) fn qualified(name: &Ident) -> TokenStream {
    let suffix = format!("::{}", name.unraw());
    quote!(::core::concat!(::core::module_path!(), #suffix))
}
