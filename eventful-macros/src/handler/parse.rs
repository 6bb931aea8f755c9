//! A function up to its body.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Signature, Token, Visibility};

pub(crate) struct HandlerFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
}

impl HandlerFunction {
    /// Reads a free function.
    pub(crate) fn parse(item: TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            Self::parse_as("a function", "fn name(event: &OrderCreated)", input)
        };
        parser.parse2(item)
    }

    /// Reads a method of an `impl` block.
    pub(crate) fn parse_method(item: TokenStream) -> syn::Result<Self> {
        let parser = |input: ParseStream<'_>| {
            Self::parse_as("a method", "fn name(&self, event: &OrderCreated)", input)
        };
        parser.parse2(item)
    }

    fn parse_as(kind: &str, example: &str, input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if input.peek(Token![impl]) {
            return Err(input.error(
                "`#[handler]` belongs on each method that is a handler; write `#[handlers]` on the `impl` block",
            ));
        }
        if !is_function(input) {
            return Err(input.error(format!("`#[handler]` belongs on {kind}: `{example}`")));
        }
        let signature = input.parse().map_err(|error: syn::Error| {
            let message = format!("this is not how a handler begins: `{example}`");
            syn::Error::new(error.span(), message)
        })?;
        // The body may be incomplete. The message of rustc is then better than ours.
        input.parse::<TokenStream>()?;
        Ok(Self {
            attributes,
            signature,
        })
    }
}

/// Returns `true` if a function follows, with any qualifiers before its `fn`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let qualifiers = ahead.parse::<Option<Token![const]>>().is_ok()
        && ahead.parse::<Option<Token![async]>>().is_ok()
        && ahead.parse::<Option<Token![unsafe]>>().is_ok()
        && ahead.parse::<Option<syn::Abi>>().is_ok();
    qualifiers && ahead.peek(Token![fn])
}
