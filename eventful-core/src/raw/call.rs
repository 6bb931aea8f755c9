//! Calls whose argument types are forgotten, alone and with all that they need but the subject and the context.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

use super::access::Access;
use super::async_call::FutureType;
use super::scoped_ref::AtomicRef;

/// A function over `&Subject`, `&State` and `&C`, synchronous or not, with the first two types forgotten.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct Call<C: 'static> {
    /// The types that the call must be bound to.
    pub(super) types: fn() -> TypeId,
    pub(super) function: CallFunction<C>,
}

pub(super) enum CallFunction<C: 'static> {
    Sync(ErasedFunction<C>),
    Async(&'static FutureType<C>),
}

/// Must be given a pointer to a live value of the subject type that its [`BoundCall`] was made for, and a context whose
/// current call is the one with the state that was bound to this function.
pub(super) type ErasedFunction<C> = unsafe fn(*const (), &C);

impl<C> Clone for CallFunction<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for CallFunction<C> {}

impl<C> Clone for Call<C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C> Copy for Call<C> {}

impl<C> Call<C> {
    /// Returns whether the call makes a future.
    pub(crate) const fn is_async(&self) -> bool {
        matches!(self.function, CallFunction::Async(_))
    }
}

/// A marker type that stands for the types of a call, and says what else there is to know of them.
pub(crate) trait Describe<C> {
    type Description;

    fn describe(call: Call<C>) -> Self::Description;
}

/// Stands for all types that a call must be bound to.
pub(super) fn types_of<Subject: ?Sized + 'static, A: Access<Subject>, S: 'static>() -> TypeId {
    TypeId::of::<(PhantomData<Subject>, A, S)>()
}

/// Says which call is running, always in the same field: there a call finds the state that is bound to it.
pub(crate) trait Context {
    /// Tells who a call is.
    type Info;
    /// Tells what a table is for.
    type Subject: Copy + Send + Sync;

    fn current_call(&self) -> &AtomicRef<CallInfo<Self::Info>>;
}

/// The info and the bound state of one call of a table, which owns both.
pub(crate) struct CallInfo<I> {
    info: *const I,
    pub(super) state: *const (),
}

impl<I> CallInfo<I> {
    /// # Safety
    ///
    /// The info and the state live as long as the result.
    pub(super) unsafe fn new(info: &I, state: &State) -> Self {
        Self {
            info,
            state: Arc::as_ptr(state).cast(),
        }
    }

    /// A number in the place of a state, without an info: of what is no call.
    pub(super) fn count(count: usize) -> Self {
        Self {
            info: ptr::null(),
            state: ptr::without_provenance(count),
        }
    }

    /// The number that it was [made](Self::count) with.
    #[inline]
    pub(super) fn as_count(&self) -> usize {
        self.state.addr()
    }

    #[inline]
    pub(crate) fn info(&self) -> &I {
        // SAFETY: whoever made it promised that the info lives as long.
        unsafe { &*self.info }
    }
}

// SAFETY: it is a shared reference to an info, and one to a state, which is `Send + Sync`.
unsafe impl<I: Sync> Send for CallInfo<I> {}
// SAFETY: as above.
unsafe impl<I: Sync> Sync for CallInfo<I> {}

/// A [`BoundState`] with its types forgotten.
pub(super) type State = Arc<dyn Any + Send + Sync>;

/// The way from a table's subject to a call's, and what else the call works with.
pub(super) struct BoundState<P, S> {
    pub(super) projection: P,
    pub(super) state: S,
}

/// A call with all that it needs but the subject and the context.
pub(crate) struct BoundCall<C: 'static> {
    pub(super) subject: TypeId,
    pub(super) call: Call<C>,
    pub(super) state: State,
}

impl<C> BoundCall<C> {
    /// Gives `call` its state, and the way to its subject from that of the table.
    ///
    /// # Panics
    ///
    /// If the call was made for other types.
    pub(crate) fn new<Subject, A, S>(call: Call<C>, projection: A::Projection, state: S) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: Send + Sync + 'static,
    {
        assert!(
            (call.types)() == types_of::<Subject, A, S>(),
            "a call that was made for other types"
        );
        Self {
            subject: A::subject(&projection),
            call,
            state: Arc::new(BoundState { projection, state }),
        }
    }

    /// Returns whether the call makes a future.
    pub(crate) const fn is_async(&self) -> bool {
        self.call.is_async()
    }
}
