use eventful::Bus;

fn main() {
    let _ = Bus::builder().subscribe("count", |_: &u64| ()).build();
}
