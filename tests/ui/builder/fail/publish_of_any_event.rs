use eventful::{Bus, Event};

fn publish<E: Event>(bus: &Bus, event: &E) {
    let _ = bus.publish(event);
}

fn main() {
    let _ = publish::<Never>;
}

#[eventful::event]
enum Never {}
