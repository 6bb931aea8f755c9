//! Calls whose argument types are forgotten, and the tables that remember them.

use std::any::{Any, TypeId};
use std::fmt;
use std::iter;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::access::Access;
use super::flight_table::Leg;
use super::index::Index;
use super::top::Slot;
use super::typed_index::{ErasedIndex, TypedIndex};

/// A borrowed value with its type forgotten but still known by its `TypeId`.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'a> {
    type_id: fn() -> TypeId,
    data: *const (),
    borrow: PhantomData<&'a ()>,
}

impl<'a> Erased<'a> {
    #[inline]
    pub(crate) fn new<T: Sync + 'static>(value: &'a T) -> Self {
        Self {
            type_id: TypeId::of::<T>,
            data: ptr::from_ref(value).cast(),
            borrow: PhantomData,
        }
    }
}

impl Erased<'_> {
    /// # Safety
    ///
    /// `data` leads to a value of this type, which is `Sync`, and which nobody changes while the result is used.
    pub(super) unsafe fn from_parts(type_id: fn() -> TypeId, data: *const ()) -> Self {
        Self {
            type_id,
            data,
            borrow: PhantomData,
        }
    }

    pub(super) fn type_id(&self) -> TypeId {
        (self.type_id)()
    }

    pub(super) fn data(&self) -> *const () {
        self.data
    }
}

// SAFETY: it is a `&T`, and `Erased::new` asks for `T: Sync`.
unsafe impl Send for Erased<'_> {}
// SAFETY: as above.
unsafe impl Sync for Erased<'_> {}

/// A borrowed value with its type forgotten but still known by the address of its index.
#[derive(Clone, Copy)]
pub(crate) struct Indexed<'a> {
    index: &'static Index,
    data: *const (),
    borrow: PhantomData<&'a ()>,
}

impl<'a> Indexed<'a> {
    #[inline]
    pub(crate) fn new<T: Sync + 'static, I>(
        index: &'static TypedIndex<T, I>,
        value: &'a T,
    ) -> Self {
        Self {
            index: index.erase().index(),
            data: ptr::from_ref(value).cast(),
            borrow: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn index(&self) -> &'static Index {
        self.index
    }

    #[inline]
    pub(super) fn data(&self) -> *const () {
        self.data
    }
}

// SAFETY: it is a `&T`, and `Indexed::new` asks for `T: Sync`.
unsafe impl Send for Indexed<'_> {}
// SAFETY: as above.
unsafe impl Sync for Indexed<'_> {}

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
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
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
    // SAFETY: `Call::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
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

/// The calls for one type of subject, in order, each with its state and with an info `I` that tells who it is; and what
/// there is to know of all of them, `H`.
// A cache line each, where tables lie in an array.
#[repr(align(64))]
pub(crate) struct Table<H, I, C> {
    /// Of the subject's type; null if it has none.
    index: *const Index,
    first: *const BoundCall<I, C>,
    /// One that is never called, and knows how many there are before it.
    end: *const BoundCall<I, C>,
    head: H,
    // What all of these point to. An `Arc`, because a `Box` that moves would claim its contents for itself.
    owned: Arc<Owned<I, C>>,
}

/// What a table owns, for its pointers or for whoever seldom asks.
struct Owned<I, C> {
    subject: fn() -> TypeId,
    infos: Arc<[I]>,
    _calls: Arc<[BoundCall<I, C>]>,
    _states: Box<[State]>,
}

/// A call with its state and its info: what the dispatch loop walks over.
// The name comes first, so that its address is the call's.
#[repr(C)]
struct BoundCall<I, C> {
    name: Named<I>,
    function: ErasedFunction<C>,
}

impl<I, C> BoundCall<I, C> {
    /// What stands behind `count` calls.
    fn end(count: usize) -> Self {
        Self {
            name: Named {
                info: ptr::null(),
                kept: ptr::without_provenance(count),
            },
            function: |_, _| (),
        }
    }
}

/// Who a call is, and what it works with, where the call is: part of a table, which keeps both too.
pub(crate) struct Named<I> {
    info: *const I,
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

// SAFETY: a table is function pointers, states that are `Send + Sync`, infos and a head; the raw pointers lead to the first three
// and to a static index.
unsafe impl<H: Send, I: Send + Sync, C> Send for Table<H, I, C> {}
// SAFETY: as above; nothing in a table changes after `Table::new`.
unsafe impl<H: Sync, I: Send + Sync, C> Sync for Table<H, I, C> {}

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

impl<H, I, C> Table<H, I, C> {
    /// `index` is that of the subject, if it has one.
    ///
    /// # Panics
    ///
    /// If a call, or the index, is for another type of subject, or if a call makes a future.
    pub(crate) fn new(
        subject: fn() -> TypeId,
        index: Option<ErasedIndex>,
        bound: Vec<(I, Bound<C>)>,
        head: H,
    ) -> Self {
        assert!(
            index.is_none_or(|index| index.subject() == subject()),
            "an index of another type of subject"
        );
        let (infos, states, entries) = take_apart(subject(), bound, |leg| match leg {
            Leg::Now(call) => call.function,
            Leg::Later(_) => panic!("a call that makes a future"),
        });
        let count = entries.len();
        let calls: Arc<[_]> = entries
            .into_iter()
            .map(|(function, name)| BoundCall { name, function })
            .chain(iter::once(BoundCall::end(count)))
            .collect();
        // Not the range of the calls alone: what stands behind them is read.
        let (start, end) = (calls.as_ptr(), &raw const calls[count]);
        Self {
            index: index.map_or(ptr::null(), |index| ptr::from_ref(index.index())),
            first: start,
            end,
            head,
            owned: Arc::new(Owned {
                subject,
                infos,
                _calls: calls,
                _states: states,
            }),
        }
    }

