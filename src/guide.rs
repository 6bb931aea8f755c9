//! What to know beyond the reference: documentation only.

#[doc = include_str!("guide/guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("guide/asynchronous.md")]
pub mod asynchronous {}

#[doc = include_str!("guide/not_called.md")]
pub mod not_called {}

#[doc = include_str!("guide/comparison.md")]
pub mod comparison {}
