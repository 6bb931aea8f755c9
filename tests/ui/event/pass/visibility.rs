#![deny(private_interfaces, unreachable_pub, dead_code)]

mod shop {
    pub(crate) mod orders {
        use eventful::event;

        #[event]
        pub(crate) struct Created;

        #[event]
        pub(in crate::shop) struct Checked;

        #[event]
        pub(super) struct Packed;

        #[event]
        struct Noted;

        pub(crate) fn note() {
            Noted.publish().unwrap();
        }
    }

    pub(crate) fn ship() {
        orders::Packed.publish().unwrap();
        orders::Checked.publish().unwrap();
    }

    mod handlers {
        use super::orders::Checked;
        use eventful::handler;

        #[handler(super::orders::Packed)]
        fn packed(_: &super::orders::Packed) {}

        #[handler(Checked)]
        fn checked(_: &Checked) {}
    }
}

fn main() {
    shop::ship();
    shop::orders::note();
    assert_eq!(shop::orders::Created.publish().unwrap().handled(), 0);
}
