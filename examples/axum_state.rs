//! An axum service with the bus in its state, asked over a socket: `cargo run --example axum_state`.

use std::io;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::{get, post};
use eventful::{Bus, event, handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

#[event(async)]
struct OrderCreated {
    order_id: u64,
    user: String,
}

#[derive(Default)]
struct Cache {
    orders: Mutex<Vec<u64>>,
}

struct Mailer;

impl Mailer {
    async fn send(&self, to: &str) -> Result<(), String> {
        tokio::task::yield_now().await;
        if to == "nobody" {
            Err(String::from("nobody has no address"))
        } else {
            Ok(())
        }
    }
}

#[handler(OrderCreated)]
fn update_cache(event: &OrderCreated, cache: &Cache) {
    cache
        .orders
        .lock()
        .expect("no handler panics with it")
        .push(event.order_id);
}

#[handler(OrderCreated, after = update_cache)]
async fn send_notification(event: &OrderCreated, mailer: &Mailer) -> Result<(), String> {
    mailer.send(&event.user).await
}

#[event(async)]
struct OrderShipped {
    order_id: u64,
}

#[handler(OrderShipped)]
async fn call_carrier(event: &OrderShipped) {
    tokio::time::sleep(Duration::from_millis(300)).await;
    println!("the carrier knows of order {}", event.order_id);
}

/// The state that axum gives to each request.
#[derive(Clone)]
struct AppState {
    bus: Bus,
}

async fn create_order(
    State(state): State<AppState>,
    Path(user): Path<String>,
) -> (StatusCode, String) {
    static NEXT_ORDER: AtomicU64 = AtomicU64::new(1);
    let event = OrderCreated {
        order_id: NEXT_ORDER.fetch_add(1, Ordering::Relaxed),
        user,
    };
    let order_id = event.order_id;
    match state.bus.publish(&event).await {
        Ok(delivered) => (
            StatusCode::CREATED,
            format!("order {order_id}: {} handlers", delivered.handled()),
        ),
        // The order stands; the bus logs the failure with its handler.
        Err(error) => (
            StatusCode::ACCEPTED,
            format!("order {order_id}, but {}", error.failures()[0].message()),
        ),
    }
}

/// Hands the event over: the carrier is slow, and hears of the order even if this client hangs up.
async fn ship_order(
    State(state): State<AppState>,
    Path(order_id): Path<u64>,
) -> (StatusCode, String) {
    match state.bus.hand_over(OrderShipped { order_id }) {
        // Nobody awaits the outcome; the bus logs failures.
        Ok(_) => (
            StatusCode::ACCEPTED,
            format!("order {order_id} is on its way"),
        ),
        Err(error) if error.is_full() => (
            StatusCode::SERVICE_UNAVAILABLE,
            String::from("try again later"),
        ),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}

fn service(bus: Bus) -> Router {
    Router::new()
        .route("/orders/{user}", post(create_order))
        .route("/shipments/{order_id}", post(ship_order))
        .route("/health", get(|| async { "ok" }))
        .with_state(AppState { bus })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .without_time()
        .with_ansi(false)
        .init();
    let bus = eventful::bus!()
        .provide(Cache::default())
        .provide(Mailer)
        .spawner(|task| drop(tokio::spawn(task)))
        .build()?;

    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (stop, stopped) = oneshot::channel::<()>();
    let server = axum::serve(listener, service(bus.clone()))
        .with_graceful_shutdown(async { drop(stopped.await) });
    let server = tokio::spawn(server.into_future());

    println!("{}", ask(address, "GET /health").await?);
    println!("{}", ask(address, "POST /orders/ada").await?);
    println!("{}", ask(address, "POST /orders/nobody").await?);
    println!("{}", ask(address, "POST /shipments/1").await?);
    drop(stop);
    server.await??;

    // No request is left. What they handed over may be, and ends with the process.
    println!("{} under way", bus.handed_over_count());
    timeout(Duration::from_secs(10), bus.drained()).await?;
    println!("all is done");
    Ok(())
}

/// Sends a request without a body, and returns status and body of the answer.
async fn ask(address: SocketAddr, request: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!(
        "{request} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split_whitespace().nth(1).unwrap_or_default();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
    Ok(format!("{status} {body}"))
}
