//! Handlers, events and worlds of the tests.

use std::any::Any;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use uuid::Uuid;

use crate::observe::{DurableObserver, Notice};
use crate::store::{Acquire, Fetch, Limit, Partition, Place, Slots, Store, Token};
use crate::{
    Append, Attempt, BoxFuture, Envelope, Handle, Handled, HandlerError, Headers, Lends, Memory,
    MemoryTransaction, NotHandled, Program, Settings, StartsFrom, Subscription, WhenLate, Worker,
    slot_of,
};

pub(super) type Answer = Result<Handled, NotHandled>;

/// Lines in the order in which things happened.
#[derive(Clone, Debug, Default)]
pub(super) struct Trace(Arc<Mutex<Vec<String>>>);

impl Trace {
    pub(super) fn push(&self, line: impl Into<String>) {
        self.0.lock().expect("no panic").push(line.into());
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.0.lock().expect("no panic").clone()
    }

    pub(super) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no panic"))
    }

    pub(super) fn count(&self, part: &str) -> usize {
        let lines = self.0.lock().expect("no panic");
        lines.iter().filter(|line| line.contains(part)).count()
    }
}

/// The notices of a worker that are no routine.
impl DurableObserver for Trace {
    fn noticed(&self, notice: &Notice<'_>) {
        match notice {
            Notice::Handled { .. } | Notice::LeaseTaken { .. } => {}
            Notice::Retried { event, error, .. } => {
                self.push(format!("retried {} {error}", event.attempts));
            }
            Notice::Died { reason, error, .. } => self.push(format!("died: {reason}: {error}")),
            Notice::Parked { needs, .. } => {
                self.push(format!("parked {} v{}", needs.name, needs.version));
            }
            Notice::SlowTransaction { .. } => self.push("slow transaction"),
            Notice::LeaseLost { partition } => self.push(format!("lost {partition}")),
            Notice::HandedOver { needs, .. } => {
                self.push(format!("handed over for {} v{}", needs.name, needs.version));
            }
            Notice::CrashFound { suspects, .. } => self.push(format!("crash, {suspects} suspects")),
            Notice::SetBack { from, to, .. } => {
                self.push(format!("set back {} {}", from.position, to.position));
            }
            Notice::FailingBegan { retries, .. } => self.push(format!("failing with {retries}")),
            Notice::FailingEnded { .. } => self.push("failing no longer"),
            Notice::Older { subscription, .. } => self.push(format!("older {subscription}")),
            Notice::Unclaimed { subscription } => self.push(format!("unclaimed {subscription}")),
            Notice::TrimHeld { partition } => self.push(format!("{partition} holds the log")),
            Notice::StoreFailed { step, error } => self.push(format!("failed to {step}: {error}")),
        }
    }
}

/// A handler that is a function.
struct Function<F> {
    function: F,
    when_late: WhenLate,
}

impl<F, T> Handle for Function<F>
where
    F: Fn(Arc<Envelope>, Attempt) -> T + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        _: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Answer> {
        Box::pin((self.function)(event, attempt))
    }

    fn when_late(&self) -> WhenLate {
        self.when_late
    }
}

/// A transactional handler: what it returns is done when it commits, after a moment.
struct Transactional<F>(F);

impl<F, E> Handle for Transactional<F>
where
    F: Fn(Arc<Envelope>, Attempt) -> Result<E, NotHandled> + Send + Sync + 'static,
    E: FnOnce() + Send + 'static,
{
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Answer> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(1)).await;
            let effect = (self.0)(event, attempt)?;
            let lent = lent.expect("a transaction is lent");
            let transaction: &mut MemoryTransaction = lent.downcast_mut().expect("a memory's");
            transaction.on_commit(effect);
            Ok(Handled::default())
        })
    }
}

pub(super) fn handler<F, T>(id: &str, names: &[&str], function: F) -> Subscription
where
    F: Fn(Arc<Envelope>, Attempt) -> T + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    let when_late = WhenLate::Drop;
    subscription(
        id,
        names,
        Arc::new(Function {
            function,
            when_late,
        }),
    )
}

/// A handler that has its answer at once.
pub(super) fn answering<F>(id: &str, names: &[&str], function: F) -> Subscription
where
    F: Fn(Arc<Envelope>, Attempt) -> Answer + Send + Sync + 'static,
{
    handler(id, names, move |event, attempt| {
        std::future::ready(function(event, attempt))
    })
}

