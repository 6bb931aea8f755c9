#![deny(warnings)]

use eventful::{Bus, event, family, handler};

mod elsewhere {
    pub(crate) use eventful::*;
}

mod shop {
    use std::fmt::{Debug, Display};

    /// Documentation stays.
    #[eventful::family]
    #[allow(dead_code)]
    pub(crate) trait Auditable: Debug + Display
    where
        Self: 'static,
    {
        /// No handler has a use for it.
        type Own
        where
            Self: Sized;

        fn id(&self) -> u64;

        fn name(&self) -> String {
            format!("{self:?} {self} {}", self.id())
        }

        fn compare<T>(&self, _: &T)
        where
            Self: Sized,
        {
        }
    }
}

#[family(crate = elsewhere)]
#[cfg(all())]
trait Empty {}

#[cfg(any())]
#[family]
trait Never {
    fn missing(&self) -> Missing;
}

#[family]
#[cfg(any())]
trait NeverEither {
    fn missing(&self) -> Missing;
}

#[family(async)]
trait Written: Send + std::marker::Sync + 'static {}

#[family]
trait Derived: Empty {}

/// A family that is a keyword with `r#`.
#[family]
#[allow(non_camel_case_types)]
trait r#type {}

macro_rules! families {
    ($visibility:vis $name:ident: $supertrait:path { $($item:item)* }) => {
        #[family]
        $visibility trait $name: $supertrait {
            $($item)*
        }
    };
    ($family:item) => {
        #[family]
        $family
    };
}

families!(pub(crate) FromParts: Empty { fn part(&self) -> u8 { 1 } });
families! {
    trait Whole: Empty {
        fn whole(&self) -> u8 {
            2
        }
    }
}

#[event(as(dyn shop::Auditable, dyn Empty, dyn Derived, dyn r#type, dyn FromParts, dyn Whole))]
#[derive(Debug)]
struct OrderCreated;

impl std::fmt::Display for OrderCreated {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("created")
    }
}

impl shop::Auditable for OrderCreated {
    type Own = u8;

    fn id(&self) -> u64 {
        self.compare(&1);
        1
    }
}

impl Empty for OrderCreated {}
impl Derived for OrderCreated {}
impl r#type for OrderCreated {}
impl FromParts for OrderCreated {}
impl Whole for OrderCreated {}

#[event(async, as(dyn Written))]
struct OrderShipped;

impl Written for OrderShipped {}

#[handler(dyn shop::Auditable)]
fn audit(event: &dyn shop::Auditable) -> Result<(), String> {
    Err(event.name())
}

#[handler(dyn Derived)]
fn derived(event: &dyn Empty) {
    let _ = event;
}

#[handler(dyn r#type)]
fn raw(event: &dyn r#type) {
    let _ = event;
}

#[handler(dyn FromParts)]
fn from_parts(event: &dyn FromParts) {
    assert_eq!(event.part(), 1);
}

#[handler(dyn Whole)]
fn whole(event: &dyn Whole) {
    assert_eq!(event.whole(), 2);
}

#[handler(dyn Written)]
async fn written(event: &dyn Written) {
    std::future::ready(event).await;
}

fn needs_threads(_: &(impl Send + Sync + 'static + ?Sized)) {}

fn main() {
    #[family]
    trait Local {}

    impl Local for Inner {}

    #[event(as(dyn Local))]
    struct Inner;

    #[handler(dyn Local)]
    fn local(_: &dyn Local) {}

    let bus = Bus::builder().build().unwrap();
    assert_eq!(bus.publish(&Inner).unwrap().handled(), 1);
    let error = bus.publish(&OrderCreated).unwrap_err();
    assert_eq!(error.delivered().handled(), 5);
    assert_eq!(error.failures()[0].message(), "OrderCreated created 1");
    drop(bus.publish(&OrderShipped));
    let boxed: Box<dyn Empty> = Box::new(OrderCreated);
    needs_threads(&*boxed);
}
