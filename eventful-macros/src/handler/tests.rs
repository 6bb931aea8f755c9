use proc_macro2::TokenStream;

use super::expand;

const ARGUMENTS: &str = "shop::Changed<Vec<u8>, 3>, order = -10, after = [first, \"second\"], before = third::<u8>, \
                         id = \"an.id\", crate = shop::eventful";
const FUNCTION: &str = "#[doc = \"…\"] #[cfg(all())] pub(crate) const async unsafe extern \"C\" fn handle<'a: 'static, T: Into<u8>, const N: \
                        usize>(&Changed { to }: &'a Changed<T>, #[cfg(all())] cache: Option<&'a mut dyn Cache>, _: \
                        impl Sized) -> Result<(), Error<'_>> where 'a: 'static { body }";

/// Every beginning of `code`, as an editor hands it over while it is typed.
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
    for function in beginnings(FUNCTION) {
        assert!(expand(TokenStream::new(), function).is_err());
    }
}

#[test]
fn a_body_may_be_anything() {
    let function = "fn handle(event: &OrderCreated) { let = event. }".parse();
    assert!(function.is_ok_and(|function| expand(TokenStream::new(), function).is_ok()));
}
