use eventful::{Bus, event};

#[event(async, with = mut u64)]
struct OrderCreated;

fn main() -> Result<(), eventful::WiringError> {
    let bus = Bus::builder().build()?;
    bus.pending_async().push(OrderCreated);
    Ok(())
}
