use eventful::{Bus, event, handler};

macro_rules! events {
    ($($visibility:vis $name:ident = $told:literal),*) => {
        $(
            #[event(name = $told)]
            $visibility struct $name {
                pub(crate) id: u64,
            }
        )*
    };
}

events!(OrderCreated = "created", pub(crate) OrderShipped = "shipped");

macro_rules! handlers {
    ($name:ident, $ty:ty, $path:path, $ident:ident, $tokens:tt, $resource:ty, $after:path, $order:literal, $id:literal) => {
        mod $name {
            use super::*;

            #[handler($ty)]
            pub(crate) fn by_type(event: &$ty) {
                let _ = event.id;
            }

            #[handler($path, after = by_type)]
            pub(crate) fn by_path(event: &$path, resource: Option<&$resource>) {
                let _ = (event.id, resource);
            }

            #[handler($ident, after = [by_type, by_path], order = $order)]
            pub(crate) fn by_ident(event: &$ident) {
                let _ = event.id;
            }

            #[handler($tokens, after = $after, id = $id)]
            pub(crate) fn by_token(event: &$tokens) {
                let _ = event.id;
            }

            #[handler]
            pub(crate) fn without(event: &$ty) {
                let _ = event.id;
            }
        }
    };
}

handlers!(
    created,
    OrderCreated,
    OrderCreated,
    OrderCreated,
    OrderCreated,
    u64,
    created::by_type,
    10,
    "created"
);
handlers!(
    shipped,
    crate::OrderShipped,
    self::OrderShipped,
    OrderShipped,
    OrderShipped,
    dyn Fn() + Sync,
    shipped::by_path,
    0,
    "shipped"
);

macro_rules! whole_item {
    ($($item:item)*) => {
        $(
            #[handler(OrderCreated)]
            $item
        )*
    };
}

whole_item! {
    fn first(event: &OrderCreated) { let _ = event; }
    fn second(event: &OrderCreated) { let _ = event; }
}

macro_rules! parameters {
    ($pattern:pat, $event:ty, $output:ty, $body:block) => {
        #[handler]
        fn assembled($pattern: &$event) -> $output $body
    };
}

parameters!(OrderCreated { id }, OrderCreated, Result<(), String>, { Err(id.to_string()) });

macro_rules! local_names {
    ($event:ident) => {
        fn local_in_a_macro() -> usize {
            #[event]
            struct Local {
                id: u64,
            }

            #[handler(Local)]
            fn local($event: &Local) {
                let _ = $event.id;
            }

            Local { id: 1 }.publish().unwrap().handled()
        }
    };
}

local_names!(received);

fn main() {
    let bus = Bus::builder().build().unwrap();
    let error = bus.publish(&OrderCreated { id: 1 }).unwrap_err();
    assert_eq!(error.delivered().handled(), 8);
    assert_eq!(error.failures()[0].message(), "1");
    assert_eq!(bus.publish(&OrderShipped { id: 1 }).unwrap().handled(), 5);
    assert_eq!(local_in_a_macro(), 1);
    first(&OrderCreated { id: 1 });
    second(&OrderCreated { id: 1 });
}
