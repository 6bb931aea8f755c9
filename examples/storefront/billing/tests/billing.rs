//! Debiting, alone with a database in memory.

use std::sync::Arc;

use eventful::Bus;
use eventful::testing::{Recorder, assert_handles};
use orders::events::{OrderPaid, PaymentDeclined, StockReserved};
use orders::{
    Attempt, Cents, Database, NewItem, NewOrder, Order, OrderStore, Placed, Status, advance, place,
};

use billing::charge;

async fn reserved(database: &Database, quantity: i64) -> Arc<Order> {
    let items = vec![NewItem {
        sku: "cup".to_owned(),
        quantity,
    }];
    let new = NewOrder {
        customer: "alan".to_owned(),
        items,
    };
    let nobody = Bus::isolated().build().unwrap();
    let store = OrderStore::new(database.clone());
    let attempt = Attempt::new(&quantity.to_string(), b"").unwrap();
    let Placed::Now(placed) = place(&nobody, &store, &attempt, &new).await.unwrap() else {
        panic!("it is new")
    };
    let mut transaction = database.write().await.unwrap();
    let id = placed.order.id;
    let step = advance(&mut transaction, id, Status::Placed, Status::Reserved);
    step.await.unwrap();
    transaction.commit().await.unwrap();
    placed.order
}

async fn balance(database: &Database) -> i64 {
    sqlx::query_scalar("SELECT balance_cents FROM customers WHERE id = 'alan'")
        .fetch_one(database.readers())
        .await
        .unwrap()
}

fn bus(database: &Database, recorder: &Recorder) -> Bus {
    Bus::isolated()
        .with(charge)
        .provide(database.clone())
        .capture::<OrderPaid>(recorder)
        .capture::<PaymentDeclined>(recorder)
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_balance_that_is_large_enough_is_debited_once() {
    let (database, recorder) = (Database::in_memory().await.unwrap(), Recorder::new());
    let bus = bus(&database, &recorder);
    let order = reserved(&database, 6).await;
    let event = StockReserved {
        order: Arc::clone(&order),
    };
    bus.publish(&event).await.unwrap();
    let again = bus.publish(&event).await.unwrap_err();
    assert!(
        again.failures()[0]
            .message()
            .ends_with("because it is not `reserved`")
    );

    let left = Cents(5000 - 6 * 790);
    let paid = OrderPaid {
        order,
        balance: left,
    };
    assert_eq!(recorder.events::<OrderPaid>(), [paid]);
    recorder.assert_none::<PaymentDeclined>();
    assert_eq!(Cents(balance(&database).await), left);
    let store = OrderStore::new(database);
    assert_eq!(
        store.find(event.order.id).await.unwrap().unwrap().status,
        Status::Paid
    );
}

#[tokio::test]
async fn a_balance_that_is_too_small_stays_as_it_is() {
    let (database, recorder) = (Database::in_memory().await.unwrap(), Recorder::new());
    let bus = bus(&database, &recorder);
    let order = reserved(&database, 7).await;
    let id = order.id;
    bus.publish(&StockReserved {
        order: Arc::clone(&order),
    })
    .await
    .unwrap();
    let declined = PaymentDeclined {
        order,
        balance: Cents(5000),
    };
    assert_eq!(recorder.events::<PaymentDeclined>(), [declined]);
    recorder.assert_none::<OrderPaid>();
    assert_eq!(balance(&database).await, 5000);
    let store = OrderStore::new(database);
    assert_eq!(
        store.find(id).await.unwrap().unwrap().status,
        Status::Declined
    );
}

#[test]
fn it_listens_to_reserved_orders() {
    assert_handles::<StockReserved, _>(charge);
}
