//! A linked handler as the worker runs it.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use eventful_core::__private::{
    DecodedEvent, Delivering, Durability, SeparateCall, SeparateHandler,
};
use eventful_core::Failure;
use jiff::Timestamp;
use serde_json::Value;

use crate::codec::Codec;
use crate::current::Current;
use crate::publish::envelopes;
use crate::upcast::{Chain, Chains};
use crate::{
    Attempt, BoxFuture, Envelope, Handle, Handled, HandlerError, NotHandled, OnDead, WhenLate,
};

/// A handler with its events.
pub(super) struct LinkedHandler {
    events: BTreeMap<&'static str, HandledEvent>,
    /// True if it is an `async fn`. A plain function runs on a thread on which it may block.
    is_async: bool,
    wants_transaction: bool,
}

/// One of the events of a handler.
struct HandledEvent {
    codec: &'static Codec,
    chain: Chain,
    call: Arc<SeparateCall>,
}

impl LinkedHandler {
    pub(super) fn new(handlers: &[SeparateHandler], chains: &Chains) -> Self {
        let calls = handlers.iter().flat_map(SeparateHandler::calls);
        let events = calls.filter_map(|call| {
            let name = call.event_name();
            let event = HandledEvent {
                codec: Codec::from_core(call.durability()?),
                chain: chains.of(name),
                call: Arc::clone(call),
            };
            Some((name, event))
        });
        Self {
            events: events.collect(),
            is_async: handlers.iter().any(SeparateHandler::is_async),
            wants_transaction: handlers.iter().any(|it| it.wanted().is_some()),
        }
    }

    /// The names of its events, each with the version that the program knows.
    pub(super) fn names(&self) -> BTreeMap<String, u32> {
        let events = self.events.iter();
        events
            .map(|(name, event)| ((*name).to_owned(), event.codec.version()))
            .collect()
    }
}

impl Handle for LinkedHandler {
    fn handle<'a>(
        &'a self,
        event: Arc<Envelope>,
        attempt: Attempt,
        lent: Option<&'a mut (dyn Any + Send)>,
    ) -> BoxFuture<'a, Result<Handled, NotHandled>> {
        Box::pin(async move {
            let Some(handled) = self.events.get(&*event.name) else {
                let name = &event.name;
                return Err(NotHandled::NotDecoded(format!(
                    "the handler knows no event `{name}`"
                )));
            };
            let decoded = handled.decode(&event)?;
            let current = Current::new(&event, Some(attempt));
            let call = Arc::clone(&handled.call);
            if self.is_async || self.wants_transaction {
                let delivering = current.enter(|| call.deliver(decoded, lent));
                return settle(delivering, current).await;
            }
            run_blocking(call, decoded, current).await
        })
    }

    fn when_late(&self) -> WhenLate {
        if self.is_async || self.wants_transaction {
            WhenLate::Drop
        } else {
            WhenLate::Wait
        }
    }
}

impl OnDead for LinkedHandler {
    fn on_dead<'a>(
        &'a self,
        event: Arc<Envelope>,
        reason: &'a str,
    ) -> BoxFuture<'a, Vec<Envelope>> {
        let attempt = Attempt {
            number: 1,
            is_last: true,
            is_replay: false,
            started_at: Timestamp::now(),
        };
        Box::pin(async move {
            match self.handle(Arc::clone(&event), attempt, None).await {
                Ok(handled) => handled.returned,
                Err(error) => {
                    tracing::error!(
                        target: "eventful",
                        event = %event.name,
                        id = %event.id,
                        reason,
                        "the function for a dead letter failed, and publishes nothing: {error:?}"
                    );
                    Vec::new()
                }
            }
        })
    }
}

