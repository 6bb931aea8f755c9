//! The audit alone, with a table in memory.

use std::sync::Arc;

use audit::write_down;
use eventful::Bus;
use eventful::testing::assert_handles;
use orders::events::{HandlerFailed, OrderCreated, StockReserved};
use orders::{AuditTrail, Cents, Customer, Database, Item, Order, OrderId};

fn order() -> Arc<Order> {
    let text = String::from;
    Arc::new(Order {
        id: OrderId(7),
        customer: Customer {
            id: text("ada"),
            name: text("Ada Lovelace"),
            email: text("ada@example.com"),
        },
        items: vec![Item {
            sku: text("tea"),
            quantity: 3,
            price_cents: Cents(450),
        }],
        total_cents: Cents(1350),
        placed_at: text("2026-01-01T00:00:00.000Z"),
    })
}

#[tokio::test]
async fn each_event_is_one_line_of_its_order() {
    let trail = AuditTrail::new(Database::in_memory().await.unwrap());
    let bus = Bus::isolated()
        .with(write_down)
        .provide(trail.clone())
        .build()
        .unwrap();
    bus.publish(&OrderCreated { order: order() }).await.unwrap();
    bus.publish(&StockReserved { order: order() })
        .await
        .unwrap();
    bus.publish(&HandlerFailed {
        order_id: OrderId(8),
        event: "order.paid",
        handler: "notifications::confirm",
        message: "the box is full".to_owned(),
    })
    .await
    .unwrap();

    let lines = trail.lines(Some(OrderId(7)), 0, 10).await.unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|line| (line.event.as_str(), line.line.as_str()))
        .collect();
    assert_eq!(
        lines,
        [
            ("order.created", "placed by ada: 3 tea, for 13.50"),
            ("order.stock_reserved", "its items are reserved"),
        ]
    );
    let all = trail.lines(None, 0, 10).await.unwrap();
    assert_eq!(all.len(), 3);
    assert_eq!(
        all[2].line,
        "notifications::confirm failed on order.paid: the box is full"
    );
}

#[test]
fn it_listens_to_the_family_and_so_to_every_event() {
    assert_handles::<OrderCreated, _>(write_down);
    // Not the full bus: the events ask for handlers of their own, which other crates have.
    let wiring = Bus::isolated().with(write_down).wiring().unwrap();
    assert_eq!(wiring.events().len(), 6);
    for event in wiring.events() {
        let is_written = event
            .handlers()
            .iter()
            .any(|handler| handler.id() == "audit::write_down");
        assert!(is_written, "{}", event.name());
    }
}
