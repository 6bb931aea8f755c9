//! `#[on_dead]`: a handler of the dead letters of another one.

use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use super::check::{self, CheckedHandler};
use super::parse::HandlerFunction;

/// Returns the code that `#[on_dead]` adds behind the function.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let id = id(arguments)?;
    let function = HandlerFunction::parse(item)?;
    let mut checked = check::check(TokenStream::new(), function, None)?;
    handle_dead_letters(&mut checked, id);
    Ok(super::expand::expand(&checked))
}

/// Reads the arguments of `#[on_dead("…")]`.
fn id(arguments: TokenStream) -> syn::Result<LitStr> {
    const USAGE: &str = "`#[on_dead]` takes the id of the handler whose dead letters the function gets: \
                         `#[on_dead(\"billing.invoice\")]`";
    if arguments.is_empty() {
        return Err(syn::Error::new(Span::call_site(), USAGE));
    }
    let id: LitStr =
        syn::parse2(arguments.clone()).map_err(|_| syn::Error::new_spanned(arguments, USAGE))?;
    if id.value().is_empty() {
        return Err(syn::Error::new(id.span(), USAGE));
    }
    Ok(id)
}

/// Makes `handler` the one of the dead letters of the handler with this id.
fn handle_dead_letters(handler: &mut CheckedHandler, id: LitStr) {
    let own = format!("{} (dead)", id.value());
    handler.id = Some(LitStr::new(&own, id.span()));
    handler.separate.dead_letters_of = Some(id);
}
