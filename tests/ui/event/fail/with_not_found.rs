use eventful::event;


#[event(with = mut Missing)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
