//! Every public type, trait and function of the facade has an example, and so has every method of `Bus` and `BusBuilder`.
//! In `documentation/durable.rs`: all public items of the engine of durable events.

#[path = "documentation/durable.rs"]
mod durable;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules that the facade re-exports, each with its file.
const MODULES: [&str; 5] = [
    "eventful-core/src/bounds.rs",
    "eventful-core/src/event/mode.rs",
    "eventful-core/src/observe.rs",
    "eventful-core/src/testing.rs",
    "eventful-core/src/wiring.rs",
];

/// A public item, and its documentation.
struct Item {
    name: String,
    documentation: String,
}

#[test]
fn every_public_item_has_an_example() {
    let facade = re_exported(&read("src/lib.rs"), "eventful_core");
    let (modules, mut names): (BTreeSet<_>, BTreeSet<_>) =
        facade.into_iter().partition(|name| is_module(name));
    for module in &modules {
        let file = MODULES
            .iter()
            .find(|file| file.ends_with(&format!("/{module}.rs")));
        let text = read(file.unwrap_or_else(|| panic!("add the file of `{module}` to `MODULES`")));
        names.extend(re_exported(&text, ""));
        names.extend(items(&text, "").into_iter().map(|item| item.name));
    }
    let items: Vec<_> = sources(&["eventful-core/src", "eventful-wiring/src"])
        .iter()
        .flat_map(|text| items(text, ""))
        .filter(|item| names.contains(&item.name))
        .collect();
    let defined: BTreeSet<_> = items.iter().map(|item| item.name.clone()).collect();
    assert_eq!(defined, names, "the definition of each name is found");
    assert_eq!(without_example(items), [""; 0]);
}

#[test]
fn every_method_of_the_bus_and_its_builder_has_an_example() {
    let mut methods = Vec::new();
    for text in sources(&["eventful-core/src"]) {
        for block in ["impl Bus {\n", "impl BusBuilder {\n"] {
            for after in text.split(block).skip(1) {
                let body = after.split("\n}\n").next().unwrap_or(after);
                methods.extend(items(body, "    "));
            }
        }
    }
    assert!(methods.len() > 40, "only {} are found", methods.len());
    assert_eq!(without_example(methods), [""; 0]);
}

#[test]
fn every_public_item_of_the_stores_has_an_example() {
    let mut files = Vec::new();
    find(&root().join("adapters/eventful-sqlx/src"), &mut files);
    let texts: Vec<_> = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let mut methods = Vec::new();
    for text in &texts {
        methods.extend(items(text, ""));
        for after in text.split("\nimpl Sqlite {\n").skip(1) {
            let body = after.split("\n}\n").next().unwrap_or(after);
            methods.extend(items(body, "    "));
        }
    }
    let names: Vec<_> = methods.iter().map(|item| &*item.name).collect();
    for name in ["Sqlite", "SqliteTransaction", "new", "migrate", "publish"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(without_example(methods), [""; 0]);
}

#[test]
fn every_test_that_the_guide_names_is_there() {
    let guide = read("src/guide/durable_guarantees.md");
    let mut files = Vec::new();
    for folder in [
        "eventful-durable",
        "adapters/eventful-sqlx/tests",
        "tests/programs",
    ] {
        find(&root().join(folder), &mut files);
    }
    let texts: Vec<_> = files
        .iter()
        .map(|file| fs::read_to_string(file).unwrap())
        .collect();
    let is_test = |name: &&str| name.contains('_') && !name.contains(' ');
    let named: BTreeSet<_> = guide
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(is_test)
        .collect();
    assert!(named.len() > 20, "only {} are found", named.len());
    let is_missing = |name: &&str| {
        !texts
            .iter()
            .any(|text| text.contains(&format!("fn {name}(")))
    };
    let missing: Vec<_> = named.into_iter().filter(is_missing).collect();
    assert_eq!(missing, [""; 0]);
}

fn without_example(items: Vec<Item>) -> Vec<String> {
    let without = items
        .into_iter()
        .filter(|item| !item.documentation.contains("```"));
    without.map(|item| item.name).collect()
}

fn is_module(name: &str) -> bool {
    name.starts_with(char::is_lowercase)
}

/// The names in the `pub use` statements of `text` whose path begins with `path`. One in lower case is a module or a
/// function.
fn re_exported(text: &str, path: &str) -> BTreeSet<String> {
    let statements = text.split("\npub use ").skip(1);
    let statements = statements.filter_map(|rest| rest.split(';').next());
    statements
        .filter(|statement| statement.starts_with(path))
        .flat_map(|statement| statement.split([' ', ',', '{', '}', '\n']))
        .filter_map(|path| path.rsplit("::").next())
        .filter(|name| !matches!(*name, "" | "__private"))
        .map(str::to_owned)
        .collect()
}

/// The public items of `text` that are indented like this and are not hidden.
fn items(text: &str, indent: &str) -> Vec<Item> {
    let mut items = Vec::new();
    let (mut documentation, mut is_hidden) = (String::new(), false);
    for line in text.lines() {
        let code = line.strip_prefix(indent).unwrap_or_default();
        if code.starts_with("///") {
            documentation += code;
            documentation.push('\n');
            continue;
        }
        if code.starts_with("#[doc(hidden)]") {
            is_hidden = true;
        } else if let Some(name) = item_name(code)
            && !is_hidden
        {
            let documentation = documentation.clone();
            items.push(Item {
                name,
                documentation,
            });
        }
        if code.is_empty() || code.ends_with(['{', '}', ';']) {
            documentation.clear();
            is_hidden = false;
        }
    }
    items
}

fn item_name(code: &str) -> Option<String> {
    let rest = code.strip_prefix("pub ")?;
    let rest = rest.strip_prefix("async ").unwrap_or(rest);
    let kinds = [
        "struct ",
        "enum ",
        "trait ",
        "type ",
        "fn ",
        "const fn ",
        "const ",
    ];
    let name = kinds.iter().find_map(|kind| rest.strip_prefix(kind))?;
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_');
    Some(name[..end.unwrap_or(name.len())].to_owned())
}

/// The sources in these folders.
fn sources(folders: &[&str]) -> Vec<String> {
    let mut files = Vec::new();
    for folder in folders {
        find(&root().join(folder), &mut files);
    }
    let texts = files.iter().map(fs::read_to_string);
    texts.map(Result::unwrap).collect()
}

fn find(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            find(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

fn read(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
