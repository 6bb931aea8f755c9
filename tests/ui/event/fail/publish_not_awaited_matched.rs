use eventful::event;

#[event(async)]
struct OrderCreated;

async fn create() {
    if let Err(error) = OrderCreated.publish() {
        println!("{error}");
    }
}

fn main() {
    let _ = create();
}