/// A handler that nothing can end.
pub(super) fn blocking_handler<F, T>(id: &str, names: &[&str], function: F) -> Subscription
where
    F: Fn(Arc<Envelope>, Attempt) -> T + Send + Sync + 'static,
    T: Future<Output = Answer> + Send + 'static,
{
    let when_late = WhenLate::Wait;
    subscription(
        id,
        names,
        Arc::new(Function {
            function,
            when_late,
        }),
    )
}

pub(super) fn transactional<F, E>(id: &str, names: &[&str], function: F) -> Subscription
where
    F: Fn(Arc<Envelope>, Attempt) -> Result<E, NotHandled> + Send + Sync + 'static,
    E: FnOnce() + Send + 'static,
{
    let mut subscription = subscription(id, names, Arc::new(Transactional(function)));
    subscription.lends = Some(Lends {
        type_id: std::any::TypeId::of::<MemoryTransaction>(),
        type_name: std::any::type_name::<MemoryTransaction>(),
    });
    subscription
}

/// A handler that writes down what it handles.
pub(super) fn tracing(id: &str, names: &[&str], trace: &Trace) -> Subscription {
    let trace = trace.clone();
    let label = id.to_owned();
    answering(id, names, move |event, _| {
        trace.push(format!("{label} {}", text(&event)));
        done()
    })
}

fn subscription(id: &str, names: &[&str], handler: Arc<dyn Handle>) -> Subscription {
    Subscription {
        id: id.to_owned(),
        was: Vec::new(),
        names: names.iter().map(|name| ((*name).to_owned(), 1)).collect(),
        from: StartsFrom::Now,
        settings: Settings::default(),
        lends: None,
        each_process: false,
        replay: true,
        defined_at: format!("{id}.rs:1"),
        handler,
        on_dead: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is the answer of a handler")]
pub(super) fn done() -> Answer {
    Ok(Handled::default())
}

pub(super) fn fails(text: &str) -> Answer {
    Err(failed(text))
}

/// Fails for good.
pub(super) fn gives_up(text: &str) -> Answer {
    Err(NotHandled::Failed(HandlerError::permanent(text)))
}

pub(super) fn failed(text: &str) -> NotHandled {
    NotHandled::Failed(text.to_owned().into())
}

pub(super) async fn worker(program: impl Into<Program>, store: &Memory) -> Worker {
    let worker = Worker::builder(program, store.clone()).build().await;
    worker.expect("it builds")
}

/// Does what is to be done now.
pub(super) async fn run(worker: &Worker) {
    worker.run_until_idle().await.expect("a memory answers");
}

/// An event with a key, unless that is empty, and a payload.
pub(super) fn event(name: &str, key: &str, payload: &str) -> Envelope {
    let id = Uuid::now_v7();
    let key = (!key.is_empty()).then(|| key.to_owned());
    Envelope {
        id,
        name: name.to_owned(),
        version: 1,
        slot: slot_of(key.as_deref().unwrap_or(&id.to_string())),
        key,
        payload: payload.as_bytes().to_vec(),
        occurred_at: Timestamp::UNIX_EPOCH,
        headers: Headers::default(),
    }
}

/// The payload of an event.
pub(super) fn text(event: &Envelope) -> String {
    String::from_utf8_lossy(&event.payload).into_owned()
}

pub(super) fn append_of(envelope: Envelope) -> Append {
    Append {
        envelope,
        due_at: None,
        once: None,
    }
}

pub(super) async fn publish(store: &Memory, name: &str, key: &str, payload: &str) {
    let append = append_of(event(name, key, payload));
    store.append(append).await.expect("a memory appends");
}

pub(super) async fn log_of(store: &dyn Store) -> Vec<String> {
    let fetch = Fetch {
        after: Place::BEGINNING,
        slots: Slots::ALL,
        names: None,
        limit: Limit {
            events: 1_000_000,
            bytes: usize::MAX,
        },
    };
    let fetched = store.fetch(&fetch).await.expect("it can be read");
    let events = fetched.events.iter();
    events.map(|event| text(&event.envelope)).collect()
}

/// Another worker that wants the only partition for ten seconds.
pub(super) fn acquire(subscription: &str) -> Acquire {
    Acquire {
        partition: Partition::first_of(subscription),
        token: Token::fresh(),
        worker: Uuid::nil(),
        ttl: 10 * SECOND,
    }
}

pub(super) fn names(names: &[(&str, u32)]) -> BTreeMap<String, u32> {
    let names = names.iter();
    names
        .map(|(name, version)| ((*name).to_owned(), *version))
        .collect()
}

pub(super) const SECOND: Duration = Duration::from_secs(1);
pub(super) const HOUR: Duration = Duration::from_secs(60 * 60);
