//! A handler that failed.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Cause, PublishError};
use crate::handler::HandlerInfo;

/// What a handler's error becomes.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// What became of a handler.
#[doc(hidden)]
pub type HandlerResult = Result<(), RawFailure>;

/// A failure before it is known whose it is.
#[doc(hidden)]
#[derive(Debug)]
pub struct RawFailure(Kind);

#[derive(Debug)]
enum Kind {
    Error(Contained<BoxError>),
    // A payload is `Send` only; behind a lock it can be part of an error that is `Sync`.
    Panic(Mutex<Contained<Box<dyn Any + Send>>>),
    GuardPanic(Mutex<Contained<Box<dyn Any + Send>>>),
}

impl RawFailure {
    #[cold]
    pub(crate) fn error(error: BoxError) -> Self {
        Self(Kind::Error(Contained::new(error)))
    }

    pub(crate) fn message(&self) -> String {
        self.0.message()
    }

    #[cold]
    pub(crate) fn panic(payload: Box<dyn Any + Send>) -> Self {
        Self(Kind::Panic(Mutex::new(Contained::new(payload))))
    }

    #[cold]
    pub(crate) fn guard_panic(payload: Box<dyn Any + Send>) -> Self {
        Self(Kind::GuardPanic(Mutex::new(Contained::new(payload))))
    }
}

/// One handler that failed: its error, or its panic.
///
/// As an [`Error`] its text is [`message`](Failure::message) and its source the source of the handler's own error, so
/// that a report which walks the chain says nothing twice.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Failure;
///
/// fn describe(failure: &Failure) -> String {
///     let kind = if failure.is_panic() { "panicked" } else { "failed" };
///     format!("{} {kind}: {}", failure.handler().id(), failure.message())
/// }
/// ```
pub struct Failure {
    handler: HandlerInfo,
    event: &'static str,
    published_at: &'static Location<'static>,
    causes: Box<[Cause]>,
    /// Made when it is first asked for.
    message: OnceLock<Box<str>>,
    kind: Kind,
}

impl Failure {
    #[inline]
    pub(crate) fn new(
        handler: HandlerInfo,
        event: &'static str,
        published_at: &'static Location<'static>,
        mut causes: Vec<Cause>,
        raw: RawFailure,
    ) -> Self {
        // Each failure of a long cascade has its own chain: whole, they would be quadratic.
        causes.truncate(MOST_CAUSES);
        let RawFailure(kind) = raw;
        Self {
            handler,
            event,
            published_at,
            causes: causes.into(),
            message: OnceLock::new(),
            kind,
        }
    }

    /// Who failed.
    #[must_use]
    pub const fn handler(&self) -> &HandlerInfo {
        &self.handler
    }

    /// The name of the event that it was handling.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        self.event
    }

    /// The line that published the event.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    /// The handler's own error, as it was returned: it can be downcast where its conversion into a boxed error keeps the
    /// type. None if the handler panicked.
    #[must_use]
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.kind {
            Kind::Error(error) => error.get().map(|error| &**error),
            Kind::Panic(_) | Kind::GuardPanic(_) => None,
        }
    }

    /// The handler's own error, by value. None if the handler panicked.
    #[must_use]
    pub fn into_error(self) -> Option<Box<dyn Error + Send + Sync>> {
        match self.kind {
            Kind::Error(error) => error.into_inner(),
            Kind::Panic(_) | Kind::GuardPanic(_) => None,
        }
    }

    /// Whether the handler, or its guard, panicked.
    #[must_use]
    pub const fn is_panic(&self) -> bool {
        matches!(self.kind, Kind::Panic(_) | Kind::GuardPanic(_))
    }

    /// Whether it was the handler's guard that panicked, so that the handler itself did not run.
    #[must_use]
    pub const fn is_guard(&self) -> bool {
        matches!(self.kind, Kind::GuardPanic(_))
    }

    /// What made the publish of the event happen, the nearest first: the handler that published or returned it, and so on; of
    /// a longer chain the nearest 128. Empty if it was no handler.
    #[must_use]
    pub const fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// What happened, in the words of the log.
    #[cfg(feature = "tracing")]
    pub(crate) const fn summary(&self) -> &'static str {
        match self.kind {
            Kind::Error(_) => "handler failed",
            Kind::Panic(_) => "handler panicked",
            Kind::GuardPanic(_) => "guard panicked",
        }
    }

    /// What the handler panicked with, for [`std::panic::resume_unwind`] or a downcast. None if it returned an error.
    #[must_use]
    pub fn into_panic(self) -> Option<Box<dyn Any + Send>> {
        match self.kind {
            Kind::Error(_) => None,
            Kind::Panic(payload) | Kind::GuardPanic(payload) => payload
                .into_inner()
                .unwrap_or_else(PoisonError::into_inner)
                .into_inner(),
        }
    }

    /// The error's text, or the panic's. Of a panic whose payload is not text it says just that, and a text of more than 4,096
    /// bytes is cut in the middle. Of a nested publish, which has logged its own failures, it tells how many there were, and
    /// the innermost one.
    ///
    /// It is made once, when somebody first asks for it: the log at once, where there is one that listens.
    #[must_use]
    pub fn message(&self) -> &str {
        self.message
            .get_or_init(|| self.kind.message().into_boxed_str())
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (subject, verb) = match self.kind {
            Kind::Error(_) => ("handler", "failed"),
            Kind::Panic(_) => ("handler", "panicked"),
            Kind::GuardPanic(_) => ("the guard of handler", "panicked"),
        };
        write!(
            formatter,
            "{subject} {} {verb}: {}",
            self.handler,
            self.message()
        )
    }
}

