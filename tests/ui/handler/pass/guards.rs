#![deny(warnings)]

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use eventful::{Bus, event, handler};

#[event]
struct OrderCreated {
    id: u64,
    total: u64,
}

#[event(async)]
struct OrderShipped {
    id: u64,
}

#[event]
enum Changed<T> {
    To(T),
    Nothing,
}

trait Numbered {
    const MOST: u64 = 3;

    fn id(&self) -> u64;

    fn is_small(&self) -> bool {
        self.id() < Self::MOST
    }
}

impl Numbered for OrderCreated {
    fn id(&self) -> u64 {
        self.id
    }
}

impl Numbered for OrderShipped {
    const MOST: u64 = 2;

    fn id(&self) -> u64 {
        self.id
    }
}

impl Numbered for Changed<u8> {
    fn id(&self) -> u64 {
        0
    }
}

const LIMIT: u64 = 100;

fn is_large(event: &OrderCreated) -> bool {
    event.total > LIMIT
}

fn larger_than(limit: u64) -> impl Fn(&OrderCreated) -> bool {
    move |event| event.total > limit
}

#[handler(OrderCreated, when = |event| event.total < LIMIT, order = 1)]
fn closure(_: &OrderCreated) {}

#[handler(OrderCreated, order = 2, when = is_large)]
fn path(_: &OrderCreated) {}

#[handler(OrderCreated, when = larger_than(7), id = "made")]
fn made(_: &OrderCreated) -> Result<(), String> {
    Err("made".to_owned())
}

#[handler(OrderCreated, when = |&OrderCreated { id, total }| -> bool { let (low, high) = (1, 9); low < id && total > high })]
fn destructured(_: &OrderCreated) {}

#[handler(OrderCreated, when = |event: &OrderCreated| event.total == 1 || std::convert::identity::<bool>(false), after = path, order = 3)]
fn typed(_: &OrderCreated) {}

#[handler(Changed<u8>, when = |event| matches!(event, Changed::To(to) if *to > 1))]
fn generic_event(_: &Changed<u8>) {}

#[handler(OrderCreated, OrderShipped, Changed<u8>, when = |event| event.id() < E::MOST)]
fn several<E: Numbered>(event: &E) {
    assert!(event.id() < E::MOST);
}

#[handler(OrderCreated, OrderShipped, Changed<u8>, when = E::is_small)]
fn several_by_a_path<E: Numbered>(_: &E) {}

#[handler(OrderCreated, Changed<u8>, when = Numbered::is_small)]
fn unnamed(_: &impl Numbered) {}

#[handler(OrderShipped, when = |event| event.id == 1)]
async fn asynchronous(event: &OrderShipped) -> Result<(), String> {
    std::future::ready(()).await;
    Err(event.id.to_string())
}

#[handler(OrderShipped, when = |event| event.id == 2)]
fn synchronous_of_an_asynchronous_event(_: &OrderShipped) {}

#[handler(OrderShipped, when = |event: &E| event.id() == 1)]
async fn asynchronous_generic<E: Numbered + Sync>(event: &E) {
    std::future::ready(()).await;
    assert_eq!(event.id(), 1);
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
    let bus = Bus::builder().build().unwrap();
    let counts = |id, total| match bus.publish(&OrderCreated { id, total }) {
        Ok(delivered) => (delivered.handled(), delivered.skipped()),
        Err(error) => (error.delivered().handled(), error.delivered().skipped()),
    };
    assert_eq!(counts(1, 1), (5, 3));
    assert_eq!(counts(5, 1), (2, 6));
    assert_eq!(counts(5, 200), (3, 5));
    assert_eq!(bus.publish(&Changed::To(2_u8)).unwrap().handled(), 4);
    assert_eq!(bus.publish(&Changed::<u8>::Nothing).unwrap().skipped(), 1);
    assert!(
        bus.handlers::<OrderCreated>()
            .iter()
            .all(|handler| handler.is_guarded())
    );

    let error = block_on(bus.publish(&OrderShipped { id: 1 })).unwrap_err();
    assert_eq!(
        (error.delivered().handled(), error.delivered().skipped()),
        (4, 1)
    );
    let delivered = block_on(bus.publish(&OrderShipped { id: 2 })).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (1, 4));

    // The guard is not asked when the function is called.
    closure(&OrderCreated { id: 1, total: 1000 });
}
