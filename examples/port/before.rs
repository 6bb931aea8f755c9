//! Before: an enum of all events, a broadcast channel, and a task with a loop for each subscriber.

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::{Outcome, Shop};

#[derive(Clone)]
enum Event {
    OrderCreated { order_id: u64, user: String },
    OrderCancelled { order_id: u64, user: String },
}

fn create_order(events: &broadcast::Sender<Event>, order_id: u64) {
    let user = String::from("ada");
    // … saved …
    events.send(Event::OrderCreated { order_id, user }).ok();
}

fn cancel_order(events: &broadcast::Sender<Event>, order_id: u64) {
    let user = String::from("ada");
    // … saved …
    events.send(Event::OrderCancelled { order_id, user }).ok();
}

fn index(mut events: broadcast::Receiver<Event>, shop: Shop) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            match events.recv().await {
                Ok(Event::OrderCreated { order_id, .. }) => shop.add_to_index(order_id).await,
                Ok(Event::OrderCancelled { order_id, .. }) => {
                    shop.remove_from_index(order_id).await;
                }
                Err(RecvError::Lagged(_)) => {} // lost
                Err(RecvError::Closed) => return,
            }
        }
    })
}

fn mail(mut events: broadcast::Receiver<Event>, shop: Shop) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            match events.recv().await {
                Ok(Event::OrderCreated { user, order_id }) => {
                    shop.send_mail(&user, &format!("order {order_id} is on its way"));
                }
                Ok(Event::OrderCancelled { user, order_id }) => {
                    shop.send_mail(&user, &format!("order {order_id} is cancelled"));
                }
                Err(RecvError::Lagged(_)) => {} // lost
                Err(RecvError::Closed) => return,
            }
        }
    })
}

/// The orders that a web socket is sent.
fn socket(mut events: broadcast::Receiver<Event>, socket: mpsc::Sender<u64>) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            match events.recv().await {
                Ok(Event::OrderCreated { order_id, .. }) => {
                    if socket.send(order_id).await.is_err() {
                        return; // the browser has gone
                    }
                }
                Ok(Event::OrderCancelled { .. }) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return,
            }
        }
    })
}

pub(super) async fn run() -> Result<Outcome, Box<dyn std::error::Error>> {
    let shop = Shop::default();
    let (events, _) = broadcast::channel(64);
    let (sender, receiver) = mpsc::channel(64);
    // Far from the subscribers: a line for each.
    let tasks = [
        index(events.subscribe(), shop.clone()),
        mail(events.subscribe(), shop.clone()),
        socket(events.subscribe(), sender),
    ];

    create_order(&events, 1);
    create_order(&events, 2);
    cancel_order(&events, 1);

    drop(events);
    for task in tasks {
        task.await?;
    }
    Ok(Outcome::of(shop, receiver).await)
}
