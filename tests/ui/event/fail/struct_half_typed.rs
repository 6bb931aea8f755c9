use eventful::event;

#[event]
struct OrderCreated {
    id: 
}

fn main() {
    let _ = |event: OrderCreated| event;
}
