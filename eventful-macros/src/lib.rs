//! The macros of `eventful`. They are documented where users import them, on the facade's re-exports.
//!
//! Each macro is three steps in files of their own: *parse* reads tokens, *check* finds every mistake and yields a
//! `Checked…` type, and *expand* turns only that type into code.

mod angles;
mod arguments;
mod diagnostics;
mod event;
mod family;
#[cfg(test)]
mod half_typed;
mod handler;
mod handlers;
mod link;
mod names;
mod position;
mod record;
mod spans;
mod substitution;
mod types;
#[cfg(feature = "durable")]
mod upcast;

use proc_macro::TokenStream;

/// See `eventful::event`.
#[proc_macro_attribute]
pub fn event(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let generated = event::expand(arguments.into(), item.clone());
    finish(item, generated)
}

/// See `eventful::family`.
#[proc_macro_attribute]
pub fn family(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (item, generated) = family::expand(arguments.into(), item.into());
    finish(item, generated)
}

/// See `eventful::handler`.
#[proc_macro_attribute]
pub fn handler(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let generated = handler::expand(arguments.into(), item.clone());
    finish(item, generated)
}

/// See `eventful::handlers`.
#[proc_macro_attribute]
pub fn handlers(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let (block, generated) = handlers::expand(arguments.into(), item.into());
    finish(block, Ok(generated))
}

/// See `eventful::on_dead`.
#[cfg(feature = "durable")]
#[proc_macro_attribute]
pub fn on_dead(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let generated = handler::on_dead::expand(arguments.into(), item.clone());
    finish(item, generated)
}

/// See `eventful::upcast`.
#[cfg(feature = "durable")]
#[proc_macro_attribute]
pub fn upcast(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let item = proc_macro2::TokenStream::from(item);
    let generated = upcast::expand(arguments.into(), item.clone());
    finish(item, generated)
}

/// See `eventful::link`.
#[proc_macro]
pub fn link(input: TokenStream) -> TokenStream {
    finish(proc_macro2::TokenStream::new(), link::expand(input.into()))
}

/// Emits the user's item without our helper attributes, then the generated code or every mistake.
fn finish(
    item: proc_macro2::TokenStream,
    generated: syn::Result<proc_macro2::TokenStream>,
) -> TokenStream {
    let mut output = item;
    output.extend(generated.unwrap_or_else(diagnostics::compile_errors));
    output.into()
}
