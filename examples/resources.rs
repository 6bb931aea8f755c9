//! The resources of a handler, and the builder calls that provide them: `cargo run --example resources`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use eventful::{Bus, Delivery, WeakBus, event, handler};

#[event]
struct CommentPosted {
    author: String,
}

#[event]
struct ReputationChanged {
    author: String,
    points: u32,
}

// A type of this program: `provide`, and `&T`.
struct Prefix(&'static str);

#[handler(CommentPosted)]
fn greet(event: &CommentPosted, prefix: &Prefix) {
    println!("{} {} has commented", prefix.0, event.author);
}

// A trait: `provide_arc::<dyn Trait>`, and `&dyn Trait`.
trait Clock: Send + Sync {
    fn now(&self) -> &'static str;
}

struct StoppedClock;

impl Clock for StoppedClock {
    fn now(&self) -> &'static str {
        "12:00"
    }
}

#[handler(CommentPosted, after = greet)]
fn stamp(_: &CommentPosted, clock: &dyn Clock) {
    println!("  at {}", clock.now());
}

// A resource that the handler may keep: `provide_arc`, and `&Arc<T>`.
#[handler(CommentPosted, after = stamp)]
fn count(_: &CommentPosted, counter: &Arc<AtomicU32>) {
    let kept_elsewhere = Arc::clone(counter);
    println!(
        "  comment number {}",
        kept_elsewhere.fetch_add(1, Ordering::Relaxed) + 1
    );
}

// A resource that the bus may lack: `Option<&T>`.
struct SpamFilter;

#[handler(CommentPosted, after = count)]
fn filter(_: &CommentPosted, spam_filter: Option<&SpamFilter>) {
    println!(
        "  spam filter: {}",
        if spam_filter.is_some() { "on" } else { "none" }
    );
}

// A service that publishes on the bus that holds it: `provide_with`.
struct Reputation {
    bus: WeakBus,
}

impl Reputation {
    fn add(&self, author: &str, points: u32) {
        if let Some(bus) = self.bus.upgrade() {
            // Each failure is already logged with its handler.
            bus.publish(&ReputationChanged {
                author: author.to_owned(),
                points,
            })
            .ok();
        }
    }
}

#[handler(CommentPosted, after = filter)]
fn reward(event: &CommentPosted, reputation: &Reputation) {
    reputation.add(&event.author, 5);
}

// Every bus provides these: `&Bus` and `&Delivery`.
#[handler(ReputationChanged)]
fn announce(event: &ReputationChanged, bus: &Bus, delivery: &Delivery) {
    println!("  {} earns {} points", event.author, event.points);
    println!(
        "  this event has {} handler here",
        bus.handlers::<ReputationChanged>().len()
    );
    if let Some(cause) = delivery.cause() {
        println!("  it was published by {}", cause.handler().id());
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Resources are missing: the error has every fault at once, each with what to write.
    if let Err(error) = eventful::bus!().build() {
        println!("without resources, {error}\n");
    }

    let bus = eventful::bus!()
        .provide(Prefix("*"))
        .provide_arc::<dyn Clock>(Arc::new(StoppedClock))
        .provide_arc(Arc::new(AtomicU32::new(0)))
        .provide_with(|bus| Reputation { bus })
        .build()?;
    bus.publish(&CommentPosted {
        author: String::from("Ada"),
    })?;
    bus.publish(&CommentPosted {
        author: String::from("Grace"),
    })?;
    Ok(())
}
