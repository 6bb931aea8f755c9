#[event]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
