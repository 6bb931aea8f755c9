use eventful::{event, family, handler, handlers};

#[event]
struct OrderCreated(u64);

struct Cache;

#[handler(OrderCreated)]
fn update_cache(event: &OrderCreated, cache: &Cache) {
    let _ = (event.0, cache);
}

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    fn clear(&self, event: &OrderCreated) {
        let _ = event.0;
    }
}

#[family]
trait Auditable {
    fn line(&self) -> String;
}

#[event(as(dyn Auditable), handlers = 1..)]
struct OrderPaid(u64);

impl Auditable for OrderPaid {
    fn line(&self) -> String {
        self.0.to_string()
    }
}

#[handler(OrderPaid, when = |event| event.0 > 100)]
fn thank(event: &OrderPaid) {
    let _ = event.0;
}

#[handler(OrderPaid, dyn Auditable)]
fn audit<E: Auditable + ?Sized>(event: &E) {
    let _ = event.line();
}
