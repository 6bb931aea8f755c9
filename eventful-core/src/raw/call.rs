//! Calls whose argument types are forgotten, and the tables that remember them.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::access::Access;
use super::flight::Leg;
use super::top::Slot;

/// A borrowed value with its type forgotten but still known by its `TypeId`.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'a> {
    type_id: TypeId,
    data: *const (),
    borrow: PhantomData<&'a ()>,
}

impl<'a> Erased<'a> {
    #[inline]
    pub(crate) fn new<T: Sync + 'static>(value: &'a T) -> Self {
        Self {
            type_id: TypeId::of::<T>(),
            data: ptr::from_ref(value).cast(),
            borrow: PhantomData,
        }
    }
}

impl Erased<'_> {
    /// # Safety
    ///
    /// `data` leads to a value of this type, which is `Sync`, and which nobody changes while the result is used.
    pub(super) unsafe fn from_parts(type_id: TypeId, data: *const ()) -> Self {
        Self {
            type_id,
            data,
            borrow: PhantomData,
        }
    }

    pub(super) fn type_id(&self) -> TypeId {
        self.type_id
    }

    pub(super) fn data(&self) -> *const () {
        self.data
    }

    /// Whoever forgets the borrow keeps the value for as long as what the result is given to.
    pub(super) fn forget_borrow(self) -> Erased<'static> {
        Erased {
            borrow: PhantomData,
            ..self
        }
    }
}

// SAFETY: it is a `&T`, and `Erased::new` asks for `T: Sync`.
unsafe impl Send for Erased<'_> {}
// SAFETY: as above.
unsafe impl Sync for Erased<'_> {}

/// A function over `&Subject`, `&State` and `&C` with the first two types forgotten.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct Call<C, R> {
    pub(super) kind: fn() -> TypeId,
    pub(super) function: ErasedFunction<C, R>,
}

/// Must be given pointers to live values of the subject and state types that its [`Bound`] was made for.
pub(super) type ErasedFunction<C, R> = unsafe fn(*const (), *const (), &C) -> R;

impl<C, R> Clone for Call<C, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, R> Copy for Call<C, R> {}

impl<C, R> Call<C, R> {
    /// Takes a function that captures nothing, so that the compiler inlines it where it is called.
    ///
    /// Its result cannot borrow from what it is given: `R` is one type for every lifetime.
    pub(crate) const fn new<Subject, A, S, F>(_function: F) -> Self
    where
        Subject: ?Sized + 'static,
        A: Access<Subject>,
        S: 'static,
        F: for<'a> Fn(&'a Subject, &'a S, &'a C) -> R + Copy + Send + Sync + 'static,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            kind: kind::<Subject, A, S>,
            function: call::<Subject, A, S, F, C, R>,
        }
    }
}

/// What a call has to be bound to.
pub(super) fn kind<Subject: ?Sized + 'static, A: Access<Subject>, S: 'static>() -> TypeId {
    TypeId::of::<(PhantomData<Subject>, A, S)>()
}

unsafe fn call<Subject, A, S, F, C, R>(subject: *const (), kept: *const (), context: &C) -> R
where
    Subject: ?Sized + 'static,
    A: Access<Subject>,
    F: for<'a> Fn(&'a Subject, &'a S, &'a C) -> R + Copy,
{
    // SAFETY: `Call::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises what `Bound::new` has kept for this call.
    let kept = unsafe { &*kept.cast::<Kept<A::Projection, S>>() };
    // SAFETY: the caller promises a live subject of the type that the binding names.
    let subject = unsafe { A::get(&kept.projection, subject) };
    function(subject, &kept.state, context)
}

/// What a call works with beside the subject, with its type forgotten.
pub(super) type State = Arc<dyn Any + Send + Sync>;

/// What is kept for a call: how to get at its subject, and its state.
pub(super) struct Kept<P, S> {
    pub(super) projection: P,
    pub(super) state: S,
}

