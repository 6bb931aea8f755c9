use proc_macro2::TokenStream;

use super::expand;

const ARGUMENTS: &str = "name = \"order.created\", fail_fast, crate = shop::eventful, other(1)";
const ITEM: &str = "#[doc = \"…\"] #[cfg(all())] pub(crate) struct Changed<'a, T: Into<u8> = u8, const N: usize = 3>(&'a T) where T: Clone;";

fn beginnings(code: &str) -> Vec<TokenStream> {
    let tokens: Vec<_> = code.parse::<TokenStream>().into_iter().flatten().collect();
    assert!(!tokens.is_empty(), "the code has tokens");
    (0..=tokens.len())
        .map(|length| tokens[..length].iter().cloned().collect())
        .collect()
}

#[test]
fn half_typed_code_is_a_mistake_and_no_panic() {
    for arguments in beginnings(ARGUMENTS) {
        assert!(expand(arguments, TokenStream::new()).is_err());
    }
    for item in beginnings(ITEM) {
        // A head with a name is enough: the rest is rustc's to judge.
        drop(expand(TokenStream::new(), item));
    }
}

#[test]
fn fields_may_be_anything() {
    let item = "struct OrderCreated { id: , name }".parse();
    assert!(item.is_ok_and(|item| expand(TokenStream::new(), item).is_ok()));
}
