//! Memory is read after it was freed.

fn main() {
    let number = Box::new(1);
    let freed = &raw const *number;
    drop(number);
    // SAFETY: none; AddressSanitizer must say so.
    println!("{}", unsafe { freed.read() });
}
