use eventful::family;

#[family(async)]
trait Auditable {
    async fn id(&self) -> u64;
}

fn main() {}
