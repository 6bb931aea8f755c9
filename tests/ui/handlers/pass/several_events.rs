#![deny(warnings)]

use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use eventful::{AnyEvent, Bus, event, family, handlers};

#[family(async)]
trait Auditable {
    fn id(&self) -> u64;
}

#[event(async, as(dyn Auditable))]
struct OrderCreated {
    id: u64,
}

#[event(async, as(dyn Auditable))]
struct Changed<T>(T);

impl Auditable for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

impl<T: Send + Sync + 'static> Auditable for Changed<T> {
    fn id(&self) -> u64 {
        0
    }
}

struct Billing<T>(T, AtomicU64);

#[handlers]
impl Billing<u64> {
    const MOST: u64 = 3;

    #[handler(OrderCreated, Changed<u8>, when = |event| event.id() < Self::MOST)]
    fn generic<E: Auditable>(&self, event: &E) {
        self.1.fetch_add(event.id() + self.0, Ordering::Relaxed);
    }

    #[handler(OrderCreated, Changed<u8>, after = Self::generic::<E>)]
    async fn asynchronous<'a, E: Auditable>(&'a self, event: &'a E, this: &Self)
    where
        Self: Sized,
    {
        std::future::ready(()).await;
        this.1.fetch_add(event.id(), Ordering::Relaxed);
    }

    #[handler(Changed<u8>, OrderCreated, id = "unnamed")]
    fn unnamed(&self, event: &impl Auditable) {
        let _ = event.id();
    }

    #[handler(dyn Auditable, when = Self::is_small)]
    async fn family(&self, event: &dyn Auditable) {
        std::future::ready(()).await;
        self.1.fetch_add(event.id(), Ordering::Relaxed);
    }

    #[handler(dyn AnyEvent)]
    fn any(&self, event: &dyn AnyEvent) {
        assert!(!event.event_name().is_empty());
    }

    fn is_small(event: &dyn Auditable) -> bool {
        event.id() < Self::MOST
    }
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn main() {
    let bus = Bus::builder()
        .provide(Billing(10_u64, AtomicU64::new(0)))
        .build()
        .unwrap();
    assert_eq!(
        block_on(bus.publish(&OrderCreated { id: 1 }))
            .unwrap()
            .handled(),
        5
    );
    assert_eq!(
        block_on(bus.publish(&OrderCreated { id: 3 }))
            .unwrap()
            .skipped(),
        2
    );
    assert_eq!(block_on(bus.publish(&Changed(1_u8))).unwrap().handled(), 5);
    let bus = Bus::isolated()
        .with(Billing::generic::<Changed<u8>>)
        .with(Billing::<u64>::family)
        .provide(Billing(10_u64, AtomicU64::new(0)))
        .build()
        .unwrap();
    assert_eq!(block_on(bus.publish(&Changed(1_u8))).unwrap().handled(), 2);
}
