//! Building a worker.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

use super::build_error::WorkerBuildError;
use super::local::Local;
use super::options::Options;
use super::pattern::Pattern;
use super::policy::Policy;
use super::process::Process;
use super::program::Program;
use super::shared::{News, Shared, StoreClock, Subscribed};
use super::{Control, Worker, check};
use crate::faults::Faults;
use crate::observe::DurableObserver;
use crate::store::{Place, Registration, Store, ToRegister};
use crate::{RetryPolicy, Settings, Subscription};

/// A worker that is being built. Its faults are found, all at once, by [`build`](Self::build).
///
/// # Examples
///
/// ```standalone_crate
/// use std::time::Duration;
///
/// use eventful::durable::{Memory, Process, Worker, WorkerBuilder};
/// use eventful::{Bus, event, handler};
/// # use serde::{Deserialize, Serialize};
///
/// # #[event(durable, name = "order.placed")]
/// # #[derive(Serialize, Deserialize)]
/// # struct OrderPlaced;
/// #
/// #[handler(OrderPlaced, id = "mail.confirm")]
/// async fn confirm(_: &OrderPlaced) { /* … */ }
///
/// #[handler(OrderPlaced, id = "mail.survey")]
/// async fn survey(_: &OrderPlaced) { /* … */ }
///
/// #[handler(OrderPlaced, id = "billing.invoice")]
/// async fn invoice(_: &OrderPlaced) { /* … */ }
/// # struct Pager;
/// # impl eventful::durable::observe::DurableObserver for Pager {
/// #     fn noticed(&self, _: &eventful::durable::observe::Notice<'_>) {}
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let bus = Bus::isolated().with(confirm).with(survey).with(invoice).build()?;
/// let builder: WorkerBuilder = Worker::builder(&bus, Memory::new())
///     .only("mail.*") // another process sends the invoices
///     .except("mail.survey")
///     .label("mail-1")
///     .in_process(&Process::this()) // the default
///     .observe(Pager)
///     .lease(Duration::from_secs(10))
///     .poll(Duration::from_millis(5), Duration::from_millis(100))
///     .batch(50, 1024 * 1024)
///     .deadline(Duration::from_millis(500))
///     .outstanding(200)
///     .stop_within(Duration::from_secs(20))
///     .retention(Duration::from_secs(30 * 24 * 60 * 60));
/// let worker = builder.build().await?;
/// assert!(format!("{worker:?}").contains(r#"["mail.confirm"]"#));
/// # Ok(())
/// # }
/// ```
pub struct WorkerBuilder {
    program: Program,
    store: Arc<dyn Store>,
    only: Vec<Pattern>,
    except: Vec<Pattern>,
    settings: Vec<(Pattern, Settings)>,
    options: Options,
    process: Process,
    observers: Vec<Arc<dyn DurableObserver>>,
    #[cfg(any(test, feature = "crash"))]
    sabotage: super::Sabotage,
}

impl WorkerBuilder {
    pub(super) fn new(program: Program, store: Arc<dyn Store>) -> Self {
        Self {
            program,
            store,
            only: Vec::new(),
            except: Vec::new(),
            settings: Vec::new(),
            options: Options::default(),
            process: Process::this(),
            observers: Vec::new(),
            #[cfg(any(test, feature = "crash"))]
            sabotage: super::Sabotage::None,
        }
    }

    /// Runs only the subscriptions whose id fits this pattern, or that of another call. `*` stands for any characters.
    #[must_use]
    pub fn only(mut self, pattern: impl Into<String>) -> Self {
        self.only.push(Pattern::new(pattern));
        self
    }

    /// Does not run the subscriptions whose id fits this pattern. `*` stands for any characters.
    #[must_use]
    pub fn except(mut self, pattern: impl Into<String>) -> Self {
        self.except.push(Pattern::new(pattern));
        self
    }

