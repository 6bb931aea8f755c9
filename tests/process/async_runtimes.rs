//! Asynchronous events on tokio's two runtimes, on smol, and on no runtime at all.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};
use std::time::Duration;

use eventful::{Bus, BusBuilder, Delivery, PublishError, WhenFull, event, handler};

/// No test that goes right takes nearly as long.
const LIMIT: Duration = Duration::from_secs(60);

/// The steps that ran, in order.
#[derive(Default)]
struct Trace(Mutex<Vec<String>>);

impl Trace {
    fn add(&self, line: &str) {
        self.0.lock().unwrap().push(line.to_owned());
    }

    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().unwrap()).join(", ")
    }
}

/// Waits for a thread of its own, which knows no runtime.
async fn wait() {
    let (sender, receiver) = tokio::sync::oneshot::channel();
    thread::spawn(move || {
        thread::sleep(Duration::from_millis(2));
        sender.send(())
    });
    receiver.await.expect("the thread sends");
}

#[event]
struct Step(&'static str);

#[handler(Step)]
fn write_down(event: &Step, delivery: &Delivery, trace: &Trace) {
    assert!(delivery.cause().is_some(), "a handler published it");
    trace.add(event.0);
}

#[event(async)]
struct InTurn;

#[handler(InTurn, order = 1)]
async fn first(_: &InTurn) -> Result<(), PublishError> {
    Step("first begins").publish()?;
    wait().await;
    Step("first ends").publish().map(drop)
}

#[handler(InTurn, order = 2)]
fn second(_: &InTurn) -> Result<(), PublishError> {
    Step("second").publish().map(drop)
}

#[handler(InTurn, order = 3)]
async fn third(_: &InTurn) -> Result<(), PublishError> {
    Nested.publish().await?;
    Step("third ends").publish().map(drop)
}

#[event(async)]
struct Nested;

#[handler(Nested)]
async fn nested(_: &Nested) -> Result<(), PublishError> {
    wait().await;
    Step("nested").publish().map(drop)
}

#[event(async, concurrent)]
struct Together;

/// Handlers that can only come to their end together.
struct Meeting(tokio::sync::Barrier);

#[handler(Together)]
async fn meets(_: &Together, meeting: &Meeting) {
    meeting.0.wait().await;
}

#[handler(Together)]
async fn meets_too(_: &Together, meeting: &Meeting) {
    meeting.0.wait().await;
}

#[event(async)]
struct Counted(usize);

#[handler(Counted)]
async fn count(event: &Counted, counter: &AtomicUsize) -> Result<(), PublishError> {
    if event.0.is_multiple_of(10) {
        wait().await;
    }
    counter.fetch_add(event.0, Ordering::Relaxed);
    Ok(())
}

#[event(async)]
struct Endless;

#[handler(Endless)]
async fn never_ends(_: &Endless, trace: &Trace) {
    struct Says<'a>(&'a Trace);

    impl Drop for Says<'_> {
        fn drop(&mut self) {
            self.0.add("cut off");
        }
    }

    let _says = Says(trace);
    std::future::pending::<()>().await;
}

struct Program {
    trace: Arc<Trace>,
    counter: Arc<AtomicUsize>,
    builder: BusBuilder,
}

impl Program {
    fn new() -> Self {
        let (trace, counter) = (Arc::new(Trace::default()), Arc::default());
        let builder = Bus::builder()
            .provide_arc(Arc::clone(&trace))
            .provide_arc(Arc::clone(&counter))
            .provide(Meeting(tokio::sync::Barrier::new(2)))
            .hand_over_limit(10, WhenFull::Queue);
        Self {
            trace,
            counter,
            builder,
        }
    }
}

const IN_TURN: &str = "first begins, first ends, second, nested, third ends";
const COUNTED: usize = 100;

/// The checks that hold on every runtime.
async fn publish_everything(bus: Bus, trace: Arc<Trace>) {
    assert_eq!(bus.publish(&InTurn).await.unwrap().handled(), 3);
    assert_eq!(trace.take(), IN_TURN);
    bus.scope_async(InTurn.publish()).await.unwrap();
    assert_eq!(trace.take(), IN_TURN);
    assert_eq!(bus.publish(&Together).await.unwrap().handled(), 2);
    assert!(Bus::current().is_err(), "nothing is current outside");
}

/// Hands over more than the bus has places for, and waits until nothing is left.
async fn hand_over(bus: Bus, counter: Arc<AtomicUsize>) {
    for number in 0..COUNTED {
        bus.hand_over(Counted(number)).unwrap();
    }
    bus.drained().await;
    assert_eq!(bus.handed_over_count(), 0);
    assert_eq!(counter.load(Ordering::Relaxed), COUNTED * (COUNTED - 1) / 2);
}

