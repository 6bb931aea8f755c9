//! Calls whose argument types are forgotten, and the tables that remember them.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;

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
    pub(super) fn type_id(&self) -> TypeId {
        self.type_id
    }

    pub(super) fn data(&self) -> *const () {
        self.data
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
    subject: fn() -> TypeId,
    state: fn() -> TypeId,
    function: ErasedFunction<C, R>,
}

/// Must be given pointers to live values of the subject and state types that its [`Call`] names.
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
    pub(crate) const fn new<Subject, S, F>(_function: F) -> Self
    where
        Subject: 'static,
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
            subject: TypeId::of::<Subject>,
            state: TypeId::of::<S>,
            function: call::<Subject, S, F, C, R>,
        }
    }
}

impl<C, R> Call<C, R> {
    pub(super) fn types(&self) -> (TypeId, TypeId) {
        ((self.subject)(), (self.state)())
    }

    pub(super) fn function(&self) -> ErasedFunction<C, R> {
        self.function
    }
}

unsafe fn call<Subject, S, F, C, R>(subject: *const (), state: *const (), context: &C) -> R
where
    F: for<'a> Fn(&'a Subject, &'a S, &'a C) -> R + Copy,
{
    // SAFETY: `Call::new` was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises a live `Subject`.
    let subject = unsafe { &*subject.cast::<Subject>() };
    // SAFETY: the caller promises a live `S`.
    let state = unsafe { &*state.cast::<S>() };
    function(subject, state, context)
}

/// What a call works with beside the subject, with its type forgotten.
pub(crate) type State = Arc<dyn Any + Send + Sync>;

/// The calls for one type of subject, in order, each with its state and with an info `I` that tells who it is.
pub(crate) struct Table<I, C, R> {
    subject: TypeId,
    bound: Box<[Bound<I, C, R>]>,
    // What `bound` points to. `Arc`s, because a `Box` that moves would claim its contents for itself.
    _states: Box<[State]>,
    infos: Arc<[I]>,
}

/// A call with its state and its info: what the dispatch loop walks over.
struct Bound<I, C, R> {
    function: ErasedFunction<C, R>,
    state: *const (),
    info: *const I,
}

// SAFETY: a table is a function pointer, states that are `Send + Sync`, and infos; the raw pointers lead to the last two.
unsafe impl<I: Send + Sync, C, R> Send for Table<I, C, R> {}
// SAFETY: as above; nothing in a table changes after `Table::new`.
unsafe impl<I: Send + Sync, C, R> Sync for Table<I, C, R> {}

impl<I, C, R> Table<I, C, R> {
    /// # Panics
    ///
    /// If a call is for another type of subject or was given a state of another type.
    pub(crate) fn new(subject: TypeId, calls: Vec<(I, Call<C, R>, State)>) -> Self {
        let mut infos = Vec::with_capacity(calls.len());
        let mut functions = Vec::with_capacity(calls.len());
        let mut states = Vec::with_capacity(calls.len());
        for (info, call, state) in calls {
            assert!(
                (call.subject)() == subject,
                "a call for another type of subject"
            );
            assert!(
                (call.state)() == (*state).type_id(),
                "a call with a state of another type"
            );
            infos.push(info);
            functions.push(call.function);
            states.push(state);
        }
        let infos: Arc<[I]> = infos.into();
        let bound = functions
            .into_iter()
            .zip(&states)
            .zip(infos.iter())
            .map(|((function, state), info)| Bound {
                function,
                state: Arc::as_ptr(state).cast(),
                info: ptr::from_ref(info),
            })
            .collect();
        Self {
            subject,
            bound,
            _states: states.into(),
            infos,
        }
    }

    pub(crate) fn infos(&self) -> &[I] {
        &self.infos
    }

    /// The calls of this table on `subject`, ready to run one after the other.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    #[inline]
    pub(crate) fn calls<'a>(&'a self, subject: Erased<'a>, context: &'a C) -> Calls<'a, I, C, R>
    where
        C: Context<I>,
    {
        assert!(
            self.subject == subject.type_id,
            "a table for another type of subject"
        );
        Calls {
            remaining: self.bound.iter(),
            subject,
            context,
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
    fn running(&self) -> &Slot<I>;
}

/// The calls of a [`Table`] that have not run yet.
pub(crate) struct Calls<'a, I, C: Context<I>, R> {
    remaining: std::slice::Iter<'a, Bound<I, C, R>>,
    subject: Erased<'a>,
    context: &'a C,
}

impl<I, C: Context<I>, R> Calls<'_, I, C, R> {
    /// Runs the next call, with its info in the context's [`Slot`] from now until the next call or the end.
    #[inline]
    pub(crate) fn run_next(&mut self) -> Option<R> {
        let bound = self.remaining.next()?;
        self.context.running().set(bound.info);
        // SAFETY: `Table::new` has compared the state's type and `Table::calls` the subject's; the table keeps the state,
        // and `Erased` the subject, borrowed while `self` lives.
        Some(unsafe { (bound.function)(self.subject.data, bound.state, self.context) })
    }

    pub(crate) fn remaining(&self) -> usize {
        self.remaining.len()
    }
}

impl<I, C: Context<I>, R> Drop for Calls<'_, I, C, R> {
    #[inline]
    fn drop(&mut self) {
        self.context.running().set(ptr::null());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Log(Slot<&'static str>);

    impl Context<&'static str> for Log {
        fn running(&self) -> &Slot<&'static str> {
            &self.0
        }
    }

    type StringCall = Call<Log, String>;

    #[test]
    fn calls_run_in_order_with_their_own_state_and_info() {
        let call = StringCall::new::<u8, u16, _>(|subject, state, log| {
            format!(
                "{} {subject} {state}",
                log.0.get().expect("a call is running")
            )
        });
        let table = Table::new(
            TypeId::of::<u8>(),
            vec![
                ("first", call, Arc::new(10_u16) as _),
                ("second", call, Arc::new(20_u16) as _),
            ],
        );
        let log = Log(Slot::empty());
        let mut calls = table.calls(Erased::new(&7_u8), &log);
        assert_eq!(calls.run_next().as_deref(), Some("first 7 10"));
        assert_eq!(calls.remaining(), 1);
        assert_eq!(calls.run_next().as_deref(), Some("second 7 20"));
        assert_eq!(calls.run_next(), None);
        drop(calls);
        assert_eq!(
            log.0.get(),
            None,
            "the slot is cleared before the table can go"
        );
    }

    #[test]
    #[should_panic(expected = "a call for another type of subject")]
    fn a_table_refuses_a_call_for_another_subject() {
        let call = StringCall::new::<u8, u16, _>(|_, _, _| String::new());
        Table::new(TypeId::of::<i8>(), vec![("it", call, Arc::new(1_u16) as _)]);
    }

    #[test]
    #[should_panic(expected = "a call with a state of another type")]
    fn a_table_refuses_a_state_of_another_type() {
        let call = StringCall::new::<u8, u16, _>(|_, _, _| String::new());
        Table::new(TypeId::of::<u8>(), vec![("it", call, Arc::new(1_u32) as _)]);
    }

    #[test]
    #[should_panic(expected = "a table for another type of subject")]
    fn a_table_refuses_a_subject_of_another_type() {
        let table: Table<&'static str, Log, String> = Table::new(TypeId::of::<u8>(), Vec::new());
        let log = Log(Slot::empty());
        drop(table.calls(Erased::new(&1_i8), &log));
    }

    #[test]
    fn an_entry_is_three_words() {
        assert_eq!(
            size_of::<Bound<&'static str, Log, String>>(),
            3 * size_of::<usize>()
        );
    }
}
