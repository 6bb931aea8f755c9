trait Auditable: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn line(&self) -> String;
}
const _: () = {
    use ::eventful::__private as __eventful;
    impl __eventful::Family for dyn Auditable {
        type Members = <dyn Auditable as __eventful::Listen>::Mode;
    }
    impl __eventful::Listen for dyn Auditable {
        type Mode = __eventful::Sync;
        type __Access = __eventful::Projected;
        const __KEY: &'static ::core::primitive::str = "22:7* dyn app::Auditable";
        fn __listened() -> __eventful::Listened {
            __eventful::Listened::family::<dyn Auditable>(
                "app::Auditable",
                __eventful::Position::new("app", "src/lib.rs", 22, 7),
            )
        }
    }
    use __eventful::Unrecorded as _;
    const __EVENTFUL_TEXT: __eventful::RecordText = __eventful::RecordText::new(
        "eventful 1 family\ncrate app 0.0.0\nin app\nat src/lib.rs:22:7\nname app::Auditable",
    );
    #[used]
    #[unsafe(link_section = "eventful_v1")]
    static __EVENTFUL_RECORD: [__eventful::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
};
