//! Events and handlers of every kind. What they do is of no interest.

pub(crate) mod orders {
    use eventful::event;

    use super::audit::Auditable;

    #[event(async, concurrent, handlers = 1.., as(dyn Auditable))]
    pub(crate) struct OrderCreated {
        pub(crate) quantity: u32,
    }

    impl Auditable for OrderCreated {}

    #[event(name = "order.rejected", fail_fast, as(dyn Auditable))]
    pub(crate) struct OrderRejected;

    impl Auditable for OrderRejected {}

    #[event(handlers = ..=3)]
    pub(crate) struct OrderForgotten;

    #[event(async, with = mut super::mail::Outbox)]
    pub(crate) struct OrderShipped;
}

pub(crate) mod cache {
    use eventful::handler;

    use super::orders::OrderCreated;

    #[handler(OrderCreated)]
    pub(crate) fn update_cache(_: &OrderCreated) {}
}

pub(crate) mod mail {
    use eventful::handler;

    use super::cache::update_cache;
    use super::orders::OrderCreated;

    pub(crate) trait Mailer: Send + Sync {}

    pub(crate) struct Smtp;

    impl Mailer for Smtp {}

    pub(crate) struct Outbox;

    #[handler(super::orders::OrderShipped)]
    pub(crate) async fn write(_: &super::orders::OrderShipped, _: &mut Outbox, _: &dyn Mailer) {}

    #[handler(OrderCreated, after = update_cache, before = "stock.reserve")]
    pub(crate) async fn send(_: &OrderCreated, _: &dyn Mailer, _: Option<&u64>) {}
}

pub(crate) mod stock {
    use eventful::{Bus, event, handler};

    use super::audit::{Auditable, Tracked};
    use super::orders::{OrderCreated, OrderRejected};

    #[event(async, as(dyn Tracked))]
    pub(crate) struct StockReserved;

    impl Tracked for StockReserved {}

    #[event(async, as(dyn Tracked), handlers = 0)]
    pub(crate) struct Moved<T>(pub(crate) T);

    impl<T: Send + Sync + 'static> Tracked for Moved<T> {}

    #[event(name = "stock.counted", as(dyn Auditable), fail_fast)]
    pub(crate) struct Counted<T>(pub(crate) T);

    impl<T: Send + Sync + 'static> Auditable for Counted<T> {}

    #[event]
    pub(crate) struct Changed<T>(pub(crate) T);

    #[handler(OrderCreated, id = "stock.reserve", when = |event| event.quantity > 0)]
    fn reserve(event: &OrderCreated) -> Result<(StockReserved, Option<OrderRejected>), String> {
        Err(event.quantity.to_string())
    }

    #[handler(StockReserved)]
    async fn order_the_same_again(_: &StockReserved, _: &Bus) -> Option<OrderCreated> {
        None
    }

    #[handler(Changed<String>)]
    fn rename(_: &Changed<String>) -> (Vec<Changed<u64>>, Option<Changed<u64>>) {
        (Vec::new(), None)
    }
}

pub(crate) mod billing {
    use eventful::handlers;

    use super::orders::OrderRejected;

    pub(crate) struct Billing {
        pub(crate) refunds: u64,
    }

    #[handlers]
    impl Billing {
        #[handler(OrderRejected)]
        fn refund(&self, _: &OrderRejected) {
            println!("{} refunds", self.refunds);
        }
    }
}

pub(crate) mod audit {
    use eventful::{AnyEvent, Event, family, handler};

    use super::orders::{OrderCreated, OrderRejected};

    pub(crate) struct Log;

    #[family]
    pub(crate) trait Auditable {}

    #[family(async)]
    pub(crate) trait Tracked {}

    #[handler(dyn Auditable, order = 10)]
    pub(crate) fn write_line(_: &dyn Auditable, _: &Log) {}

    #[handler(dyn Tracked)]
    async fn track(_: &dyn Tracked) {}

    // Below the other one, and before it all the same.
    #[handler(dyn Tracked, before = track)]
    fn find(_: &dyn Tracked) {}

    #[handler(dyn AnyEvent, order = -10)]
    pub(crate) fn count(_: &dyn AnyEvent) {}

    #[handler(OrderCreated, OrderRejected)]
    fn measure<E: Event>(_: &E) {}
}
