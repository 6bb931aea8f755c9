//! After: a struct for each event, and a function for each thing that happens then.

use eventful::{Bus, HandOverError, event, handler};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;

use super::{Outcome, Shop};

#[event(async)]
struct OrderCreated {
    order_id: u64,
    user: String,
}

#[event(async)]
struct OrderCancelled {
    order_id: u64,
    user: String,
}

/// Waits for the handlers, and could look at the outcome. The next order comes after this one.
async fn create_order(bus: &Bus, order_id: u64) {
    let user = String::from("ada");
    // … saved …
    let event = OrderCreated { order_id, user };
    bus.publish(&event).await.ok(); // failures are logged
}

/// Does not wait, like `send`.
fn cancel_order(bus: &Bus, order_id: u64) -> Result<(), HandOverError> {
    let user = String::from("ada");
    // … saved …
    bus.hand_over(OrderCancelled { order_id, user }).map(drop)
}

#[handler(OrderCreated)]
async fn add_to_index(event: &OrderCreated, shop: &Shop) {
    shop.add_to_index(event.order_id).await;
}

#[handler(OrderCancelled)]
async fn remove_from_index(event: &OrderCancelled, shop: &Shop) {
    shop.remove_from_index(event.order_id).await;
}

#[handler(OrderCreated)]
fn mail_confirmation(event: &OrderCreated, shop: &Shop) {
    let text = format!("order {} is on its way", event.order_id);
    shop.send_mail(&event.user, &text);
}

#[handler(OrderCancelled)]
fn mail_cancellation(event: &OrderCancelled, shop: &Shop) {
    let text = format!("order {} is cancelled", event.order_id);
    shop.send_mail(&event.user, &text);
}

/// A web socket stays a stream: each has a receiver of this channel.
#[handler(OrderCreated)]
fn tell_sockets(event: &OrderCreated, sockets: &broadcast::Sender<u64>) {
    sockets.send(event.order_id).ok(); // nobody is connected
}

/// The orders that a web socket is sent.
async fn socket(mut orders: broadcast::Receiver<u64>, socket: mpsc::Sender<u64>) {
    loop {
        match orders.recv().await {
            Ok(order_id) if socket.send(order_id).await.is_ok() => {}
            Err(RecvError::Lagged(_)) => {} // here a stream may lose some: it is told to load again
            Ok(_) | Err(RecvError::Closed) => return,
        }
    }
}

pub(super) async fn run() -> Result<Outcome, Box<dyn std::error::Error>> {
    let shop = Shop::default();
    let (sockets, _) = broadcast::channel(64);
    let (sender, receiver) = mpsc::channel(64);
    let task = tokio::spawn(socket(sockets.subscribe(), sender));
    let bus = eventful::bus!()
        .provide(shop.clone())
        .provide(sockets)
        .spawner(|task| drop(tokio::spawn(task)))
        .build()?;

    create_order(&bus, 1).await;
    create_order(&bus, 2).await;
    cancel_order(&bus, 1)?;

    bus.drained().await;
    drop(bus);
    task.await?;
    Ok(Outcome::of(shop, receiver).await)
}
