//! ARCHITECTURE.md says what the sources are: core imports in the order of the code map, and each function of the
//! walks is in the file that is named. The paths in this page and in others exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const CORE: &str = "eventful-core/src/";

/// The folders in which the paths of the text are.
const FOLDERS: [&str; 7] = [
    "",
    CORE,
    "eventful-core/",
    "eventful-core/src/bus/",
    "eventful-durable/src/",
    "eventful-wiring/src/",
    "tools/cargo-eventful/src/",
];

/// The imports against the order, which the text explains.
const KNOT: [&str; 3] = [
    "delivery.rs imports bus",
    "delivery/current.rs imports bus",
    "event/mode.rs imports bus",
];

#[test]
fn every_path_exists() {
    let architecture = read("ARCHITECTURE.md");
    let map = folders(section(&architecture, "Code map"));
    let of_map: BTreeSet<_> = map.into_iter().flat_map(|(_, paths)| paths).collect();
    let mut missing = Vec::new();
    for page in [
        "ARCHITECTURE.md",
        "BENCHMARKS.md",
        "CONTRIBUTING.md",
        "README.md",
    ] {
        let text = read(page);
        let paths = text.split('`').filter(|quoted| is_path(quoted));
        let is_missing = |path: &&str| {
            let mut places = FOLDERS
                .iter()
                .map(|folder| root(&format!("{folder}{path}")));
            !of_map.contains(path) && !places.any(|place| place.exists())
        };
        missing.extend(
            paths
                .filter(is_missing)
                .map(|path| format!("{path} in {page}")),
        );
    }
    assert_eq!(missing, [""; 0]);
}

fn is_path(text: &str) -> bool {
    let is_pattern = text.contains(|it: char| it.is_whitespace() || it == '*');
    !is_pattern && (is_source(text) || text.ends_with('/'))
}

fn is_source(path: &str) -> bool {
    path.strip_suffix(".rs").is_some()
}

#[test]
fn the_code_map_has_every_module_and_no_other() {
    let text = read("ARCHITECTURE.md");
    for (folder, paths) in folders(section(&text, "Code map")) {
        let mapped: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        let entries = fs::read_dir(root(folder)).expect("the folder is there");
        let present: BTreeSet<String> = entries
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| path.is_dir() || path.extension().is_some_and(|it| it == "rs"))
            .map(|path| {
                let name = path.file_name().and_then(|name| name.to_str());
                let end = if path.is_dir() { "/" } else { "" };
                format!("{}{end}", name.expect("it is text"))
            })
            .filter(|name| !["lib.rs", "tests.rs", "tests/"].contains(&&**name))
            .collect();
        assert_eq!(mapped, present, "{folder}");
    }
}

#[test]
fn core_imports_in_the_order_of_the_code_map() {
    let text = read("ARCHITECTURE.md");
    let maps = folders(section(&text, "Code map"));
    let (_, paths) = maps
        .iter()
        .find(|(folder, _)| *folder == CORE)
        .expect("core has a map");
    let order: Vec<&str> = paths
        .iter()
        .filter_map(|path| path.strip_suffix(".rs"))
        .collect();
    let mut against = BTreeSet::new();
    for file in sources(&root(CORE)) {
        let name = file.strip_prefix(root(CORE)).expect("it is in core");
        let name = name.to_str().expect("it is text").replace('\\', "/");
        let module = name.split('/').next().unwrap_or_default();
        let module = module.strip_suffix(".rs").unwrap_or(module);
        let Some(own) = order.iter().position(|other| *other == module) else {
            assert_eq!(name, "lib.rs");
            continue;
        };
        let text = fs::read_to_string(&file).expect("it can be read");
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        let code: String = code.collect::<Vec<_>>().join("\n");
        for after in code.split("crate::").skip(1) {
            let end = after.find(|it: char| !it.is_alphanumeric() && it != '_');
            let imported = &after[..end.unwrap_or(after.len())];
            // What is none of the modules is a re-export of `lib.rs`, which only the last ones use.
            if order.iter().position(|other| *other == imported) > Some(own) {
                against.insert(format!("{name} imports {imported}"));
            }
        }
    }
    assert_eq!(against, KNOT.map(str::to_owned).into());
}

