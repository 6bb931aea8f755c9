//! The service, and a client that also sends what no client should.

use std::fs;

use serde_json::{Value, json};
use storefront::Server;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::options::options_in;

pub(crate) struct Service {
    pub(crate) folder: TempDir,
    pub(crate) server: Server,
}

impl Service {
    pub(crate) async fn start() -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), "").await
    }

    pub(crate) async fn start_in(folder: TempDir, parameters: &str) -> Self {
        let mut options = options_in(folder.path());
        options.database += parameters;
        let server = Server::start(&options).await.unwrap();
        Self { folder, server }
    }

    /// The status, and the body.
    pub(crate) async fn ask(&self, head: &str, body: impl AsRef<[u8]>) -> (u16, Value) {
        let body = body.as_ref();
        let head = format!("{head}\r\ncontent-length: {}", body.len());
        self.send(&head, body).await
    }

    /// The same, with a body as it is on the wire.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> (u16, Value) {
        let mut stream = TcpStream::connect(self.server.address()).await.unwrap();
        let head = format!("{head}\r\nhost: shop\r\nconnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let body = serde_json::from_str(body);
        (
            status,
            body.unwrap_or_else(|error| panic!("{error}: {answer}")),
        )
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.ask(&format!("GET {path} HTTP/1.1"), "").await;
        assert_eq!(status, 200, "{body}");
        body
    }

    pub(crate) async fn order(
        &self,
        key: &str,
        customer: &str,
        sku: &str,
        quantity: i64,
    ) -> (u16, Value) {
        let body = json!({ "customer": customer, "items": [{ "sku": sku, "quantity": quantity }] });
        let head = format!("POST /orders HTTP/1.1\r\nidempotency-key: {key}");
        self.ask(&head, body.to_string()).await
    }

    pub(crate) async fn events(&self) -> Vec<String> {
        let audit = self.get("/audit").await;
        let lines = audit["lines"].as_array().unwrap().iter();
        lines
            .map(|line| format!("{} {}", line["order_id"], line["event"].as_str().unwrap()))
            .collect()
    }

    pub(crate) fn mails(&self) -> usize {
        fs::read_dir(self.folder.path().join("mail"))
            .unwrap()
            .count()
    }
}
