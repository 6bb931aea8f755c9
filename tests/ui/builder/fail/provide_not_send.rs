use std::sync::Mutex;

use eventful::Bus;

fn main() {
    static COUNT: Mutex<u64> = Mutex::new(1);
    let _ = Bus::builder().provide(COUNT.lock().unwrap()).build();
}
