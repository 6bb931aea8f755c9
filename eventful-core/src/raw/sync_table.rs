//! Tables of synchronous calls, and the loop over one.

use std::any::TypeId;
use std::fmt;
use std::hint;
use std::iter;
use std::marker::PhantomData;
use std::ptr;
use std::sync::Arc;

use super::call::{BoundCall, CallFunction, CallInfo, Context, ErasedFunction};
use super::erased::{Erased, Indexed};
use super::index::Index;
use super::table::Owned;
use super::typed_index::ErasedIndex;

/// The synchronous calls for one type of subject, in order, each with its state and with an info that tells who it is.
pub(crate) struct SyncTable<C: Context + 'static> {
    /// The index of the subject's type, if `lookup` is to find calls here; else null.
    calls_of: *const Index,
    /// The same index, if `lookup` is to find that there are no calls; else null.
    no_calls_of: *const Index,
    first: *const Entry<C>,
    /// Behind the last one: an entry that is never called, and has the number of calls.
    end: *const Entry<C>,
    about: C::Subject,
    // `first` and `end` point into it. An `Arc`, because a `Box` that moves would claim its contents for itself.
    contents: Arc<Contents<C>>,
}

struct Contents<C: Context> {
    owned: Owned<C::Info>,
    entries: Box<[Entry<C>]>,
}

/// A call of a table: what the loop walks over.
// The info comes first, so that its address is the entry's.
#[repr(C)]
struct Entry<C: Context> {
    call: CallInfo<C::Info>,
    function: ErasedFunction<C>,
}

impl<C: Context> Entry<C> {
    /// The loop ends with a pointer to this entry, and finds the count here. To look for it in the table, it would have to
    /// keep one more register: three instructions a publish.
    fn end(count: usize) -> Self {
        Self {
            call: CallInfo::count(count),
            function: |_, _| (),
        }
    }
}

// SAFETY: a table is function pointers, states that are `Send + Sync`, and infos; the raw pointers lead to those and to a
// static index.
unsafe impl<C: Context<Info: Send + Sync>> Send for SyncTable<C> {}
// SAFETY: as above; nothing in a table changes after `SyncTable::new`.
unsafe impl<C: Context<Info: Send + Sync>> Sync for SyncTable<C> {}

impl<C: Context> SyncTable<C> {
    /// Makes a table for subjects of one type. `index` is that of the type, if `lookup` is to find the table.
    ///
    /// # Panics
    ///
    /// If a call, or the index, is for another type of subject, or if a call makes a future.
    pub(crate) fn new(
        subject: fn() -> TypeId,
        index: Option<ErasedIndex>,
        about: C::Subject,
        calls: Vec<(C::Info, BoundCall<C>)>,
    ) -> Self {
        assert!(
            index.is_none_or(|index| index.subject() == subject()),
            "an index of another type of subject"
        );
        let (owned, parts) = Owned::take_apart(subject, calls);
        let count = parts.len();
        let entries: Box<[_]> = parts
            .into_iter()
            .map(|(function, call)| match function {
                CallFunction::Sync(function) => Entry { call, function },
                CallFunction::Async(_) => panic!("a call that makes a future"),
            })
            .chain(iter::once(Entry::end(count)))
            .collect();
        let contents = Arc::new(Contents { owned, entries });
        let entries = &contents.entries;
        // Both from the whole slice: the entry at the end is read, too.
        let (first, end) = (entries.as_ptr(), &raw const entries[count]);
        let index = index.map_or(ptr::null(), |index| ptr::from_ref(index.index()));
        let (calls_of, no_calls_of) = match count {
            0 => (ptr::null(), index),
            _ => (index, ptr::null()),
        };
        Self {
            calls_of,
            no_calls_of,
            first,
            end,
            about,
            contents,
        }
    }

    pub(crate) fn infos(&self) -> &[C::Info] {
        &self.contents.owned.infos
    }

    #[inline]
    fn is_empty(&self) -> bool {
        self.first == self.end
    }

    /// Finds the calls for `subject`, if the table was made with the index of its type.
    #[inline]
    pub(crate) fn lookup<'a>(&'a self, subject: Indexed<'a>) -> Lookup<'a, C> {
        if ptr::eq(self.calls_of, subject.index()) {
            return Lookup::Calls(Calls {
                table: self,
                subject: subject.data(),
                borrow: PhantomData,
            });
        }
        if ptr::eq(self.no_calls_of, subject.index()) {
            return Lookup::NoCalls;
        }
        Lookup::SlowPath
    }

