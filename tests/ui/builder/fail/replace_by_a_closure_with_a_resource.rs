use eventful::{Bus, event, handler};

#[event]
struct OrderCreated;

struct Cache;

#[handler(OrderCreated)]
fn update(_: &OrderCreated, _: &Cache) {}

fn main() {
    let _ = Bus::isolated().replace(update, |_: &OrderCreated, _: &Cache| ());
}
