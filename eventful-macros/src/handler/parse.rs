//! A function up to its body.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

pub(crate) struct HandlerFunction {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) signature: Signature,
}

impl Parse for HandlerFunction {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Visibility>()?;
        if !is_function(input) {
            return Err(
                input.error("`#[handler]` belongs on a function: `fn name(event: &OrderCreated)`")
            );
        }
        let signature = input.parse().map_err(|error: syn::Error| {
            let message = "this is not how a handler begins: `fn name(event: &OrderCreated, resource: &Cache)`";
            syn::Error::new(error.span(), message)
        })?;
        // The body may be half-typed: rustc says so better than we would.
        input.parse::<TokenStream>()?;
        Ok(Self {
            attributes,
            signature,
        })
    }
}

/// Whether a function follows, whatever is said before its `fn`.
fn is_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let qualifiers = ahead.parse::<Option<Token![const]>>().is_ok()
        && ahead.parse::<Option<Token![async]>>().is_ok()
        && ahead.parse::<Option<Token![unsafe]>>().is_ok()
        && ahead.parse::<Option<syn::Abi>>().is_ok();
    qualifiers && ahead.peek(Token![fn])
}
