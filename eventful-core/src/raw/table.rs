//! The tables that remember the types of calls, and the loop over one.

use std::any::TypeId;
use std::fmt;
use std::iter;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

use super::call::{Bound, Context, ErasedFunction, Named, State, take_apart};
use super::erased::{Erased, Indexed};
use super::flight_table::Leg;
use super::index::Index;
use super::typed_index::ErasedIndex;

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

// SAFETY: a table is function pointers, states that are `Send + Sync`, infos and a head; the raw pointers lead to the first three
// and to a static index.
unsafe impl<H: Send, I: Send + Sync, C> Send for Table<H, I, C> {}
// SAFETY: as above; nothing in a table changes after `Table::new`.
unsafe impl<H: Sync, I: Send + Sync, C> Sync for Table<H, I, C> {}

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
        if !ptr::eq(self.index, subject.index()) {
            return Aim::Beside;
        }
        if self.is_empty() {
            return Aim::AtNothing;
        }
        Aim::At(Aimed {
            table: self,
            subject: subject.data(),
            borrow: PhantomData,
        })
    }

    /// As [`aim`](Self::aim), at a subject that may have no index; none if there is nothing to call.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    pub(crate) fn aim_at<'a>(&'a self, subject: Erased<'a>) -> Option<Aimed<'a, H, I, C>> {
        assert!(
            subject.is_of(self.owned.subject),
            "a table for another type of subject"
        );
        (!self.is_empty()).then_some(Aimed {
            table: self,
            subject: subject.data(),
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
        // SAFETY: it was `Erased` or `Indexed`, of the type of the table, and so is `Sync`; it is borrowed for `'a`.
        unsafe { Erased::from_parts(self.table.owned.subject, self.subject) }
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

/// The calls of a [`Table`] that have not run yet.
pub(crate) struct Calls<'a, C: Context> {
    next: *const BoundCall<C::Info, C>,
    end: *const BoundCall<C::Info, C>,
    subject: *const (),
    context: &'a C,
    borrow: PhantomData<(&'a Owned<C::Info, C>, Erased<'a>)>,
}

impl<C: Context> Calls<'_, C> {
    /// Runs the next call, with its info in the context's slot from now until the next call or the end; false if there is
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

    /// Puts the info of the next call into the context's slot before it runs; false if there is none.
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
