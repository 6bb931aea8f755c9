//! placeholder
pub use eventful_core::*;
