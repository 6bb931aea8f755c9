use eventful::{event, handler};

#[event(async)]
struct OrderCreated;

trait Mailer: Send + Sync {
    async fn send(&self);
}

#[handler(OrderCreated)]
async fn send(_: &OrderCreated, mailer: &dyn Mailer) {
    mailer.send().await;
}

fn main() {
    let _ = OrderCreated;
}
