//! Calls of which some make futures, and where those are to be.

use std::alloc::Layout;
use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

use super::call::{
    Bound, Call, Context, Erased, ErasedFunction, Indexed, Named, State, take_apart,
};
use super::future_call::{FutureCall, FutureType};
use super::index::Index;
use super::typed_index::ErasedIndex;

/// What is called at one place of a [`FlightTable`].
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub enum Leg<C: 'static> {
    Now(Call<C>),
    Later(FutureCall<C>),
}

impl<C> Clone for Leg<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Leg<C> {}

/// Whether the futures of a table fly one after the other or at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Formation {
    InTurn,
    Together,
}

/// As [`Table`](super::Table), of calls of which some make futures.
pub(crate) struct FlightTable<C: Context + 'static> {
    /// Of the subject's type; null if it has none.
    index: *const Index,
    pub(super) subject: fn() -> TypeId,
    // An `Arc`, because a `Box` that moves would claim its contents for itself.
    pub(super) legs: Arc<[BoundLeg<C>]>,
    _states: Box<[State]>,
    infos: Arc<[C::Info]>,
    pub(super) formation: Formation,
    /// Of a flight's block alone.
    pub(super) head: Layout,
    /// Of all of a flight: the block; where the legs fly together a flag for each, which says whether its future is there; and
    /// the futures.
    pub(super) whole: Layout,
    /// From the start of the block to the flags.
    pub(super) flags: usize,
}

pub(super) struct BoundLeg<C: Context + 'static> {
    pub(super) name: Named<C::Info>,
    pub(super) function: LegFunction<C>,
    /// From the start of the block to the future.
    pub(super) place: usize,
}

pub(super) enum LegFunction<C: 'static> {
    Now(ErasedFunction<C>),
    Later(&'static FutureType<C>),
}

// SAFETY: as `Table`: function pointers, states that are `Send + Sync`, infos, and a pointer to a static index.
unsafe impl<C: Context<Info: Send + Sync>> Send for FlightTable<C> {}
// SAFETY: as above; nothing in a table changes after `FlightTable::new`.
unsafe impl<C: Context<Info: Send + Sync>> Sync for FlightTable<C> {}

impl<C: Context> FlightTable<C> {
    /// A table for flights whose blocks have the layout [`HEAD`](super::Flight::HEAD). `index` is that of the subject, if it has one.
    ///
    /// # Panics
    ///
    /// If a leg, or the index, is for another type of subject, or if the futures together are larger than memory can be.
    pub(crate) fn new(
        head: Layout,
        subject: fn() -> TypeId,
        index: Option<ErasedIndex>,
        formation: Formation,
        legs: Vec<(C::Info, Bound<C>)>,
    ) -> Self {
        const TOO_LARGE: &str = "a flight fits into memory";
        assert!(
            index.is_none_or(|index| index.subject() == subject()),
            "an index of another type of subject"
        );
        let flags = match formation {
            Formation::InTurn => 0,
            Formation::Together => legs.len(),
        };
        let flags = Layout::array::<u8>(flags).expect(TOO_LARGE);
        let (base, flags) = head.extend(flags).expect(TOO_LARGE);
        let mut whole = base;
        let (infos, states, entries) = take_apart(subject(), legs, |leg| match leg {
            Leg::Now(call) => (LegFunction::Now(call.function), 0),
            Leg::Later(FutureCall { future, .. }) => {
                // In turn, they all use the same memory.
                let before = match formation {
                    Formation::InTurn => base,
                    Formation::Together => whole,
                };
                let (with_this, place) = before.extend(future.layout).expect(TOO_LARGE);
                whole = union(whole, with_this);
                (LegFunction::Later(future), place)
            }
        });
        let legs = entries
            .into_iter()
            .map(|((function, place), name)| BoundLeg {
                name,
                function,
                place,
            })
            .collect();
        Self {
            index: index.map_or(ptr::null(), |index| ptr::from_ref(index.index())),
            subject,
            legs,
            _states: states,
            infos,
            formation,
            head,
            whole,
            flags,
        }
    }

    pub(crate) fn infos(&self) -> &[C::Info] {
        &self.infos
    }

    /// This table with a subject for its legs; none if the subject has another index.
    #[inline]
    pub(crate) fn aim<'a>(&'a self, subject: Indexed<'a>) -> Option<AimedFlight<'a, C>> {
        ptr::eq(self.index, subject.index()).then_some(AimedFlight {
            table: self,
            subject: subject.data(),
            borrow: PhantomData,
        })
    }

    /// As [`aim`](Self::aim), at a subject that may have no index.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    pub(crate) fn aim_at<'a>(&'a self, subject: Erased<'a>) -> AimedFlight<'a, C> {
        assert!(
            (self.subject)() == subject.type_id(),
            "a table for another type of subject"
        );
        AimedFlight {
            table: self,
            subject: subject.data(),
            borrow: PhantomData,
        }
    }
}

/// A layout that has room for either.
fn union(first: Layout, second: Layout) -> Layout {
    let size = first.size().max(second.size());
    let align = first.align().max(second.align());
    Layout::from_size_align(size, align).expect("both fit into memory, aligned")
}

impl<C: Context<Info: fmt::Debug>> fmt::Debug for FlightTable<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// A [`FlightTable`] with a subject of its type.
pub(crate) struct AimedFlight<'a, C: Context + 'static> {
    pub(super) table: &'a FlightTable<C>,
    pub(super) subject: *const (),
    pub(super) borrow: PhantomData<Erased<'a>>,
}

impl<C: Context> Clone for AimedFlight<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Context> Copy for AimedFlight<'_, C> {}
