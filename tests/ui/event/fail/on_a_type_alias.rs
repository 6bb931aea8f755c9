use eventful::event;

#[event]
type OrderCreated = u64;

fn main() {
    let _: OrderCreated = 1;
}
