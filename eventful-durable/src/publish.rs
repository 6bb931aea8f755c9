//! The publish of a durable event: its envelope, the handlers in its transaction, and the append.

use std::any::Any;
use std::panic::Location;
use std::sync::Arc;

use eventful_core::__private::{Reception, ReturnedDurable, durability_of};
use eventful_core::{AnyEvent, Bus};
use jiff::Timestamp;
use uuid::Uuid;

use crate::append::Options;
use crate::codec::{Codec, Encoded};
use crate::current::{self, Current};
use crate::trace::trace_context;
use crate::{
    Append, AppendError, Appended, Appending, Appends, BoxFuture, DurableEvent, Envelope, Headers,
    MAX_PAYLOAD, slot_of,
};

/// Publishes an event: the body of its `publish`.
#[doc(hidden)]
#[track_caller]
pub fn publish<'a, E, S, C>(event: &'a E, transaction: &'a mut C) -> Appending<'a, S>
where
    E: DurableEvent,
    S: ?Sized + 'static,
    C: Appends<S> + Send + ?Sized,
{
    publish_at(event, transaction, Location::caller())
}

/// Publishes an event for a store that opens the transaction itself: the line is that of its caller.
#[doc(hidden)]
pub fn publish_at<'a, E, S, C>(
    event: &'a E,
    transaction: &'a mut C,
    published_at: &'static Location<'static>,
) -> Appending<'a, S>
where
    E: DurableEvent,
    S: ?Sized + 'static,
    C: Appends<S> + Send + ?Sized,
{
    let transaction = Transaction {
        connection: transaction,
        store: std::marker::PhantomData::<fn() -> Box<S>>,
    };
    Appending::new(E::NAME, move |options| {
        Box::pin(run(event, Box::new(transaction), options, published_at))
    })
}

/// The caller's transaction, with its type forgotten.
struct Transaction<'a, C: ?Sized, S: ?Sized> {
    connection: &'a mut C,
    store: std::marker::PhantomData<fn() -> Box<S>>,
}

/// [`Appends`] for one store, whichever that is.
trait Open: Send {
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>>;
    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;
    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;
    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>>;
    fn lend(&mut self) -> Option<&mut (dyn Any + Send)>;
}

impl<S: ?Sized, C: Appends<S> + Send + ?Sized> Open for Transaction<'_, C, S> {
    fn append(&mut self, append: Append) -> BoxFuture<'_, Result<Appended, AppendError>> {
        self.connection.append(append)
    }

    fn savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.connection.savepoint()
    }

    fn release_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.connection.release_savepoint()
    }

    fn roll_back_to_savepoint(&mut self) -> BoxFuture<'_, Result<(), AppendError>> {
        self.connection.roll_back_to_savepoint()
    }

    fn lend(&mut self) -> Option<&mut (dyn Any + Send)> {
        self.connection.lend()
    }
}

async fn run<E: DurableEvent>(
    event: &E,
    mut transaction: Box<dyn Open + '_>,
    options: Options,
    published_at: &'static Location<'static>,
) -> Result<(), AppendError> {
    let envelope = envelope(
        E::NAME,
        E::VERSION,
        Codec::of_event::<E>().encode(event),
        Some(published_at.to_string()),
    )?;
    let bus = Bus::__of_durable_publish(event).map_err(|error| {
        let message = format!(
            "the handlers of `{}` in its transaction cannot run",
            E::NAME
        );
        AppendError::new(message).caused_by(error)
    })?;
    let reception = bus
        .as_ref()
        .map_or(Reception::Nobody, |bus| bus.__receive(event));
    let append = Append {
        envelope,
        due_at: options.due_at,
        once: options.once,
    };
    match (reception, bus) {
        (Reception::Faked, _) => Ok(()),
        (Reception::Handlers, Some(bus)) => {
            transaction.savepoint().await?;
            let handled =
                append_with_handlers(&bus, event, append, &mut *transaction, published_at);
            match handled.await {
                Ok(()) => transaction.release_savepoint().await,
                Err(error) => {
                    transaction.roll_back_to_savepoint().await?;
                    Err(error)
                }
            }
        }
        (Reception::Handlers | Reception::Nobody, _) => transaction.append(append).await.map(drop),
    }
}

