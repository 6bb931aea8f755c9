//! A file of lines that handlers write, in any process.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The events that the plain handler has seen: a key and a number a line.
#[derive(Clone)]
pub(crate) struct Lines {
    path: Arc<PathBuf>,
}

impl Lines {
    pub(crate) fn at(path: &Path) -> Self {
        Self {
            path: Arc::new(path.to_owned()),
        }
    }

    /// Adds a line. It is there when this returns, even if the process is killed then.
    pub(crate) fn push(&self, key: i64, number: i64) {
        let file = File::options().append(true).create(true).open(&*self.path);
        let line = format!("{key} {number}\n");
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("the folder is writable");
    }

    pub(crate) fn read(&self) -> Vec<(i64, i64)> {
        let text = std::fs::read_to_string(&*self.path).unwrap_or_default();
        let numbers = |line: &str| {
            let (key, number) = line.split_once(' ')?;
            Some((key.parse().ok()?, number.parse().ok()?))
        };
        text.lines()
            .map(|line| numbers(line).expect("each line is whole"))
            .collect()
    }
}
