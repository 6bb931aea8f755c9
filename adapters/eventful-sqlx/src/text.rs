//! Values that the stores keep as text.

use eventful_durable::store::Failure;

use crate::failure::Outcome;

/// The columns of an envelope, in the order in which the stores bind and read them.
macro_rules! envelope_columns {
    () => {
        "id, name, version, key, slot, payload, occurred_at, headers"
    };
    ($table:literal) => {
        concat!(
            $table,
            ".id, ",
            $table,
            ".name, ",
            $table,
            ".version, ",
            $table,
            ".key, ",
            $table,
            ".slot, ",
            $table,
            ".payload, ",
            $table,
            ".occurred_at, ",
            $table,
            ".headers"
        )
    };
}
pub(crate) use envelope_columns;

pub(crate) fn decoding(error: impl std::error::Error + Send + Sync + 'static) -> sqlx::Error {
    sqlx::Error::Decode(Box::new(error))
}

pub(crate) fn failures(text: &str) -> Outcome<Vec<Failure>> {
    Ok(serde_json::from_str(text).map_err(decoding)?)
}

pub(crate) fn json<T: serde::Serialize>(value: T) -> Outcome<String> {
    Ok(serde_json::to_string(&value).map_err(decoding)?)
}
