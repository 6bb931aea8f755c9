//! Reserving and putting back, alone with a database in memory.

use std::sync::Arc;

use eventful::testing::{Recorder, assert_handles};
use eventful::{Bus, Either};
use orders::events::{OrderCreated, PaymentDeclined, Shortage, StockReserved, StockShort};
use orders::{
    Attempt, Cents, Database, NewItem, NewOrder, Order, OrderId, OrderStore, Placed, Status, place,
};
use stock::{release, reserve};

struct Shop {
    database: Database,
    store: OrderStore,
}

impl Shop {
    async fn open() -> Self {
        let database = Database::in_memory().await.unwrap();
        let store = OrderStore::new(database.clone());
        Self { database, store }
    }

    /// An order that is saved, and whose event is not published yet.
    async fn order(&self, items: &[(&str, i64)]) -> Arc<Order> {
        let items = items.iter().map(|&(sku, quantity)| NewItem {
            sku: sku.to_owned(),
            quantity,
        });
        let new = NewOrder {
            customer: "ada".to_owned(),
            items: items.collect(),
        };
        let nobody = Bus::isolated().build().unwrap();
        let attempt = Attempt::new(&format!("{new:?}").replace(' ', ""), b"").unwrap();
        match place(&nobody, &self.store, &attempt, &new).await.unwrap() {
            Placed::Now(placed) | Placed::Before(placed) => placed.order,
        }
    }

    async fn status(&self, id: OrderId) -> Status {
        self.store.find(id).await.unwrap().unwrap().status
    }

    async fn in_stock(&self, sku: &str) -> i64 {
        sqlx::query_scalar("SELECT in_stock FROM products WHERE sku = ?")
            .bind(sku.to_owned())
            .fetch_one(self.database.readers())
            .await
            .unwrap()
    }
}

#[tokio::test]
async fn an_order_gets_all_of_its_items() {
    let shop = Shop::open().await;
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .with(reserve)
        .provide(shop.database.clone())
        .capture::<StockReserved>(&recorder)
        .capture::<StockShort>(&recorder)
        .build()
        .unwrap();
    let order = shop.order(&[("tea", 3), ("pot", 12)]).await;
    let id = order.id;
    let created = OrderCreated { order };
    let delivered = bus.publish(&created).await.unwrap();
    assert_eq!((delivered.handled(), delivered.cascaded()), (1, 1));
    recorder.assert_any::<StockReserved>(|event| event.order.id == id);
    recorder.assert_none::<StockShort>();
    assert_eq!(shop.status(id).await, Status::Reserved);
    assert_eq!(
        (shop.in_stock("tea").await, shop.in_stock("pot").await),
        (197, 0)
    );
}

#[tokio::test]
async fn an_order_gets_none_of_its_items_if_there_are_too_few_of_one() {
    let shop = Shop::open().await;
    let order = shop.order(&[("tea", 3), ("pot", 13), ("kettle", 6)]).await;
    let created = OrderCreated {
        order: Arc::clone(&order),
    };
    let Either::Right(short) = reserve(&created, &shop.database).await.unwrap() else {
        panic!("there are 12 pots")
    };
    let shortage = |sku: &str, wanted, in_stock| Shortage {
        sku: sku.to_owned(),
        wanted,
        in_stock,
    };
    assert_eq!(
        short.shortages,
        [shortage("pot", 13, 12), shortage("kettle", 6, 5)]
    );
    assert_eq!(shop.status(order.id).await, Status::Short);
    assert_eq!(
        (shop.in_stock("tea").await, shop.in_stock("pot").await),
        (200, 12)
    );
}

#[tokio::test]
async fn items_are_reserved_and_put_back_once() {
    let shop = Shop::open().await;
    let order = shop.order(&[("tea", 3), ("samovar", 1)]).await;
    let created = OrderCreated {
        order: Arc::clone(&order),
    };
    reserve(&created, &shop.database).await.unwrap();
    let again = reserve(&created, &shop.database).await.unwrap_err();
    assert!(
        again.to_string().ends_with("because it is not `placed`"),
        "{again}"
    );
    assert_eq!(
        (shop.in_stock("tea").await, shop.in_stock("samovar").await),
        (197, 0)
    );

    let declined = PaymentDeclined {
        order,
        balance: Cents(0),
    };
    for _ in 0..2 {
        release(&declined, &shop.database).await.unwrap();
        assert_eq!(
            (shop.in_stock("tea").await, shop.in_stock("samovar").await),
            (200, 1)
        );
    }
}

#[test]
fn it_listens_to_the_right_events() {
    assert_handles::<OrderCreated, _>(reserve);
    assert_handles::<PaymentDeclined, _>(release);
}
