use proc_macro2::TokenStream;

use super::expand;
use crate::half_typed::beginnings;

const ARGUMENTS: &str = "async, crate = shop::eventful, other(1)";
const ITEM: &str = "#[doc = \"…\"] #[cfg(all())] pub(crate) unsafe auto trait Auditable<'a, T: Into<u8> = u8, const N: usize = 3>: \
                    ?Sized + for<'b> shop::Priced<'b> + 'static where T: Clone { type Id: Copy; type Own<T> where Self: Sized; fn id(&self) \
                    -> u64; }";

#[test]
fn half_typed_code_is_a_mistake_and_no_panic() {
    for arguments in beginnings(ARGUMENTS) {
        assert!(expand(arguments, TokenStream::new()).1.is_err());
    }
    for item in beginnings(ITEM) {
        let (emitted, generated) = expand(TokenStream::new(), item.clone());
        assert!(generated.is_err(), "it is `unsafe` from the beginning");
        assert_eq!(emitted.to_string(), item.to_string());
    }
    for item in beginnings(&ITEM.replace("unsafe auto ", "")) {
        // A head with a name is enough: the rest is rustc's to judge.
        drop(expand(TokenStream::new(), item));
    }
}

#[test]
fn what_every_event_is_becomes_a_supertrait_unless_it_is_written() {
    for (written, emitted) in [
        (
            "trait Auditable {}",
            "trait Auditable : :: core :: marker :: Send + :: core :: marker :: Sync + 'static { }",
        ),
        (
            "pub trait Auditable: Priced + where Self: Debug { let = . }",
            "pub trait Auditable : Priced + :: core :: marker :: Send + :: core :: marker :: Sync + 'static where Self : \
             Debug { let = . }",
        ),
        (
            "trait Auditable: 'static + Sync + std::marker::Send {}",
            "trait Auditable : 'static + Sync + std :: marker :: Send { }",
        ),
    ] {
        let (item, generated) = expand(TokenStream::new(), written.parse().unwrap_or_default());
        assert!(generated.is_ok());
        assert_eq!(item.to_string(), emitted);
    }
}

#[test]
fn an_associated_type_is_a_mistake_unless_it_needs_a_size() {
    let mistakes = |body: &str| {
        let item = format!("trait Auditable {{ fn id(&self) -> u64; {body} }}");
        let (_, generated) = expand(TokenStream::new(), item.parse().unwrap_or_default());
        generated.err().into_iter().flatten().count()
    };
    assert_eq!(mistakes("type Id; type Other: Copy;"), 2);
    assert_eq!(
        mistakes("type Own<T> where Self: Sized; fn r#type(&self) { type Inner = u8; }"),
        0
    );
    assert_eq!(mistakes("type"), 0);
}
