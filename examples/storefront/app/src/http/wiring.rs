//! The wiring of this program, as JSON and as a page.

mod flow;
mod html;
mod page;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use eventful::Wiring;

use self::page::Page;
use super::negotiate::prefers_json;
use crate::Shop;

/// `GET /wiring`: a page, or JSON for a client that asks for it.
pub(super) async fn show(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    let wiring = shop.bus.wiring();
    if prefers_json(&headers) {
        Json(wiring).into_response()
    } else {
        Html(Page(&wiring).to_string()).into_response()
    }
}

/// `GET /wiring.json`.
pub(super) async fn json(State(shop): State<Shop>) -> Json<Wiring> {
    Json(shop.bus.wiring())
}
