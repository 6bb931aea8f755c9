use eventful::event;

#[event]
trait OrderCreated {}

fn main() {
    fn _takes(_: &dyn OrderCreated) {}
}
