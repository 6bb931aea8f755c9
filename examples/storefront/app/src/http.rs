//! The routes of the service.

mod body;
mod error;
mod negotiate;
mod orders;
mod page;
mod status;
mod wiring;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use self::error::ApiError;
use crate::Shop;

pub(crate) fn router(shop: Shop) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::to("/wiring") }))
        .route("/orders", post(orders::create).get(orders::list))
        .route("/orders/{id}", get(orders::show))
        .route("/audit", get(status::audit))
        .route("/wiring", get(wiring::show))
        .route("/wiring.json", get(wiring::json))
        .route("/metrics", get(status::metrics))
        .route("/healthz", get(status::health))
        .fallback(|| async { ApiError::not_found("there is nothing here") })
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .with_state(shop)
}
