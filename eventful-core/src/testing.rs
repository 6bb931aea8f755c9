//! A recorder of published events, fakes, and assertions, for tests. Feature `testing`, for `[dev-dependencies]`.
//!
//! Each test builds a bus of its own. [`Bus::isolated`](crate::Bus::isolated) starts without handlers, and
//! [`Bus::derive`](crate::Bus::derive) with those of another bus. On the builder of either,
//! [`capture`](crate::BusBuilder::capture) records events for a [`Recorder`], and [`fake`](crate::BusBuilder::fake)
//! records them instead of delivering them. [`replace`](crate::BusBuilder::replace),
//! [`without`](crate::BusBuilder::without) and [`subscribe`](crate::BusBuilder::subscribe) change handlers. Tests
//! share nothing, so all of them run at once.
//!
//! Call code that publishes by itself, with `event.publish()`, inside of [`bus.scope`](crate::Bus::scope). Tests do not
//! [install](crate::Bus::install) a bus: the whole process shares it, and a recorder on it would record every test that
//! publishes outside of a scope.
//!
//! A bus without a recorder costs what it costs without the feature.

mod assertions;
mod builder;
mod coverage;
mod event_log;
mod event_types;
mod handles;
mod in_order;
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
pub use self::wiring::{assert_bus_wiring, assert_wiring, assert_wiring_of};
