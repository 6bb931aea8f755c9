//! The CSV file, row by row.

use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{ErrorKind, Reader, StringRecord};

use crate::order::NewOrder;

/// A valid row.
pub(crate) struct Row {
    pub(crate) at: RowPosition,
    pub(crate) order: NewOrder,
}

/// The position of a row.
pub(crate) struct RowPosition {
    file: PathBuf,
    line: u64,
}

impl RowPosition {
    pub(crate) fn refuse(&self, reason: &dyn fmt::Display) -> String {
        format!("{}:{}: {reason}", self.file.display(), self.line)
    }
}

const COLUMNS: [&str; 6] = [
    "order_id",
    "customer_id",
    "email",
    "product",
    "quantity",
    "unit_price",
];

/// Returns the rows of `file`; for an invalid row, the mistake and its position.
pub(crate) fn read(
    file: &Path,
) -> Result<impl Iterator<Item = Result<Row, String>> + use<>, String> {
    let unreadable = |reason: &dyn fmt::Display| format!("{}: {reason}", file.display());
    let mut reader = Reader::from_reader(File::open(file).map_err(|error| unreadable(&error))?);
    let headers = reader
        .headers()
        .map_err(|error| unreadable(&error))?
        .clone();
    let missing: Vec<&str> = COLUMNS
        .into_iter()
        .filter(|column| !headers.iter().any(|header| header == *column))
        .collect();
    if !missing.is_empty() {
        return Err(unreadable(&format!(
            "the first line names no column {}",
            missing.join(", ")
        )));
    }
    let file = file.to_owned();
    let rows = reader.into_records().map(move |record| {
        let line = match &record {
            Ok(record) => record.position().map_or(0, csv::Position::line),
            Err(error) => error.position().map_or(0, csv::Position::line),
        };
        let at = RowPosition {
            file: file.clone(),
            line,
        };
        let order = record
            .map_err(|error| reason(&error, &headers))
            .and_then(|record| parse(&record, &headers));
        match order {
            Ok(order) => Ok(Row { at, order }),
            Err(reason) => Err(at.refuse(&reason)),
        }
    });
    Ok(rows)
}

fn parse(record: &StringRecord, headers: &StringRecord) -> Result<NewOrder, String> {
    record
        .deserialize(Some(headers))
        .map_err(|error| reason(&error, headers))
}

/// The mistake in a row, with the name of the column.
fn reason(error: &csv::Error, headers: &StringRecord) -> String {
    match error.kind() {
        ErrorKind::Deserialize { err, .. } => {
            let column = err
                .field()
                .and_then(|field| headers.get(usize::try_from(field).ok()?));
            column.map_or_else(
                || err.kind().to_string(),
                |column| format!("{column}: {}", err.kind()),
            )
        }
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} fields instead of {expected_len}"),
        ErrorKind::Utf8 { err, .. } => format!("not UTF-8 in field {}", err.field() + 1),
        _ => error.to_string(),
    }
}
