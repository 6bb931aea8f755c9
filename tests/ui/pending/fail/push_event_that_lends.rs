use eventful::{Bus, event};

#[event(with = u64)]
struct OrderCreated;

fn main() -> Result<(), eventful::WiringError> {
    let bus = Bus::builder().build()?;
    bus.pending().push(OrderCreated);
    Ok(())
}
