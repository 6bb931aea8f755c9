//! What tests need.

mod line_difference;
mod wiring;

pub use self::wiring::{assert_wiring, assert_wiring_of};
