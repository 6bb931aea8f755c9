//! The public items of the engine of durable events.
//!
//! An item is in an example if its own documentation has one. For two kinds of items another place is as good: the
//! fields or variants of plain data explain themselves where an example uses them, and a method that the example of its
//! type calls is seen there in its context. The crash harness has one example, of its module, for all that is in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Item, items, re_exported, read, sources};

const SOURCES: &str = "eventful-durable/src";
const HARNESS: &str = "eventful-durable/src/testing/crash.rs";

#[test]
fn every_public_item_is_in_an_example() {
    let texts = sources(&[SOURCES]);
    let names = public_names("lib.rs");
    let in_examples: BTreeSet<_> = texts
        .iter()
        .flat_map(|text| words_of_examples(text))
        .collect();
    let harness = read(HARNESS);
    let in_harness = words_of_examples(&harness);
    let of_harness = sources(&[HARNESS.trim_end_matches(".rs")]);
    let mut found = BTreeSet::new();
    let mut without = Vec::new();
    let mut count = 0;
    for text in &texts {
        let is_of_harness = *text == harness || of_harness.contains(text);
        let is_shown = |name: &str| is_of_harness && in_harness.contains(name);
        let data = plain_data(text);
        let all = items(text, "").into_iter();
        // Two modules may have a type of one name, so a method belongs to the type of its own file.
        let public: BTreeMap<_, _> = all
            .filter(|item| names.contains(&item.name))
            .map(|item| (item.name.clone(), item))
            .collect();
        for (name, item) in &public {
            let is_explained = data.contains(name) && in_examples.contains(name.as_str());
            if !has_example(item) && !is_explained && !is_shown(name) {
                without.push(name.clone());
            }
        }
        for (owner, method) in methods(text) {
            let Some(owner) = public.get(&owner) else {
                continue;
            };
            count += 1;
            let is_called = calls(&owner.documentation, &method.name);
            if !has_example(&method) && !is_called && !is_shown(&method.name) {
                without.push(format!("{}::{}", owner.name, method.name));
            }
        }
        found.extend(public.into_keys());
    }
    assert_eq!(found, names, "each name is found");
    assert!(count > 50, "only {count} methods are found");
    assert_eq!(without, [""; 0]);
}

#[test]
fn every_option_is_in_the_reference() {
    let guide = read("src/guide/durable.md");
    let macros = "eventful-macros/src";
    let events = read(&format!("{macros}/event/options.rs"));
    let handlers = read(&format!("{macros}/handler/separate.rs"));
    let arms = words_of_strings(&events, "match key.to_string()", "unknown =>");
    let keys = words_of_strings(&handlers, "const KEYS", "];");
    let retry = words_of_strings(&handlers, "match option.key.to_string()", "unknown =>");
    assert!(
        arms.len() > 8 && keys.len() == 9 && retry.len() >= 4,
        "{arms:?} {keys:?} {retry:?}"
    );

    let is_option = |words: &&str| guide.contains(&format!("`{words}"));
    let retry: Vec<_> = retry.iter().map(|it| format!("retry({it} =")).collect();
    let of_retry = retry.iter().map(String::as_str);
    let all = arms.iter().chain(&keys).copied().chain(of_retry);
    let missing: Vec<_> = all.filter(|it| !is_option(it)).collect();
    assert_eq!(missing, [""; 0]);
}

/// The strings of a part of a source that are keys of options.
fn words_of_strings<'a>(source: &'a str, from: &str, to: &str) -> BTreeSet<&'a str> {
    let (_, part) = source.split_once(from).expect("the part is found");
    let (part, _) = part.split_once(to).expect("the part ends");
    let is_key =
        |it: &&str| it.chars().all(|it| it.is_ascii_lowercase() || it == '_') && !it.is_empty();
    part.split('"').skip(1).step_by(2).filter(is_key).collect()
}

fn has_example(item: &Item) -> bool {
    item.documentation.contains("```")
}

/// The names that the module in this file has for its users, with those of its public modules.
fn public_names(file: &str) -> BTreeSet<String> {
    let text = read(&format!("{SOURCES}/{file}"));
    let mut names = re_exported(&text, "self::");
    names.extend(items(&text, "").into_iter().map(|item| item.name));
    let folder = match file.strip_suffix(".rs") {
        Some("lib") | None => String::new(),
        Some(module) => format!("{module}/"),
    };
    let modules = text
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    for module in modules.filter_map(|module| module.strip_suffix(';')) {
        if module != "__private" {
            names.extend(public_names(&format!("{folder}{module}.rs")));
        }
    }
    names
}

/// The identifiers in the lines of examples that the reader sees.
fn words_of_examples(text: &str) -> BTreeSet<&str> {
    let mut words = BTreeSet::new();
    let mut is_code = false;
    for line in text.lines().map(str::trim_start) {
        let documentation = line
            .strip_prefix("///")
            .or_else(|| line.strip_prefix("//!"));
        let Some(documentation) = documentation.map(|it| it.strip_prefix(' ').unwrap_or(it)) else {
            is_code = false;
            continue;
        };
        if documentation.starts_with("```") {
            is_code = !is_code;
        } else if is_code && !documentation.starts_with("# ") {
            words.extend(documentation.split(|it: char| !it.is_alphanumeric() && it != '_'));
        }
    }
    words
}

/// The enums, and the structs without a private field.
fn plain_data(text: &str) -> BTreeSet<String> {
    let mut data = BTreeSet::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let is_enum = line.starts_with("pub enum ");
        let Some(item) = items(line, "")
            .pop()
            .filter(|_| is_enum || line.starts_with("pub struct "))
        else {
            continue;
        };
        let is_private = |field: &str| {
            !field.trim_start().starts_with(['/', '#']) && !field.starts_with("    pub ")
        };
        let is_data = match line.ends_with('{') {
            _ if is_enum => true,
            true => !lines
                .by_ref()
                .take_while(|line| *line != "}")
                .any(is_private),
            false => line.contains("(pub "),
        };
        if is_data {
            data.insert(item.name);
        }
    }
    data
}

/// The public methods and constants in the inherent `impl` blocks, each with the name of its type.
fn methods(text: &str) -> Vec<(String, Item)> {
    let mut methods = Vec::new();
    for block in text.split("\nimpl").skip(1) {
        let (head, body) = block.split_once("{\n").unwrap_or((block, ""));
        if head.contains(" for ") {
            continue;
        }
        let head = if head.starts_with('<') {
            head.split_once("> ").map_or(head, |(_, head)| head)
        } else {
            head
        };
        let owner: String = head
            .trim()
            .chars()
            .take_while(|it| it.is_alphanumeric())
            .collect();
        let body = body.split("\n}\n").next().unwrap_or(body);
        let items = items(body, "    ").into_iter();
        methods.extend(items.map(|item| (owner.clone(), item)));
    }
    methods
}

/// True if the examples of a documentation use this method or constant.
fn calls(documentation: &str, name: &str) -> bool {
    let uses = [format!(".{name}("), format!("::{name}(")];
    let is_constant =
        name.starts_with(char::is_uppercase) && documentation.contains(&format!("::{name}"));
    is_constant || uses.iter().any(|it| documentation.contains(it))
}
