use eventful::{Bus, event, family, handler, handlers};

macro_rules! members {
    ($family:ident, $path:path, $range:expr, $($name:ident $id:literal),*) => {
        #[family]
        trait $family {
            fn id(&self) -> u64;
        }

        $(
            #[event(as(dyn $path), handlers = $range)]
            struct $name;

            impl $path for $name {
                fn id(&self) -> u64 {
                    $id
                }
            }
        )*
    };
}

members!(Auditable, crate::Auditable, 1.., OrderCreated 1, OrderPaid 2);

macro_rules! handlers {
    ($module:ident, $first:ty, $second:path, $family:ty, $trait:path, $when:expr, $limit:expr, $parameter:ident) => {
        mod $module {
            use super::*;

            #[handler($first, $second, $family, when = $when)]
            pub(crate) fn list<$parameter: $trait + ?Sized>(event: &$parameter) {
                assert_eq!(event.id(), 1);
            }

            #[handler($family, when = |event| event.id() < $limit)]
            pub(crate) fn of_the_family(event: &$family) {
                assert_eq!(event.id(), 1);
            }

            #[handler]
            pub(crate) fn without(event: &$family) {
                let _ = event.id();
            }

            #[handler($first, $second, after = list::<$parameter>)]
            pub(crate) fn typed<$parameter: $trait>(
                event: &$parameter,
                _: Option<&Vec<$parameter>>,
            ) {
                let _ = event.id();
            }

            #[handler($first, $second)]
            pub(crate) fn unnamed(event: &impl $trait) {
                let _ = event.id();
            }

            pub(crate) struct Billing;

            #[handlers]
            impl Billing {
                #[handler($first, $second, when = Self::is_first)]
                fn bill<$parameter: $trait>(&self, event: &$parameter) {
                    assert_eq!(event.id(), 1);
                }

                fn is_first(event: &impl $trait) -> bool {
                    event.id() == 1
                }
            }
        }
    };
}

handlers!(
    written,
    OrderCreated,
    crate::OrderPaid,
    dyn Auditable,
    Auditable,
    |event| event.id() == 1,
    2,
    E
);

fn is_first(event: &(impl Auditable + ?Sized)) -> bool {
    event.id() == 1
}

type Family = dyn crate::Auditable;

handlers!(
    by_other_names,
    self::OrderCreated,
    OrderPaid,
    Family,
    crate::Auditable,
    is_first,
    1 + 1,
    Event
);

fn main() {
    let bus = Bus::builder()
        .provide(written::Billing)
        .provide(by_other_names::Billing)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&OrderCreated).unwrap().handled(), 12);
    let delivered = bus.publish(&OrderPaid).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (6, 6));
}
