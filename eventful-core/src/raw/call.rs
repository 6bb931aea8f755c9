//! Calls whose argument types are forgotten.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::sync::Arc;

use super::access::Access;
use super::flight_table::Leg;
use super::stateless::{assert_stateless, stateless};
use super::top::Slot;

/// A function over `&Subject`, `&State` and `&C` with the first two types forgotten.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct Call<C> {
    pub(super) kind: fn() -> TypeId,
    pub(super) function: ErasedFunction<C>,
}

/// Must be given a pointer to a live value of the subject type that its [`Bound`] was made for, and a context whose slot
/// has a [`Named`] with what was kept for it.
pub(super) type ErasedFunction<C> = unsafe fn(*const (), &C);

impl<C> Clone for Call<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Call<C> {}

/// What is said of a leg beside how it is called, by a type that stands for all of it.
pub(crate) trait Describe<L> {
    type Description;

    fn describe(leg: L) -> Self::Description;
}

impl<C> Call<C> {
    /// Takes a function that captures nothing, so that the compiler inlines it where it is called.
    pub(crate) const fn new<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
    {
        Self::with::<Subject, A, S, F>()
    }

    /// As [`new`](Self::new); gives what describes the call when it is needed: a static item then holds one pointer.
    pub(crate) const fn described<Subject, A, S, F, D>(_function: F) -> fn() -> D::Description
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
        D: Describe<Self>,
    {
        || D::describe(const { Self::with::<Subject, A, S, F>() })
    }

    /// To be called where an `F` was given.
    const fn with<Subject, A, S, F>() -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy + Send + Sync + 'static,
        C: Context,
    {
        assert_stateless::<F>();
        Self {
            kind: kind::<Subject, A, S>,
            function: call::<Subject, A, S, F, C>,
        }
    }
}

/// What a call has to be bound to.
pub(super) fn kind<Subject: ?Sized + 'static, A: Access<Subject>, S: 'static>() -> TypeId {
    TypeId::of::<(PhantomData<Subject>, A, S)>()
}

unsafe fn call<Subject, A, S, F, C>(subject: *const (), context: &C)
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    F: for<'a> Fn(&'a Subject, &'a S, &'a C) + Copy,
    C: Context,
{
    // SAFETY: `Call::new` was given an `F`, and has asserted that it captures nothing.
    let function = unsafe { stateless::<F>() };
    // SAFETY: the caller promises that the slot is set; while a call runs, it stays as it is.
    let named = unsafe { context.slot().get_quiescent() };
    // SAFETY: the caller promises that this is what `Bound::new` has kept for this call.
    let kept = unsafe { &*named.kept.cast::<Kept<A::Projection, S>>() };
    // SAFETY: the caller promises a live subject of the type that the binding names.
    let subject = unsafe { A::get(&kept.projection, subject) };
    function(subject, &kept.state, context);
}

/// What a call works with beside the subject, with its type forgotten.
pub(super) type State = Arc<dyn Any + Send + Sync>;

/// What is kept for a call: how to get at its subject, and its state.
pub(super) struct Kept<P, S> {
    pub(super) projection: P,
    pub(super) state: S,
}

/// A leg with all that it needs but the subject and the context.
pub(crate) struct Bound<C: 'static> {
    pub(super) subject: TypeId,
    pub(super) leg: Leg<C>,
    pub(super) kept: State,
}

impl<C> Bound<C> {
    /// Gives `leg` its state, and the way to its subject from what the table is for.
    ///
    /// # Panics
    ///
    /// If the leg was made for other types.
    pub(crate) fn new<Subject, A, S>(leg: Leg<C>, projection: A::Projection, state: S) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: Send + Sync + 'static,
    {
        let leg_kind = match &leg {
            Leg::Now(call) => call.kind,
            Leg::Later(call) => call.kind,
        };
        assert!(
            leg_kind() == kind::<Subject, A, S>(),
            "a leg that was made for other types"
        );
        Self {
            subject: A::subject(&projection),
            leg,
            kept: Arc::new(Kept { projection, state }),
        }
    }

    /// Whether the call makes a future.
    pub(crate) const fn is_later(&self) -> bool {
        matches!(self.leg, Leg::Later(_))
    }
}

/// Who a call is, and what it works with, where the call is: part of a table, which keeps both too.
pub(crate) struct Named<I> {
    pub(super) info: *const I,
    pub(super) kept: *const (),
}

impl<I> Named<I> {
    pub(crate) fn info(&self) -> &I {
        // SAFETY: `take_apart` has made it from a reference into the infos, which the table keeps beside it.
        unsafe { &*self.info }
    }
}

// SAFETY: it is a shared reference to an info, and one to a state, which is `Send + Sync`.
unsafe impl<I: Sync> Send for Named<I> {}
// SAFETY: as above.
unsafe impl<I: Sync> Sync for Named<I> {}

/// A context says which call is running: in the same slot every time, where a call finds what is kept for it.
pub(crate) trait Context {
    type Info;

    fn slot(&self) -> &Slot<Named<Self::Info>>;
}

/// What tables are made of, taken apart: the infos, the states, and what `make` made of each leg.
pub(super) type Parts<I, T> = (Arc<[I]>, Box<[State]>, Vec<(T, Named<I>)>);

/// Takes `bound` apart, whose subjects must be `subject`.
///
/// # Panics
///
/// If one is for another type of subject.
pub(super) fn take_apart<I, C, T>(
    subject: TypeId,
    bound: Vec<(I, Bound<C>)>,
    mut make: impl FnMut(Leg<C>) -> T,
) -> Parts<I, T> {
    let mut infos = Vec::with_capacity(bound.len());
    let mut states = Vec::with_capacity(bound.len());
    let mut functions = Vec::with_capacity(bound.len());
    for (info, bound) in bound {
        assert!(
            bound.subject == subject,
            "a call for another type of subject"
        );
        functions.push(make(bound.leg));
        infos.push(info);
        states.push(bound.kept);
    }
    let infos: Arc<[I]> = infos.into();
    let names = infos.iter().zip(&states).map(|(info, kept)| Named {
        info,
        kept: Arc::as_ptr(kept).cast(),
    });
    let entries = functions.into_iter().zip(names).collect();
    (infos, states.into(), entries)
}