/// A leg with all that it needs but the subject and the context.
pub(crate) struct Bound<C: 'static, R: 'static> {
    pub(super) subject: TypeId,
    pub(super) leg: Leg<C, R>,
    pub(super) kept: State,
}

impl<C, R> Bound<C, R> {
    /// Gives `leg` its state, and the way to its subject from what the table is for.
    ///
    /// # Panics
    ///
    /// If the leg was made for other types.
    pub(crate) fn new<Subject, A, S>(leg: Leg<C, R>, projection: A::Projection, state: S) -> Self
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

/// The calls for one type of subject, in order, each with its state and with an info `I` that tells who it is.
// A cache line each, where tables lie in an array.
#[repr(align(64))]
pub(crate) struct Table<I, C, R> {
    subject: TypeId,
    first: *const BoundCall<I, C, R>,
    end: *const BoundCall<I, C, R>,
    infos: Arc<[I]>,
    // What all of these point to. An `Arc`, because a `Box` that moves would claim its contents for itself.
    _owned: Arc<Owned<I, C, R>>,
}

/// What a table owns for its pointers.
struct Owned<I, C, R> {
    _calls: Arc<[BoundCall<I, C, R>]>,
    _states: Box<[State]>,
}

/// A call with its state and its info: what the dispatch loop walks over.
// The name comes first, so that its address is the call's.
#[repr(C)]
struct BoundCall<I, C, R> {
    name: Named<I>,
    function: ErasedFunction<C, R>,
    kept: *const (),
}

/// The info of a call, where the call is: part of a table, which keeps the info too.
pub(crate) struct Named<I>(*const I);

impl<I> Named<I> {
    pub(crate) fn info(&self) -> &I {
        // SAFETY: `take_apart` has made it from a reference into the infos, which the table keeps beside it.
        unsafe { &*self.0 }
    }
}

// SAFETY: it is a shared reference.
unsafe impl<I: Sync> Send for Named<I> {}
// SAFETY: as above.
unsafe impl<I: Sync> Sync for Named<I> {}

// SAFETY: a table is a function pointer, states that are `Send + Sync`, and infos; the raw pointers lead to the last two.
unsafe impl<I: Send + Sync, C, R> Send for Table<I, C, R> {}
// SAFETY: as above; nothing in a table changes after `Table::new`.
unsafe impl<I: Send + Sync, C, R> Sync for Table<I, C, R> {}

/// What tables are made of, taken apart: the infos, the states, and what `make` made of each leg.
pub(super) type Parts<I, T> = (Arc<[I]>, Box<[State]>, Vec<(T, *const (), Named<I>)>);

/// Takes `bound` apart, whose subjects must be `subject`.
///
/// # Panics
///
/// If one is for another type of subject.
pub(super) fn take_apart<I, C, R, T>(
    subject: TypeId,
    bound: Vec<(I, Bound<C, R>)>,
    mut make: impl FnMut(Leg<C, R>) -> T,
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
    let places = states.iter().map(|kept| Arc::as_ptr(kept).cast());
    let entries = functions
        .into_iter()
        .zip(places)
        .zip(infos.iter())
        .map(|((function, kept), info)| (function, kept, Named(info)))
        .collect();
    (infos, states.into(), entries)
}

impl<I, C, R> Table<I, C, R> {
    /// # Panics
    ///
    /// If a call is for another type of subject, or makes a future.
    pub(crate) fn new(subject: TypeId, bound: Vec<(I, Bound<C, R>)>) -> Self {
        let (infos, states, entries) = take_apart(subject, bound, |leg| match leg {
            Leg::Now(call) => call.function,
            Leg::Later(_) => panic!("a call that makes a future"),
        });
        let calls: Arc<[_]> = entries
            .into_iter()
            .map(|(function, kept, name)| BoundCall {
                name,
                function,
                kept,
            })
            .collect();
        let Range { start, end } = calls.as_ptr_range();
        Self {
            subject,
            first: start,
            end,
            infos,
            _owned: Arc::new(Owned {
                _calls: calls,
                _states: states,
            }),
        }
    }

