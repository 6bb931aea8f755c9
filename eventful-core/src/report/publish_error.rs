//! A publish that did not go well.

use std::error::Error;
use std::fmt;
use std::mem;
use std::panic::Location;

use super::failure::as_nested;
use super::{Delivered, Failure, OneOrMany, Refusal, ReturnedEvent};
use crate::handler::HandlerInfo;
use crate::raw::{ColdBox, Counting};

/// The error of a publish: at least one handler failed, or the publish was refused.
///
/// All failures are already logged; a publisher that has nothing to add says `.ok()`.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn send_mail(_: &OrderCreated) -> Result<(), String> {
///     Err("no mail server".to_owned())
/// }
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated) {}
///
/// let bus = Bus::isolated().with(send_mail).with(update_cache).build()?;
/// let error = bus.publish(&OrderCreated).unwrap_err();
/// assert_eq!(error.failures().len(), 1);
/// assert_eq!(error.delivered().handled(), 2);
/// assert!(error.to_string().contains("no mail server"));
/// # Ok::<(), eventful::WiringError>(())
/// ```
pub struct PublishError(ColdBox<Aftermath>);

/// What came of a publish beside success, while it is put together; and the contents of an error.
pub(crate) struct Aftermath {
    event: &'static str,
    published_at: &'static Location<'static>,
    pub(crate) delivered: Delivered,
    /// How many handlers a guard kept from running, until they are a part of `delivered`.
    skipped: u32,
    pub(crate) failures: OneOrMany<Failure>,
    /// How many of the failures are those of events that handlers returned: the last ones.
    cascaded_failures: usize,
    /// How many handlers an event with `fail_fast` did not reach.
    not_run: usize,
    pub(crate) refusal: Option<Refusal>,
    /// What handlers have returned and nobody has published yet.
    pub(crate) returned: OneOrMany<ReturnedEvent>,
}

impl Aftermath {
    #[inline]
    pub(crate) fn new(event: &'static str, published_at: &'static Location<'static>) -> Self {
        Self {
            event,
            published_at,
            delivered: Delivered::default(),
            skipped: 0,
            failures: OneOrMany::None,
            cascaded_failures: 0,
            not_run: 0,
            refusal: None,
            returned: OneOrMany::None,
        }
    }

    pub(crate) fn skipping(self, skipped: u32) -> Self {
        Self { skipped, ..self }
    }

    /// Of a publish in which a first handler has failed, after `skipped` others.
    #[inline]
    pub(crate) fn of_failure(
        event: &'static str,
        published_at: &'static Location<'static>,
        skipped: u32,
        failure: Failure,
    ) -> Self {
        Self {
            skipped,
            failures: OneOrMany::One(failure),
            ..Self::new(event, published_at)
        }
    }

    pub(crate) fn skipped(&self) -> u32 {
        self.skipped
    }

    /// Of a publish of `event` that has come to `result`.
    pub(crate) fn of(
        result: Result<Delivered, PublishError>,
        event: &'static str,
        published_at: &'static Location<'static>,
    ) -> Box<Self> {
        match result {
            Ok(delivered) => Box::new(Self {
                delivered,
                ..Self::new(event, published_at)
            }),
            Err(error) => error.0.into_inner(),
        }
    }

    /// Notes to how many handlers the event was delivered, failed and skipped ones included, and how many did not run.
    pub(crate) fn deliver_to(&mut self, count: usize, not_run: usize) {
        let skipped = mem::take(&mut self.skipped);
        self.delivered = Delivered::to(count - not_run).skipping(skipped);
        self.not_run = not_run;
    }

    /// Takes out the events that `handler`, which has failed, returned before it did.
    pub(crate) fn forget_returned_by(&mut self, handler: &HandlerInfo) -> OneOrMany<ReturnedEvent> {
        if self.returned.is_empty() {
            return OneOrMany::None;
        }
        let returned = mem::take(&mut self.returned).into_iter();
        let (forgotten, kept) =
            returned.partition(|returned| returned.lineage().cause().handler() == handler);
        self.returned = kept;
        forgotten
    }

    /// Adds what came of an event that a handler returned.
    pub(crate) fn add_cascaded(&mut self, result: Result<Delivered, PublishError>) {
        if let Err(error) = result {
            let Self {
                failures, refusal, ..
            } = *error.0.into_inner();
            self.cascaded_failures += failures.as_slice().len();
            self.failures.extend(failures);
            if self.refusal.is_none() {
                self.refusal = refusal;
            }
        }
    }

    pub(crate) fn into_result(self: Box<Self>) -> Result<Delivered, PublishError> {
        if self.failures.is_empty() && self.refusal.is_none() {
            return Ok(self.delivered);
        }
        Err(PublishError(ColdBox::new(self)))
    }
}

impl Counting for Aftermath {
    fn add_to_count(&mut self, more: u32) {
        self.skipped += more;
    }

