//! The crate's unsafe code, all of it, behind functions that are safe to call.
//!
//! | item | what is unsafe about it | what makes it sound |
//! |---|---|---|
//! | [`Call`], [`Projection`] | forget the types of the event, the state and the function | [`Bound::new`] and [`Table::new`] compare the `TypeId`s before anything is cast, and [`Table::aim`] the address of a [`TypedIndex`] |
//! | [`Call`] | finds its state through the context | whoever calls it has set the context's slot to what is kept for it |
//! | [`TypedIndex`] | its address stands for a type | it is of one type, and two that are static have two addresses |
//! | [`Table`] | points to states and infos instead of holding them inline | the table owns both, in `Arc`s whose contents never move |
//! | [`Shared`] | points into a resource it owns type-erased | the pointer comes from the owner, which is kept beside it and never changed |
//! | [`Flight`] | keeps futures of forgotten types in one block, which they borrow from | it drops them before the block, and they never move |
//! | [`CountOrBox`] | owns a box through an atomic pointer, which may be a count instead | a count is odd and a box even; whoever takes the box out of the word owns it |
//! | [`ColdBox`] | takes the box out of what is dropped | it does so where that is not used again |
//! | [`as_same_type`] | turns a reference to a type parameter into one to another | it compares their `TypeId`s |
//! | [`write`](fn@write) | copies bytes without the bounds of a slice | it compares them itself |
//! | [`Top`], [`Link`], [`Slot`] | remember borrows without their lifetimes | each is cleared, or dropped, before the borrow ends |
//!
//! Nothing here knows an event bus: the types of the context, the info and the result are parameters.

#![expect(
    unsafe_code,
    reason = "the one home of unsafe code; every block states its invariant"
)]

mod access;
mod call;
mod cold_box;
mod count_or_box;
mod flight;
mod flight_table;
mod future_call;
mod index;
mod same_type;
mod shared;
mod text;
mod top;
mod typed_index;

pub use access::Projected;
pub(crate) use access::{Access, Direct, Projection};
pub(crate) use call::{Aim, Aimed, Bound, Call, Context, Describe, Erased, Indexed, Named, Table};
pub(crate) use cold_box::ColdBox;
pub(crate) use count_or_box::{CountOrBox, Counting, Kept};
pub(crate) use flight::{Aboard, Flight};
pub(crate) use flight_table::{AimedFlight, FlightTable, Formation, Leg};
pub(crate) use future_call::{FutureCall, FutureFunction, LaterFunction, Payload};
pub(crate) use index::Index;
pub(crate) use same_type::as_same_type;
pub(crate) use shared::Shared;
pub(crate) use text::write;
pub(crate) use top::{Link, Slot, Stacked, Top};
pub(crate) use typed_index::{ErasedIndex, TypedIndex};
