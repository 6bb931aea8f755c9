//! The registration of each handler, and every mistake.

use proc_macro2::TokenStream;

use super::check::CheckedBlock;
use crate::diagnostics::compile_errors;
use crate::handler;

pub(crate) fn expand(block: CheckedBlock) -> TokenStream {
    let mut generated: TokenStream = block.handlers.iter().map(handler::expand::expand).collect();
    generated.extend(block.mistakes.map(compile_errors));
    generated
}
