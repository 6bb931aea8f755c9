//! The table of checks, which is printed as it is filled.

/// A place that leads to an item.
pub(crate) struct Lead {
    pub(crate) place: &'static str,
    /// The beginning of the line of the item.
    pub(crate) line: &'static str,
    /// The number of code blocks that are shown about it.
    pub(crate) blocks: usize,
}

impl Lead {
    pub(crate) const fn to(line: &'static str, place: &'static str) -> Self {
        Self {
            place,
            line,
            blocks: 2,
        }
    }

    pub(crate) const fn with_blocks(self, blocks: usize) -> Self {
        Self { blocks, ..self }
    }
}

#[derive(Default)]
pub(crate) struct Table {
    wrong: Vec<String>,
}

impl Table {
    /// Adds a row with what was found.
    pub(crate) fn row(&mut self, place: &str, is_right: bool, found: &str) {
        let row = format!("| `{}` | {found} |", place.replace('\n', " "));
        println!("{row}{}", if is_right { "" } else { " wrong" });
        if !is_right {
            self.wrong.push(row);
        }
    }

    /// Adds a row that is right if `found` is what is expected.
    pub(crate) fn check(&mut self, place: &str, expected: &[&str], found: &[String]) {
        self.row(place, found == expected, &found.join(", "));
    }

    /// Ends the test. It fails if a row is wrong.
    pub(crate) fn finish(self) {
        assert!(self.wrong.is_empty(), "wrong:\n{}", self.wrong.join("\n"));
    }
}
