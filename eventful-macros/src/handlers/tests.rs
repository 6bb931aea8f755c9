use proc_macro2::TokenStream;

use super::expand;
use crate::half_typed::beginnings;

const ARGUMENTS: &str = "crate = shop::eventful, other(1)";
const BLOCK: &str = "#[doc = \"…\"] #[cfg(all())] unsafe impl<'a, T: Into<u8>, const N: usize> !Clone for shop::Cache<'a, T, { 3 }> where T: \
                     Clone { #![allow(unused)] const LIMIT: Limit<{ 1 }> = { 1 < 2 }; type Item = u8; note! { a } note!(b); #[handler(OrderCreated, \
                     dyn Auditable, when = |event| Self::is_large(event), after = Self::first)] #[cfg_attr(test, inline, handler(OrderCreated))] #[must_use] pub(crate) async fn handle<'a>(&'a \
                     self, event: &OrderCreated, kept: &Arc<Self>) -> Made<{ 2 }> where Self: Sized { body } fn other(); }";

fn block(head: &str, members: TokenStream) -> TokenStream {
    let mut block = head.parse::<TokenStream>().unwrap_or_default();
    let group = proc_macro2::Group::new(proc_macro2::Delimiter::Brace, members);
    block.extend([proc_macro2::TokenTree::Group(group)]);
    block
}

fn members(code: &str) -> TokenStream {
    let tokens = code.parse::<TokenStream>().unwrap_or_default();
    match tokens.into_iter().last() {
        Some(proc_macro2::TokenTree::Group(body)) => body.stream(),
        _ => TokenStream::new(),
    }
}

#[test]
fn half_typed_code_is_no_panic_and_stays_as_it_was_written() {
    for arguments in beginnings(ARGUMENTS) {
        drop(expand(arguments, TokenStream::new()));
    }
    for item in beginnings(BLOCK) {
        let (emitted, _) = expand(TokenStream::new(), item.clone());
        let is_whole = item.to_string().ends_with('}');
        assert!(
            is_whole || emitted.to_string() == item.to_string(),
            "{emitted}"
        );
    }
    for members in beginnings(&members(BLOCK).to_string()) {
        drop(expand(TokenStream::new(), block("impl Cache", members)));
    }
}

#[test]
fn members_that_are_no_handlers_stay_as_they_were_written() {
    let code = "impl Cache { #![allow(unused)] const LIMIT: Limit<{ 1 }> = { 1 < 2 }; type Item = u8; note! { a } note!(b); \
                #[other::handler] #[inline] fn other() -> Made<{ 2 }> { let = . } \
                #[handler(E)] fn on(&self, event: &E) -> Result<(), Made<{ 2 }>> where Self: Sized { let = . } \
                /// Text.\n fn last() where Vec<u8>: Into<Vec<u8>> {} }";
    let item: TokenStream = code.parse().unwrap_or_default();
    let (emitted, generated) = expand(TokenStream::new(), item.clone());
    assert_eq!(
        emitted.to_string(),
        item.to_string()
            .replace("#[handler (E)] ", "")
            .replace("# [handler (E)] ", "")
    );
    let generated = generated.to_string();
    assert!(generated.contains("Cache :: on"), "{generated}");
    assert!(!generated.contains("compile_error"), "{generated}");
}
