//! Waits for events that another thread or task publishes.

mod timeout;

use std::error::Error;
use std::fmt;
use std::future::poll_fn;
use std::panic::Location;
use std::task::Poll;
use std::time::{Duration, Instant};

use self::timeout::Timeout;
use super::Recorder;
use super::event_types::EventType;
use super::text;
use crate::event::Event;

/// Waiting. Events that are recorded already count, so that it does not matter which thread is faster.
impl Recorder {
    /// Blocks this thread until an event of type `E` is recorded for which `matches` returns `true`, and returns a
    /// clone of the first one.
    ///
    /// An event that was recorded before the call counts, unless it was [cleared](Recorder::clear) or
    /// [taken](Recorder::take). A bus delivers on the thread that publishes: this is for work on other threads. In a
    /// task use [`wait_for_async`](Recorder::wait_for_async), which does not block the runtime's thread.
    ///
    /// # Panics
    ///
    /// If there is none when `limit` is over, or if no bus records clones of `E` here.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// #[derive(Clone, Debug)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().capture::<OrderCreated>(&recorder).build()?;
    /// thread::spawn(move || bus.publish(&OrderCreated { order_id: 3 }).is_ok());
    /// let event = recorder.wait_for::<OrderCreated>(Duration::from_secs(5), |_| true);
    /// assert_eq!(event.order_id, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_for<E: Event + Clone>(
        &self,
        limit: Duration,
        matches: impl FnMut(&E) -> bool,
    ) -> E {
        match self.try_wait_for(limit, matches) {
            Ok(event) => event,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits like [`wait_for`](Recorder::wait_for), and returns an error instead of a panic.
    ///
    /// # Errors
    ///
    /// If there is none when `limit` is over.
    ///
    /// # Panics
    ///
    /// If no bus records clones of `E` here.
    #[track_caller]
    pub fn try_wait_for<E: Event + Clone>(
        &self,
        limit: Duration,
        mut matches: impl FnMut(&E) -> bool,
    ) -> Result<E, WaitTimeoutError> {
        self.check(|coverage| coverage.check_clones(EventType::of::<E>()));
        let deadline = deadline(limit);
        let mut seen = 0;
        loop {
            let is_over = is_over(deadline);
            if let Some(event) = self.find(&mut seen, &mut matches) {
                return Ok(event);
            }
            if is_over {
                return Err(self.timeout_error::<E>(limit));
            }
            self.0.wait(seen, deadline);
        }
    }

    /// Waits like [`wait_for`](Recorder::wait_for) in a future, on any runtime or none.
    ///
    /// The limit begins with the first poll. It is real time: a thread sleeps until it is over, or until the future is
    /// ready or dropped. A runtime whose clock is paused or advanced by hand does not change it. If the event is there
    /// at the first poll, no thread is started.
    ///
    /// # Panics
    ///
    /// When it is called, if no bus records clones of `E` here. When it is polled, if there is none when `limit` is
    /// over; that panic names the line of this call.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// #[derive(Clone, Debug)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// # futures_lite::future::block_on(async {
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().capture::<OrderCreated>(&recorder).build()?;
    /// thread::spawn(move || bus.publish(&OrderCreated { order_id: 3 }).is_ok());
    /// let event = recorder.wait_for_async::<OrderCreated>(Duration::from_secs(5), |_| true).await;
    /// assert_eq!(event.order_id, 3);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn wait_for_async<E: Event + Clone>(
        &self,
        limit: Duration,
        matches: impl FnMut(&E) -> bool + Send,
    ) -> impl Future<Output = E> + Send {
        let at = Location::caller();
        let waiting = self.try_wait_for_async(limit, matches);
        async move {
            match waiting.await {
                Ok(event) => event,
                // A panic in a future has this line, so the text names the caller's.
                Err(error) => panic!("{error}\nwaited for at {at}"),
            }
        }
    }

    /// Waits like [`wait_for_async`](Recorder::wait_for_async), and returns an error instead of a panic.
    ///
    /// # Errors
    ///
    /// The output of the future, if there is no such event when `limit` is over.
    ///
    /// # Panics
    ///
    /// When it is called, if no bus records clones of `E` here.
    #[track_caller]
    pub fn try_wait_for_async<E: Event + Clone>(
        &self,
        limit: Duration,
        mut matches: impl FnMut(&E) -> bool + Send,
    ) -> impl Future<Output = Result<E, WaitTimeoutError>> + Send {
        self.check(|coverage| coverage.check_clones(EventType::of::<E>()));
        async move {
            let deadline = deadline(limit);
            let subscription = self.0.subscribe();
            let mut timeout = None;
            let mut seen = 0;
            poll_fn(|context| {
                // Before the records are looked through: one that comes afterwards wakes the task.
                subscription.slot().set(context.waker());
                let is_over = is_over(deadline);
                if let Some(event) = self.find(&mut seen, &mut matches) {
                    return Poll::Ready(Ok(event));
                }
                if is_over {
                    return Poll::Ready(Err(self.timeout_error::<E>(limit)));
                }
                if let (None, Some(deadline)) = (&timeout, deadline) {
                    timeout = Some(Timeout::start(deadline, subscription.slot()));
                }
                Poll::Pending
            })
            .await
        }
    }

    fn find<E: Event + Clone>(
        &self,
        seen: &mut u64,
        matches: &mut impl FnMut(&E) -> bool,
    ) -> Option<E> {
        let records = self.0.unseen(seen);
        let mut events = records.iter().filter_map(|record| record.values.event());
        events.find(|event| matches(event)).cloned()
    }

    fn timeout_error<E: Event>(&self, limit: Duration) -> WaitTimeoutError {
        WaitTimeoutError(format!(
            "no event of type `{}` that matches was recorded within {limit:?}\n{}",
            EventType::of::<E>().name,
            text::list(&self.records()),
        ))
    }
}

/// Returns `None` if the deadline is beyond the end of the clock: there is no limit then.
fn deadline(limit: Duration) -> Option<Instant> {
    Instant::now().checked_add(limit)
}

fn is_over(deadline: Option<Instant>) -> bool {
    deadline.is_some_and(|deadline| Instant::now() >= deadline)
}

/// The error of a wait for an event: the time was over before a matching event was recorded.
///
/// `Display` names the event and the limit, and lists the recorded events.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::testing::Recorder;
/// use eventful::{Bus, event};
///
/// #[event]
/// #[derive(Clone, Debug)]
/// struct OrderCreated;
///
/// let recorder = Recorder::new();
/// let bus = Bus::isolated().capture::<OrderCreated>(&recorder).build()?;
/// let waited = recorder.try_wait_for::<OrderCreated>(Duration::from_millis(1), |_| true);
/// assert!(waited.unwrap_err().to_string().contains("within 1ms"));
/// # drop(bus);
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct WaitTimeoutError(String);

impl fmt::Display for WaitTimeoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Writes the same text as `Display`, because `unwrap` prints it.
impl fmt::Debug for WaitTimeoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for WaitTimeoutError {}
