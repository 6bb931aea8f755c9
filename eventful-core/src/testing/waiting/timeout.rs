//! A deadline that needs no clock of a runtime.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use crate::testing::waker_slot::WakerSlot;

/// A thread that sleeps until the deadline and then wakes the task. It ends early when this is dropped.
pub(super) struct Timeout {
    is_off: Arc<AtomicBool>,
    thread: Thread,
}

impl Timeout {
    pub(super) fn start(deadline: Instant, slot: &Arc<WakerSlot>) -> Self {
        let is_off = Arc::new(AtomicBool::new(false));
        let sleep = {
            let (is_off, slot) = (Arc::clone(&is_off), Arc::clone(slot));
            move || {
                while !is_off.load(Ordering::Acquire) {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return slot.wake();
                    }
                    thread::park_timeout(left);
                }
            }
        };
        let thread = thread::Builder::new().name("eventful testing: a limit".to_owned());
        let thread = thread
            .spawn(sleep)
            .expect("waiting with a limit needs a thread, and none can be started");
        Self {
            is_off,
            thread: thread.thread().clone(),
        }
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        self.is_off.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::{Duration, Instant};

    use super::Timeout;

    #[test]
    fn its_thread_ends_with_it() {
        let slot = Arc::default();
        let begun = Instant::now();
        drop(Timeout::start(begun + Duration::from_secs(600), &slot));
        // The thread has the other one.
        while Arc::strong_count(&slot) > 1 {
            assert!(begun.elapsed() < Duration::from_secs(60), "it still sleeps");
            thread::yield_now();
        }
    }
}
