use eventful::event;

#[event]
struct OrderCounted;

fn count(transaction: &mut u8) {
    OrderCounted.publish(transaction).ok();
}

fn main() {}