#[test]
fn each_step_of_the_walks_is_a_function_in_its_file() {
    let text = read("ARCHITECTURE.md");
    let walks = section(&text, "The walks")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(
        walks.matches("**: `").count(),
        8,
        "a walk has a name and steps"
    );
    let mut wrong = Vec::new();
    for step in walks.split(" → ") {
        let functions = functions(step);
        assert!(
            !functions.is_empty(),
            "`{step}` names no function with its file"
        );
        let is_wrong = |(function, file): &(&str, &str)| !has_function(function, file);
        wrong.extend(
            functions
                .into_iter()
                .filter(is_wrong)
                .map(|(function, file)| format!("{function} ({file})")),
        );
    }
    assert_eq!(wrong, [""; 0]);
}

/// The functions of a step, each with its file.
fn functions(step: &str) -> Vec<(&str, &str)> {
    let parts: Vec<&str> = step.split('`').collect();
    let pairs = parts.windows(2).skip(1).step_by(2);
    pairs
        .filter_map(|pair| {
            let (file, _) = pair[1].strip_prefix(" (")?.split_once(')')?;
            is_source(file).then_some((pair[0], file))
        })
        .collect()
}

/// Returns whether the file defines the function: a macro, a function of the type or the trait before the `::`, or one
/// of the module there.
fn has_function(function: &str, file: &str) -> bool {
    let in_crate = file.starts_with("eventful-") || file.starts_with("tools/");
    let path = format!("{}{file}", if in_crate { "" } else { CORE });
    let Ok(text) = fs::read_to_string(root(&path)) else {
        return false;
    };
    if let Some(name) = function.strip_suffix('!') {
        return text.contains(&format!("macro_rules! {name} {{"));
    }
    let (around, name) = function.rsplit_once("::").unwrap_or(("", function));
    let defines = |text: &str| {
        let ends = ["(", "<"].map(|end| format!("fn {name}{end}"));
        ends.iter().any(|head| text.contains(head))
    };
    if around.starts_with(char::is_uppercase) {
        return blocks(&text, around).any(defines);
    }
    // A function at the top of a module begins its line with a word.
    let top: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with(char::is_whitespace))
        .collect();
    let stem = path.strip_suffix(".rs").unwrap_or(&path);
    defines(&top.join("\n")) && (around.is_empty() || stem.split('/').any(|part| part == around))
}

/// The bodies of the implementations of a type, or of a trait.
fn blocks<'a>(text: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    text.split("\n}").filter(move |block| {
        let mut heads = block.lines().filter(|line| {
            ["impl", "trait ", "pub trait ", "pub(crate) trait "]
                .iter()
                .any(|it| line.starts_with(it))
        });
        heads.any(|head| {
            head.split(|it: char| !it.is_alphanumeric() && it != '_')
                .any(|word| word == name)
        })
    })
}

/// The folders of the code map that have a table, and the paths in it.
fn folders(map: &str) -> Vec<(&str, Vec<&str>)> {
    let parts = map
        .split("\n### `")
        .skip(1)
        .filter(|part| part.contains("\n|---"));
    parts
        .map(|part| {
            let (folder, rest) = part.split_once('`').expect("the heading ends");
            let rows = rest.lines().filter_map(|line| line.strip_prefix("| `"));
            let cells = rows.filter_map(|row| row.split(" | ").next());
            let paths = cells.flat_map(|cell| cell.split(", ").map(|path| path.trim_matches('`')));
            (folder, paths.collect())
        })
        .collect()
}

fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, rest) = text
        .split_once(&format!("\n## {heading}\n"))
        .expect("the heading is there");
    rest.split("\n## ").next().unwrap_or(rest)
}

/// The sources in a folder, without unit tests in files of their own.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    paths
        .flat_map(|path| match path {
            path if path.is_dir() => sources(&path),
            path if path.ends_with("tests.rs") => Vec::new(),
            path => vec![path],
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root(path)).expect("it can be read")
}

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
