use eventful::{Bus, event};

#[event(async, with = u64)]
struct OrderCreated;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let bus = Bus::builder().build()?;
    bus.hand_over(OrderCreated)?;
    Ok(())
}
