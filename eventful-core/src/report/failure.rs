//! A handler that failed.

use std::any::Any;
use std::error::Error;
use std::fmt::{self, Write as _};
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{Cause, PublishError};
use crate::contained::{Contained, NO_TEXT, panic_text};
use crate::handler::HandlerInfo;

/// An error that a handler returned.
pub(crate) type BoxError = Box<dyn Error + Send + Sync>;

/// The result of one handler.
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
/// [`Error::source`] is the source of the handler's own error, whose text is already in [`message`](Failure::message):
/// a report that walks the chain says nothing twice.
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
/// fn send_mail(_: &OrderCreated) -> Result<(), std::num::ParseIntError> {
///     let port: u16 = "smtp".parse()?;
///     assert_ne!(port, 0);
///     Ok(())
/// }
///
/// let bus = Bus::isolated().with(send_mail).build()?;
/// let error = bus.publish(&OrderCreated).unwrap_err();
/// let failure = &error.failures()[0];
/// assert!(failure.handler().id().ends_with("send_mail"));
/// assert_eq!(failure.message(), "invalid digit found in string");
/// assert!(failure.error().unwrap().is::<std::num::ParseIntError>());
/// # Ok::<(), eventful::WiringError>(())
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
    /// The most causes that are kept: the default limit of nested publishes. Each failure of a long cascade has its own
    /// chain, and whole chains would be quadratic.
    pub(crate) const MOST_CAUSES: usize = 128;

    #[inline]
    pub(crate) fn new(
        handler: HandlerInfo,
        event: &'static str,
        published_at: &'static Location<'static>,
        causes: Box<[Cause]>,
        raw: RawFailure,
    ) -> Self {
        let RawFailure(kind) = raw;
        Self {
            handler,
            event,
            published_at,
            causes,
            message: OnceLock::new(),
            kind,
        }
    }

    /// Returns the handler that failed.
    #[must_use]
    pub const fn handler(&self) -> &HandlerInfo {
        &self.handler
    }

    /// Returns the name of the event that the handler was handling.
    #[must_use]
    pub const fn event_name(&self) -> &'static str {
        self.event
    }

    /// Returns the line that published the event.
    #[must_use]
    pub const fn published_at(&self) -> &'static Location<'static> {
        self.published_at
    }

    /// Returns the handler's own error; `None` if the handler panicked.
    ///
    /// It can be downcast where its conversion into a boxed error keeps the type.
    #[must_use]
    pub fn error(&self) -> Option<&(dyn Error + Send + Sync + 'static)> {
        match &self.kind {
            Kind::Error(error) => error.get().map(|error| &**error),
            Kind::Panic(_) | Kind::GuardPanic(_) => None,
        }
    }

    /// Returns the handler's own error, by value; `None` if the handler panicked.
    #[must_use]
    pub fn into_error(self) -> Option<Box<dyn Error + Send + Sync>> {
        match self.kind {
            Kind::Error(error) => error.into_inner(),
            Kind::Panic(_) | Kind::GuardPanic(_) => None,
        }
    }

    /// Returns true if the handler, or its guard, panicked.
    #[must_use]
    pub const fn is_panic(&self) -> bool {
        matches!(self.kind, Kind::Panic(_) | Kind::GuardPanic(_))
    }

    /// Returns true if the handler's guard panicked, so that the handler itself did not run.
    #[must_use]
    pub const fn is_guard(&self) -> bool {
        matches!(self.kind, Kind::GuardPanic(_))
    }

    /// Returns the chain of causes, the nearest first: the handler that published or returned the event, and so on.
    ///
    /// A longer chain is cut to its nearest 128 causes. The chain is empty if no handler published the event.
    #[must_use]
    pub const fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// The message of the log.
    #[cfg(feature = "tracing")]
    pub(crate) const fn summary(&self) -> &'static str {
        match self.kind {
            Kind::Error(_) => "handler failed",
            Kind::Panic(_) => "handler panicked",
            Kind::GuardPanic(_) => "guard panicked",
        }
    }

    /// Returns the payload of the handler's panic, for [`std::panic::resume_unwind`] or a downcast; `None` if the
    /// handler returned an error.
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

    /// Returns the text of the error, or of the panic.
    ///
    /// If a panic's payload is no text, the message says so. The middle of a text of more than 4,096 bytes is left out.
    /// If the error is that of a nested publish, which has logged its own failures, the message has their number and
    /// the innermost one.
    ///
    /// The message is made when it is first asked for; the log asks at once if a subscriber listens.
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

/// Writes the same text as `Display`, because a handler that unwraps a nested publish panics with it.
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
                let text = catch_unwind(AssertUnwindSafe(|| error.get().map(text)));
                text.map_err(Contained::new)
                    .ok()
                    .flatten()
                    .unwrap_or_else(|| String::from(DISPLAY_PANICKED))
            }
            Self::Panic(payload) | Self::GuardPanic(payload) => {
                let payload = payload.lock().unwrap_or_else(PoisonError::into_inner);
                let text = payload.get().and_then(|payload| panic_text(&**payload));
                text.map_or_else(|| NO_TEXT.to_owned(), shorten)
            }
        }
    }
}

/// The error of a publish that the handler has made.
pub(super) fn as_nested<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a PublishError> {
    error.downcast_ref()
}

/// The text of an error, or the part that its `Display` writes before it fails.
fn text(error: &impl fmt::Display) -> String {
    let mut text = String::new();
    match write!(text, "{error}") {
        Ok(()) => text,
        Err(_) if text.is_empty() => String::from("(no text: the error's `Display` failed)"),
        Err(_) => text + " … (the error's `Display` failed)",
    }
}

/// Keeps both ends of a text that is too long. A handler that unwraps the error of a publish panics with the text of
/// the inner panic, so that the text would grow with each nested publish.
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

/// The most bytes of a panic's text that are kept.
const MOST_TEXT: usize = 4096;

const DISPLAY_PANICKED: &str = "(no text: the error's `Display` panicked)";
