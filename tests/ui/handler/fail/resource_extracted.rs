use eventful::{event, handler};

#[event]
struct OrderCreated;

struct Cache;

struct State<T>(T);

#[handler(OrderCreated)]
fn update(_: &OrderCreated, State(_cache): State<Cache>) {}

fn main() {
    update(&OrderCreated, State(Cache));
}
