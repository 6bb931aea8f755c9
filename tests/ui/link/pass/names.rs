#![deny(warnings)]

eventful::link!(eventful);

mod inner {
    eventful::link!(r#eventful,);
}

fn main() {
    eventful::link!(eventful);
}
