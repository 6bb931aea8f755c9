use eventful::event;

#[event]
fn order_created() {}

fn main() {
    order_created();
}
