//! Polling: call by call, or as far as the futures let it.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;
use std::task::{self, Poll};

use super::super::async_table::{AsyncTable, Concurrency};
use super::super::call::Context;
use super::super::erased::Erased;
use super::{CallFutures, Running};

/// Polls futures while their context is borrowed. No call is the current one when it is dropped.
pub(crate) struct Poller<'f, 'a, Owner, C: Context + 'static> {
    // Not a reference, behind which the block would have to be looked up. It is never dropped.
    pub(super) futures: ManuallyDrop<CallFutures<'a, Owner, C>>,
    pub(super) borrow: PhantomData<&'f mut CallFutures<'a, Owner, C>>,
}

impl<'f, Owner, C: Context> Poller<'f, '_, Owner, C> {
    /// The value that the calls are given.
    pub(crate) fn subject(&self) -> Erased<'f> {
        // SAFETY: the subject is of the type that the table is for, was `Erased` or `Indexed` and so is `Sync`, and lives as long
        // as the futures, which are borrowed for `'f`.
        unsafe { Erased::from_parts(self.futures.table().subject(), self.futures.block().subject) }
    }

    #[inline]
    pub(crate) fn table(&self) -> &AsyncTable<C> {
        self.futures.table()
    }

    #[inline]
    pub(crate) fn started(&self) -> usize {
        self.futures.started()
    }

    /// Returns whether a future is pending.
    pub(crate) fn has_pending(&self) -> bool {
        self.futures.has_pending()
    }

    /// Returns whether the future of the call at `index` is pending.
    pub(crate) fn is_pending(&self, index: usize) -> bool {
        self.futures.is_pending(index)
    }

    /// Returns whether there is a call that has not started, and none that it has to wait for.
    pub(crate) fn can_start(&self) -> bool {
        let (futures, block) = (&*self.futures, self.futures.block());
        block.next.get() != block.end
            && (!futures.has_pending() || futures.table().concurrency == Concurrency::Concurrent)
    }

    /// Runs `body` as if the call at `index` were running.
    pub(crate) fn while_running<T>(&mut self, index: usize, body: impl FnOnce() -> T) -> T {
        let _running = Running::new(self.futures.context(), &self.table().entries[index].call);
        body()
    }

    /// Says that no call is the current one.
    pub(crate) fn leave(&mut self) {
        self.futures.context().current_call().set(ptr::null());
    }

    /// Starts the next call, if it [can](Self::can_start). It is the current one until another one is, or until the end.
    pub(crate) fn start_next(&mut self, waker: &mut task::Context<'_>) {
        if !self.can_start() {
            return;
        }
        let futures = &mut *self.futures;
        let index = futures.started();
        if futures.table().concurrency == Concurrency::Concurrent {
            // SAFETY: the call has a flag.
            unsafe { futures.flag(index).write(0) };
        }
        // SAFETY: there is a next call, and no future is there if they are sequential.
        if unsafe { futures.start_next(waker) }.is_pending() {
            futures.set_pending(index, true);
        }
    }

    /// Polls what is pending, and starts one call after the other, as long as it [can](Self::can_start) and is not stopped.
    #[inline]
    pub(crate) fn poll(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waker: &mut task::Context<'_>,
    ) -> Poll<()> {
        let futures = &mut *self.futures;
        match futures.table().concurrency {
            Concurrency::Sequential => futures.poll_sequential(is_stopped, waker),
            Concurrency::Concurrent => futures.poll_concurrent(is_stopped, waker),
        }
    }

    /// Polls the future of the call at `index`, as [`start_next`](Self::start_next) does.
    ///
    /// # Panics
    ///
    /// If it is not pending.
    pub(crate) fn poll_one(&mut self, index: usize, waker: &mut task::Context<'_>) {
        let futures = &mut *self.futures;
        assert!(futures.is_pending(index), "a future that is not pending");
        futures.set_pending(index, false);
        // SAFETY: the future was there, as was noted until now.
        if unsafe { futures.poll_one(&futures.table().entries[index], waker) }.is_pending() {
            futures.set_pending(index, true);
        }
    }

    /// Drops the futures that are pending.
    pub(crate) fn cancel(&mut self) {
        self.futures.cancel();
    }
}

impl<Owner, C: Context> Drop for Poller<'_, '_, Owner, C> {
    #[inline]
    fn drop(&mut self) {
        self.leave();
    }
}