    fn absorb(&mut self, other: Self) {
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
        self.returned.extend(other.returned);
    }
}

impl PublishError {
    pub(crate) fn refused(
        event: &'static str,
        published_at: &'static Location<'static>,
        refusal: Refusal,
    ) -> Self {
        Self(ColdBox::new(Box::new(Aftermath {
            refusal: Some(refusal),
            ..Aftermath::new(event, published_at)
        })))
    }

    /// Returns the name of the event.
    #[must_use]
    pub fn event_name(&self) -> &'static str {
        self.0.event
    }

    /// Returns the line that published the event.
    #[must_use]
    pub fn published_at(&self) -> &'static Location<'static> {
        self.0.published_at
    }

    /// Returns every failure in the order in which the handlers ran, those of returned events included. The list is
    /// empty if the publish was refused before a handler failed.
    #[must_use]
    pub fn failures(&self) -> &[Failure] {
        self.0.failures.as_slice()
    }

    /// Returns every failure by value, to take an error or a panic's payload out of it.
    #[must_use]
    pub fn into_failures(self) -> Vec<Failure> {
        self.0.into_inner().failures.into_vec()
    }

    /// Returns the handlers that were reached all the same; failed handlers count as handled.
    #[must_use]
    pub fn delivered(&self) -> Delivered {
        self.0.delivered
    }

    /// Returns the reason why this event, or one that a handler returned, was not delivered; `None` if only handlers
    /// failed.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.0.refusal.as_ref()
    }
}

impl PublishError {
    /// The first line of the error's text, and what is at the bottom of it.
    pub(super) fn summary(&self) -> String {
        let innermost = self.innermost();
        if self.failures().is_empty() {
            return innermost;
        }
        format!("{}; innermost: {innermost}", first_line(self))
    }

    /// The first failure of the publish; if that is a publish's, the first failure of that, and so on.
    fn innermost(&self) -> String {
        let mut error = self;
        while let Some(failure) = error.failures().first() {
            match failure.error().and_then(|error| as_nested(error)) {
                Some(nested) => error = nested,
                None => return first_line(failure),
            }
        }
        first_line(error)
    }
}

fn first_line(text: &impl fmt::Display) -> String {
    let text = text.to_string();
    text.lines().next().unwrap_or_default().to_owned()
}

impl Aftermath {
    /// How many handlers failed, and whose; nothing if none did.
    fn failed(&self) -> Option<String> {
        let Self {
            event,
            published_at,
            delivered,
            failures,
            cascaded_failures,
            not_run,
            ..
        } = self;
        let (own, handled) = (
            failures.as_slice().len() - cascaded_failures,
            delivered.handled(),
        );
        let rest = if *not_run > 0 {
            format!(", and {not_run} did not run")
        } else {
            String::new()
        };
        match (own, cascaded_failures) {
            (0, 0) => None,
            (0, 1) => Some(format!(
                "a handler of an event that was returned in the publish of `{event}`, at {published_at}, failed"
            )),
            (0, _) => Some(format!(
                "{cascaded_failures} handlers of events that were returned in the publish of `{event}`, at {published_at}, failed"
            )),
            (_, 0) => Some(format!(
                "{own} of {handled} handlers of `{event}`, published at {published_at}, failed{rest}"
            )),
            (_, _) => Some(format!(
                "{own} of {handled} handlers of `{event}`, published at {published_at}, failed{rest}, and \
                 {cascaded_failures} of events that they returned"
            )),
        }
    }
}

impl fmt::Display for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let report = &*self.0;
        let Aftermath {
            event,
            published_at,
            ..
        } = report;
        match (report.failed(), &report.refusal) {
            (None, Some(refusal)) if report.delivered == Delivered::default() => {
                return write!(
                    formatter,
                    "`{event}`, published at {published_at}, was not delivered: {refusal}"
                );
            }
            (None, _) => write!(
                formatter,
                "`{event}`, published at {published_at}, was not delivered to the end"
            )?,
            (Some(failed), _) => formatter.write_str(&failed)?,
        }
        let failures = report.failures.as_slice();
        for (index, failure) in failures.iter().enumerate() {
            write!(formatter, "\n  {failure}")?;
            if let Some(cause) = failure.causes().first()
                && index + report.cascaded_failures >= failures.len()
            {
                let (event, handler) = (failure.event_name(), cause.handler());
                write!(formatter, " (handling `{event}`, returned by {handler})")?;
            }
        }
        match &report.refusal {
            Some(refusal) => write!(formatter, "\n  {refusal}"),
            None => Ok(()),
        }
    }
}

/// Writes the same text as `Display`, because `unwrap` and a `main` that returns the error print it.
impl fmt::Debug for PublishError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// There is no `source`: failures are many, and [`PublishError::failures`] has each with its own chain.
impl Error for PublishError {}
