//! Text files with a line for each effect that is outside of the database. A line begins with the id of its order.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::time::Duration;

/// The mails that were sent.
pub(crate) struct Mails {
    pub(crate) lines: Lines,
    /// The time that the server takes for each.
    pub(crate) takes: Duration,
}

/// The lines of the audit.
pub(crate) struct Audit(pub(crate) Lines);

pub(crate) struct Lines {
    file: PathBuf,
}

impl Lines {
    pub(crate) fn new(file: PathBuf) -> Self {
        Self { file }
    }

    /// Appends a line, in one write: a process that ends meanwhile leaves no half of one.
    pub(crate) fn add(&self, line: fmt::Arguments<'_>) -> io::Result<()> {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&self.file)?;
        file.write_all(format!("{line}\n").as_bytes())
    }

    /// Returns the lines of each order.
    pub(crate) fn by_order(&self) -> io::Result<BTreeMap<i64, Vec<String>>> {
        let text = match std::fs::read_to_string(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            text => text?,
        };
        let mut orders: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for line in text.lines() {
            let order = line.split(' ').next().and_then(|order| order.parse().ok());
            let order = order.ok_or_else(|| io::Error::other(format!("{line:?} has no order")))?;
            orders.entry(order).or_default().push(line.to_owned());
        }
        Ok(orders)
    }
}
