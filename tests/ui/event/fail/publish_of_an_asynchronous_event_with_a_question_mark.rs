use eventful::{PublishError, event};

#[event(async)]
struct OrderCreated;

fn main() -> Result<(), PublishError> {
    OrderCreated.publish()?;
    Ok(())
}