/// As `Display`: a handler that unwraps a nested publish panics with this text.
impl fmt::Debug for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.error().and_then(Error::source)
    }
}

impl Kind {
    fn message(&self) -> String {
        match self {
            // An error's `Display` is the user's code, and by now outside of the shim that catches panics.
            Self::Error(error) => {
                // A nested publish has logged its own failures, and is not told again on every level.
                if let Some(nested) = error.get().and_then(|error| as_nested(&**error)) {
                    return nested.summary();
                }
                let text = catch_unwind(AssertUnwindSafe(|| error.get().map(ToString::to_string)));
                text.map_err(Contained::new)
                    .ok()
                    .flatten()
                    .unwrap_or_else(|| String::from(DISPLAY_PANICKED))
            }
            Self::Panic(payload) | Self::GuardPanic(payload) => {
                let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
                let text = payload.get().and_then(|payload| panic_text(&**payload));
                text.map_or_else(|| PAYLOAD_IS_NO_TEXT.to_owned(), shorten)
            }
        }
    }
}

/// The error of a publish that the handler has made.
pub(super) fn as_nested<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a PublishError> {
    error.downcast_ref()
}

/// Both ends of a text that is too long. A handler that unwraps a publish panics with the text of the panic within, which would
/// grow on every level.
fn shorten(text: &str) -> String {
    if text.len() <= MOST_TEXT {
        return text.to_owned();
    }
    let (half, rest) = (MOST_TEXT / 2, text.len() - MOST_TEXT / 2);
    // A character has four bytes at most.
    let start = (half - 3..=half).rfind(|&place| text.is_char_boundary(place));
    let end = (rest..rest + 4).find(|&place| text.is_char_boundary(place));
    let (start, end) = (start.unwrap_or_default(), end.unwrap_or(text.len()));
    format!(
        "{} … ({} bytes) … {}",
        &text[..start],
        end - start,
        &text[end..]
    )
}

/// How many bytes of a panic's text are kept.
const MOST_TEXT: usize = 4096;

/// As deep as publishes are nested, unless the builder says otherwise.
const MOST_CAUSES: usize = 128;

const DISPLAY_PANICKED: &str = "(no text: the error's `Display` panicked)";
const PAYLOAD_IS_NO_TEXT: &str = "(no text: the panic's payload is neither `&str` nor `String`)";

fn panic_text(payload: &(dyn Any + Send)) -> Option<&str> {
    payload
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// A value of the user's whose `Drop` may panic, which must not reach the publisher that drops it.
#[derive(Debug)]
pub(crate) struct Contained<T>(Option<T>);

impl<T> Contained<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Some(value))
    }

    pub(crate) const fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    fn into_inner(mut self) -> Option<T> {
        self.0.take()
    }
}

impl<T> Drop for Contained<T> {
    fn drop(&mut self) {
        let value = self.0.take();
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(value))) {
            give_up(payload);
        }
    }
}

/// Drops the payload of a panic that nobody is told of. Its own `Drop` could panic again, and so on: all but text is leaked.
pub(crate) fn give_up(payload: Box<dyn Any + Send>) {
    if panic_text(&*payload).is_none() {
        std::mem::forget(payload);
    }
}
