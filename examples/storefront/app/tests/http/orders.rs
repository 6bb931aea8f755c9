//! Orders, and what cannot be one.

use std::fs;

use serde_json::{Value, json};
use storefront::Server;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::options::options_in;

struct Service {
    folder: TempDir,
    server: Server,
}

impl Service {
    async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), "").await
    }

    async fn start_in(folder: TempDir, parameters: &str) -> Self {
        let mut options = options_in(folder.path());
        options.database += parameters;
        let server = Server::start(&options).await.unwrap();
        Self { folder, server }
    }

    /// The status, and the body.
    async fn ask(&self, head: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.server.address()).await.unwrap();
        let length = body.len();
        let request = format!(
            "{head}\r\nhost: shop\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap())
    }

    async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(&format!("GET {path} HTTP/1.1"), "").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn order(&self, key: &str, customer: &str, sku: &str, quantity: i64) -> (u16, Value) {
        let body = json!({ "customer": customer, "items": [{ "sku": sku, "quantity": quantity }] });
        let head = format!("POST /orders HTTP/1.1\r\nidempotency-key: {key}");
        self.ask(&head, &body.to_string()).await
    }

    async fn events(&self) -> Vec<String> {
        let audit = self.get("/audit").await;
        let lines = audit["lines"].as_array().unwrap().iter();
        lines
            .map(|line| format!("{} {}", line["order_id"], line["event"].as_str().unwrap()))
            .collect()
    }

    fn mails(&self) -> usize {
        fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .count()
    }
}

#[tokio::test]
async fn each_order_has_its_outcome_its_mail_and_its_audit_lines() {
    let service = Service::start().await;
    for (key, customer, sku, quantity, status) in [
        ("1", "ada", "tea", 2, "paid"),
        ("2", "linus", "tea", 1, "declined"),
        ("3", "grace", "samovar", 5, "short"),
    ] {
        let (code, order) = service.order(key, customer, sku, quantity).await;
        assert_eq!((code, order["status"].as_str()), (201, Some(status)));
    }
    assert_eq!(
        service.events().await,
        [
            "1 order.created",
            "1 order.stock_reserved",
            "1 order.paid",
            "2 order.created",
            "2 order.stock_reserved",
            "2 order.payment_declined",
            "3 order.created",
            "3 order.stock_short",
        ]
    );
    assert_eq!(service.mails(), 3);
    assert_eq!(service.get("/orders/1").await["status"], "paid");
    assert_eq!(service.get("/healthz").await["status"], "ok");
    service.server.stop().await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_sent_again_is_the_same_order() {
    let service = Service::start().await;
    let (first_code, first) = service.order("1", "ada", "tea", 2).await;
    let (again_code, again) = service.order("1", "ada", "tea", 2).await;
    assert_eq!((first_code, again_code), (201, 200));
    assert_eq!(first, again);
    let (code, other) = service.order("1", "ada", "cup", 2).await;
    assert_eq!(code, 422);
    assert_eq!(other["error"], "idempotency_key_reused");
    assert_eq!(service.events().await.len(), 3);
    assert_eq!(service.mails(), 1);
}

#[tokio::test]
async fn what_cannot_be_ordered_leaves_nothing() {
    let service = Service::start().await;
    for (sku, quantity, error) in [
        ("tea", -5, "invalid_quantity"),
        ("tea", i64::MAX, "invalid_quantity"),
        ("nope", 1, "unknown_product"),
    ] {
        let (code, body) = service.order("1", "ada", sku, quantity).await;
        assert_eq!((code, body["error"].as_str()), (422, Some(error)));
    }
    let head = "POST /orders HTTP/1.1\r\nidempotency-key: 1";
    let (code, body) = service.ask(head, "{").await;
    assert_eq!(
        (code, body["error"].as_str()),
        (400, Some("malformed_json"))
    );
    let (code, body) = service.ask("POST /orders HTTP/1.1", "{}").await;
    assert_eq!(
        (code, body["error"].as_str()),
        (400, Some("missing_idempotency_key"))
    );
    assert!(service.events().await.is_empty());
    assert_eq!(service.mails(), 0);
    let (code, _) = service.order("1", "ada", "tea", 1).await;
    assert_eq!(code, 201, "the key was never used");
}

#[tokio::test]
async fn a_database_that_is_only_read_answers_and_takes_no_orders() {
    let Service { folder, server } = {
        let service = Service::start().await;
        service.order("1", "ada", "tea", 2).await;
        service
    };
    server.stop().await.unwrap();
    let service = Service::start_in(folder, "?mode=ro").await;
    assert_eq!(service.get("/orders/1").await["status"], "paid");
    let (code, body) = service.order("2", "ada", "tea", 2).await;
    assert_eq!((code, body["error"].as_str()), (503, Some("unavailable")));
    assert_eq!(service.get("/healthz").await["takes_orders"], false);
    assert_eq!(service.events().await.len(), 3);
}

#[tokio::test]
async fn a_mail_that_cannot_be_written_is_in_the_audit_and_stops_nothing() {
    let service = Service::start().await;
    let mails = service.folder.path().join("mail");
    fs::remove_dir_all(&mails).unwrap();
    fs::write(&mails, "in the way").unwrap();
    let (code, order) = service.order("1", "ada", "tea", 2).await;
    assert_eq!((code, order["status"].as_str()), (201, Some("paid")));
    let Service { folder, server } = service;
    // What observers hand over is written down by the time the service has stopped.
    server.stop().await.unwrap();
    fs::remove_file(&mails).unwrap();
    let service = Service::start_in(folder, "?mode=ro").await;
    assert_eq!(
        service.events().await.last().map(String::as_str),
        Some("1 order.handler_failed")
    );
}
