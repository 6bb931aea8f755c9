use eventful::{Bus, event, handlers};

#[event]
struct OrderCreated {
    id: u64,
}

struct First;
struct Second;
struct Third;
struct Fourth;

macro_rules! block {
    ($ty:ty, $path:path, $method:ident, $event:ty, $visibility:vis, $body:block, $($other:item)*) => {
        #[handlers]
        impl $ty {
            #[handler($event)]
            $visibility fn $method(&self, _: &$event) $body

            #[handler($event, after = Self::$method)]
            fn after(&self, event: &$event, this: Option<&$path>) {
                let _ = (event, this);
            }

            $($other)*
        }
    };
}

block!(First, First, update, OrderCreated, pub(crate), { println!("updated") },);
block!(
    crate::Second,
    crate::Second,
    fill,
    crate::OrderCreated,
    ,
    {},
    const SIZE: usize = 1;
    #[handler(OrderCreated)]
    fn whole(&self, event: &OrderCreated) {
        assert!(event.id == 1 && Self::SIZE == 1);
    }
);

macro_rules! whole_block {
    ($block:item) => {
        #[handlers]
        $block
    };
}

whole_block! {
    impl Third {
        #[handler(OrderCreated)]
        fn update(&self, _: &OrderCreated) {}
    }
}

macro_rules! attributes {
    ($(#[$attribute:meta])* $name:ident) => {
        #[handlers]
        impl Fourth {
            $(#[$attribute])*
            fn $name(&self, event: &OrderCreated) {
                let _ = event;
            }
        }
    };
}

attributes! {
    /// Documented.
    #[handler(OrderCreated, id = "from a macro")]
    #[inline]
    update
}

fn main() {
    let bus = Bus::builder()
        .provide(First)
        .provide(Second)
        .provide(Third)
        .provide(Fourth)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated { id: 1 }).unwrap().handled(), 7);
    assert!(bus.handlers::<OrderCreated>().iter().any(|handler| handler.id() == "from a macro"));
}
