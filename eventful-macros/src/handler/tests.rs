use proc_macro2::TokenStream;

use super::expand;
use crate::half_typed::beginnings;

const ARGUMENTS: &str = "shop::Changed<Vec<u8>, 3>, dyn shop::Auditable + Send, OrderPaid, when = |event: &E| -> bool { 1 < \
                         E::MOST }, order = -10, after = [first, \"second\"], before = third::<u8>, \
                         id = \"an.id\", crate = shop::eventful";
const FUNCTION: &str = "#[doc = \"…\"] #[cfg(all())] pub(crate) const async unsafe extern \"C\" fn handle<'a: 'static, T: Into<u8>, const N: \
                        usize>(&Changed { to }: &'a Changed<T>, #[cfg(all())] cache: Option<&'a mut dyn Cache>, _: \
                        impl Sized) -> Result<(), Error<'_>> where 'a: 'static { body }";

const GENERIC: &str = "fn audit<E: Auditable + ?Sized>(event: &(E), repository: &<E as Stored<'_>>::Repository, _: &E::Other) where E: Clone \
                       { body }";

#[test]
fn half_typed_code_is_a_mistake_and_no_panic() {
    for arguments in beginnings(ARGUMENTS) {
        assert!(expand(arguments, TokenStream::new()).is_err());
    }
    for function in beginnings(FUNCTION).into_iter().chain(beginnings(GENERIC)) {
        assert!(expand(TokenStream::new(), function.clone()).is_err());
        let arguments = "dyn Auditable, OrderPaid".parse().unwrap_or_default();
        drop(expand(arguments, function));
    }
}

#[test]
fn a_body_may_be_anything() {
    let function = "fn handle(event: &OrderCreated) { let = event. }".parse();
    assert!(function.is_ok_and(|function| expand(TokenStream::new(), function).is_ok()));
}

#[test]
fn a_comparison_in_a_guard_opens_no_angle_brackets() {
    let expanded = expanded(
        "OrderCreated, when = |event| event.total < 100, order = 7",
        "fn handle(event: &OrderCreated) {}",
    );
    assert!(expanded.contains("event . total < 100 ,"), "{expanded}");
    assert!(expanded.contains("order_at (7)"), "{expanded}");
}

#[test]
fn each_event_takes_the_place_of_the_type_parameter() {
    let expanded = expanded(
        "OrderCreated, Changed<u8>, dyn Auditable, after = check::<E>, when = |event: &E| E::is_large(event) && event.E",
        "fn audit<E: ?Sized + Auditable>(event: &E, cache: &Cache<E>, other: Option<&<E as Stored>::E>, shop: &shop::E) {}",
    );
    for part in [
        "new :: < __eventful :: This :: < OrderCreated > ,",
        "& (audit :: < __eventful :: This :: < Changed < u8 > > >)",
        "Required < Cache < __eventful :: This :: < dyn Auditable > > >",
        "Optional < < __eventful :: This :: < OrderCreated > as Stored > :: E >",
        "Required < shop :: E >",
        "after (& check :: < __eventful :: This :: < OrderCreated > > , \"check::<OrderCreated>\")",
        "after (& check :: < __eventful :: This :: < Changed < u8 > > > , \"check::<Changed<u8>>\")",
        "after (& check :: < __eventful :: This :: < dyn Auditable > > , \"check::<dyn Auditable>\")",
        "| event : & __eventful :: This :: < OrderCreated > | __eventful :: This :: < OrderCreated > :: is_large (event) && event . E",
    ] {
        assert!(expanded.contains(part), "{part}: {expanded}");
    }
    let registrations = expanded.matches("register_handler").count();
    assert_eq!(registrations, 3, "{expanded}");
}

fn expanded(arguments: &str, function: &str) -> String {
    let arguments = arguments.parse().unwrap_or_default();
    let function = function.parse().unwrap_or_default();
    expand(arguments, function).map_or_else(
        |mistakes| mistakes.to_compile_error().to_string(),
        |expanded| expanded.to_string(),
    )
}
