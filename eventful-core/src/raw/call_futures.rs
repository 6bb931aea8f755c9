//! The futures of a table's calls, in one block of memory.

mod poller;

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::task::{self, Poll};

pub(crate) use self::poller::Poller;
use super::async_table::{AsyncCalls, AsyncEntry, AsyncTable, BlockLayout, Concurrency};
use super::call::{CallFunction, CallInfo, Context};
use super::scoped_ref::ScopedRef;

/// The calls of an [`AsyncTable`] on one subject, and their futures: one allocation, whatever their number.
///
/// The futures borrow the subject and the states, which `'a` or the owner keeps, and the context, which the block keeps.
pub(crate) struct CallFutures<'a, Owner, C: Context + 'static> {
    block: NonNull<Block<Owner, C>>,
    borrow: PhantomData<AsyncCalls<'a, C>>,
}

/// The head of the block. What else the table's layout has room for follows it in memory.
struct Block<Owner, C: Context + 'static> {
    // The context links to the owner, and is dropped before it.
    context: C,
    owner: Owner,
    table: *const AsyncTable<C>,
    subject: *const (),
    /// The first call that has not started.
    next: Cell<*const AsyncEntry<C>>,
    end: *const AsyncEntry<C>,
    /// The number of futures that are there. If they are sequential it is one at most, that of the last call that has started.
    pending: Cell<usize>,
}

// SAFETY: it is its block, which is made of the given types, a `Sync` table, a `Sync` subject and what only the owner of the
// block changes, and futures, which are `Send`.
unsafe impl<Owner, C> Send for CallFutures<'_, Owner, C>
where
    Owner: Send + Sync,
    C: Context<Info: Send + Sync> + Send + Sync,
{
}

impl<'a, Owner, C: Context> CallFutures<'a, Owner, C> {
    /// The layout of the head, which an [`AsyncTable`] has to know.
    pub(crate) const HEAD: Layout = Layout::new::<Block<Owner, C>>();

