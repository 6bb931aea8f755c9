//! The guide: one chapter a subject, beyond the reference.

#[doc = include_str!("guide/guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("guide/ordering.md")]
pub mod ordering {}

#[doc = include_str!("guide/returned_events.md")]
pub mod returned_events {}

#[doc = include_str!("guide/errors.md")]
pub mod errors {}

#[doc = include_str!("guide/asynchronous.md")]
pub mod asynchronous {}

#[cfg(feature = "durable")]
#[doc = include_str!("guide/durable.md")]
pub mod durable {}

#[cfg(feature = "durable")]
#[doc = include_str!("guide/durable_guarantees.md")]
pub mod durable_guarantees {}

#[cfg(feature = "sqlite")]
#[doc = include_str!("guide/sqlite.md")]
pub mod sqlite {}

#[cfg(feature = "postgres")]
#[doc = include_str!("guide/postgres.md")]
pub mod postgres {}

#[cfg(feature = "durable")]
#[doc = include_str!("guide/durable_migrating.md")]
pub mod durable_migrating {}

#[doc = include_str!("guide/durable_from_async.md")]
pub mod durable_from_async {}

#[cfg(feature = "durable")]
#[doc = include_str!("guide/durable_twice.md")]
pub mod durable_twice {}

#[cfg(feature = "durable")]
#[doc = include_str!("guide/durable_errors.md")]
pub mod durable_errors {}

#[doc = include_str!("guide/sse.md")]
pub mod sse {}

#[doc = include_str!("guide/testing.md")]
pub mod testing {}

#[doc = include_str!("guide/migrating.md")]
pub mod migrating {}

#[doc = include_str!("guide/wiring.md")]
pub mod wiring {}

#[doc = include_str!("guide/expansion.md")]
pub mod expansion {}

#[doc = include_str!("guide/not_called.md")]
pub mod not_called {}

#[doc = include_str!("guide/compile_errors.md")]
pub mod compile_errors {}

#[doc = include_str!("guide/comparison.md")]
pub mod comparison {}
