//! A recorder of published events, fakes, and assertions, for tests. Feature `testing`, for `[dev-dependencies]`.
//!
//! A bus of the test's own is the one mechanism. [`Bus::isolated`](crate::Bus::isolated) has no handlers but those that are
//! added, [`Bus::derive`](crate::Bus::derive) those of another bus; on the builder of either,
//! [`capture`](crate::BusBuilder::capture) records events for a [`Recorder`], and [`fake`](crate::BusBuilder::fake) records
//! them instead of delivering them. [`replace`](crate::BusBuilder::replace), [`without`](crate::BusBuilder::without) and
//! [`subscribe`](crate::BusBuilder::subscribe) change handlers. Nothing is shared with other tests, so all of them run at
//! once.
//!
//! Code that publishes by itself, with `event.publish()`, is called inside of [`bus.scope`](crate::Bus::scope). An
//! [installed](crate::Bus::install) bus is the whole process's: a recorder on it would record every test that publishes
//! outside of a scope, so tests do not install one.
//!
//! A bus without a recorder pays nothing for any of this.

mod assertions;
mod builder;
mod coverage;
mod event_log;
mod event_types;
mod handles;
mod in_order;
mod line_difference;
mod record;
mod recorder;
mod rules;
mod text;
mod waiting;
mod waker_slot;
mod wiring;

pub use self::event_types::EventTypes;
pub use self::handles::assert_handles;
pub use self::in_order::InOrder;
pub use self::recorder::Recorder;
pub use self::waiting::WaitTimeoutError;
pub use self::wiring::{assert_wiring, assert_wiring_of};
