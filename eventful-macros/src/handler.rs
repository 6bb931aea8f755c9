//! `#[handler]`.

pub(crate) mod check;
mod event_parameter;
mod events;
pub(crate) mod expand;
mod options;
pub(crate) mod owner;
mod parameters;
pub(crate) mod parse;
mod resource;
mod separate;
mod signature;
mod targets;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;

use parse::HandlerFunction;

/// Returns the code that `#[handler]` adds behind the function.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let function = HandlerFunction::parse(item)?;
    let checked = check::check(arguments, function, None)?;
    Ok(expand::expand(&checked))
}

/// Returns the code that `#[on_dead]` adds behind the function: it is a handler, of the dead letters of another one.
pub(crate) fn expand_on_dead(
    arguments: TokenStream,
    item: TokenStream,
) -> syn::Result<TokenStream> {
    let id = separate::dead_letters_of(arguments)?;
    let function = HandlerFunction::parse(item)?;
    let mut checked = check::check(TokenStream::new(), function, None)?;
    checked.handle_dead_letters_of(&id);
    Ok(expand::expand(&checked))
}
