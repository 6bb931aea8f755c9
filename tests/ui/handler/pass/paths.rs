use eventful::{Bus, handler};

mod shop {
    pub mod orders {
        use eventful::event;

        #[event]
        pub struct OrderCreated {
            pub id: u64,
        }

        #[event]
        pub struct Changed<T> {
            pub to: T,
        }
    }

    pub mod prelude {
        pub use super::orders::*;
    }
}

mod alias {
    use eventful::handler as on;

    type Created = crate::shop::orders::OrderCreated;

    #[on(Created)]
    pub(crate) fn alias(_: &Created) {}
}

mod rename {
    use crate::shop::orders::OrderCreated as Made;

    #[eventful::handler(Made)]
    pub(crate) fn rename(_: &Made) {}
}

mod glob {
    use crate::shop::prelude::*;
    use eventful::*;

    #[handler(OrderCreated)]
    pub(crate) fn glob(_: &OrderCreated) {}
}

mod different_names_of_one_type {
    use crate::shop::orders::{self, OrderCreated};
    use eventful::handler;

    #[handler(orders::OrderCreated)]
    pub(crate) fn relative(_: &OrderCreated) {}

    #[handler(crate::shop::orders::OrderCreated)]
    pub(crate) fn absolute(_: &super::shop::prelude::OrderCreated) {}
}

mod associated {
    use crate::shop::orders::OrderCreated;
    use eventful::handler;

    pub(crate) trait Topic {
        type Event;
    }

    impl Topic for u8 {
        type Event = OrderCreated;
    }

    #[handler(<u8 as Topic>::Event)]
    pub(crate) fn associated(_: &OrderCreated) {}
}

#[handler]
fn without_an_argument(_: &shop::orders::OrderCreated) {}

type Bytes<T> = shop::orders::Changed<Vec<T>>;

#[handler(Bytes<u8>)]
fn generic_alias(_: &shop::orders::Changed<Vec<u8>>) {}

fn main() {
    let bus = Bus::builder().build().unwrap();
    let delivered = bus.publish(&shop::orders::OrderCreated { id: 1 }).unwrap();
    assert_eq!(delivered.handled(), 7);
    assert_eq!(
        bus.publish(&shop::orders::Changed { to: vec![1_u8] })
            .unwrap()
            .handled(),
        1
    );
    let bus = Bus::isolated()
        .with(alias::alias)
        .with(rename::rename)
        .with(glob::glob)
        .with(different_names_of_one_type::relative)
        .with(different_names_of_one_type::absolute)
        .with(associated::associated)
        .with(without_an_argument)
        .with(generic_alias);
    bus.build().unwrap();
}
