//! The crate's unsafe code, all of it, behind functions that are safe to call.
//!
//! | item | what is unsafe about it | what makes it sound |
//! |---|---|---|
//! | [`Call`] | forgets the types of the event, the state and the function | [`Table::new`] and [`Table::calls`] compare the `TypeId`s before anything is cast |
//! | [`Table`] | points to states and infos instead of holding them inline | the table owns both, in `Arc`s whose contents never move |
//! | [`Shared`] | points into a resource it owns type-erased | the pointer comes from the owner, which is kept beside it and never changed |
//! | [`Top`], [`Link`], [`Slot`] | remember borrows without their lifetimes | each is cleared, or dropped, before the borrow ends |
//!
//! Nothing here knows an event bus: the types of the context, the info and the result are parameters.

#![expect(
    unsafe_code,
    reason = "the one home of unsafe code; every block states its invariant"
)]

mod call;
mod shared;
mod top;

pub(crate) use call::{Call, Calls, Context, Erased, Slot, State, Table};
pub(crate) use shared::Shared;
pub(crate) use top::{Link, Top};
