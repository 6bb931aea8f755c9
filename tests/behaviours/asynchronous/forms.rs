//! Generic events, and everything that an asynchronous handler can ask for.

use std::sync::Arc;

use eventful::{Bus, Delivery, event, handler};

use crate::Trace;
use crate::executor::{block_on, poll_once, yield_now};

#[event(async)]
struct Created<T: 'static>(T);

#[handler(Created<u8>)]
async fn byte(event: &Created<u8>, trace: &Trace) {
    yield_now().await;
    trace.add(format!("byte {}", event.0));
}

#[handler(Created<String>)]
fn text(event: &Created<String>, trace: &Trace) {
    trace.add(format!("text {}", event.0));
}

#[test]
fn each_instantiation_of_a_generic_event_reaches_its_own_handlers() {
    let trace = Trace::default();
    let bus = Bus::isolated()
        .provide(trace.clone())
        .with(byte)
        .with(text)
        .build()
        .unwrap();
    block_on(async {
        bus.publish(&Created(1_u8)).await.unwrap();
        let text = Created(String::from("a"));
        bus.scope_async(text.publish()).await.unwrap();
        assert_eq!(bus.publish(&Created('c')).await.unwrap().handled(), 0);
    });
    assert_eq!(trace.take(), "byte 1\ntext a");
    assert_eq!(bus.handlers::<Created<u8>>().len(), 1);
}

trait Speaker: Send + Sync {
    fn speak(&self) -> &str;
}

impl Speaker for &'static str {
    fn speak(&self) -> &str {
        self
    }
}

#[event(async)]
struct Asking(String);

#[handler(Asking)]
async fn use_everything(
    event: &Asking,
    speaker: &dyn Speaker,
    shared: &Arc<dyn Speaker>,
    missing: Option<&u64>,
    bus: &Bus,
    delivery: &Delivery,
    trace: &Trace,
) {
    yield_now().await;
    let handlers = bus.handlers::<Asking>().len();
    let line = format!(
        "{} {} {} {missing:?} {handlers} {}",
        event.0,
        speaker.speak(),
        shared.speak(),
        delivery.event_name()
    );
    yield_now().await;
    trace.add(line);
}

#[test]
fn what_a_handler_is_given_is_there_after_an_await() {
    let trace = Trace::default();
    let publish = {
        let bus = Bus::isolated()
            .provide(trace.clone())
            .provide_arc::<dyn Speaker>(Arc::new("speaks"))
            .with(use_everything)
            .build()
            .unwrap();
        // The bus is gone by the time the handler runs, but for what the publish keeps.
        let mut publish = Box::pin(async move {
            let publishing =
                bus.scope_async(async { Asking(String::from("event")).publish().await });
            drop(bus);
            publishing.await
        });
        assert!(poll_once(&mut publish).is_pending());
        publish
    };
    block_on(publish).unwrap();
    assert_eq!(
        trace.take(),
        "event speaks speaks None 1 behaviours::asynchronous::forms::Asking"
    );
}
