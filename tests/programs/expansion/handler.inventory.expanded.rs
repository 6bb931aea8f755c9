fn update_cache(event: &OrderCreated, cache: &Cache) {
    let _ = (event.0, cache);
}
const _: () = {
    use ::eventful::__private as __eventful;
    #[allow(non_upper_case_globals)]
    const _: () = {
        static __INVENTORY: ::inventory::Node = ::inventory::Node {
            value: &{
                &__eventful::HandlerEntry::new::<
                    OrderCreated,
                    (__eventful::Required<Cache>,),
                    _,
                    _,
                    _,
                >(
                    "app::update_cache\nsrc/lib.rs\n&Cache",
                    ("app", 9, 4),
                    &update_cache,
                    |__eventful_event, __eventful_resources, __eventful_handling| {
                        __eventful::Handling::outcome(
                            __eventful_handling,
                            &mut __eventful::Held(update_cache(
                                __eventful_event,
                                __eventful_resources.0.get(__eventful_handling),
                            )),
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
        "eventful 1 handler\ncrate app 0.0.0\nin app\nat src/lib.rs:9:4\nfn update_cache\nneeds &Cache\nof ",
        __eventful::Recorded::<OrderCreated>::NAME,
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
