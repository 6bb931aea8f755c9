use eventful::event;

#[event(async)]
struct OrderCreated;

fn spawn(_: impl Future<Output: Send> + Send + 'static) {}

fn main() {
    let event = OrderCreated;
    spawn(event.publish());
}
