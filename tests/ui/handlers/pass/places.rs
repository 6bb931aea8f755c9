use std::sync::Arc;

use eventful::{Bus, event};

#[event]
struct OrderCreated {
    id: u64,
}

mod inner {
    pub(crate) struct Cache<T>(pub(crate) T);

    #[eventful::handlers]
    impl Cache<u64> {
        #[eventful::handler(super::OrderCreated)]
        pub(crate) fn update(&self, event: &super::OrderCreated) {
            assert_eq!(event.id, self.0);
        }
    }

    impl Cache<u64> {
        pub(crate) fn beside(&self) -> u64 {
            self.0
        }
    }
}

type Alias = inner::Cache<&'static str>;

/// A block of an alias, with a condition, a bound that holds, and every form of `&self`.
#[eventful::handlers]
#[cfg(all())]
#[allow(clippy::needless_arbitrary_self_type)]
impl Alias
where
    u8: Copy,
{
    #[handler(OrderCreated, after = inner::Cache::<u64>::update)]
    fn borrowed(&self, _: &OrderCreated) {}

    #[handler(OrderCreated, after = Self::borrowed)]
    fn with_a_lifetime<'a>(&'a self, _: &'a OrderCreated) {}

    #[handler(OrderCreated, after = [Self::with_a_lifetime, Alias::borrowed])]
    fn typed(self: &Self, _: &OrderCreated) {}

    #[handler]
    fn without_an_argument(self: &inner::Cache<&'static str>, _: &OrderCreated) {}

    #[handler(OrderCreated)]
    fn kept(&self, _: &OrderCreated, this: &Arc<Self>, again: Option<&Self>) {
        assert!(std::ptr::eq(self, &**this) && again.is_some());
    }

    #[cfg(any())]
    #[handler(NoSuchEvent)]
    fn not_there(&self, _: &NoSuchEvent) {}
}

#[eventful::handlers]
#[cfg(any())]
impl NotThere {
    #[handler(OrderCreated)]
    fn update(&self, _: &OrderCreated) {}
}

fn main() {
    struct Local(u64);

    #[eventful::handlers]
    impl Local {
        #[handler(OrderCreated)]
        fn update(&self, event: &OrderCreated) {
            assert_eq!(event.id, self.0);
        }
    }

    let bus = Bus::builder()
        .provide(inner::Cache(7_u64))
        .provide_arc(Arc::new(inner::Cache("alias")))
        .provide(Local(7))
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 7 }).unwrap().handled(), 7);
    assert_eq!(inner::Cache(7).beside(), 7);
    inner::Cache(7).update(&OrderCreated { id: 7 });
}
