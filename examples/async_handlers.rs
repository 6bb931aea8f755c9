//! Asynchronous events on tokio: `cargo run --example async_handlers`.

use std::time::Duration;

use eventful::{WhenFull, event, handler};
use tokio::time::{sleep, timeout};

// `publish` returns a future, in which the handlers run one after the other.
#[event(async)]
struct OrderShipped {
    order_id: u64,
}

#[handler(OrderShipped)]
fn update_cache(event: &OrderShipped) {
    println!("  cache: order {} is on its way", event.order_id);
}

#[handler(OrderShipped, after = update_cache)]
async fn notify(event: &OrderShipped) -> Result<(), String> {
    sleep(Duration::from_millis(5)).await;
    println!("  mail: order {} is on its way", event.order_id);
    if event.order_id == 2 {
        Err(String::from("no address"))
    } else {
        Ok(())
    }
}

#[handler(OrderShipped, after = notify)]
async fn call_carrier(event: &OrderShipped) {
    // An event that a handler publishes goes to the same bus, within the same publish.
    PickupRequested {
        order_id: event.order_id,
    }
    .publish()
    .await
    .ok();
}

// The handlers of this event are polled together: a publish takes as long as the slowest.
#[event(async, concurrent)]
struct PickupRequested {
    order_id: u64,
}

#[handler(PickupRequested)]
async fn ask_north(event: &PickupRequested) {
    sleep(Duration::from_millis(20)).await;
    println!("  carrier North is asked for order {}", event.order_id);
}

#[handler(PickupRequested)]
async fn ask_south(event: &PickupRequested) {
    sleep(Duration::from_millis(10)).await;
    println!("  carrier South is asked for order {}", event.order_id);
}

// This clock advances when all tasks wait: the example takes no time, and always prints the same.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .init();
    let bus = eventful::bus!()
        .spawner(|task| drop(tokio::spawn(task)))
        .hand_over_limit(2, WhenFull::Queue)
        .build()?;

    println!("awaited:");
    let delivered = bus.publish(&OrderShipped { order_id: 1 }).await?;
    println!("  {} handlers are done", delivered.handled());

    println!("one handler fails, the others run:");
    if let Err(error) = bus.publish(&OrderShipped { order_id: 2 }).await {
        println!("  {}", error.failures()[0]);
    }

    println!("ambient, in the scope of a task:");
    let ambient = bus
        .scope_async(async { OrderShipped { order_id: 3 }.publish().await })
        .await?;
    println!("  {} handlers are done", ambient.handled());

    println!("dropped half-way, as a client does; the log names the cancelled handler:");
    let event = OrderShipped { order_id: 4 };
    let hung_up = timeout(Duration::from_millis(1), bus.publish(&event)).await;
    println!("  timed out: {}", hung_up.is_err());

    println!("handed over, so that nobody can hang up:");
    for order_id in 5..8 {
        bus.hand_over(OrderShipped { order_id })?;
    }
    println!("  {} are under way", bus.handed_over_count());
    bus.drained().await;
    println!("  {} are, at the end", bus.handed_over_count());
    Ok(())
}
