use eventful::{Bus, event};

struct User;

#[event(with = User)]
struct OrderCreated;

fn main() -> Result<(), eventful::WiringError> {
    let bus = Bus::builder().build()?;
    let _ = bus.publish_with(&OrderCreated, &1_u8);
    Ok(())
}
