//! The body of a request, if it is small.

use std::time::Duration;

use axum::body::Body;
use axum::http::StatusCode;
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::error::ApiError;

/// The largest body: fifty items are a tenth of it.
const LARGEST: usize = 64 * 1024;

/// The part of a larger body that is read and thrown away, so that the client has sent all of it before the answer.
const PATIENCE: usize = 64 * 1024 * 1024;

const SLOWEST: Duration = Duration::from_secs(30);

/// Reads a body that is not too large.
pub(super) async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    match timeout(SLOWEST, read_patiently(body)).await {
        Ok(read) => read,
        Err(_) => Err(ApiError::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            format_args!("the body did not arrive within {} s", SLOWEST.as_secs()),
        )),
    }
}

async fn read_patiently(mut body: Body) -> Result<Vec<u8>, ApiError> {
    let mut bytes = Vec::new();
    let mut size = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            ApiError::bad_request(
                "incomplete_body",
                format_args!("the body broke off: {error}"),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        size += data.len();
        if size <= LARGEST {
            bytes.extend_from_slice(&data);
        } else if size > PATIENCE {
            break;
        }
    }
    if size <= LARGEST {
        return Ok(bytes);
    }
    Err(ApiError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "body_too_large",
        format_args!("the body is larger than {} KiB", LARGEST / 1024),
    ))
}
