//! The pages for operators: the audit, the metrics and the health of the service.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use orders::{AuditLine, OrderId};
use serde::{Deserialize, Serialize};

use super::error::ApiError;
use super::page::Limit;
use crate::Shop;

/// The part of the audit that a client asks for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditPage {
    order: Option<i64>,
    #[serde(default)]
    after: i64,
    #[serde(default)]
    limit: Limit,
}

#[derive(Serialize)]
pub(super) struct Audit {
    lines: Vec<AuditLine>,
}

/// `GET /audit?order=3&after=7&limit=100`.
pub(super) async fn audit(
    State(shop): State<Shop>,
    page: Result<Query<AuditPage>, QueryRejection>,
) -> Result<Json<Audit>, ApiError> {
    let Query(AuditPage {
        order,
        after,
        limit,
    }) = page?;
    let limit = limit.checked()?;
    let lines = shop.trail.lines(order.map(OrderId), after, limit).await?;
    Ok(Json(Audit { lines }))
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics(State(shop): State<Shop>) -> Response {
    shop.prometheus.run_upkeep();
    let content_type = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (content_type, shop.prometheus.render()).into_response()
}

#[derive(Serialize)]
pub(super) struct Health {
    status: &'static str,
    /// `true` if orders can be placed.
    takes_orders: bool,
    /// The number of orders that are being placed.
    orders_under_way: usize,
}

/// `GET /healthz`: 200 if questions about orders can be answered.
pub(super) async fn health(State(shop): State<Shop>) -> Result<Json<Health>, ApiError> {
    shop.store.list(OrderId(0), 1).await?;
    Ok(Json(Health {
        status: "ok",
        takes_orders: !shop.database.is_read_only(),
        orders_under_way: shop.tasks.count(),
    }))
}
