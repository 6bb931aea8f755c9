//! The same service with direct calls: the whole sequence is here, and it names every part.

use std::any::Any;
use std::fmt::Display;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use eventful::Either;
use orders::events::{
    HandlerFailed, OrderCreated, OrderEvent, OrderPaid, PaymentDeclined, StockReserved, StockShort,
};
use orders::{AuditTrail, Database, Mailer, Order, OrderCache, OrderId};

pub(crate) struct DirectShop {
    pub(crate) database: Database,
    pub(crate) cache: OrderCache,
    pub(crate) trail: AuditTrail,
    pub(crate) mailer: Arc<dyn Mailer>,
}

impl DirectShop {
    /// All that follows from an order that is saved.
    pub(crate) async fn created(&self, order: Arc<Order>) {
        let id = order.id;
        let created = OrderCreated { order };
        self.write_down("order.created", &created).await;
        let reserved = stock::reserve(&created, &self.database);
        match self
            .contain(id, "order.created", "stock::reserve::reserve", reserved)
            .await
        {
            Some(Either::Left(reserved)) => self.reserved(reserved).await,
            Some(Either::Right(short)) => self.short(short).await,
            None => {}
        }
    }

    async fn reserved(&self, reserved: StockReserved) {
        let id = reserved.order.id;
        self.cache.forget(id);
        self.write_down("order.stock_reserved", &reserved).await;
        let charged = billing::charge(&reserved, &self.database);
        match self
            .contain(
                id,
                "order.stock_reserved",
                "billing::charge::charge",
                charged,
            )
            .await
        {
            Some(Either::Left(paid)) => self.paid(paid).await,
            Some(Either::Right(declined)) => self.declined(declined).await,
            None => {}
        }
    }

    async fn short(&self, short: StockShort) {
        let id = short.order.id;
        self.cache.forget(id);
        self.write_down("order.stock_short", &short).await;
        let sent = notifications::apologise(&short, &*self.mailer);
        self.contain(id, "order.stock_short", "notifications::apologise", sent)
            .await;
    }

    async fn paid(&self, paid: OrderPaid) {
        let id = paid.order.id;
        self.cache.forget(id);
        self.write_down("order.paid", &paid).await;
        let sent = notifications::confirm(&paid, &*self.mailer);
        self.contain(id, "order.paid", "notifications::confirm", sent)
            .await;
    }

    async fn declined(&self, declined: PaymentDeclined) {
        let id = declined.order.id;
        self.cache.forget(id);
        self.write_down("order.payment_declined", &declined).await;
        let sent = notifications::ask_for_money(&declined, &*self.mailer);
        self.contain(
            id,
            "order.payment_declined",
            "notifications::ask_for_money",
            sent,
        )
        .await;
        let released = stock::release(&declined, &self.database);
        self.contain(
            id,
            "order.payment_declined",
            "stock::release::release",
            released,
        )
        .await;
    }

    async fn write_down(&self, name: &str, event: &dyn OrderEvent) {
        let written = self
            .trail
            .append(event.order_id(), name, &event.line())
            .await;
        if let Err(error) = written {
            tracing::error!(%error, "a line of the audit was not written");
        }
    }

    /// A step that fails or panics is written down, and ends no other.
    async fn contain<T, E: Display>(
        &self,
        order_id: OrderId,
        event: &'static str,
        handler: &'static str,
        step: impl Future<Output = Result<T, E>>,
    ) -> Option<T> {
        let mut step = pin!(step);
        let caught = poll_fn(|context| {
            let poll = AssertUnwindSafe(|| step.as_mut().poll(context));
            match catch_unwind(poll) {
                Ok(poll) => poll.map(Ok),
                Err(payload) => Poll::Ready(Err(payload)),
            }
        });
        let message = match caught.await {
            Ok(Ok(done)) => return Some(done),
            Ok(Err(error)) => error.to_string(),
            Err(payload) => panic_message(&*payload).to_owned(),
        };
        tracing::error!(event, handler, message, "a step failed");
        let failed = HandlerFailed {
            order_id,
            event,
            handler,
            message,
        };
        self.write_down("order.handler_failed", &failed).await;
        None
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("it panicked")
}