    /// Sets how the subscriptions are run whose id fits this pattern, whatever their handler says. What is `None` is
    /// left as it is. A later call wins over an earlier one.
    ///
    /// # Examples
    ///
    /// ```standalone_crate
    /// use eventful::durable::{Memory, RetryPolicy, Settings, WhenDead, Worker, state};
    /// # use eventful::{Bus, event, handler};
    /// # use serde::{Deserialize, Serialize};
    /// #
    /// # #[event(durable, name = "order.placed")]
    /// # #[derive(Serialize, Deserialize)]
    /// # struct OrderPlaced;
    /// #
    /// #[handler(OrderPlaced, id = "mail.confirm")]
    /// fn confirm(_: &OrderPlaced) -> Result<(), String> {
    ///     Err("the mail server is down".to_owned())
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let store = Memory::new();
    /// # let bus = Bus::isolated().with(confirm).build()?;
    /// let once = Settings {
    ///     retry: RetryPolicy { attempts: Some(1), ..RetryPolicy::default() },
    ///     when_dead: Some(WhenDead::GoOn),
    ///     ..Settings::default()
    /// };
    /// let worker = Worker::builder(&bus, store.clone()).settings("mail.*", once).build().await?;
    /// # let mut transaction = store.begin();
    /// # OrderPlaced.publish(&mut transaction).await?;
    /// # transaction.commit();
    /// worker.run_until_idle().await?;
    /// assert_eq!(state::summaries(&store).await?[0].dead, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn settings(mut self, pattern: impl Into<String>, settings: Settings) -> Self {
        self.settings.push((Pattern::new(pattern), settings));
        self
    }

    /// Sets the time after which the leases of a worker that has died are free. The default is 30 seconds.
    #[must_use]
    pub fn lease(mut self, time: Duration) -> Self {
        self.options.lease = time;
        self
    }

    /// Sets the pauses between two looks at the log, when busy and when idle. The default is 5 and 250 milliseconds.
    #[must_use]
    pub fn poll(mut self, busy: Duration, idle: Duration) -> Self {
        self.options.poll = (busy, idle);
        self
    }

    /// Sets the most events, and the most bytes of their payloads, that are read at once. The default is 100 and 4 MiB.
    #[must_use]
    pub fn batch(mut self, events: usize, bytes: usize) -> Self {
        self.options.batch.events = events;
        self.options.batch.bytes = bytes;
        self
    }

    /// Sets the time after which a slow event no longer holds up those behind it. The default is a second.
    #[must_use]
    pub fn deadline(mut self, time: Duration) -> Self {
        self.options.deadline = time;
        self
    }

    /// Sets the number of retries with which a partition counts as failing, so that its cursor stops. The default is
    /// 1,000.
    #[must_use]
    pub fn outstanding(mut self, retries: usize) -> Self {
        self.options.outstanding = retries;
        self
    }

    /// Sets the time that running handlers have to end when the worker stops. The default is 30 seconds.
    #[must_use]
    pub fn stop_within(mut self, time: Duration) -> Self {
        self.options.stop_within = time;
        self
    }

    /// Sets the time for which the log is kept. The default is 7 days.
    #[must_use]
    pub fn retention(mut self, time: Duration) -> Self {
        self.options.retention = time;
        self
    }

    /// Sets the text by which people know the worker. The default has the id of the process.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.options.label = label.into();
        self
    }

    /// Adds an observer.
    #[must_use]
    pub fn observe(mut self, observer: impl DurableObserver) -> Self {
        self.observers.push(Arc::new(observer));
        self
    }

    /// Sets the process in which the handlers run, for tests that simulate several.
    #[must_use]
    pub fn in_process(mut self, process: &Process) -> Self {
        self.process = process.clone();
        self
    }

    #[cfg(any(test, feature = "crash"))]
    pub(crate) fn sabotaged(mut self, sabotage: super::Sabotage) -> Self {
        self.sabotage = sabotage;
        self
    }

    /// Checks everything, and registers the events and subscriptions of the program in the store: those that this
    /// worker does not run, too.
    ///
    /// # Errors
    ///
    /// Every fault of the program and of the options, or else the failure of the store.
    pub async fn build(mut self) -> Result<Worker, WorkerBuildError> {
        let subscriptions = self.check()?;
        let registered = self.program.register_in(&*self.store).await;
        let (advanced, registered) = registered.map_err(WorkerBuildError::new)?;

        let mut stores = vec![self.store.clone()];
        stores.extend(self.local(&subscriptions, advanced.end).await?);
        let transactions = self.store.facts().transactions;
        let shared = Shared {
            store: self.store,
            subscriptions,
            options: self.options,
            process: self.process,
            observers: self.observers,
            id: Uuid::new_v4(),
            transactions: Arc::new(Semaphore::new(transactions)),
            news: watch::Sender::new(News {
                end: advanced.end,
                rung: 0,
            }),
            peers: watch::Sender::new(Vec::new()),
            clock: StoreClock::at(advanced.now),
            holds: Mutex::default(),
            #[cfg(any(test, feature = "crash"))]
            sabotage: self.sabotage,
        };
        for notice in registered.notices() {
            shared.notice(&notice);
        }
        Ok(Worker {
            shared: Arc::new(shared),
            stores,
            refrains: Mutex::default(),
            control: watch::Sender::new(Control::default()),
        })
    }

    /// Finds the faults. Returns the subscriptions that are run.
    fn check(&mut self) -> Result<Vec<Arc<Subscribed>>, WorkerBuildError> {
        let facts = self.store.facts();
        let mut faults = self.program.take_faults(facts);
        let all = &self.program.subscriptions;
        let ids: Vec<&str> = all.iter().map(|it| it.id.as_str()).collect();
        let settings = self
            .settings
            .iter()
            .map(|(pattern, _)| ("settings", pattern));
        let only = self.only.iter().map(|pattern| ("only", pattern));
        let except = self.except.iter().map(|pattern| ("except", pattern));
        for (method, pattern) in only.chain(except).chain(settings) {
            check::pattern(method, pattern, &ids, &mut faults);
        }
        let mut subscribed = Vec::new();
        for subscription in all.iter().filter(|it| self.is_run(&it.id)) {
            let settings = self.settings_of(subscription);
            let policy = match subscription.lends {
                Some(_) => Policy::of_transactional(&settings, facts.transactions.max(1)),
                None => Policy::of(&settings),
            };
            check::policy(&subscription.id, &settings, &policy, &mut faults);
            check::transactions(subscription, facts, &mut faults);
            subscribed.push(Arc::new(Subscribed {
                subscription: subscription.clone(),
                policy,
            }));
        }
        if subscribed.is_empty() && !all.is_empty() {
            faults.push("`only` and `except` leave no handler".to_owned());
        }
        if self.options.lease < Duration::from_millis(30) {
            faults.push(format!("a lease of {:?} is too short", self.options.lease));
        }
        if self.options.poll.0 > self.options.poll.1 {
            let (busy, idle) = self.options.poll;
            faults.push(format!(
                "`poll({busy:?}, {idle:?})` looks more often when idle"
            ));
        }
        if faults.is_empty() {
            Ok(subscribed)
        } else {
            Err(WorkerBuildError::new(Faults::found(faults)))
        }
    }

    fn is_run(&self, id: &str) -> bool {
        let fits = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.fits(id));
        (self.only.is_empty() || fits(&self.only)) && !fits(&self.except)
    }

    /// The settings of a handler, under those of the worker.
    fn settings_of(&self, subscription: &Subscription) -> Settings {
        let fitting = self.settings.iter();
        let fitting = fitting.filter(|(pattern, _)| pattern.fits(&subscription.id));
        fitting.fold(subscription.settings.clone(), |under, (_, over)| Settings {
            retry: RetryPolicy {
                attempts: over.retry.attempts.or(under.retry.attempts),
                first: over.retry.first.or(under.retry.first),
                longest: over.retry.longest.or(under.retry.longest),
                keep_trying_for: over.retry.keep_trying_for.or(under.retry.keep_trying_for),
            },
            timeout: over.timeout.or(under.timeout),
            concurrency: over.concurrency.or(under.concurrency),
            when_dead: over.when_dead.or(under.when_dead),
        })
    }

    /// The store of the subscriptions that each process has for itself, if there are any.
    async fn local(
        &self,
        subscriptions: &[Arc<Subscribed>],
        end: Place,
    ) -> Result<Option<Arc<dyn Store>>, WorkerBuildError> {
        let local = subscriptions.iter().map(|it| &it.subscription);
        let local = local.filter(|it| it.each_process);
        let registration = Registration {
            events: BTreeMap::new(),
            subscriptions: local.map(ToRegister::from).collect(),
        };
        if registration.subscriptions.is_empty() {
            return Ok(None);
        }
        let local = Local::from(self.store.clone(), end);
        let registered = local.register(&registration).await;
        registered.map_err(|error| {
            WorkerBuildError::new(Faults::of_store("register the process", error))
        })?;
        Ok(Some(Arc::new(local)))
    }
}

impl fmt::Debug for WorkerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("WorkerBuilder")
            .field("program", &self.program)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
