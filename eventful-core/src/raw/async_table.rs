//! Tables of calls of which some make futures, and where those are to be.

use std::alloc::Layout;
use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use super::call::{BoundCall, CallFunction, CallInfo, Context};
use super::erased::Erased;
use super::table::Owned;

/// The calls for one type of subject, in order, of which some make futures.
pub(crate) struct AsyncTable<C: Context + 'static> {
    // An `Arc`, because a `Box` that moves would claim its contents for itself.
    pub(super) entries: Arc<[AsyncEntry<C>]>,
    owned: Owned<C::Info>,
    pub(super) concurrency: Concurrency,
    pub(super) layout: BlockLayout,
}

/// Says when a table's futures are polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Concurrency {
    /// One after the other.
    Sequential,
    /// All of them, each time.
    Concurrent,
}

/// The layout of the memory of one [`CallFutures`](super::CallFutures): its head; where the futures are concurrent a flag for
/// each call, which says whether its future is there; and the futures.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct BlockLayout {
    pub(super) head: Layout,
    pub(super) whole: Layout,
    /// The offset of the flags.
    pub(super) flags: usize,
}

/// A call of a table.
pub(super) struct AsyncEntry<C: Context + 'static> {
    pub(super) call: CallInfo<C::Info>,
    pub(super) function: CallFunction<C>,
    /// The offset of the call's future in the block.
    pub(super) offset: usize,
}

impl<C: Context> AsyncTable<C> {
    /// Makes a table whose futures are kept behind a head of the layout [`HEAD`](super::CallFutures::HEAD).
    ///
    /// # Panics
    ///
    /// If a call is for another type of subject, or if the futures together are larger than memory can be.
    pub(crate) fn new(
        head: Layout,
        subject: fn() -> TypeId,
        concurrency: Concurrency,
        calls: Vec<(C::Info, BoundCall<C>)>,
    ) -> Self {
        const TOO_LARGE: &str = "the futures fit into memory";
        let flags = match concurrency {
            Concurrency::Sequential => 0,
            Concurrency::Concurrent => calls.len(),
        };
        let flags = Layout::array::<u8>(flags).expect(TOO_LARGE);
        let (base, flags) = head.extend(flags).expect(TOO_LARGE);
        let mut whole = base;
        let (owned, parts) = Owned::take_apart(subject, calls);
        let mut offset_of = |function| {
            let CallFunction::<C>::Async(future) = function else {
                return 0;
            };
            let before = match concurrency {
                // All of them use the same memory.
                Concurrency::Sequential => base,
                Concurrency::Concurrent => whole,
            };
            let (with_this, offset) = before.extend(future.layout).expect(TOO_LARGE);
            whole = union(whole, with_this);
            offset
        };
        let entries = parts
            .into_iter()
            .map(|(function, call)| AsyncEntry {
                call,
                function,
                offset: offset_of(function),
            })
            .collect();
        Self {
            entries,
            owned,
            concurrency,
            layout: BlockLayout { head, whole, flags },
        }
    }

    pub(crate) fn infos(&self) -> &[C::Info] {
        &self.owned.infos
    }

    #[inline]
    pub(super) fn subject(&self) -> fn() -> TypeId {
        self.owned.subject
    }

    /// Returns the calls for a subject.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table.
    #[inline]
    pub(crate) fn calls<'a>(&'a self, subject: Erased<'a>) -> AsyncCalls<'a, C> {
        assert!(
            subject.is_of(self.subject()),
            "a table for another type of subject"
        );
        AsyncCalls {
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

impl<C: Context<Info: fmt::Debug>> fmt::Debug for AsyncTable<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// The calls of an [`AsyncTable`] with a subject of its type.
pub(crate) struct AsyncCalls<'a, C: Context + 'static> {
    pub(super) table: &'a AsyncTable<C>,
    pub(super) subject: *const (),
    pub(super) borrow: PhantomData<Erased<'a>>,
}

impl<C: Context> Clone for AsyncCalls<'_, C> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C: Context> Copy for AsyncCalls<'_, C> {}
