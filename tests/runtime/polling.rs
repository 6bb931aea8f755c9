//! What drives futures by hand, and what looks on meanwhile.

use std::fmt::Write as _;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use expect_test::Expect;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// No test of this program that goes right takes nearly as long.
const LIMIT: Duration = Duration::from_secs(60);

/// Polls `future` to its end on this thread.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = std::pin::pin!(future);
    let start = Instant::now();
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        assert!(start.elapsed() < LIMIT, "nobody wakes the future");
        thread::park_timeout(LIMIT);
    }
}

/// Polls `future` once, with a waker that does nothing.
pub(crate) fn poll_once<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    Pin::new(future).poll(&mut Context::from_waker(Waker::noop()))
}

/// Is ready at the second poll.
pub(crate) async fn yield_now() {
    let mut is_ready = false;
    poll_fn(|context| {
        if std::mem::replace(&mut is_ready, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs `body` on a thread of its own, and panics if it does not come to an end.
pub(crate) fn in_time<R: Send + 'static>(body: impl FnOnce() -> R + Send + 'static) -> R {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || sender.send(body()));
    match receiver.recv_timeout(LIMIT) {
        Ok(result) => result,
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("it hangs"),
        Err(mpsc::RecvTimeoutError::Disconnected) => {
            let panic = thread.join().expect_err("it has sent nothing");
            std::panic::resume_unwind(panic)
        }
    }
}

/// A waker that counts how often it was woken.
#[derive(Default)]
pub(crate) struct Wakes(AtomicUsize);

impl Wakes {
    pub(crate) fn count(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Writes down what is logged under the target `eventful`, a line each, without where anything is.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// What `body` logs on this thread.
    pub(crate) fn record(body: impl FnOnce()) -> String {
        let recorder = Self::default();
        recorder.listen(body);
        recorder.take().join("\n")
    }

    /// Records what `body` logs on this thread.
    pub(crate) fn listen<R>(&self, body: impl FnOnce() -> R) -> R {
        ask_all_subscribers();
        tracing::subscriber::with_default(self.clone(), body)
    }

    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// With less than two subscribers in the process, `tracing` asks whoever comes by a line of the log first whether it listens, and
/// remembers the answer for all threads. So there are always two.
pub(crate) fn ask_all_subscribers() {
    static TWO: LazyLock<[Dispatch; 2]> =
        LazyLock::new(|| [(); 2].map(|()| Dispatch::new(Recorder::default())));
    LazyLock::force(&TWO);
}

/// Compares what was logged, which is nothing without the feature `tracing`.
pub(crate) fn assert_logged(log: &str, expected: &Expect) {
    if cfg!(feature = "tracing") {
        expected.assert_eq(log);
    } else {
        assert_eq!(log, "");
    }
}

struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            "published_at" | "detached_at" | "handler_at" => Ok(()),
            // The text of a refusal begins with where it was published.
            "error" if self.message.ends_with(" refused") => Ok(()),
            name => write!(self.fields, " {name}={value:?}"),
        };
        written.expect("a `String` takes everything");
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "eventful"
    }

    fn event(&self, event: &Event<'_>) {
        let (message, fields) = (String::new(), String::new());
        let mut line = Line { message, fields };
        event.record(&mut line);
        let level = event.metadata().level();
        let line = format!("{level} {}:{}", line.message, line.fields);
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push(line.replace("runtime::", ""));
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}
