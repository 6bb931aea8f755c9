//! The cache: an order is read once, until something happens to it.

use std::sync::Arc;

use eventful::Bus;
use eventful::testing::assert_handles;
use orders::events::{OrderPaid, PaymentDeclined, StockReserved, StockShort};
use orders::{
    Attempt, Database, NewItem, NewOrder, OrderCache, OrderId, OrderStore, Placed, Status,
    TrackedOrder, advance, forget, place,
};

async fn placed() -> (Database, OrderStore, TrackedOrder) {
    let database = Database::in_memory().await.unwrap();
    let store = OrderStore::new(database.clone());
    let items = vec![NewItem {
        sku: "tea".to_owned(),
        quantity: 1,
    }];
    let new = NewOrder {
        customer: "ada".to_owned(),
        items,
    };
    let bus = Bus::isolated().build().unwrap();
    let attempt = Attempt::new("key", b"").unwrap();
    let Placed::Now(order) = place(&bus, &store, &attempt, &new).await.unwrap() else {
        panic!("it is new")
    };
    (database, store, order)
}

async fn reserve(database: &Database, id: OrderId) {
    let mut transaction = database.write().await.unwrap();
    let step = advance(&mut transaction, id, Status::Placed, Status::Reserved);
    step.await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn what_was_read_is_kept_until_something_happens_to_the_order() {
    let (database, store, TrackedOrder { order, .. }) = placed().await;
    let cache = Arc::new(OrderCache::new(10));
    let bus = Bus::isolated()
        .with(forget::<StockReserved>)
        .provide_arc(Arc::clone(&cache))
        .build()
        .unwrap();
    let find = || async { cache.find(order.id, &store).await.unwrap().unwrap().status };

    assert!(!cache.has(order.id));
    assert_eq!(find().await, Status::Placed);
    assert!(cache.has(order.id));

    reserve(&database, order.id).await;
    assert_eq!(find().await, Status::Placed, "it is from the cache");
    let order = Arc::clone(&order);
    bus.publish(&StockReserved { order }).await.unwrap();
    assert_eq!(find().await, Status::Reserved);
}

#[tokio::test]
async fn what_changes_while_it_is_read_is_not_kept() {
    let (database, store, TrackedOrder { order, .. }) = placed().await;
    let cache = OrderCache::new(10);
    let mut finding = Box::pin(cache.find(order.id, &store));
    // The only connection is taken, so that the order is read after it has changed, and was asked for before.
    let writing = database.write().await.unwrap();
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(finding.as_mut().poll(&mut context).is_pending());
    cache.forget(order.id);
    drop(writing);
    assert!(finding.await.unwrap().is_some());
    assert!(!cache.has(order.id));
}

#[tokio::test]
async fn what_is_not_there_is_not_kept() {
    let (_database, store, _) = placed().await;
    let cache = OrderCache::new(10);
    assert_eq!(cache.find(OrderId(99), &store).await.unwrap(), None);
    assert!(!cache.has(OrderId(99)));
}

#[test]
fn it_hears_of_every_change_of_the_status() {
    assert_handles::<StockReserved, _>(forget::<StockReserved>);
    assert_handles::<StockShort, _>(forget::<StockShort>);
    assert_handles::<OrderPaid, _>(forget::<OrderPaid>);
    assert_handles::<PaymentDeclined, _>(forget::<PaymentDeclined>);
}
