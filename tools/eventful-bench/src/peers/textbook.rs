//! The bus that everyone writes first: a lock around a map from types to lists of closures.

#![expect(
    clippy::await_holding_lock,
    reason = "there is no other way to borrow the listeners while they wait"
)]

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use crate::work::Counter;

type Listeners<F> = RwLock<HashMap<TypeId, Vec<Box<F>>>>;

type Call = dyn Fn(&dyn Any) + Send + Sync;
type FallibleCall = dyn Fn(&dyn Any) -> Result<(), BoxError> + Send + Sync;
type AsyncCall = dyn for<'a> Fn(&'a (dyn Any + Send + Sync)) -> BoxFuture<'a> + Send + Sync;

type BoxError = Box<dyn Error + Send + Sync>;
type BoxFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

fn add<E: 'static, F: ?Sized>(listeners: &Listeners<F>, listener: Box<F>) {
    let mut listeners = listeners.write().unwrap_or_else(PoisonError::into_inner);
    listeners
        .entry(TypeId::of::<E>())
        .or_default()
        .push(listener);
}

#[inline]
fn read<F: ?Sized>(listeners: &Listeners<F>) -> RwLockReadGuard<'_, HashMap<TypeId, Vec<Box<F>>>> {
    listeners.read().unwrap_or_else(PoisonError::into_inner)
}

#[inline]
fn downcast<E: 'static>(event: &dyn Any) -> &E {
    event.downcast_ref().expect("it is listed under its type")
}

/// Its handlers return nothing and must not panic.
#[derive(Default)]
pub struct Textbook(Listeners<Call>);

impl Textbook {
    pub fn subscribe<E: 'static>(&self, handler: impl Fn(&E) + Send + Sync + 'static) {
        add::<E, _>(&self.0, Box::new(move |event| handler(downcast(event))));
    }

    #[inline]
    pub fn publish<E: 'static>(&self, event: &E) {
        for call in read(&self.0).get(&TypeId::of::<E>()).into_iter().flatten() {
            call(event);
        }
    }
}

/// Its handlers hold what they need.
#[derive(Default)]
pub struct ResourcefulTextbook {
    bus: Textbook,
    counter: Option<Arc<Counter>>,
}

impl ResourcefulTextbook {
    #[must_use]
    pub fn new(counter: Counter) -> Self {
        Self {
            bus: Textbook::default(),
            counter: Some(Arc::new(counter)),
        }
    }

    pub fn subscribe<E: 'static>(&self, handler: impl Fn(&E, &Counter) + Send + Sync + 'static) {
        if let Some(counter) = self.counter.clone() {
            self.bus.subscribe(move |event| handler(event, &counter));
        }
    }

    #[inline]
    pub fn publish<E: 'static>(&self, event: &E) {
        self.bus.publish(event);
    }
}

/// Its handlers may fail, and panic.
#[derive(Default)]
pub struct FallibleTextbook(Listeners<FallibleCall>);

impl FallibleTextbook {
    pub fn subscribe<E: 'static>(
        &self,
        handler: impl Fn(&E) -> Result<(), BoxError> + Send + Sync + 'static,
    ) {
        add::<E, _>(&self.0, Box::new(move |event| handler(downcast(event))));
    }

    /// The number of handlers that failed.
    #[inline]
    pub fn publish<E: 'static>(&self, event: &E) -> Vec<BoxError> {
        let listeners = read(&self.0);
        let calls = listeners.get(&TypeId::of::<E>()).into_iter().flatten();
        let mut errors = Vec::new();
        for call in calls {
            match catch_unwind(AssertUnwindSafe(|| call(event))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => errors.push(error),
                Err(_) => errors.push("a handler panicked".into()),
            }
        }
        errors
    }
}

/// Its handlers are futures in boxes, awaited in turn.
#[derive(Default)]
pub struct AsyncTextbook(Listeners<AsyncCall>);

impl AsyncTextbook {
    pub fn subscribe<E: 'static>(
        &self,
        handler: impl for<'a> Fn(&'a E) -> BoxFuture<'a> + Send + Sync + 'static,
    ) {
        let call: Box<AsyncCall> = Box::new(move |event| handler(any_downcast(event)));
        add::<E, _>(&self.0, call);
    }

    pub async fn publish<E: Send + Sync + 'static>(&self, event: &E) {
        let listeners = read(&self.0);
        for call in listeners.get(&TypeId::of::<E>()).into_iter().flatten() {
            call(event).await;
        }
    }

    /// Polls them together.
    pub async fn publish_concurrently<E: Send + Sync + 'static>(&self, event: &E) {
        let listeners = read(&self.0);
        let calls = listeners.get(&TypeId::of::<E>()).into_iter().flatten();
        futures_util::future::join_all(calls.map(|call| call(event))).await;
    }
}

#[inline]
fn any_downcast<E: 'static>(event: &(dyn Any + Send + Sync)) -> &E {
    event.downcast_ref().expect("it is listed under its type")
}
