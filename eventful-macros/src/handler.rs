//! `#[handler]`.

pub(crate) mod check;
mod event_parameter;
mod events;
pub(crate) mod expand;
#[cfg(feature = "durable")]
pub(crate) mod on_dead;
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
