use shop::events::{Bus, event, handlers};

mod shop {
    pub(crate) use eventful as events;
}

#[event(crate = shop::events)]
struct OrderCreated;

struct Cache;

#[handlers(crate = shop::events)]
impl Cache {
    #[handler(OrderCreated)]
    fn update(&self, _: &OrderCreated) {}

    #[handler(OrderCreated, crate = ::eventful)]
    fn fill(&self, _: &OrderCreated) {}
}

fn main() {
    let bus = Bus::builder().provide(Cache).build().unwrap();
    assert_eq!(bus.publish(&OrderCreated).unwrap().handled(), 2);
}
