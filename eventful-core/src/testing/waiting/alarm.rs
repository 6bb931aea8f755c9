//! A deadline that needs no runtime's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Thread};
use std::time::Instant;

use super::Bell;

/// A thread that sleeps until the deadline and then rings the bell; it ends early when this is dropped.
pub(super) struct Alarm {
    is_off: Arc<AtomicBool>,
    thread: Thread,
}

impl Alarm {
    pub(super) fn set(deadline: Instant, bell: &Arc<Bell>) -> Self {
        let is_off = Arc::new(AtomicBool::new(false));
        let sleep = {
            let (is_off, bell) = (Arc::clone(&is_off), Arc::clone(bell));
            move || {
                while !is_off.load(Ordering::Acquire) {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return bell.ring();
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

impl Drop for Alarm {
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

    use super::Alarm;

    #[test]
    fn its_thread_ends_with_it() {
        let bell = Arc::default();
        let begun = Instant::now();
        drop(Alarm::set(begun + Duration::from_secs(600), &bell));
        // The thread has the other.
        while Arc::strong_count(&bell) > 1 {
            assert!(begun.elapsed() < Duration::from_secs(60), "it sleeps on");
            thread::yield_now();
        }
    }
}
