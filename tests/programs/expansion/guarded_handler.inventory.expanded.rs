fn thank(event: &OrderPaid) {
    let _ = event.0;
}
const _: () = {
    use ::eventful::__private as __eventful;
    #[allow(non_upper_case_globals)]
    const _: () = {
        static __INVENTORY: ::inventory::Node = ::inventory::Node {
            value: &{
                &__eventful::HandlerEntry::new::<OrderPaid, (), _, _, _>(
                    "app::thank\nsrc/lib.rs",
                    ("app", 36, 4),
                    &thank,
                    |__eventful_event, __eventful_resources, __eventful_handling| {
                        if let __eventful::Option::Some(__eventful_skipped) = __eventful::guard(
                            __eventful_event,
                            |event| event.0 > 100,
                            __eventful_handling,
                        ) {
                            __eventful_skipped
                        } else {
                            __eventful::Handling::outcome(
                                __eventful_handling,
                                &mut __eventful::Held(thank(__eventful_event)),
                            )
                        }
                    },
                )
                .guarded()
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
        "eventful 1 handler\ncrate app 0.0.0\nin app\nat src/lib.rs:36:4\nfn thank\nwhen\nof ",
        __eventful::Recorded::<OrderPaid>::NAME,
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
