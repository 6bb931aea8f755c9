use eventful::upcast;

#[upcast("order.placed", from = 1)]
fn lift(old: String) -> Result<String, String> {
    Ok(old)
}

fn main() {}
