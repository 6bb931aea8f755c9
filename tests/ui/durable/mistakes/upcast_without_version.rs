use eventful::upcast;
use serde_json::Value;

#[upcast("order.placed")]
fn lift(old: Value) -> Result<Value, String> {
    Ok(old)
}

fn main() {}
