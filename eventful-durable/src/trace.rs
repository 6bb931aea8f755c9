//! The trace context of a publish.

use std::sync::OnceLock;

use crate::current;

/// A [W3C trace context](https://www.w3.org/TR/trace-context/), as headers have it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceContext {
    /// The value of `traceparent`.
    pub traceparent: String,
    /// The value of `tracestate`, if there is one.
    pub tracestate: Option<String>,
}

static SOURCE: OnceLock<fn() -> Option<TraceContext>> = OnceLock::new();

/// Takes the trace context of each publish from `source`, once for the process. Returns false if one is set already.
///
/// Without it, or where it returns `None`, an event that a durable handler publishes has the trace context of the event
/// in hand, and other events have none.
///
/// # Examples
///
/// ```
/// use eventful::durable::{TraceContext, trace_with};
///
/// // The tracing library of the program knows the span that is open here.
/// let is_first = trace_with(|| {
///     Some(TraceContext {
///         traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned(),
///         tracestate: None,
///     })
/// });
/// assert!(is_first);
/// ```
pub fn trace_with(source: fn() -> Option<TraceContext>) -> bool {
    SOURCE.set(source).is_ok()
}

/// The trace context of a publish that begins now.
pub(crate) fn trace_context() -> Option<TraceContext> {
    let own = SOURCE.get().and_then(|source| source());
    own.or_else(|| {
        let headers = &current::shared()?.headers;
        Some(TraceContext {
            traceparent: headers.traceparent.clone()?,
            tracestate: headers.tracestate.clone(),
        })
    })
}