/// Runs a plain handler where it may block: on a thread for that, if there is a tokio runtime.
async fn run_blocking(
    call: Arc<SeparateCall>,
    decoded: DecodedEvent,
    current: Arc<Current>,
) -> Result<Handled, NotHandled> {
    let run = {
        let current = Arc::clone(&current);
        // The span of the attempt is that of this thread.
        let span = tracing::Span::current();
        move || span.in_scope(|| current.enter(|| call.deliver(decoded, None)))
    };
    match tokio::runtime::Handle::try_current() {
        Ok(runtime) => match runtime.spawn_blocking(run).await {
            Ok(delivering) => settle(delivering, current).await,
            Err(error) => Err(NotHandled::Panicked(match error.try_into_panic() {
                Ok(payload) => panic_text(payload),
                Err(_) => "the runtime has ended".to_owned(),
            })),
        },
        Err(_) => settle(run(), current).await,
    }
}

/// Awaits a delivery to one handler, and makes the envelopes of what it returns.
async fn settle(
    delivering: Option<Delivering<'_>>,
    current: Arc<Current>,
) -> Result<Handled, NotHandled> {
    let Some(delivering) = delivering else {
        let error = "the handler wants a transaction of another type than the store has";
        return Err(NotHandled::Failed(HandlerError::permanent(error)));
    };
    let (result, returned) = Arc::clone(&current).within(delivering).await;
    if let Err(error) = result {
        let text = error.to_string();
        let failure = error.into_failures().into_iter().next();
        return Err(
            failure.map_or_else(|| NotHandled::Failed(HandlerError::from(text)), not_handled)
        );
    }
    // Its `Serialize` is the user's code.
    let envelopes = catch_unwind(AssertUnwindSafe(|| current.enter(|| envelopes(returned))));
    match envelopes {
        Ok(Ok(returned)) => Ok(Handled { returned }),
        Ok(Err(error)) => Err(NotHandled::Failed(HandlerError::from(error))),
        Err(payload) => Err(NotHandled::Panicked(panic_text(payload))),
    }
}

fn not_handled(failure: Failure) -> NotHandled {
    if failure.is_panic() {
        return NotHandled::Panicked(failure.message().to_owned());
    }
    let text = failure.message().to_owned();
    match failure.into_error() {
        Some(error) => NotHandled::Failed(HandlerError::from_boxed(error)),
        None => NotHandled::Panicked(text),
    }
}

impl HandledEvent {
    fn decode(&self, event: &Envelope) -> Result<DecodedEvent, NotHandled> {
        let (found, known) = (event.version, self.codec.version());
        if found > known {
            return Err(NotHandled::NewerVersion { found, known });
        }
        // `Deserialize` is the user's code.
        let decoded = catch_unwind(AssertUnwindSafe(|| self.decode_known(event)));
        decoded
            .unwrap_or_else(|payload| {
                Err(format!("`Deserialize` panicked: {}", panic_text(payload)))
            })
            .map_err(|reason| {
                NotHandled::NotDecoded(format!("`{}` of version {found}: {reason}", event.name))
            })
    }

    fn decode_known(&self, event: &Envelope) -> Result<DecodedEvent, String> {
        let (found, known) = (event.version, self.codec.version());
        let decoded = if found == known {
            self.codec.decode(&event.payload)
        } else {
            let old: Value = serde_json::from_slice(&event.payload).map_err(|it| text_of(&it))?;
            self.codec.decode_value(self.chain.lift(old, found, known)?)
        };
        decoded.map_err(|error| text_of(&error))
    }
}

/// The text of an error whose `Display` may panic.
pub(crate) fn text_of(error: &dyn Display) -> String {
    let text = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        write!(text, "{error}").map(|()| text)
    }));
    match text {
        Ok(Ok(text)) => text,
        _ => "(no text: the error's `Display` failed)".to_owned(),
    }
}

/// The text of a panic.
pub(crate) fn panic_text(payload: Box<dyn Any + Send>) -> String {
    let text = match payload.downcast::<String>() {
        Ok(text) => return *text,
        Err(payload) => payload.downcast::<&'static str>(),
    };
    match text {
        Ok(text) => (*text).to_owned(),
        Err(payload) => {
            // Its `Drop` may panic, too.
            std::mem::forget(payload);
            "(no text: the panic's payload is none)".to_owned()
        }
    }
}
