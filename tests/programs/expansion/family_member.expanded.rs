struct OrderPaid(u64);
const _: () = {
    use ::eventful::__private as __eventful;
    impl __eventful::Event for OrderPaid {
        type Mode = __eventful::Sync;
        const NAME: &'static ::core::primitive::str = __eventful::event_name::<Self>();
        const __EVENT: __eventful::Declared = __eventful::Declared::at("app", "src/lib.rs", 27, 8)
            .handlers(1, __eventful::Option::None)
            .families(
                const {
                    &[__eventful::Membership::new::<
                        __eventful::This<Self>,
                        __eventful::This<dyn Auditable>,
                        _,
                    >(|__eventful_event| (__eventful_event))]
                },
            );
        const __KEY: &'static ::core::primitive::str = "27:8 app::OrderPaid";
        fn __index() -> __eventful::Option<&'static __eventful::EventIndex<Self>> {
            __eventful::Option::Some(&__EVENTFUL_INDEX)
        }
    }
    impl OrderPaid {
        #[doc = r" Hands this event to its handlers on the current bus, in order; each failure is logged and returned."]
        #[inline]
        #[track_caller]
        fn publish(&self) -> __eventful::Result<__eventful::Delivered, __eventful::PublishError> {
            __eventful::publish(self)
        }
    }
    static __EVENTFUL_INDEX: __eventful::EventIndex<OrderPaid> = __eventful::event_index();
    #[used]
    #[unsafe(link_section = "linkme_EVENTFUL_V1_EVENTS")]
    static __EVENTFUL_REGISTERED: &'static __eventful::EventInfo = {
        #[allow(clippy::no_effect_underscore_binding)]
        unsafe fn __typecheck(_: __eventful::linkme::__private37::Void) {
            #[allow(clippy::ref_option_ref)]
            let __new =
                || -> fn() -> &'static &'static __eventful::EventInfo { || &__EVENTFUL_REGISTERED };
            unsafe {
                __eventful::linkme::DistributedSlice::private_typecheck(
                    __eventful::EVENTFUL_V1_EVENTS,
                    __new(),
                );
            }
        }
        __EVENTFUL_INDEX.info()
    };
    use __eventful::Unrecorded as _;
    const __EVENTFUL_TEXT: __eventful::RecordText =
            __eventful::RecordText::new("eventful 1 event\ncrate app 0.0.0\nin app\nat src/lib.rs:27:8\nname app::OrderPaid\nhandlers 1..").families(&[__eventful::Recorded::<dyn Auditable>::NAME]);
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
