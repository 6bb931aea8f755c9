//! A publish that did not go well.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::failure::as_nested;
use super::{Delivered, DeliveryReport, Failure, OneOrMany, Refusal};
use crate::raw::ColdBox;

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
pub struct PublishError(ColdBox<DeliveryReport>);

impl PublishError {
    pub(super) fn new(report: Box<DeliveryReport>) -> Self {
        Self(ColdBox::new(report))
    }

    pub(crate) fn refused(
        event: &'static str,
        published_at: &'static Location<'static>,
        refusal: Refusal,
    ) -> Self {
        let mut report = DeliveryReport::new(event, published_at, 0, OneOrMany::None);
        report.refusal = Some(refusal);
        Self::new(Box::new(report))
    }

    /// An error of a publish that has `delivered` so far. The report is to be told what is wrong.
    pub(crate) fn after(
        event: &'static str,
        published_at: &'static Location<'static>,
        delivered: Delivered,
    ) -> Self {
        let mut report = DeliveryReport::new(event, published_at, 0, OneOrMany::None);
        report.delivered = delivered;
        Self::new(Box::new(report))
    }

    pub(crate) fn report_mut(&mut self) -> &mut DeliveryReport {
        &mut self.0
    }

    pub(super) fn into_report(self) -> Box<DeliveryReport> {
        self.0.into_inner()
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
        self.into_report().failures.into_vec()
    }

    /// Returns the first error of type `T` among those of the handlers; the error of a nested publish that a handler
    /// returned is searched, too.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::num::ParseIntError;
    ///
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(fail_fast)]
    /// struct PortChanged(&'static str);
    ///
    /// #[handler(PortChanged)]
    /// fn check(event: &PortChanged) -> Result<(), ParseIntError> {
    ///     event.0.parse::<u16>().map(drop)
    /// }
    ///
    /// let bus = Bus::isolated().with(check).build()?;
    /// let error = bus.publish(&PortChanged("smtp")).unwrap_err();
    /// assert!(error.downcast_ref::<ParseIntError>().is_some());
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn downcast_ref<T: Error + 'static>(&self) -> Option<&T> {
        let errors = self.failures().iter().filter_map(Failure::error);
        let mut found = errors.map(|error| {
            let nested = || as_nested(error).and_then(Self::downcast_ref);
            error.downcast_ref().or_else(nested)
        });
        found.find_map(|error| error)
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

impl DeliveryReport {
    /// Says how many handlers failed, and of which event; `None` if none did.
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
        let own = failures.as_slice().len() - cascaded_failures;
        // A guard that panicked keeps its handler from running, and is a failure of the handler.
        let guards = failures.as_slice()[..own].iter();
        let handled = delivered.handled() + guards.filter(|failure| failure.is_guard()).count();
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
        let DeliveryReport {
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