    pub(crate) fn infos(&self) -> &[I] {
        &self.infos
    }

    /// Whether there is nothing to call.
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.first == self.end
    }

    /// This table with a subject for its calls.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    #[inline]
    pub(crate) fn aim<'a>(&'a self, subject: Erased<'a>) -> Aimed<'a, I, C, R> {
        assert!(
            self.subject == subject.type_id,
            "a table for another type of subject"
        );
        Aimed {
            table: self,
            subject: subject.data,
            borrow: PhantomData,
        }
    }
}

/// A [`Table`] with a subject of its type, in two registers.
pub(crate) struct Aimed<'a, I, C, R> {
    table: &'a Table<I, C, R>,
    subject: *const (),
    borrow: PhantomData<Erased<'a>>,
}

impl<'a, I, C: Context<I>, R> Aimed<'a, I, C, R> {
    #[inline]
    pub(crate) fn table(&self) -> &'a Table<I, C, R> {
        self.table
    }

    /// The calls, ready to run one after the other.
    #[inline]
    pub(crate) fn calls(self, context: &'a C) -> Calls<'a, I, C, R> {
        Calls {
            next: self.table.first,
            end: self.table.end,
            subject: self.subject,
            context,
            borrow: PhantomData,
        }
    }
}

impl<I: fmt::Debug, C, R> fmt::Debug for Table<I, C, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// A context says which call is running.
pub(crate) trait Context<I> {
    fn slot(&self) -> &Slot<Named<I>>;
}

/// The calls of a [`Table`] that have not run yet.
pub(crate) struct Calls<'a, I, C: Context<I>, R> {
    next: *const BoundCall<I, C, R>,
    end: *const BoundCall<I, C, R>,
    subject: *const (),
    context: &'a C,
    borrow: PhantomData<(&'a Table<I, C, R>, Erased<'a>)>,
}

impl<'a, I, C: Context<I>, R> Calls<'a, I, C, R> {
    /// Runs the next call, with its info in the context's [`Slot`] from now until the next call or the end.
    #[inline]
    pub(crate) fn run_next(&mut self) -> Option<R> {
        let call = self.peek()?;
        // SAFETY: there was a call, so that this is the next one, or the end.
        self.next = unsafe { self.next.add(1) };
        self.context.slot().set(&raw const call.name);
        // SAFETY: `Bound::new` has made what is kept for this function, and says which subject it is for, which `Table::new`
        // and `Table::aim` have compared; the table keeps what is kept, and `'a` the subject, borrowed while `self` lives.
        Some(unsafe { (call.function)(self.subject, call.kept, self.context) })
    }

    #[inline]
    fn peek(&self) -> Option<&'a BoundCall<I, C, R>> {
        // SAFETY: all before the end are calls of the table, which is borrowed for `'a`.
        (self.next != self.end).then(|| unsafe { &*self.next })
    }

    /// Puts the info of the next call into the context's [`Slot`] before it runs; false if there is none.
    pub(crate) fn announce(&self) -> bool {
        let Some(call) = self.peek() else {
            return false;
        };
        self.context.slot().set(&raw const call.name);
        true
    }

    pub(crate) fn remaining(&self) -> usize {
        // SAFETY: both are within the calls of one table, and the end is the later one.
        unsafe { self.end.offset_from_unsigned(self.next) }
    }
}

