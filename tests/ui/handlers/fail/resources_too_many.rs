use eventful::{event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct Cache;

#[handlers]
impl Cache {
    #[handler(OrderCreated)]
    #[expect(clippy::too_many_arguments, reason = "one too many")]
    fn update(
        &self,
        event: &OrderCreated,
        _: &u8,
        _: &u16,
        _: &u32,
        _: &u64,
        _: &u128,
        _: &i8,
        _: &i16,
        _: &i32,
        _: &i64,
        _: &i128,
        _: &f32,
        _: &f64,
    ) {
        let _ = event;
    }
}

fn main() {
    let _ = Cache::update;
    let _ = Cache;
    let _ = OrderCreated { id: 1 };
}
