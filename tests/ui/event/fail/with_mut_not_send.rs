use eventful::event;

struct User(std::rc::Rc<u64>);

#[event(async, with = mut User)]
struct OrderCreated;

fn main() {
    let _ = OrderCreated;
}
