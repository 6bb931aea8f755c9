//! Mistakes of clients and operators: a clear answer, nothing half-written, and the service goes on.

use std::fs;

use orders::Database;
use serde_json::json;
use storefront::Server;

use crate::options::options_in;
use crate::service::Service;

const POST: &str = "POST /orders HTTP/1.1\r\nidempotency-key: 1";

/// Asserts that nothing is left of the refused orders, and that the next order is the first one.
async fn ends_unharmed(service: Service) {
    let database = Database::open(&options_in(service.folder.path()).database)
        .await
        .unwrap();
    let written: i64 = sqlx::query_scalar(
        "SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM order_items) + (SELECT count(*) FROM idempotency_keys)
              + (SELECT count(*) FROM reservations) + (SELECT count(*) FROM payments) + (SELECT count(*) FROM audit_lines)",
    )
    .fetch_one(database.readers())
    .await
    .unwrap();
    assert_eq!((written, service.mails()), (0, 0));
    let (code, order) = service.order("1", "ada", "tea", 1).await;
    assert_eq!(
        (code, order["id"].as_i64()),
        (201, Some(1)),
        "the key was never used"
    );
    assert_eq!(service.events().await.len(), 3);
    service.server.stop().await.unwrap();
}

/// A body, and the answer's status, code and a part of its message.
type Refusal = (Vec<u8>, u16, &'static str, &'static str);

async fn refuses(refusals: impl IntoIterator<Item = Refusal>) {
    let service = Service::start().await;
    for (body, code, error, part) in refusals {
        let (told, answer) = service.ask(POST, &body).await;
        let body = String::from_utf8_lossy(&body[..body.len().min(80)]);
        assert_eq!(
            (told, answer["error"].as_str()),
            (code, Some(error)),
            "{body}: {answer}"
        );
        let message = answer["message"].as_str().unwrap();
        assert!(message.contains(part), "{body}: {message}");
    }
    ends_unharmed(service).await;
}

