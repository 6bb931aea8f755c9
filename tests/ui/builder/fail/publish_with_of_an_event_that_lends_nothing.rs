use eventful::{Bus, event};

struct User;

#[event]
struct OrderCreated;

fn main() -> Result<(), eventful::WiringError> {
    let bus = Bus::builder().build()?;
    let _ = bus.publish_with(&OrderCreated, &User);
    Ok(())
}
