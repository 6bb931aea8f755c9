//! The length of a page of a long list.

use serde::Deserialize;

use super::error::ApiError;

const MOST: u32 = 1000;

/// The number of elements that a client asks for.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct Limit(u32);

impl Default for Limit {
    fn default() -> Self {
        Self(100)
    }
}

impl Limit {
    pub(super) fn checked(self) -> Result<u32, ApiError> {
        if self.0 <= MOST {
            Ok(self.0)
        } else {
            let message = format_args!("`limit` is at most {MOST}; ask for the rest with `after`");
            Err(ApiError::bad_request("invalid_query", message))
        }
    }
}
