//! Attempts to place an order: a client that is not sure whether it did tries again with the same key.

use std::error::Error;
use std::fmt;

use sha2::{Digest, Sha256};
use sqlx::SqliteConnection;

use crate::OrderId;

/// An attempt to place an order: the client's key for it, and a digest of what it sent.
#[derive(Clone, Debug)]
pub struct Attempt {
    key: String,
    body_sha256: Vec<u8>,
}

/// The result of an earlier attempt with the same key.
pub(crate) enum Earlier {
    SameBody(OrderId),
    OtherBody,
}

impl Attempt {
    /// The longest key.
    pub const LONGEST_KEY: usize = 200;

    /// An attempt with a client's key and the body of its request.
    ///
    /// # Errors
    ///
    /// If the key is empty, too long, or has other characters than visible ASCII.
    pub fn new(key: &str, body: &[u8]) -> Result<Self, InvalidKey> {
        let is_visible = key.bytes().all(|byte| byte.is_ascii_graphic());
        if key.is_empty() || key.len() > Self::LONGEST_KEY || !is_visible {
            return Err(InvalidKey(()));
        }
        Ok(Self {
            key: key.to_owned(),
            body_sha256: Sha256::digest(body).to_vec(),
        })
    }

    pub(crate) async fn earlier(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<Option<Earlier>, sqlx::Error> {
        let earlier: Option<(Vec<u8>, i64)> =
            sqlx::query_as("SELECT body_sha256, order_id FROM idempotency_keys WHERE key = ?")
                .bind(&self.key)
                .fetch_optional(connection)
                .await?;
        Ok(earlier.map(|(body_sha256, order_id)| {
            if body_sha256 == self.body_sha256 {
                Earlier::SameBody(OrderId(order_id))
            } else {
                Earlier::OtherBody
            }
        }))
    }

    pub(crate) async fn record(
        &self,
        order_id: OrderId,
        connection: &mut SqliteConnection,
    ) -> Result<(), sqlx::Error> {
        sqlx::query("INSERT INTO idempotency_keys (key, body_sha256, order_id) VALUES (?, ?, ?)")
            .bind(&self.key)
            .bind(&self.body_sha256)
            .bind(order_id.0)
            .execute(connection)
            .await?;
        Ok(())
    }
}

/// The error of a malformed idempotency key.
#[derive(Clone, Debug)]
pub struct InvalidKey(());

impl fmt::Display for InvalidKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "an idempotency key has 1 to {} visible ASCII characters, such as those of a UUID",
            Attempt::LONGEST_KEY
        )
    }
}

impl Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_visible_and_neither_empty_nor_long() {
        for key in ["a", "3f0c-9", &"k".repeat(200)] {
            assert!(Attempt::new(key, b"").is_ok(), "{key}");
        }
        for key in ["", "a key", "schlüssel", "tab\t", &"k".repeat(201)] {
            assert!(Attempt::new(key, b"").is_err(), "{key}");
        }
    }
}
