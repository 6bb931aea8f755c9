//! The demonstration, as a newcomer runs it.

use std::process::{Command, Output};

pub(crate) fn demo() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_storefront"));
    command.arg("--demo");
    command
}

/// Returns the output of a program that ends well.
pub(crate) fn told(output: &Output) -> String {
    let [told, logged] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes));
    assert!(output.status.success(), "{told}{logged}");
    told.into_owned()
}

#[test]
fn twenty_orders_are_told_and_the_program_ends_well() {
    let told = told(&demo().output().unwrap());
    for story in [
        "
order 4   declined  Linus Pauling wants 1 tea
    order.created            placed by linus: 1 tea, for 4.50
    order.stock_reserved     its items are reserved
    order.payment_declined   declined: 4.50 to pay and a balance of 0.00
    mail to Linus Pauling    Your order 4 could not be paid
",
        "
order 16  paid      Grace Hopper wants 9 cup
    order.created            placed by grace: 9 cup, for 71.10
    order.stock_reserved     its items are reserved
    order.paid               paid 71.10, which leaves 3.50
    mail to Grace Hopper     Your order 16 is on its way
",
        "
order 20  short     Linus Pauling wants 1000 tea
    order.created            placed by linus: 1000 tea, for 4500.00
    order.stock_short        out of stock: 192 tea in stock and 1000 wanted
    mail to Linus Pauling    Your order 20 is out of stock
",
        "10 paid, 5 declined, 5 short of stock; 20 mails, 55 lines of audit.",
    ] {
        assert!(told.contains(story), "{told}");
    }
    let readme = include_str!("../../../README.md");
    let (_, story) = readme.split_once("```text\n").unwrap();
    let (story, _) = story.split_once("```").unwrap();
    assert!(told.contains(story), "{told}");
}

#[cfg(unix)]
#[test]
fn a_demonstration_that_cannot_start_says_why() {
    let Output {
        status,
        stdout,
        stderr,
    } = demo().env("TMPDIR", "/nowhere").output().unwrap();
    assert_eq!((status.code(), stdout.as_slice()), (Some(1), &b""[..]));
    let said = String::from_utf8(stderr).unwrap();
    assert!(
        said.starts_with("storefront: ") && said.contains("/nowhere"),
        "{said}"
    );
}