    pub(crate) fn infos(&self) -> &[I] {
        &self.owned.infos
    }

    #[inline]
    pub(crate) fn head(&self) -> &H {
        &self.head
    }

    /// Whether there is nothing to call.
    pub(crate) fn is_empty(&self) -> bool {
        self.first == self.end
    }

    /// This table with a subject for its calls.
    #[inline]
    pub(crate) fn aim<'a>(&'a self, subject: Indexed<'a>) -> Aim<'a, H, I, C> {
        if !ptr::eq(self.index, subject.index) {
            return Aim::Beside;
        }
        if self.is_empty() {
            return Aim::AtNothing;
        }
        Aim::At(Aimed {
            table: self,
            subject: subject.data,
            borrow: PhantomData,
        })
    }

    /// As [`aim`](Self::aim), at a subject that may have no index; none if there is nothing to call.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    pub(crate) fn aim_at<'a>(&'a self, subject: Erased<'a>) -> Option<Aimed<'a, H, I, C>> {
        let of_table = self.owned.subject;
        // One function names one type; one type may have several.
        assert!(
            ptr::fn_addr_eq(of_table, subject.type_id) || of_table() == subject.type_id(),
            "a table for another type of subject"
        );
        (!self.is_empty()).then_some(Aimed {
            table: self,
            subject: subject.data,
            borrow: PhantomData,
        })
    }
}

/// What became of a table that was to be aimed.
pub(crate) enum Aim<'a, H, I, C> {
    At(Aimed<'a, H, I, C>),
    /// The table has no calls.
    AtNothing,
    /// The subject is of another type than the table.
    Beside,
}

/// A [`Table`] that has calls, with a subject of its type, in two registers.
pub(crate) struct Aimed<'a, H, I, C> {
    table: &'a Table<H, I, C>,
    subject: *const (),
    borrow: PhantomData<Erased<'a>>,
}

impl<H, I, C> Clone for Aimed<'_, H, I, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<H, I, C> Copy for Aimed<'_, H, I, C> {}

impl<'a, H, I, C> Aimed<'a, H, I, C> {
    #[inline]
    pub(crate) fn table(&self) -> &'a Table<H, I, C> {
        self.table
    }

    pub(crate) fn subject(&self) -> Erased<'a> {
        Erased {
            type_id: self.table.owned.subject,
            data: self.subject,
            borrow: PhantomData,
        }
    }
}

impl<'a, H, I, C: Context<Info = I>> Aimed<'a, H, I, C> {
    /// Runs the calls, one after the other, and says how many they were.
    #[inline]
    pub(crate) fn run(self, context: &'a C) -> usize {
        let mut calls = self.calls(context);
        loop {
            // SAFETY: there is one, and then another one until the end.
            unsafe { calls.run_one() };
            if calls.next == calls.end {
                break;
            }
        }
        // SAFETY: there is one more behind the calls, which the table keeps too.
        let end = unsafe { &*calls.end };
        end.name.kept.addr()
    }

    /// The calls, to run one after the other.
    #[inline]
    pub(crate) fn calls(self, context: &'a C) -> Calls<'a, C> {
        Calls {
            next: self.table.first,
            end: self.table.end,
            subject: self.subject,
            context,
            borrow: PhantomData,
        }
    }
}

impl<H, I: fmt::Debug, C> fmt::Debug for Table<H, I, C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// A context says which call is running: in the same slot every time, where a call finds what is kept for it.
pub(crate) trait Context {
    type Info;

    fn slot(&self) -> &Slot<Named<Self::Info>>;
}

/// The calls of a [`Table`] that have not run yet.
pub(crate) struct Calls<'a, C: Context> {
    next: *const BoundCall<C::Info, C>,
    end: *const BoundCall<C::Info, C>,
    subject: *const (),
    context: &'a C,
    borrow: PhantomData<(&'a Owned<C::Info, C>, Erased<'a>)>,
}

impl<C: Context> Calls<'_, C> {
    /// Runs the next call, with its info in the context's [`Slot`] from now until the next call or the end; false if there is
    /// none.
    #[inline]
    pub(crate) fn run_next(&mut self) -> bool {
        if self.next == self.end {
            return false;
        }
        // SAFETY: what is before the end is a call.
        unsafe { self.run_one() };
        true
    }

    /// # Safety
    ///
    /// There is a next call.
    #[inline]
    unsafe fn run_one(&mut self) {
        // SAFETY: the caller promises a call, which is one of the table's, borrowed for `'a`.
        let call = unsafe { &*self.next };
        self.context.slot().set(&raw const call.name);
        // SAFETY: `Bound::new` has made what is kept for this function, and says which subject it is for, which `Table::new`
        // and `Table::aim` have compared; the table keeps what is kept, and `'a` the subject, borrowed while `self` lives.
        unsafe { (call.function)(self.subject, self.context) };
        // SAFETY: there was a call, so that this is the next one, or the end.
        self.next = unsafe { self.next.add(1) };
    }

    /// Puts the info of the next call into the context's [`Slot`] before it runs; false if there is none.
    pub(crate) fn announce(&self) -> bool {
        if self.next == self.end {
            return false;
        }
        // SAFETY: what is before the end is a call of the table, which is borrowed for `'a`.
        let call = unsafe { &*self.next };
        self.context.slot().set(&raw const call.name);
        true
    }

    pub(crate) fn remaining(&self) -> usize {
        // SAFETY: both are within the calls of one table, and the end is the later one.
        unsafe { self.end.offset_from_unsigned(self.next) }
    }
}

impl<C: Context> Drop for Calls<'_, C> {
    #[inline]
    fn drop(&mut self) {
        self.context.slot().set(ptr::null());
    }
}

#[cfg(test)]
mod tests;
