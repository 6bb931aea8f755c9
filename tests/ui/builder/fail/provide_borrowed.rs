use eventful::Bus;

fn main() {
    let name = String::from("a");
    let _ = Bus::builder().provide(name.as_str()).build();
}
