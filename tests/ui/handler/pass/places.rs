use eventful::{Bus, event, handler};

#[event]
struct OrderCreated {
    id: u64,
}

#[event]
struct Unheard;

#[handler(OrderCreated)]
fn doubled(event: &OrderCreated) -> Result<(), String> {
    Err((event.id * 2).to_string())
}

/// A module may have a handler's name, and a function the name of an expansion's part.
mod doubled {
    pub(crate) fn register() {}
}

fn in_a_body() {
    #[event]
    struct Local;

    #[handler(Local)]
    fn local(_: &Local) {}

    {
        #[handler(OrderCreated, after = doubled)]
        fn local(_: &OrderCreated) {}
    }

    assert_eq!(Local.publish().unwrap().handled(), 1);
}

const _: () = {
    #[handler(OrderCreated)]
    fn in_a_constant(_: &OrderCreated) {}
};

struct Shop;

impl Shop {
    fn open(&self) {
        #[handler(OrderCreated)]
        fn in_a_method(_: &OrderCreated) {}
    }
}

#[handler(OrderCreated)]
fn r#type(_: &OrderCreated) {}

/// Names that an expansion could take for its own.
mod eventful_names {
    use eventful::{event, handler};

    #[event]
    struct Named;

    mod private {
        #[eventful::event]
        pub(super) struct Named;
    }

    #[handler(Named)]
    fn event(_: &Named) {}

    #[handler(private::Named, after = resources)]
    fn delivery(_: &private::Named) {}

    #[handler(private::Named)]
    fn resources(_: &private::Named) {}

    pub(crate) fn publish() {
        assert_eq!(Named.publish().unwrap().handled(), 1);
        assert_eq!(private::Named.publish().unwrap().handled(), 2);
    }
}

#[cfg(all())]
mod tests {
    use super::*;

    pub(crate) fn a_handler_is_a_function() {
        assert_eq!(doubled(&OrderCreated { id: 2 }), Err("4".to_owned()));
    }
}

fn main() {
    tests::a_handler_is_a_function();
    doubled::register();
    in_a_body();
    eventful_names::publish();
    Shop.open();
    let bus = Bus::builder().build().unwrap();
    let error = bus.publish(&OrderCreated { id: 2 }).unwrap_err();
    assert_eq!(error.delivered().handled(), 5);
    assert_eq!(bus.publish(&Unheard).unwrap().handled(), 0);
}