fn items(items: &str) -> Vec<u8> {
    format!(r#"{{"customer":"ada","items":{items}}}"#).into_bytes()
}

fn tea(quantity: &str) -> Vec<u8> {
    items(&format!(r#"[{{"sku":"tea","quantity":{quantity}}}]"#))
}

#[tokio::test]
async fn what_is_no_order_is_refused_with_a_reason() {
    let not_text = [
        b"{\"customer\":\"".as_slice(),
        &[0xff, 0xfe],
        b"\",\"items\":[]}",
    ]
    .concat();
    let deep = "[".repeat(60_000).into_bytes();
    let surplus = items(r#"[{"sku":"tea","quantity":1,"price":0}]"#);
    refuses([
        (b"".to_vec(), 400, "malformed_json", "EOF"),
        (b"{".to_vec(), 400, "malformed_json", "line 1 column 1"),
        (
            b"customer=ada".to_vec(),
            400,
            "malformed_json",
            "line 1 column 1",
        ),
        (not_text, 400, "malformed_json", "line 1"),
        (deep, 422, "invalid_order", "invalid type"),
        (b"null".to_vec(), 422, "invalid_order", "null"),
        (
            b"{}".to_vec(),
            422,
            "invalid_order",
            "missing field `customer`",
        ),
        (items("7"), 422, "invalid_order", "integer `7`"),
        (surplus, 422, "invalid_order", "unknown field `price`"),
        (tea("1.5"), 422, "invalid_order", "1.5"),
        (tea(r#""2""#), 422, "invalid_order", "string"),
        (tea("99999999999999999999"), 422, "invalid_order", "1e+20"),
    ])
    .await;
}

#[tokio::test]
async fn what_cannot_be_ordered_is_refused_with_a_reason() {
    let many: Vec<_> = (0..51)
        .map(|sku| json!({ "sku": sku.to_string(), "quantity": 1 }))
        .collect();
    let many = items(&json!(many).to_string());
    let twice = items(r#"[{"sku":"tea","quantity":1},{"sku":"tea","quantity":2}]"#);
    let unknown = items(r#"[{"sku":"tea","quantity":1},{"sku":"coffee","quantity":1}]"#);
    let malicious = items(r#"[{"sku":"'; DROP TABLE orders; --","quantity":1}]"#);
    let nobody = br#"{"customer":"nobody","items":[{"sku":"tea","quantity":1}]}"#.to_vec();
    let negative = "the quantity of `tea` is -1; it must be from 1 to 1000";
    refuses([
        (tea("-1"), 422, "invalid_quantity", negative),
        (tea("0"), 422, "invalid_quantity", "is 0"),
        (tea("1001"), 422, "invalid_quantity", "is 1001"),
        (
            tea("9223372036854775807"),
            422,
            "invalid_quantity",
            "is 9223372036854775807",
        ),
        (items("[]"), 422, "invalid_items", "no items"),
        (many, 422, "invalid_items", "51 items"),
        (twice, 422, "invalid_items", "`tea` is listed twice"),
        (unknown, 422, "unknown_product", "`coffee`"),
        (malicious, 422, "unknown_product", "DROP TABLE"),
        (nobody, 422, "unknown_customer", "`nobody`"),
    ])
    .await;
}

#[tokio::test]
async fn what_is_no_key_is_refused_with_a_reason() {
    let service = Service::start().await;
    let order = r#"{"customer":"ada","items":[{"sku":"tea","quantity":1}]}"#;
    let long = "k".repeat(201);
    let (code, answer) = service.ask("POST /orders HTTP/1.1", order).await;
    assert_eq!(
        (code, answer["error"].as_str()),
        (400, Some("missing_idempotency_key"))
    );
    for key in ["", "two words", "schl\u{fc}ssel", &long] {
        let head = format!("POST /orders HTTP/1.1\r\nidempotency-key: {key}");
        let (code, answer) = service.ask(&head, order).await;
        assert_eq!(
            (code, answer["error"].as_str()),
            (400, Some("invalid_idempotency_key")),
            "{key}"
        );
    }
    ends_unharmed(service).await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_whether_its_length_is_known_or_not() {
    let service = Service::start().await;
    let expected = (
        413,
        json!({ "error": "body_too_large", "message": "the body is larger than 64 KiB" }),
    );
    let megabytes = vec![b'a'; 10 * 1024 * 1024];
    assert_eq!(service.ask(POST, &megabytes).await, expected);
    assert_eq!(service.ask(POST, &megabytes[..=64 * 1024]).await, expected);

    let mut chunked = format!("{:x}\r\n", megabytes.len()).into_bytes();
    chunked.extend_from_slice(&megabytes);
    chunked.extend_from_slice(b"\r\n0\r\n\r\n");
    let head = format!("{POST}\r\ntransfer-encoding: chunked");
    assert_eq!(service.send(&head, &chunked).await, expected);

    // One that is as large as it may be is read.
    let (code, answer) = service.ask(POST, &megabytes[..64 * 1024]).await;
    assert_eq!(
        (code, answer["error"].as_str()),
        (400, Some("malformed_json"))
    );
    ends_unharmed(service).await;
}

#[tokio::test]
async fn what_cannot_be_asked_is_answered_too() {
    let service = Service::start().await;
    for (head, code, error) in [
        ("GET /orders/1", 404, "not_found"),
        ("GET /orders/-1", 404, "not_found"),
        ("GET /orders/-9223372036854775808", 404, "not_found"),
        ("GET /orders/tea", 404, "not_found"),
        ("GET /orders/99999999999999999999", 404, "not_found"),
        ("GET /orders?limit=1001", 400, "invalid_query"),
        ("GET /orders?limit=-1", 400, "invalid_query"),
        ("GET /orders?after=tea", 400, "invalid_query"),
        ("GET /orders?page=2", 400, "invalid_query"),
        ("GET /audit?order=tea", 400, "invalid_query"),
        ("GET /nowhere", 404, "not_found"),
        ("DELETE /orders", 405, "method_not_allowed"),
        ("POST /wiring", 405, "method_not_allowed"),
    ] {
        let (told, answer) = service.ask(&format!("{head} HTTP/1.1"), "").await;
        assert_eq!(
            (told, answer["error"].as_str()),
            (code, Some(error)),
            "{head}: {answer}"
        );
        assert!(answer["message"].is_string(), "{head}: {answer}");
    }
    ends_unharmed(service).await;
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
    // The failures that observers hand over are written down by the time the service has stopped.
    server.stop().await.unwrap();
    fs::remove_file(&mails).unwrap();
    let service = Service::start_in(folder, "?mode=ro").await;
    assert_eq!(
        service.events().await.last().map(String::as_str),
        Some("1 order.handler_failed")
    );
}

#[tokio::test]
async fn what_cannot_be_opened_is_said_before_anything_is_served() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options_in(folder.path());
    fs::write(&options.mail_dir, "in the way").unwrap();
    let error = Server::start(&options).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot write to the mail folder `"),
        "{error}"
    );
    assert!(
        error.contains("/mail`; choose another one with --mail-dir: "),
        "{error}"
    );

    options.database = format!("sqlite:{}?mode=ro", folder.path().join("none.db").display());
    let error = Server::start(&options).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot open the database `sqlite:"),
        "{error}"
    );
    assert!(
        error.contains("none.db?mode=ro`; choose another one with --database: "),
        "{error}"
    );
    assert!(!folder.path().join("none.db").exists());

    fs::write(folder.path().join("none.db"), "no database").unwrap();
    let error = Server::start(&options).await.unwrap_err().to_string();
    assert!(
        error.starts_with("cannot open the database `sqlite:"),
        "{error}"
    );

    let server = Server::start(&options_in(&folder.path().join("other")))
        .await
        .unwrap();
    options = options_in(&folder.path().join("another"));
    options.listen = server.address();
    let error = Server::start(&options).await.unwrap_err().to_string();
    assert!(
        error.starts_with(&format!(
            "cannot listen on {}; choose another address",
            server.address()
        )),
        "{error}"
    );
}
