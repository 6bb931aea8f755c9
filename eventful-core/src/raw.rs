//! The crate's unsafe code, all of it, behind functions that are safe to call.
//!
//! | item | what is unsafe about it | what makes it sound |
//! |---|---|---|
//! | [`Call`], [`Projection`] | forget the types of the subject, the state and the function | [`BoundCall::new`], [`SyncTable::new`] and [`AsyncTable::new`] compare the `TypeId`s before anything is cast, and `lookup` the address of a [`TypedIndex`] |
//! | [`Call`] | finds its state through the context | the loop makes the call the context's current one before it calls |
//! | [`TypedIndex`] | its address stands for a type | it is of one type, and two static ones have two addresses |
//! | [`SyncTable`], [`AsyncTable`] | point to states and infos instead of holding them inline | the table owns both, in `Arc`s whose contents never move |
//! | [`Shared`] | points into a resource that it owns with the type erased | the pointer comes from the owner, which is kept beside it and never changed |
//! | [`CallFutures`] | keeps futures of forgotten types in one block, which they borrow from | it drops them before the block, and they never move |
//! | [`CountOrBox`] | owns a box or a [`ThinBox`] through an atomic pointer, which may be a count instead | the lowest bits of the word tell which; whoever takes a word out owns it |
//! | [`ThinBox`] | owns a value of a forgotten type through a pointer to its head | a table beside the head, made where the type is known, has the functions that use the value |
//! | [`InPlace`] | owns a value through a pointer | whoever makes one forgets the value, or has it in a `MaybeUninit` |
//! | [`Slot`] | forgets its value where it is | it then says that there is none |
//! | [`ColdBox`] | takes the box out of what is dropped | it does so where that is not used again |
//! | [`Lent`], [`LentSlot`] | lend a value whose type and lifetime are forgotten | the borrow is held beside the slot; `TypeId`s are compared, and whoever has the `&mut` has taken it out |
//! | [`as_same_type`] | turns a reference to a type parameter into one to another | it compares their `TypeId`s |
//! | [`write`](fn@write) | copies bytes without the bounds of a slice | it compares them itself |
//! | [`EitherRef`] | is a pointer to one of two types | it is odd or even by the type, both of which have even addresses |
//! | [`ThreadStack`], [`ScopedRef`], [`ScopedCell`], [`AtomicRef`] | keep borrows without their lifetimes | each is cleared, or dropped, before the borrow ends |
//!
//! Nothing here knows an event bus: the types of the context, the info and the result are parameters.

#![expect(
    unsafe_code,
    reason = "the one home of unsafe code; every block states its invariant"
)]

mod access;
mod async_call;
mod async_table;
mod call;
mod call_futures;
mod cold_box;
mod count_or_box;
mod either_ref;
mod erased;
mod in_place;
mod index;
mod lent;
mod same_type;
mod scoped_ref;
mod shared;
mod sync_call;
mod sync_table;
mod table;
mod text;
mod thin_box;
mod thread_stack;
mod typed_index;

pub use access::Projected;
pub(crate) use access::{Access, Direct, Projection};
pub(crate) use async_call::{AsyncFunction, FutureFunction, Payload};
pub(crate) use async_table::{AsyncCalls, AsyncTable, Concurrency};
pub(crate) use call::{BoundCall, Call, CallInfo, Context, Describe};
pub(crate) use call_futures::{CallFutures, Poller};
pub(crate) use cold_box::ColdBox;
pub(crate) use count_or_box::{CountOrBox, Kept, Merge};
pub(crate) use either_ref::EitherRef;
pub(crate) use erased::{Erased, Indexed, type_id};
pub use in_place::{InPlace, Slot};
pub(crate) use index::Index;
pub(crate) use lent::WantedType;
pub use lent::{Lent, LentMut, LentSlot, LentType};
pub(crate) use same_type::as_same_type;
pub(crate) use scoped_ref::{AtomicRef, Borrowing, ScopedCell, ScopedRef};
pub(crate) use shared::Shared;
pub(crate) use sync_table::{Calls, Lookup, Steps, SyncTable};
pub(crate) use text::write;
pub(crate) use thin_box::{Head, ThinBox, ThinValue};
pub(crate) use thread_stack::{Frame, ThreadStack};
pub(crate) use typed_index::{ErasedIndex, TypedIndex};
