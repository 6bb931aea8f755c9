//! The chapter "from async to durable" has the program of a test of `tests/ui/durable`, but for the attribute, and the
//! first lines of its errors. `UPDATE_EXPECT=1 cargo test --features durable --test compile_errors` writes these anew.

use expect_test::expect_file;

const CHAPTER: &str = include_str!("../../src/guide/durable_from_async.md");
const PROGRAM: &str = include_str!("../ui/durable/mistakes/several_where_async_became_durable.rs");
/// The errors in the order of their quotations.
const ERRORS: [&str; 2] = [
    include_str!("../ui/durable/mistakes/several_where_async_became_durable.stderr"),
    include_str!("../ui/durable/mistakes/several_where_async_became_durable_with_ids.stderr"),
];

#[test]
fn only_the_attribute_has_changed() {
    let example = CHAPTER
        .split("\n```\n")
        .nth(1)
        .expect("the chapter has a program");
    let written = |line: &str| match line.strip_prefix("# ") {
        Some(hidden) => hidden.to_owned(),
        None if line == "#" => String::new(),
        None => line.to_owned(),
    };
    let example: Vec<_> = example.lines().map(written).collect();
    let program = PROGRAM.replace("durable, name = \"order.placed\"", "async");
    assert_ne!(program, PROGRAM);
    assert_eq!(example, program.lines().collect::<Vec<_>>());
}

#[test]
fn the_errors_are_those_of_the_compiler() {
    let mut chapter = String::new();
    let mut parts = CHAPTER.split("```text\n");
    chapter += parts.next().unwrap_or_default();
    for errors in ERRORS {
        let (_, rest) = parts
            .next()
            .and_then(|part| part.split_once("```\n"))
            .expect("the errors are quoted");
        chapter.extend(["```text\n", &first_lines(errors), "```\n", rest]);
    }
    assert_eq!(parts.next(), None, "each quotation has a file");
    expect_file!["../../src/guide/durable_from_async.md"].assert_eq(&chapter);
}

/// The message, the place and the label of each error, without the notes below, and each once.
fn first_lines(errors: &str) -> String {
    let mut texts: Vec<String> = Vec::new();
    for error in errors.split("\n\n") {
        let is_of_note = |line: &&str| {
            let line = line.trim_start();
            !["= ", "note: ", "help: "]
                .iter()
                .any(|start| line.starts_with(start))
        };
        let lines = error.lines().take_while(is_of_note);
        let lines = lines.filter(|line| !line.trim_matches([' ', '|']).is_empty());
        let text: Vec<_> = lines.map(in_a_program).collect();
        let text = text.join("\n");
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("\n\n") + "\n"
}

/// The line with a path of the reader.
fn in_a_program(line: &str) -> String {
    match line.split_once("tests/ui/durable/mistakes/") {
        Some((arrow, path)) => {
            let place = path.split_once(':').map_or("", |(_, place)| place);
            format!("{arrow}src/orders.rs:{place}")
        }
        None => line.to_owned(),
    }
}
