use eventful::event;

#[event]
union Bits {
    integer: u32,
    float: f32,
}

fn main() {
    let _ = Bits { integer: 1 };
}
