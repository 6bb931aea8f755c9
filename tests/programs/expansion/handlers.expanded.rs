impl Cache {
    fn clear(&self, event: &OrderCreated) {
        let _ = event.0;
    }
}
const _: () = {
    use ::eventful::__private as __eventful;
    #[used]
    #[unsafe(link_section = "linkme_EVENTFUL_V1_HANDLERS")]
    static __EVENTFUL_REGISTERED: &'static __eventful::HandlerEntry = {
        #[allow(clippy::no_effect_underscore_binding)]
        unsafe fn __typecheck(_: __eventful::linkme::__private37::Void) {
            #[allow(clippy::ref_option_ref)]
            let __new = || -> fn() -> &'static &'static __eventful::HandlerEntry {
                || &__EVENTFUL_REGISTERED
            };
            unsafe {
                __eventful::linkme::DistributedSlice::private_typecheck(
                    __eventful::EVENTFUL_V1_HANDLERS,
                    __new(),
                );
            }
        }
        &__eventful::HandlerEntry::new::<OrderCreated, (__eventful::Required<Cache>,), _, _, _>(
            "app::Cache::clear\nsrc/lib.rs\n&Cache",
            ("app", 16, 8),
            &Cache::clear,
            |__eventful_event, __eventful_resources, __eventful_handling| {
                __eventful::Handling::outcome(
                    __eventful_handling,
                    &mut __eventful::Held(Cache::clear(
                        __eventful_resources.0.get(__eventful_handling),
                        __eventful_event,
                    )),
                )
            },
        )
    };
    use __eventful::Unrecorded as _;
    const __EVENTFUL_TEXT: __eventful::RecordText = __eventful::RecordText::ending_with(
        "eventful 1 handler\ncrate app 0.0.0\nin app\nat src/lib.rs:16:8\nfn Cache::clear\nneeds &Cache\nof ",
        __eventful::Recorded::<OrderCreated>::NAME,
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
