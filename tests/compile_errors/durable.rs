//! The chapter on the compile errors of durable events has each first line of the notes in `tests/ui/durable`, and no
//! other. A comment beside a line names the tests that hold it.
//!
//! `UPDATE_EXPECT=1 cargo test --features durable --test compile_errors` writes the lines anew. An entry is found again
//! by its tests, so it keeps its way out when a message changes. A message that is new gets an entry with `…` at the end
//! of the chapter: move it to where it belongs, and write the way out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{fs, iter};

use expect_test::expect_file;

const CHAPTER: &str = include_str!("../../src/guide/durable_errors.md");
const WIDTH: usize = 120;
const MISSING: &str = "  …";
/// A space at which no line is broken.
const GLUE: char = '\u{a0}';

#[test]
fn each_first_line_is_in_the_chapter_and_no_other() {
    let errors = errors(&["mistakes", "without_the_feature"]);
    assert!(errors.len() > 40, "only {} are found", errors.len());
    expect_file!["../../src/guide/durable_errors.md"].assert_eq(&updated(CHAPTER, errors));
    assert!(!CHAPTER.contains(MISSING), "an entry lacks its way out");
}

/// The first lines of the errors, each with the tests that have it.
type Errors = BTreeMap<String, BTreeSet<String>>;

/// One error of the chapter.
struct Entry {
    message: String,
    tests: BTreeSet<String>,
    way_out: Vec<String>,
}

fn errors(folders: &[&str]) -> Errors {
    let mut errors = Errors::new();
    for folder in folders {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/ui/durable")
            .join(folder);
        for file in fs::read_dir(folder).expect("the folder can be read") {
            let path = file.expect("the folder can be read").path();
            if path
                .extension()
                .is_none_or(|extension| extension != "stderr")
            {
                continue;
            }
            let test = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            let note = fs::read_to_string(&path).expect("the note can be read");
            for message in note.lines().filter_map(first_line) {
                errors
                    .entry(message.to_owned())
                    .or_default()
                    .insert(test.clone());
            }
        }
    }
    errors
}

/// The message of a line such as `error[E0277]: …`.
fn first_line(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("error")?;
    let rest = match rest.strip_prefix('[') {
        Some(code) => code.split_once(']')?.1,
        None => rest,
    };
    rest.strip_prefix(": ")
}

/// The chapter with the messages of `errors`.
fn updated(chapter: &str, mut errors: Errors) -> String {
    let mut text = String::new();
    let mut lines = chapter.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.starts_with("- **") {
            text += line;
            text.push('\n');
            continue;
        }
        let more = iter::from_fn(|| lines.next_if(|line| line.starts_with("  ")));
        let entry = Entry::read(line, more);
        if let Some(entry) = entry.with_message_of(&mut errors, chapter) {
            text += &entry.write();
        }
    }
    for (message, tests) in errors {
        let way_out = vec![MISSING.to_owned()];
        text += &Entry {
            message,
            tests,
            way_out,
        }
        .write();
    }
    text
}

impl Entry {
    fn read<'a>(first: &'a str, more: impl Iterator<Item = &'a str>) -> Self {
        let mut head = first.to_owned();
        let mut way_out = Vec::new();
        for line in more {
            if head.ends_with("-->") {
                way_out.push(line.to_owned());
            } else {
                head.push(' ');
                head += line.trim_start();
            }
        }
        let entry = head
            .strip_prefix("- **")
            .and_then(|rest| rest.strip_suffix(" -->"))
            .and_then(|rest| rest.split_once("** <!-- "));
        let (message, tests) = entry.expect("an entry names its tests");
        Self {
            message: message.to_owned(),
            tests: tests.split(", ").map(str::to_owned).collect(),
            way_out,
        }
    }

    /// Takes the error of this entry out of `errors`: the one with its message, or else one of its tests whose message
    /// the chapter does not have.
    fn with_message_of(mut self, errors: &mut Errors, chapter: &str) -> Option<Self> {
        if !errors.contains_key(&self.message) {
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let chapter = words(chapter);
            let is_new = |message: &String| !chapter.contains(&format!("- **{message}**"));
            let mut fitting = errors
                .iter()
                .filter(|(_, tests)| !tests.is_disjoint(&self.tests));
            self.message = fitting.find(|(message, _)| is_new(message))?.0.clone();
        }
        self.tests = errors.remove(&self.message)?;
        Some(self)
    }

    fn write(&self) -> String {
        let tests: Vec<_> = self.tests.iter().map(String::as_str).collect();
        // A line that begins with the comment would end the paragraph.
        let head = format!("- **{}**{GLUE}<!-- {} -->", self.message, tests.join(", "));
        let mut text = String::new();
        let mut width = 0;
        for word in head.split(' ') {
            let length = word.chars().count();
            if width > 0 && width + 1 + length > WIDTH {
                text += "\n ";
                width = 1;
            }
            if width > 0 {
                text.push(' ');
                width += 1;
            }
            text += word;
            width += length;
        }
        text = text.replace(GLUE, " ");
        text.push('\n');
        for line in &self.way_out {
            text += line;
            text.push('\n');
        }
        text
    }
}
