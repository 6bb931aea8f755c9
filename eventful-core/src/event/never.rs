//! The event that never happens.

use std::convert::Infallible;

use super::mode::Sync;
use super::{Declared, Event, EventIndex};

/// There is no value of it, so nobody publishes it. A handler that returns a `Result<Infallible, E>` returns no event,
/// and the wiring shows none.
// Nobody who lacks an event means this one.
#[diagnostic::do_not_recommend]
impl Event for Infallible {
    type Mode = Sync;
    const NAME: &'static str = "core::convert::Infallible";
    const __EVENT: Declared = Declared::at("core::convert", "", 0, 0).never();
    const __KEY: &'static str = "0:0<> core::convert::Infallible";

    fn __index() -> Option<&'static EventIndex<Self>> {
        None
    }
}
