//! Errors as clients see them: a status, and a body with a code for programs and a message for people.

use std::fmt::Display;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use orders::{DatabaseError, InvalidKey, InvalidOrder, PlaceError};
use serde::Serialize;

use crate::tasks::TaskError;

/// An error that a client receives.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'a str,
    message: &'a str,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Display) -> Self {
        Self {
            status,
            code,
            message: message.to_string(),
        }
    }

    pub(crate) fn bad_request(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn not_found(message: impl Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "this is not what can be done here";
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            message,
        )
    }

    fn unprocessable(code: &'static str, message: impl Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    fn unavailable(message: impl Display) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    /// The cause is in the log. The client does not learn it.
    fn internal(cause: &dyn Display) -> Self {
        tracing::error!(%cause, "a request failed");
        let message = "something went wrong, and was logged";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody {
            error: self.code,
            message: &self.message,
        };
        (self.status, Json(body)).into_response()
    }
}

impl From<DatabaseError> for ApiError {
    fn from(error: DatabaseError) -> Self {
        if error.is_unavailable() {
            tracing::warn!(%error, "the database is not available");
            Self::unavailable(
                "orders cannot be kept at the moment; try again later with the same key",
            )
        } else {
            Self::internal(&error)
        }
    }
}

impl From<InvalidOrder> for ApiError {
    fn from(error: InvalidOrder) -> Self {
        let code = match error {
            InvalidOrder::UnknownProduct(_) => "unknown_product",
            InvalidOrder::UnknownCustomer(_) => "unknown_customer",
            InvalidOrder::Quantity(_) => "invalid_quantity",
            InvalidOrder::Empty | InvalidOrder::TooManyItems(_) | InvalidOrder::Repeated(_) => {
                "invalid_items"
            }
        };
        Self::unprocessable(code, error)
    }
}

impl From<PlaceError> for ApiError {
    fn from(error: PlaceError) -> Self {
        match error {
            PlaceError::Invalid(error) => error.into(),
            PlaceError::KeyReused => Self::unprocessable("idempotency_key_reused", error),
            PlaceError::Database(error) => error.into(),
        }
    }
}

impl From<InvalidKey> for ApiError {
    fn from(error: InvalidKey) -> Self {
        Self::bad_request("invalid_idempotency_key", error)
    }
}

impl From<TaskError> for ApiError {
    fn from(error: TaskError) -> Self {
        match error {
            TaskError::TooMany => {
                Self::unavailable("there are too many orders at the moment; try again later")
            }
            TaskError::Unfinished(_) => Self::internal(&error),
        }
    }
}

impl From<QueryRejection> for ApiError {
    fn from(error: QueryRejection) -> Self {
        Self::bad_request("invalid_query", error.body_text())
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        if error.is_data() {
            Self::unprocessable("invalid_order", format_args!("this is no order: {error}"))
        } else {
            Self::bad_request("malformed_json", format_args!("this is no JSON: {error}"))
        }
    }
}
