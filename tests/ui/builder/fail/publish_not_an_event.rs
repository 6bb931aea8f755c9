use eventful::Bus;

struct OrderCreated;

fn main() {
    let _ = Bus::isolated().build().unwrap().publish(&OrderCreated);
}
