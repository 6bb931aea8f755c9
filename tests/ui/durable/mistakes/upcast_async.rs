use eventful::upcast;
use serde_json::Value;

#[upcast("order.placed", from = 1)]
async fn lift(old: Value) -> Result<Value, String> {
    Ok(old)
}

fn main() {}