/// Appends the event, and runs its handlers in the transaction. All of it is undone together.
async fn append_with_handlers<E: DurableEvent>(
    bus: &Bus,
    event: &E,
    append: Append,
    transaction: &mut dyn Open,
    published_at: &'static Location<'static>,
) -> Result<(), AppendError> {
    let current = Current::new(&append.envelope, None);
    // First, because a second event under one word has no handlers either.
    if transaction.append(append).await? == Appended::Before {
        return Ok(());
    }
    let delivering =
        current.enter(|| bus.__run_in_transaction(event, transaction.lend(), published_at));
    let delivering = delivering.map_err(|not_lent| {
        AppendError::new(format!(
            "the handler {} of `{}` wants a `&mut {}`, and the event is published with another type of connection",
            not_lent.handler,
            E::NAME,
            not_lent.wanted
        ))
    })?;
    let (result, returned) = Arc::clone(&current).within(delivering).await;
    result.map_err(|error| {
        let message = format!("a handler of `{}` in its transaction failed", E::NAME);
        AppendError::new(message).caused_by(error)
    })?;
    for envelope in current.enter(|| envelopes(returned))? {
        let append = Append {
            envelope,
            due_at: None,
            once: None,
        };
        transaction.append(append).await?;
    }
    Ok(())
}

/// The envelopes of events that handlers have returned, caused by the current event.
pub(crate) fn envelopes(returned: ReturnedDurable) -> Result<Vec<Envelope>, AppendError> {
    let mut envelopes = Ok(Vec::new());
    returned.for_each(|event| {
        if let Ok(made) = &mut envelopes {
            match envelope_of(event) {
                Ok(envelope) => made.push(envelope),
                Err(error) => envelopes = Err(error),
            }
        }
    });
    envelopes
}

fn envelope_of(event: &dyn AnyEvent) -> Result<Envelope, AppendError> {
    let name = event.event_name();
    let durability = durability_of(event);
    let codec = Codec::from_core(durability.expect("a handler of a durable event returns such"));
    let version = eventful_core::__private::Durability::version(codec);
    envelope(name, version, codec.encode(event), None)
}

/// Makes the envelope of an event that is published now, caused by the current event.
fn envelope(
    name: &str,
    version: u32,
    encoded: Encoded,
    published_at: Option<String>,
) -> Result<Envelope, AppendError> {
    let payload = encoded.payload.map_err(|error| {
        AppendError::new(format!("`{name}` cannot be stored as JSON")).caused_by(error)
    })?;
    if payload.len() > MAX_PAYLOAD {
        return Err(AppendError::new(format!(
            "`{name}` has {} bytes as JSON, and {MAX_PAYLOAD} are the most; store what is large elsewhere, and publish where it is",
            payload.len()
        )));
    }
    let id = Uuid::now_v7();
    let key = encoded.key;
    let slot = key
        .as_deref()
        .map_or_else(|| slot_of(&id.to_string()), slot_of);
    let (cause, trace) = (current::shared(), trace_context());
    let (traceparent, tracestate) = match trace {
        Some(trace) => (Some(trace.traceparent), trace.tracestate),
        None => (None, None),
    };
    Ok(Envelope {
        id,
        name: name.to_owned(),
        version,
        key,
        slot,
        payload,
        occurred_at: Timestamp::now(),
        headers: Headers {
            traceparent,
            tracestate,
            cause: cause.as_ref().map(|cause| cause.event_id),
            correlation: cause.as_ref().map(|cause| cause.correlation()),
            published_at,
        },
    })
}
