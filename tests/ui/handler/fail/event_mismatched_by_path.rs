use eventful::handler;

mod orders {
    #[eventful::event]
    pub struct Created;
}

mod users {
    #[eventful::event]
    pub struct Created;
}

#[handler(orders::Created)]
fn update(_: &users::Created) {}

fn main() {
    update(&users::Created);
    let _ = orders::Created;
}
