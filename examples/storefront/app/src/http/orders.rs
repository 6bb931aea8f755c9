//! Placing orders, and looking at them.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orders::{Attempt, NewOrder, OrderId, Placed, TrackedOrder, place};
use serde::{Deserialize, Serialize};

use super::body;
use super::error::ApiError;
use crate::Shop;

const KEY: &str = "idempotency-key";

/// `POST /orders`: 201 with a new order and its status, or 200 with the order that the same key has placed before.
pub(super) async fn create(
    State(shop): State<Shop>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    // The body first: a client that is still sending does not read an answer.
    let body = body::read(body).await?;
    let attempt = Attempt::new(key(&headers)?, &body)?;
    let new: NewOrder = serde_json::from_slice(&body)?;
    let placing = {
        let shop = shop.clone();
        async move { place(&shop.bus, &shop.store, &attempt, &new).await }
    };
    // In a task of its own: the request ends when the client hangs up, and an order that is saved must be published.
    let placed = shop.tasks.run(placing).await??;
    let (status, order) = match placed {
        Placed::Now(order) => (StatusCode::CREATED, order),
        Placed::Before(order) => (StatusCode::OK, order),
    };
    let location = format!("/orders/{}", order.order.id);
    Ok((status, [(header::LOCATION, location)], Json(order)).into_response())
}

fn key(headers: &HeaderMap) -> Result<&str, ApiError> {
    let key = headers.get(KEY).ok_or_else(|| {
        let message =
            "send an Idempotency-Key, such as a UUID, and the same one when you try again";
        ApiError::bad_request("missing_idempotency_key", message)
    })?;
    // A value that is no text is no key either.
    Ok(key.to_str().unwrap_or_default())
}

/// `GET /orders/{id}`, from the cache if it is there.
pub(super) async fn show(
    State(shop): State<Shop>,
    Path(id): Path<String>,
) -> Result<Json<TrackedOrder>, ApiError> {
    let not_found = || ApiError::not_found(format_args!("there is no order `{id}`"));
    let number = OrderId(id.parse().map_err(|_| not_found())?);
    let found = shop.cache.find(number, &shop.store).await?;
    found.map(Json).ok_or_else(not_found)
}

/// The part of a long list that a client asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Page {
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: super::page::Limit,
}

#[derive(Serialize)]
pub(super) struct OrderList {
    orders: Vec<TrackedOrder>,
}

/// `GET /orders?after=7&limit=100`.
pub(super) async fn list(
    State(shop): State<Shop>,
    page: Result<Query<Page>, QueryRejection>,
) -> Result<Json<OrderList>, ApiError> {
    let Query(Page { after, limit }) = page?;
    let orders = shop.store.list(OrderId(after), limit.checked()?).await?;
    Ok(Json(OrderList { orders }))
}
