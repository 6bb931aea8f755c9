use super::{LinkLine, links, suggested};

fn line(source: &str, names: &[&str], is_by_path: bool) -> LinkLine {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let existing = links(&syn::parse_file(source).unwrap()).into_iter().next();
    suggested(existing, &names, is_by_path)
}

fn written(text: &str, replaces: Option<u32>) -> LinkLine {
    let text = text.to_owned();
    LinkLine { text, replaces }
}

#[test]
fn a_list_of_names_grows() {
    let source = "//! Docs.\n\nbus::link!(billing, stock);\n";
    assert_eq!(
        line(source, &["audit"], true),
        written("bus::link!(billing, stock, audit);", Some(3))
    );
}

#[test]
fn a_crate_that_links_nothing_gets_the_short_form_if_that_is_enough() {
    let source = "fn link() {}\nprintln!();";
    assert_eq!(
        line(source, &["audit"], true),
        written("eventful::link!();", None)
    );
    assert_eq!(
        line(source, &["audit", "mail"], false),
        written("eventful::link!(audit, mail);", None)
    );
}

#[test]
fn what_the_short_form_does_not_name_is_named() {
    assert_eq!(
        line("eventful::link!();", &["mail"], false),
        written("eventful::link!(mail);", None)
    );
}
