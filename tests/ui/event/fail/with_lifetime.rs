use eventful::event;

struct Transaction<'a>(&'a mut u64);

#[event(with = mut Transaction<'_>)]
struct OrderCreated;

fn main() {
    let _ = (OrderCreated, Transaction(&mut 1));
}
