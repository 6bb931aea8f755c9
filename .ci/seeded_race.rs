//! Two threads write to the same place at once.

use std::thread;

static mut COUNT: u32 = 0;

fn main() {
    let other = thread::spawn(count);
    count();
    other.join().expect("it does not panic");
}

fn count() {
    // SAFETY: none; ThreadSanitizer must say so.
    unsafe { COUNT += 1 };
}