    /// Returns the calls for a subject that may have no index; `None` if there are none.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    pub(crate) fn calls<'a>(&'a self, subject: Erased<'a>) -> Option<Calls<'a, C>> {
        assert!(
            subject.is_of(self.contents.owned.subject),
            "a table for another type of subject"
        );
        (!self.is_empty()).then_some(Calls {
            table: self,
            subject: subject.data(),
            borrow: PhantomData,
        })
    }
}

/// The answer of [`SyncTable::lookup`].
pub(crate) enum Lookup<'a, C: Context + 'static> {
    Calls(Calls<'a, C>),
    /// The table has no calls.
    NoCalls,
    /// The table is none for this subject, or must not be used without looking further.
    SlowPath,
}

/// The calls of a table, at least one, with a subject of its type.
pub(crate) struct Calls<'a, C: Context + 'static> {
    table: &'a SyncTable<C>,
    subject: *const (),
    borrow: PhantomData<Erased<'a>>,
}

impl<C: Context> Clone for Calls<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Context> Copy for Calls<'_, C> {}

impl<'a, C: Context> Calls<'a, C> {
    /// Tells what the table is for.
    #[inline]
    pub(crate) fn about(self) -> C::Subject {
        self.table.about
    }

    /// The subject as it was looked up. `None` if the table has no index.
    #[inline]
    pub(crate) fn indexed(self) -> Option<Indexed<'a>> {
        // SAFETY: an index that is not null is static, and it was compared with that of the subject's type.
        let index: Option<&'static Index> = unsafe { self.table.calls_of.as_ref() };
        // SAFETY: `lookup` or `calls` were given the subject for `'a`.
        index.map(|index| unsafe { Indexed::from_parts(index, self.subject) })
    }

    #[inline]
    pub(crate) fn subject(self) -> Erased<'a> {
        // SAFETY: the subject was compared with this type, and lives for `'a`.
        unsafe { Erased::from_parts(self.table.contents.owned.subject, self.subject) }
    }

    /// Returns the calls, to run them one by one.
    #[inline]
    pub(crate) fn steps(self, context: &'a C) -> Steps<'a, C> {
        // SAFETY: there is at least one call, or there would be no `Calls`. The loop need not look before the first one.
        unsafe { hint::assert_unchecked(self.table.first != self.table.end) };
        Steps {
            next: self.table.first,
            end: self.table.end,
            subject: self.subject,
            context,
            borrow: PhantomData,
        }
    }
}

impl<C: Context<Info: fmt::Debug>> fmt::Debug for SyncTable<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// The calls that have not run yet. No call is the context's current one when this is dropped.
pub(crate) struct Steps<'a, C: Context + 'static> {
    next: *const Entry<C>,
    end: *const Entry<C>,
    subject: *const (),
    context: &'a C,
    borrow: PhantomData<(&'a SyncTable<C>, Erased<'a>)>,
}

impl<C: Context> Steps<'_, C> {
    /// Runs the next call, which is the context's current one until the next; returns whether there was one.
    #[inline]
    pub(crate) fn run_next(&mut self) -> bool {
        if self.next == self.end {
            return false;
        }
        // SAFETY: what is before the end is an entry of the table, which is borrowed for `'a`.
        let entry = unsafe { &*self.next };
        self.context.current_call().set(&raw const entry.call);
        // SAFETY: `BoundCall::new` has made the state for this function, and says which subject it is for, which
        // `SyncTable::new`, `lookup` and `calls` have compared; the table keeps the state, and `'a` the subject.
        unsafe { (entry.function)(self.subject, self.context) };
        // SAFETY: there was an entry, so that this is the next one, or the end.
        self.next = unsafe { self.next.add(1) };
        true
    }

    /// Makes the next call the context's current one before it runs; returns whether there is one.
    pub(crate) fn announce(&self) -> bool {
        if self.next == self.end {
            return false;
        }
        // SAFETY: what is before the end is a call of the table, which is borrowed for `'a`.
        let entry = unsafe { &*self.next };
        self.context.current_call().set(&raw const entry.call);
        true
    }

    /// The number of all calls, also of those that have run.
    #[inline]
    pub(crate) fn count(&self) -> usize {
        // SAFETY: there is one more entry behind the calls, which the table keeps too.
        unsafe { &*self.end }.call.as_count()
    }

    /// The number of calls that have not run.
    pub(crate) fn remaining(&self) -> usize {
        // SAFETY: both are within the entries of one table, and the end is the later one.
        unsafe { self.end.offset_from_unsigned(self.next) }
    }
}

impl<C: Context> Drop for Steps<'_, C> {
    #[inline]
    fn drop(&mut self) {
        self.context.current_call().set(ptr::null());
    }
}

#[cfg(test)]
mod tests;
