#![deny(warnings)]

use eventful::{Bus, event, family, handler};

mod shop {
    #[eventful::family]
    pub(crate) trait Auditable: std::fmt::Debug {
        fn id(&self) -> u64 {
            7
        }
    }
}

#[family]
trait Priced {}

#[event(as(dyn shop::Auditable, dyn Priced,), handlers = 0)]
#[derive(Debug)]
struct OrderCreated;

impl shop::Auditable for OrderCreated {}
impl Priced for OrderCreated {}

#[event(handlers = ..=3, as(dyn crate::shop::Auditable), name = "order.changed", fail_fast)]
#[derive(Debug)]
enum Changed<T: std::fmt::Debug>
where
    T: Clone,
{
    To(T),
}

impl<T: std::fmt::Debug + Clone + Send + Sync + 'static> shop::Auditable for Changed<T> {
    fn id(&self) -> u64 {
        let Self::To(_) = self;
        8
    }
}

#[handler(dyn shop::Auditable)]
fn audit(event: &dyn shop::Auditable) -> Result<(), String> {
    Err(format!("{} {event:?}", event.id()))
}

fn messages(result: Result<eventful::Delivered, eventful::PublishError>) -> Vec<String> {
    let error = result.unwrap_err();
    let messages = error
        .failures()
        .iter()
        .map(|failure| failure.message().to_owned());
    messages.collect()
}

fn main() {
    let bus = Bus::builder().build().unwrap();
    assert_eq!(messages(bus.publish(&OrderCreated)), ["7 OrderCreated"]);
    assert_eq!(messages(bus.publish(&Changed::To(1))), ["8 To(1)"]);
}