fn on_tokio(runtime: &tokio::runtime::Runtime) {
    let Program {
        trace,
        counter,
        builder,
    } = Program::new();
    let bus = builder
        .spawner(|task| drop(tokio::spawn(task)))
        .build()
        .unwrap();
    let main = async {
        // As tasks, which may move from thread to thread.
        let task = tokio::spawn(publish_everything(bus.clone(), Arc::clone(&trace)));
        task.await.unwrap();
        tokio::spawn(hand_over(bus.clone(), counter)).await.unwrap();

        // A task leaves the scope, and is given its bus.
        bus.scope_async(async {
            let task = tokio::spawn(async { Bus::current().is_err() });
            assert!(task.await.unwrap());
            let bus = Bus::current().unwrap();
            let task = tokio::spawn(async move { bus.publish(&Nested).await });
            task.await.unwrap().unwrap();
        })
        .await;
        assert_eq!(trace.take(), "nested");

        // A time-out, and a task that is aborted.
        let timed_out = tokio::time::timeout(Duration::from_millis(5), bus.publish(&Endless));
        timed_out.await.unwrap_err();
        assert_eq!(trace.take(), "cut off");
        let task = {
            let bus = bus.clone();
            tokio::spawn(async move { bus.publish(&Endless).await })
        };
        tokio::task::yield_now().await;
        task.abort();
        assert!(task.await.unwrap_err().is_cancelled());
        trace.take();
        bus.publish(&InTurn).await.unwrap();
        assert_eq!(trace.take(), IN_TURN);
    };
    runtime
        .block_on(async { tokio::time::timeout(LIMIT, main).await })
        .expect("it does not hang");
}

#[test]
fn on_the_multi_thread_runtime_of_tokio() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_time()
        .build()
        .unwrap();
    on_tokio(&runtime);
}

#[test]
fn on_the_current_thread_runtime_of_tokio() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap();
    on_tokio(&runtime);
}

#[test]
fn many_tasks_publish_on_tokio_at_once() {
    let Program {
        counter, builder, ..
    } = Program::new();
    let bus = builder.build().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .build()
        .unwrap();
    runtime.block_on(async {
        let publish = |number| {
            let bus = bus.clone();
            tokio::spawn(async move { bus.publish(&Counted(number)).await })
        };
        let tasks: Vec<_> = (0..COUNTED).map(publish).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
    });
    assert_eq!(counter.load(Ordering::Relaxed), COUNTED * (COUNTED - 1) / 2);
}

#[test]
fn what_a_runtime_leaves_when_it_is_shut_down_is_not_outstanding() {
    let Program { trace, builder, .. } = Program::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .build()
        .unwrap();
    let handle = runtime.handle().clone();
    let bus = builder
        .spawner(move |task| drop(handle.spawn(task)))
        .build()
        .unwrap();
    bus.hand_over(Endless).unwrap();
    let left = bus.drained_within(Duration::from_millis(20)).unwrap_err();
    assert_eq!(left.count(), 1);
    drop(runtime);
    bus.drained_within(LIMIT).unwrap();
    assert_eq!(trace.take(), "cut off");

    // From now on the runtime drops every task that it is given.
    assert!(bus.hand_over(Endless).unwrap_err().is_runtime_ended());
    bus.drained_within(LIMIT).unwrap();
}

#[cfg(feature = "tokio")]
#[test]
fn spawn_on_a_runtime() {
    let Program {
        counter, builder, ..
    } = Program::new();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .build()
        .unwrap();
    let bus = builder.spawn_on(runtime.handle().clone()).build().unwrap();
    // The publisher is on no runtime.
    let publish = bus.clone();
    in_time(|| block_on(hand_over(publish, counter)));
    bus.drained_within(LIMIT).unwrap();
}

#[test]
fn on_smol() {
    in_time(|| {
        let Program {
            trace,
            counter,
            builder,
        } = Program::new();
        let bus = builder
            .spawner(|task| smol::spawn(task).detach())
            .build()
            .unwrap();
        smol::block_on(async {
            smol::spawn(publish_everything(bus.clone(), Arc::clone(&trace))).await;
            smol::spawn(hand_over(bus.clone(), counter)).await;
            let timed_out = async {
                smol::Timer::after(Duration::from_millis(5)).await;
                true
            };
            let endless = async { bus.publish(&Endless).await.is_err() };
            assert!(smol::future::or(endless, timed_out).await);
            assert_eq!(trace.take(), "cut off");
        });
    });
}

#[test]
fn on_no_runtime() {
    in_time(|| {
        let Program {
            trace,
            counter,
            builder,
        } = Program::new();
        let bus = builder
            .spawner(|task| drop(thread::spawn(|| block_on(task))))
            .build()
            .unwrap();
        block_on(publish_everything(bus.clone(), trace));
        block_on(hand_over(bus, counter));
    });
}

/// Runs `body` on a thread of its own, and panics if it does not come to an end.
fn in_time(body: impl FnOnce() + Send + 'static) {
    let (sender, receiver) = mpsc::channel();
    let thread = thread::spawn(move || {
        body();
        sender.send(())
    });
    let result = receiver.recv_timeout(LIMIT);
    assert_ne!(result, Err(mpsc::RecvTimeoutError::Timeout), "it hangs");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        thread::park();
    }
}
