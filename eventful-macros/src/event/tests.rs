use proc_macro2::TokenStream;

use super::expand;
use crate::half_typed::beginnings;

const ARGUMENTS: &str = "name = \"order.created\", fail_fast, as(dyn Auditable, dyn shop::Priced + Send, Plain, &u8), handlers = 1..=3, \
                         crate = shop::eventful, other(1)";
const ITEM: &str = "#[doc = \"…\"] #[cfg(all())] pub(crate) struct Changed<'a, T: Into<u8> = u8, const N: usize = 3>(&'a T) where T: Clone;";

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

#[test]
fn a_contract_is_a_number_or_a_range() {
    for (written, emitted) in [
        ("1", "handlers (1 , __eventful :: Option :: Some (1))"),
        ("0", "handlers (0 , __eventful :: Option :: Some (0))"),
        ("1..", "handlers (1 , __eventful :: Option :: None)"),
        ("..=3", "handlers (0 , __eventful :: Option :: Some (3))"),
        ("..3", "handlers (0 , __eventful :: Option :: Some (2))"),
        ("1..=3", "handlers (1 , __eventful :: Option :: Some (3))"),
        ("2..4", "handlers (2 , __eventful :: Option :: Some (3))"),
        (
            "0x10..=1_000",
            "handlers (16 , __eventful :: Option :: Some (1000))",
        ),
    ] {
        let expanded = with_contract(written).map(|tokens| tokens.to_string());
        assert!(
            expanded.as_ref().is_ok_and(|code| code.contains(emitted)),
            "{written}: {expanded:?}"
        );
    }
}

#[test]
fn a_contract_that_nothing_or_anything_meets_is_a_mistake() {
    for (written, remedy) in [
        ("..", "write `handlers = 1..`"),
        ("0..", "write `handlers = 1..`"),
        ("1..=", "write `handlers = 1..`"),
        ("2..2", "write `handlers = 2`"),
        ("4..2", "write `handlers = 2..=4`"),
        ("4..=2", "write `handlers = 2..=4`"),
        ("..0", "write `handlers = 0`"),
        ("-1", "write `handlers = 1..`"),
        ("1u8", "write `handlers = 1..`"),
        ("1.0", "write `handlers = 1..`"),
        ("\"1\"", "write `handlers = 1..`"),
        ("MOST", "write `handlers = 1..`"),
        ("1..MOST", "write `handlers = 1..`"),
        ("5_000_000_000", "write `handlers = 1..`"),
        ("", "write `handlers = 1..`"),
    ] {
        let expanded = with_contract(written).map(|tokens| tokens.to_string());
        let expanded = expanded.unwrap_or_default();
        let mistakes: Vec<_> = expanded.split("compile_error").skip(1).collect();
        assert_eq!(mistakes.len(), 1, "{written}: {expanded}");
        assert!(mistakes[0].contains(remedy), "{written}: {}", mistakes[0]);
        assert!(expanded.contains("fail_fast ()"), "{written}: {expanded}");
    }
}

fn with_contract(written: &str) -> syn::Result<TokenStream> {
    let arguments = format!("handlers = {written}, fail_fast");
    let item = "struct OrderCreated;".parse().unwrap_or_default();
    expand(arguments.parse().unwrap_or_default(), item)
}