impl<I, C: Context<I>, R> Drop for Calls<'_, I, C, R> {
    #[inline]
    fn drop(&mut self) {
        self.context.slot().set(ptr::null());
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Display;

    use super::super::access::{Direct, Projected, Projection};
    use super::*;

    struct Log(Slot<Named<&'static str>>);

    impl Context<&'static str> for Log {
        fn slot(&self) -> &Slot<Named<&'static str>> {
            &self.0
        }
    }

    fn shown<S: Display + Send + Sync + 'static>(state: S) -> Bound<Log, String> {
        let call = Call::new::<u8, Direct, S, _>(|subject, state, log: &Log| {
            format!(
                "{} {subject} {state}",
                log.0.get().expect("a call is running").info()
            )
        });
        Bound::new::<u8, Direct, S>(Leg::Now(call), (), state)
    }

    #[test]
    fn calls_run_in_order_with_their_own_state_and_info() {
        let table = Table::new(
            TypeId::of::<u8>(),
            vec![("first", shown(10_u16)), ("second", shown(20_u16))],
        );
        let log = Log(Slot::empty());
        let mut calls = table.aim(Erased::new(&7_u8)).calls(&log);
        assert_eq!(calls.run_next().as_deref(), Some("first 7 10"));
        assert_eq!(calls.remaining(), 1);
        assert_eq!(calls.run_next().as_deref(), Some("second 7 20"));
        assert_eq!(calls.run_next(), None);
        drop(calls);
        assert!(
            log.0.get().is_none(),
            "the slot is cleared before the table can go"
        );
    }

    #[test]
    fn a_projected_call_sees_what_its_projection_makes_of_the_subject() {
        let call = Call::new::<dyn Display, Projected, (), _>(|subject, (), _: &Log| {
            format!("{subject}!")
        });
        let projection = Projection::new::<u8, _>(|subject: &u8| subject as &dyn Display);
        let bound = Bound::new::<dyn Display, Projected, ()>(Leg::Now(call), projection, ());
        let table = Table::new(TypeId::of::<u8>(), vec![("it", bound)]);
        let log = Log(Slot::empty());
        let mut calls = table.aim(Erased::new(&7_u8)).calls(&log);
        assert_eq!(calls.run_next().as_deref(), Some("7!"));
    }

    #[test]
    #[should_panic(expected = "a call for another type of subject")]
    fn a_table_refuses_a_call_for_another_subject() {
        Table::new(TypeId::of::<i8>(), vec![("it", shown(1_u16))]);
    }

    #[test]
    #[should_panic(expected = "a call for another type of subject")]
    fn a_table_refuses_a_projection_from_another_subject() {
        let call = Call::new::<dyn Display, Projected, (), _>(|_, (), _: &Log| String::new());
        let projection = Projection::new::<u8, _>(|subject: &u8| subject as &dyn Display);
        let bound = Bound::new::<dyn Display, Projected, ()>(Leg::Now(call), projection, ());
        Table::new(TypeId::of::<i8>(), vec![("it", bound)]);
    }

    #[test]
    #[should_panic(expected = "a leg that was made for other types")]
    fn a_call_refuses_a_state_of_another_type() {
        let call = Call::<Log, ()>::new::<u8, Direct, u16, _>(|_, _, _| ());
        Bound::new::<u8, Direct, u32>(Leg::Now(call), (), 1);
    }

    #[test]
    #[should_panic(expected = "a leg that was made for other types")]
    fn a_call_refuses_to_be_bound_for_another_subject() {
        let call = Call::<Log, ()>::new::<u8, Direct, u16, _>(|_, _, _| ());
        Bound::new::<i8, Direct, u16>(Leg::Now(call), (), 1);
    }

    #[test]
    #[should_panic(expected = "a table for another type of subject")]
    fn a_table_refuses_a_subject_of_another_type() {
        let table: Table<&'static str, Log, String> = Table::new(TypeId::of::<u8>(), Vec::new());
        table.aim(Erased::new(&1_i8));
    }

    #[test]
    fn an_entry_is_three_words() {
        assert_eq!(
            size_of::<BoundCall<&'static str, Log, String>>(),
            3 * size_of::<usize>()
        );
    }
}
