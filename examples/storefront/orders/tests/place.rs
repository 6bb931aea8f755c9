//! Placing orders, on a bus without other handlers.

use std::sync::Arc;

use eventful::testing::Recorder;
use eventful::{Bus, event};
use orders::events::OrderCreated;
use orders::{
    Attempt, Cents, Database, NewItem, NewOrder, OrderId, OrderStore, PlaceError, Placed, Status,
    place,
};

struct Shop {
    bus: Bus,
    store: OrderStore,
    database: Database,
    created: Recorder,
}

impl Shop {
    async fn open() -> Self {
        let created = Recorder::new();
        let bus = Bus::isolated()
            .capture::<OrderCreated>(&created)
            .build()
            .unwrap();
        let database = Database::in_memory().await.unwrap();
        let store = OrderStore::new(database.clone());
        Self {
            bus,
            store,
            database,
            created,
        }
    }

    async fn place(&self, key: &str, new: &NewOrder) -> Result<Placed, PlaceError> {
        let body = format!("{new:?}");
        let attempt = Attempt::new(key, body.as_bytes()).unwrap();
        place(&self.bus, &self.store, &attempt, new).await
    }

    async fn count(&self, query: &'static str) -> i64 {
        let counted = sqlx::query_scalar(query).fetch_one(self.database.readers());
        counted.await.unwrap()
    }
}

fn wanted(customer: &str, items: &[(&str, i64)]) -> NewOrder {
    let items = items.iter().map(|&(sku, quantity)| NewItem {
        sku: sku.to_owned(),
        quantity,
    });
    NewOrder {
        customer: customer.to_owned(),
        items: items.collect(),
    }
}

#[tokio::test]
async fn an_order_is_saved_with_its_prices_and_then_published_once() {
    let shop = Shop::open().await;
    let new = wanted("ada", &[("tea", 3), ("pot", 1)]);
    let Placed::Now(placed) = shop.place("k", &new).await.unwrap() else {
        panic!("it is new")
    };
    assert_eq!(placed.status, Status::Placed);
    assert_eq!(placed.order.total_cents, Cents(3 * 450 + 2400));
    let items = placed.order.items.iter();
    let items: Vec<_> = items
        .map(|item| (item.sku.as_str(), item.quantity))
        .collect();
    assert_eq!(items, [("tea", 3), ("pot", 1)]);

    let order = Arc::clone(&placed.order);
    assert_eq!(
        shop.created.events::<OrderCreated>(),
        [OrderCreated { order }]
    );
    let found = shop.store.find(placed.order.id).await.unwrap();
    assert_eq!(found.as_ref(), Some(&placed));
    assert_eq!(shop.store.list(OrderId(0), 10).await.unwrap(), [placed]);
}

#[tokio::test]
async fn the_same_key_gives_the_same_order_back_and_another_body_is_refused() {
    let shop = Shop::open().await;
    let new = wanted("ada", &[("tea", 1)]);
    let Placed::Now(first) = shop.place("key", &new).await.unwrap() else {
        panic!("it is new")
    };
    let again = shop.place("key", &new).await.unwrap();
    assert_eq!(again, Placed::Before(first));
    let other = shop.place("key", &wanted("ada", &[("tea", 2)])).await;
    assert!(matches!(other, Err(PlaceError::KeyReused)));
    assert!(matches!(
        shop.place("other", &new).await,
        Ok(Placed::Now(_))
    ));

    shop.created.assert_count::<OrderCreated>(2);
    assert_eq!(shop.count("SELECT count(*) FROM orders").await, 2);
}

#[tokio::test]
async fn nothing_is_left_of_an_order_that_is_refused() {
    let shop = Shop::open().await;
    for (new, message) in [
        (
            wanted("nobody", &[("tea", 1)]),
            "there is no customer `nobody`",
        ),
        (
            wanted("ada", &[("tea", 1), ("coffee", 1)]),
            "there is no product `coffee`",
        ),
        (
            wanted("ada", &[("tea", 0)]),
            "the quantity of `tea` is 0; it must be from 1 to 1000",
        ),
    ] {
        let error = shop.place("key", &new).await.unwrap_err();
        assert!(matches!(error, PlaceError::Invalid(_)), "{error}");
        assert_eq!(error.to_string(), message);
    }
    shop.created.assert_none::<OrderCreated>();
    assert_eq!(
        shop.count(
            "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items)
                  + (SELECT count(*) FROM idempotency_keys)"
        )
        .await,
        0
    );
    // The key was not used up.
    assert!(
        shop.place("key", &wanted("ada", &[("tea", 1)]))
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_handler_that_fails_leaves_the_order_and_its_answer() {
    let shop = Shop::open().await;
    let bus = shop
        .bus
        .derive()
        .subscribe("fails", |_: &OrderCreated| Err::<(), _>("no"))
        .subscribe("panics", |event: &OrderCreated| {
            assert_eq!(event.order.id, OrderId(0));
        })
        .build()
        .unwrap();
    let shop = Shop { bus, ..shop };
    let placed = shop.place("key", &wanted("ada", &[("tea", 1)])).await;
    assert!(matches!(placed, Ok(Placed::Now(_))));
}

/// The database as a handler of a new order sees it: the commit is over.
#[tokio::test]
async fn the_order_is_committed_when_it_is_published() {
    #[event]
    #[derive(Clone, Debug, PartialEq)]
    struct Seen(bool);

    let shop = Shop::open().await;
    let seen = Recorder::new();
    let store = shop.store.clone();
    let bus = Bus::isolated()
        .subscribe("look", move |event: &OrderCreated| {
            let (store, id) = (store.clone(), event.order.id);
            async move { Seen(store.find(id).await.unwrap().is_some()) }
        })
        .capture::<Seen>(&seen)
        .build()
        .unwrap();
    let shop = Shop { bus, ..shop };
    shop.place("key", &wanted("ada", &[("tea", 1)]))
        .await
        .unwrap();
    assert_eq!(seen.events::<Seen>(), [Seen(true)]);
}
