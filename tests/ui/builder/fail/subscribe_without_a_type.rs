use eventful::Bus;

fn main() {
    let _ = Bus::builder()
        .subscribe("count", |event| drop(event))
        .build();
}