    /// Allocates the block; nothing is called yet. `calls_of` is asked twice, for the same: before and after `owner` has moved
    /// into the block.
    ///
    /// # Panics
    ///
    /// If the table was made for another type of owner.
    pub(crate) fn new(
        owner: Owner,
        calls_of: impl for<'o> Fn(&'o Owner) -> AsyncCalls<'o, C>,
        make: impl FnOnce(ScopedRef<Owner>) -> C,
    ) -> Self
    where
        Owner: 'a,
    {
        let layout = calls_of(&owner).table.layout;
        let block = Self::allocate(&layout);
        // SAFETY: the block's memory is ours, and has room for the owner.
        let owner = unsafe { place_owner(block, owner) };
        let AsyncCalls { table, subject, .. } = calls_of(owner);
        assert!(table.layout == layout, "another table than before");
        let calls = AsyncCalls {
            // SAFETY: the owner lies in the block, is only borrowed shared, and is dropped after all that borrows the table or
            // the subject.
            table: unsafe { &*ptr::from_ref(table) },
            subject,
            borrow: PhantomData,
        };
        let context = make(ScopedRef::new(owner));
        // SAFETY: as above; the owner is in its place.
        unsafe { Self::of(block, calls, context) }
    }

    /// Allocates the block for calls that the owner does not keep; nothing is called yet.
    ///
    /// # Panics
    ///
    /// If the table was made for another type of owner.
    #[inline]
    pub(crate) fn borrowing(
        owner: Owner,
        calls: AsyncCalls<'a, C>,
        make: impl FnOnce(ScopedRef<Owner>) -> C,
    ) -> Self {
        let block = Self::allocate(&calls.table.layout);
        // SAFETY: the block's memory is ours, and has room for the owner.
        let owner = unsafe { place_owner(block, owner) };
        // SAFETY: the block has the table's layout, and the owner is in its place.
        unsafe { Self::of(block, calls, make(ScopedRef::new(owner))) }
    }

    /// Returns memory for a block. Whatever panics before the block is whole leaks it.
    ///
    /// # Panics
    ///
    /// If the table was made for another type of owner.
    #[inline]
    fn allocate(layout: &BlockLayout) -> NonNull<Block<Owner, C>> {
        assert!(
            layout.head == Self::HEAD,
            "a table for another type of owner"
        );
        // SAFETY: the whole has room for the head, which is not of size zero.
        let memory = unsafe { alloc::alloc(layout.whole) };
        let Some(memory) = NonNull::new(memory) else {
            alloc::handle_alloc_error(layout.whole);
        };
        memory.cast()
    }

    /// # Safety
    ///
    /// The block has the layout of the table, and its owner is in it; the table and the subject live as long as the result.
    #[inline]
    unsafe fn of(block: NonNull<Block<Owner, C>>, calls: AsyncCalls<'a, C>, context: C) -> Self {
        let AsyncCalls { table, subject, .. } = calls;
        let Range { start, end } = table.entries.as_ptr_range();
        let place = block.as_ptr();
        // SAFETY: the caller promises memory that has room for each field. Nothing reads them before all are written.
        unsafe {
            (&raw mut (*place).context).write(context);
            (&raw mut (*place).table).write(table);
            (&raw mut (*place).subject).write(subject);
            (&raw mut (*place).next).write(Cell::new(start));
            (&raw mut (*place).end).write(end);
            (&raw mut (*place).pending).write(Cell::new(0));
        }
        Self {
            block,
            borrow: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn context(&self) -> &C {
        &self.block().context
    }

    #[inline]
    pub(crate) fn table(&self) -> &AsyncTable<C> {
        // SAFETY: whoever made this keeps the table for as long.
        unsafe { &*self.block().table }
    }

    /// Returns the context, and what polls the futures while it is borrowed.
    #[inline]
    pub(crate) fn split(&mut self) -> (&C, Poller<'_, 'a, Owner, C>) {
        // SAFETY: the block is only borrowed shared while this lives, and this, which `Poller` does not give out, is borrowed as
        // long as the reference.
        let context = unsafe { &(*self.block.as_ptr()).context };
        let futures = ManuallyDrop::new(Self {
            block: self.block,
            borrow: PhantomData,
        });
        let borrow = PhantomData;
        (context, Poller { futures, borrow })
    }

    /// The number of calls that have started.
    #[inline]
    pub(crate) fn started(&self) -> usize {
        let first = self.table().entries.as_ptr();
        // SAFETY: both are entries of one table, or behind its last, and the first one comes first.
        unsafe { self.block().next.get().offset_from_unsigned(first) }
    }

    /// Returns whether the future of the call at `index` is there.
    pub(crate) fn is_pending(&self, index: usize) -> bool {
        match self.table().concurrency {
            Concurrency::Sequential => self.has_pending() && index + 1 == self.started(),
            Concurrency::Concurrent => {
                assert!(index < self.started());
                // SAFETY: the flag of each call that has started is written.
                unsafe { self.flag(index).read() != 0 }
            }
        }
    }

    /// Returns whether a future is there.
    #[inline]
    fn has_pending(&self) -> bool {
        self.block().pending.get() > 0
    }

    /// Notes whether the future of the call at `index` is there. If they are sequential it is the last one that has started.
    fn set_pending(&mut self, index: usize, is_pending: bool) {
        match self.table().concurrency {
            Concurrency::Sequential => self.block().pending.set(usize::from(is_pending)),
            // SAFETY: the call has a flag.
            Concurrency::Concurrent => unsafe { self.set_flag(index, is_pending) },
        }
    }

    /// # Safety
    ///
    /// The futures are concurrent, and there is a call at `index`, whose flag is not `is_pending`.
    #[inline]
    unsafe fn set_flag(&mut self, index: usize, is_pending: bool) {
        let pending = &self.block().pending;
        pending.set(if is_pending {
            pending.get() + 1
        } else {
            pending.get() - 1
        });
        // SAFETY: the caller promises that there is a flag. Nobody has a reference to it.
        unsafe { self.flag(index).write(u8::from(is_pending)) };
    }

    /// # Safety
    ///
    /// The futures are concurrent, and there is a call at `index`.
    #[inline]
    unsafe fn flag(&self, index: usize) -> NonNull<u8> {
        // SAFETY: the caller promises that there is a flag.
        unsafe {
            self.block
                .cast::<u8>()
                .add(self.table().layout.flags + index)
        }
    }

    #[inline]
    fn block(&self) -> &Block<Owner, C> {
        // SAFETY: the block lives as long as this, and is only borrowed shared.
        unsafe { self.block.as_ref() }
    }

    /// The memory for the future of `entry`.
    #[inline]
    fn memory(&self, entry: &AsyncEntry<C>) -> *mut u8 {
        // SAFETY: the offset lies inside of the block's memory.
        unsafe { self.block.cast::<u8>().add(entry.offset).as_ptr() }
    }

    #[inline]
    fn poll_sequential(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waker: &mut task::Context<'_>,
    ) -> Poll<()> {
        let waits = |futures: &Self| {
            futures.block().pending.set(1);
            Poll::Pending
        };
        if self.has_pending() {
            // Should it panic against the rules, no future is there either.
            self.block().pending.set(0);
            // SAFETY: the future that is there is that of the last call that has started.
            let polled = unsafe { self.poll_one(&*self.block().next.get().sub(1), waker) };
            if polled.is_pending() {
                return waits(self);
            }
        }
        while self.block().next.get() != self.block().end && !is_stopped(self.context()) {
            // SAFETY: there is a next call, and no future is there.
            if unsafe { self.start_next(waker) }.is_pending() {
                return waits(self);
            }
        }
        Poll::Ready(())
    }

    #[inline]
    fn poll_concurrent(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waker: &mut task::Context<'_>,
    ) -> Poll<()> {
        let mut index = self.started();
        if self.has_pending() {
            for index in 0..index {
                // SAFETY: the flag of each call that has started is written.
                if unsafe { self.flag(index).read() } != 0 {
                    // SAFETY: there is a call, and it has a flag.
                    unsafe {
                        let entry = &*self.table().entries.as_ptr().add(index);
                        self.set_flag(index, false);
                        if self.poll_one(entry, waker).is_pending() {
                            self.set_flag(index, true);
                        }
                    }
                }
            }
        }
        while self.block().next.get() != self.block().end && !is_stopped(self.context()) {
            // SAFETY: there is a next call, which has a flag, and memory of its own.
            unsafe {
                self.flag(index).write(0);
                if self.start_next(waker).is_pending() {
                    self.set_flag(index, true);
                }
            }
            index += 1;
        }
        if self.has_pending() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Starts a call. If it is pending, its future is there.
    ///
    /// # Safety
    ///
    /// There is a next call; if the futures are sequential, none is there.
    #[inline]
    unsafe fn start_next(&mut self, waker: &mut task::Context<'_>) -> Poll<()> {
        let block = self.block();
        // SAFETY: the caller promises an entry of the table, which lives as long as this.
        let entry = unsafe { &*block.next.get() };
        // SAFETY: there was an entry, so that this is the next one, or the end.
        block.next.set(unsafe { block.next.get().add(1) });
        block.context.current_call().set(&raw const entry.call);
        match entry.function {
            CallFunction::Sync(function) => {
                // SAFETY: the types were compared when the table was made and its calls were asked for; subject and state live as
                // long as this, and the call is the current one.
                unsafe { function(block.subject, &block.context) };
                Poll::Ready(())
            }
            CallFunction::Async(future) => {
                let (context, memory) = (&raw const block.context, self.memory(entry));
                // SAFETY: as above. No future is in the memory, which has the layout of this one: sequential ones are not there at
                // all, and concurrent ones have memory of their own. Futures are dropped before the block, and the block before
                // what the subject was borrowed from.
                unsafe { (future.start)(block.subject, entry.call.state, context, memory, waker) }
            }
        }
    }

    /// Polls a future. Only if it is pending, it still is there.
    ///
    /// # Safety
    ///
    /// `entry` is one of the table, and its future is there, which is not noted any longer.
    #[inline]
    unsafe fn poll_one(&self, entry: &AsyncEntry<C>, waker: &mut task::Context<'_>) -> Poll<()> {
        let CallFunction::Async(future) = entry.function else {
            unreachable!("what is pending is a future")
        };
        let block = self.block();
        block.context.current_call().set(&raw const entry.call);
        // SAFETY: the caller promises that the future of this call is in its memory.
        unsafe { (future.poll)(&raw const block.context, self.memory(entry), waker) }
    }

    /// Drops the futures that are pending.
    #[cold]
    fn cancel(&mut self) {
        for index in 0..self.started() {
            if self.is_pending(index) {
                self.set_pending(index, false);
                let entry = &self.table().entries[index];
                if let CallFunction::Async(future) = entry.function {
                    let context = &raw const self.block().context;
                    let _running = Running::new(self.context(), &entry.call);
                    // SAFETY: the future of this call is in its memory, as was noted until now.
                    unsafe { (future.cancel)(context, self.memory(entry)) };
                }
            }
        }
    }
}

/// # Safety
///
/// The block has memory of its own.
#[inline]
unsafe fn place_owner<'b, Owner, C: Context>(
    block: NonNull<Block<Owner, C>>,
    owner: Owner,
) -> &'b Owner {
    // SAFETY: the caller promises memory that nobody uses.
    unsafe {
        let place = &raw mut (*block.as_ptr()).owner;
        place.write(owner);
        &*place
    }
}

impl<Owner, C: Context> Drop for CallFutures<'_, Owner, C> {
    #[inline(never)]
    fn drop(&mut self) {
        if self.has_pending() {
            self.cancel();
        }
        // The owner may keep the table.
        let layout = self.table().layout.whole;
        let block = self.block.as_ptr();
        // SAFETY: no future is left that borrows from the block, and nothing uses it after this.
        unsafe { block.drop_in_place() };
        // SAFETY: it was allocated with this layout.
        unsafe { alloc::dealloc(block.cast(), layout) };
    }
}

/// Makes a call the current one, until it is dropped.
struct Running<'a, C: Context>(&'a C);

impl<'a, C: Context> Running<'a, C> {
    fn new(context: &'a C, call: &CallInfo<C::Info>) -> Self {
        context.current_call().set(call);
        Self(context)
    }
}

impl<C: Context> Drop for Running<'_, C> {
    fn drop(&mut self) {
        self.0.current_call().set(ptr::null());
    }
}

#[cfg(test)]
mod tests;
