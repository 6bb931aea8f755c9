//! Places within the steps of the stores at which the crash harness ends the process. Without the feature `failpoints`
//! they are nothing.

#[cfg(all(unix, feature = "failpoints"))]
pub(crate) use eventful_durable::testing::crash::{is_broken, pass};

#[cfg(not(all(unix, feature = "failpoints")))]
pub(crate) const fn pass(_: &str) {}

#[cfg(not(all(unix, feature = "failpoints")))]
pub(crate) const fn is_broken(_: &str) -> bool {
    false
}
