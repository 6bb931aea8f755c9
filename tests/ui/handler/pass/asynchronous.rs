use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use eventful::{Bus, Delivery, event, handler};

#[event(async)]
struct OrderCreated {
    id: u64,
}

#[event(async, concurrent)]
struct Changed<T>(T);

type Log = Mutex<Vec<&'static str>>;

trait Clock: Send + Sync {
    fn now(&self) -> u64;
}

#[handler(OrderCreated)]
async fn plain(event: &OrderCreated) {
    let _ = event.id;
}

#[handler]
async fn without_an_argument(_: &OrderCreated) {}

#[handler(OrderCreated, order = -1, id = "synchronous")]
fn synchronous(event: &OrderCreated, log: &Log) -> Result<(), String> {
    let _ = event.id;
    log.lock().unwrap().push("synchronous");
    Ok(())
}

#[handler(OrderCreated, after = [plain, "synchronous"], id = "resources")]
pub(crate) async fn resources<'a>(
    OrderCreated { id }: &'a OrderCreated,
    log: &'a Log,
    shared: &Arc<Log>,
    clock: Option<&dyn Clock>,
    bus: &Bus,
    delivery: &Delivery,
) -> Result<(), io::Error> {
    std::future::ready(()).await;
    assert_eq!(delivery.handler().id(), "resources");
    assert_eq!(bus.handlers::<OrderCreated>().len(), 5);
    assert!(clock.is_none_or(|clock| clock.now() == *id));
    assert!(std::ptr::eq(log, &**shared));
    log.lock().unwrap().push("resources");
    Err(io::Error::other("no disk"))
}

#[handler(OrderCreated, after = resources)]
async fn boxed(_: &OrderCreated, log: &Log) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let nested: std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>> = Box::pin(async {
        log.lock().unwrap().push("boxed");
    });
    nested.await;
    Ok(())
}

#[handler(Changed<u8>)]
async fn of_an_instantiation(Changed(to): &Changed<u8>) {
    assert_eq!(*to, 1);
}

#[handler(Changed<u8>)]
fn beside_it(Changed(to): &Changed<u8>) {
    assert_eq!(*to, 1);
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
    let log = Arc::new(Log::default());
    let bus = Bus::builder().provide_arc(Arc::clone(&log)).build().unwrap();
    let error = block_on(bus.publish(&OrderCreated { id: 1 })).unwrap_err();
    assert_eq!(error.delivered().handled(), 5);
    assert_eq!(error.failures()[0].message(), "no disk");
    assert_eq!(*log.lock().unwrap(), ["synchronous", "resources", "boxed"]);

    let delivered = block_on(bus.scope_async(async { Changed(1_u8).publish().await })).unwrap();
    assert_eq!(delivered.handled(), 2);

    // They stay functions.
    block_on(plain(&OrderCreated { id: 1 }));
    let _ = Bus::isolated()
        .with(plain)
        .with(without_an_argument)
        .replace(resources, |event| assert_eq!(event.id, 1))
        .without(of_an_instantiation)
        .replace(beside_it, |&Changed(to)| async move { assert_eq!(to, 2) });
}
