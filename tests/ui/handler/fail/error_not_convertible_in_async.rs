use eventful::{event, handler};

#[event(async)]
struct OrderCreated;

struct Full;

#[handler(OrderCreated)]
async fn update(_: &OrderCreated) -> Result<(), Full> {
    Err(Full)
}

fn main() {
    let _ = update(&OrderCreated);
}
