trait Auditable: ::core::marker::Send + ::core::marker::Sync + 'static {
    fn line(&self) -> String;
}
const _: () = {
    use ::eventful::__private as __eventful;
    impl __eventful::Family for dyn Auditable {
        type Members = <Self as __eventful::Listen>::Mode;
    }
    impl __eventful::Listen for dyn Auditable {
        type Mode = __eventful::Sync;
        type __Access = __eventful::Projected;
        const __LISTENED: __eventful::Listened = __eventful::Listened::family::<Self>(
            "app::Auditable",
            __eventful::Position::new("app", "src/lib.rs", 22, 7),
        );
    }
};
