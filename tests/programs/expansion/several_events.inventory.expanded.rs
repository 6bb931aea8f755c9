fn audit<E: Auditable + ?Sized>(event: &E) {
    let _ = event.line();
}
const _: () = {
    use ::eventful::__private as __eventful;
    #[allow(non_upper_case_globals)]
    const _: () = {
        static __INVENTORY: ::inventory::Node = ::inventory::Node {
            value: &{
                &__eventful::HandlerEntry::new::<__eventful::This<OrderPaid>, (), _, _, _>(
                    "app::audit\nsrc/lib.rs",
                    ("app", 41, 4),
                    &(audit::<__eventful::This<OrderPaid>>),
                    |__eventful_event, __eventful_resources, __eventful_handling| {
                        __eventful::Handling::outcome(
                            __eventful_handling,
                            &mut __eventful::Held(audit((__eventful_event))),
                        )
                    },
                )
            },
            next: ::inventory::__private::UnsafeCell::new(::inventory::__private::Option::None),
        };
        #[link_section = ".text.startup"]
        unsafe extern "C" fn __ctor() {
            unsafe { ::inventory::ErasedNode::submit(__INVENTORY.value, &__INVENTORY) }
        }
        #[used]
        #[link_section = ".init_array"]
        static __CTOR: unsafe extern "C" fn() = __ctor;
    };
    use __eventful::Unrecorded as _;
    const __EVENTFUL_TEXT: __eventful::RecordText = __eventful::RecordText::ending_with(
        "eventful 1 handler\ncrate app 0.0.0\nin app\nat src/lib.rs:41:4\nfn audit\nof ",
        __eventful::Recorded::<__eventful::This<OrderPaid>>::NAME,
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
const _: () = {
    use ::eventful::__private as __eventful;
    #[allow(non_upper_case_globals)]
    const _: () = {
        static __INVENTORY: ::inventory::Node = ::inventory::Node {
            value: &{
                &__eventful::HandlerEntry::beside::<
                    __eventful::This<dyn Auditable>,
                    (),
                    _,
                    _,
                    _,
                    OrderPaid,
                >(
                    "app::audit\nsrc/lib.rs",
                    ("app", 41, 4),
                    &(audit::<__eventful::This<dyn Auditable>>),
                    |__eventful_event, __eventful_resources, __eventful_handling| {
                        __eventful::Handling::outcome(
                            __eventful_handling,
                            &mut __eventful::Held(audit((__eventful_event))),
                        )
                    },
                )
            },
            next: ::inventory::__private::UnsafeCell::new(::inventory::__private::Option::None),
        };
        #[link_section = ".text.startup"]
        unsafe extern "C" fn __ctor() {
            unsafe { ::inventory::ErasedNode::submit(__INVENTORY.value, &__INVENTORY) }
        }
        #[used]
        #[link_section = ".init_array"]
        static __CTOR: unsafe extern "C" fn() = __ctor;
    };
    use __eventful::Unrecorded as _;
    const __EVENTFUL_TEXT: __eventful::RecordText = __eventful::RecordText::ending_with(
        "eventful 1 handler\ncrate app 0.0.0\nin app\nat src/lib.rs:41:4\nfn audit\nof ",
        __eventful::Recorded::<__eventful::This<dyn Auditable>>::NAME,
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
