//! The audit: one line for each event, in a file that only grows.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use eventful::{Delivery, handler};

use crate::order::OrderCreated;

pub(crate) struct AuditFile {
    path: PathBuf,
    file: File,
    appended: AtomicUsize,
}

impl AuditFile {
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(&path)?;
        Ok(Self {
            path,
            file,
            appended: AtomicUsize::new(0),
        })
    }

    pub(crate) fn count_lines(&self) -> io::Result<usize> {
        Ok(BufReader::new(File::open(&self.path)?).lines().count())
    }

    pub(crate) fn appended(&self) -> usize {
        self.appended.load(Ordering::Relaxed)
    }

    fn append(&self, line: &str) -> io::Result<usize> {
        // One write for each line, so that lines of several threads never mix.
        (&self.file).write_all(format!("{line}\n").as_bytes())?;
        Ok(self.appended.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[handler(OrderCreated, order = 100)]
pub(crate) fn append_audit_line(
    event: &OrderCreated,
    audit: &AuditFile,
    delivery: &Delivery,
) -> io::Result<()> {
    let OrderCreated {
        order_id,
        customer_id,
        total,
        ..
    } = event;
    let line = format!(
        "{} order={order_id} customer={customer_id} total={total} published_at={}",
        delivery.event_name(),
        delivery.published_at()
    );
    let number = audit.append(&line)?;
    println!("  audit: line {number} of this run");
    Ok(())
}
