//! The error of a handler, with what is to be done about it.

use std::error::Error;
use std::fmt;
use std::time::Duration;

/// An error of a durable handler that may say when, or that never, to try again. Any error becomes one with `?`, and is
/// then retried as the policy of the handler says.
///
/// It does not implement [`Error`], so that any error can be turned into it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::durable::HandlerError;
///
/// /// The answer of another service to an order.
/// fn check(status: u16, body: &str) -> Result<u64, HandlerError> {
///     match status {
///         200 => Ok(body.parse()?), // any error is tried again as the handler's `retry(…)` says
///         429 => Err(HandlerError::retry_in(Duration::from_secs(60), "too many requests")),
///         _ => Err(HandlerError::permanent(format!("refused with {status}"))),
///     }
/// }
///
/// assert!(check(200, "7").is_ok_and(|id| id == 7));
/// assert_eq!(check(404, "").unwrap_err().to_string(), "refused with 404");
/// assert!(check(200, "?").unwrap_err().get_ref().is::<std::num::ParseIntError>());
/// ```
pub struct HandlerError {
    error: Box<dyn Error + Send + Sync>,
    advice: Advice,
}

/// The advice of a handler about its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    /// The policy decides.
    Policy,
    /// Not before this time has passed.
    RetryIn(Duration),
    /// Never again.
    Permanent,
}

impl HandlerError {
    /// An error that no retry can cure: the event becomes a dead letter at once.
    pub fn permanent(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            error: error.into(),
            advice: Advice::Permanent,
        }
    }

    /// An error after which the handler is tried again in `delay`. It counts as an attempt.
    pub fn retry_in(delay: Duration, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            error: error.into(),
            advice: Advice::RetryIn(delay),
        }
    }

    /// Returns the error itself.
    #[must_use]
    pub fn get_ref(&self) -> &(dyn Error + Send + Sync + 'static) {
        &*self.error
    }

    /// The error that a handler has returned, with the advice in it.
    pub(crate) fn from_boxed(error: Box<dyn Error + Send + Sync>) -> Self {
        match error.downcast::<Advised>() {
            Ok(advised) => advised.0,
            Err(error) => Self {
                error,
                advice: Advice::Policy,
            },
        }
    }

    pub(crate) fn advice(&self) -> Advice {
        self.advice
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self {
            error: error.into(),
            advice: Advice::Policy,
        }
    }
}

/// Keeps the advice on the way through the core, where the error of a handler is a boxed one.
// `From` for a box would make it convert into itself in two ways.
#[diagnostic::do_not_recommend]
impl eventful_core::__private::HandlerError for HandlerError {
    fn boxed(self) -> Box<dyn Error + Send + Sync> {
        Box::new(Advised(self))
    }
}

/// A [`HandlerError`] as an error.
#[derive(Debug)]
struct Advised(HandlerError);

impl fmt::Display for Advised {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for Advised {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error.source()
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HandlerError")
            .field("error", &self.error)
            .field("advice", &self.advice)
            .finish()
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(formatter)
    }
}
