use eventful::{event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[handler(OrderCreated)]
fn update(
    event: &OrderCreated,
    _: &u8,
    _: &u16,
    _: &u32,
    _: &u64,
    _: &u128,
    _: &usize,
    _: &i8,
    _: &i16,
    _: &i32,
    _: &i64,
    _: &i128,
    _: &isize,
    _: &char,
) {
    let _ = event;
}

fn main() {
    let _ = update;
    let _ = OrderCreated { id: 1 };
}
