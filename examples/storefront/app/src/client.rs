//! A client of the service, for the demonstration and the tests.

use std::error::Error;
use std::net::SocketAddr;

use axum::body::Bytes;
use axum::http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use orders::NewOrder;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

/// The error of a request without an answer.
pub type ClientError = Box<dyn Error + Send + Sync>;

/// A connection to the service.
#[derive(Debug)]
pub struct Client {
    address: SocketAddr,
    sender: SendRequest<Full<Bytes>>,
}

/// An answer of the service.
#[derive(Clone, Debug)]
pub struct Answer {
    /// `true` if the status is one of success.
    pub status: StatusCode,
    /// The text.
    pub body: Bytes,
}

impl Client {
    /// Connects to the service.
    ///
    /// # Errors
    ///
    /// If no server listens there.
    pub async fn connect(address: SocketAddr) -> Result<Self, ClientError> {
        let stream = TokioIo::new(TcpStream::connect(address).await?);
        let (sender, connection) = http1::handshake(stream).await?;
        // It ends with the sender, which has each of its errors, too.
        tokio::spawn(async move { connection.await.ok() });
        Ok(Self { address, sender })
    }

    /// `GET path`.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub async fn get(&mut self, path: &str) -> Result<Answer, ClientError> {
        let request = Request::builder().uri(path);
        self.send(request.body(Full::default())?).await
    }

    /// `POST /orders`, with an idempotency key.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub async fn order(&mut self, key: &str, order: &NewOrder) -> Result<Answer, ClientError> {
        self.post(key, serde_json::to_vec(order)?).await
    }

    /// `POST /orders`, with an idempotency key and whatever body.
    ///
    /// # Errors
    ///
    /// If there is no answer.
    pub async fn post(&mut self, key: &str, body: impl Into<Bytes>) -> Result<Answer, ClientError> {
        let request = Request::builder()
            .method(Method::POST)
            .uri("/orders")
            .header("idempotency-key", key)
            .header(header::CONTENT_TYPE, "application/json");
        self.send(request.body(Full::new(body.into()))?).await
    }

    async fn send(&mut self, mut request: Request<Full<Bytes>>) -> Result<Answer, ClientError> {
        let host = self.address.to_string().parse()?;
        request.headers_mut().insert(header::HOST, host);
        self.sender.ready().await?;
        let (head, body) = self.sender.send_request(request).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer {
            status: head.status,
            body,
        })
    }
}

impl Answer {
    /// Returns the body, if the status is one of success.
    ///
    /// # Errors
    ///
    /// If the status is one of failure, with the body; or if the body is something else.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        if !self.status.is_success() {
            let said = String::from_utf8_lossy(&self.body);
            return Err(format!("the service answered {}: {said}", self.status).into());
        }
        Ok(serde_json::from_slice(&self.body)?)
    }
}
