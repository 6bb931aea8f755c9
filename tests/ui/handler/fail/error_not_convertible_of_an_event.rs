use eventful::{event, handler};

#[event]
struct OrderCreated;

#[event]
struct StockReserved;

#[derive(Debug)]
enum StockError {
    Empty,
}

#[handler(OrderCreated)]
fn reserve(_: &OrderCreated) -> Result<StockReserved, StockError> {
    Err(StockError::Empty)
}

fn main() {
    let _ = reserve(&OrderCreated);
    let _ = StockReserved;
}
