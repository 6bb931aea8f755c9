//! placeholder
#[doc(hidden)]
pub use eventful_core::__private;
pub use eventful_core::*;
pub use eventful_macros::{event, handler, link};
