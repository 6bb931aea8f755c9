//! Events that browsers follow, over server-sent events: `cargo run --example sse`.
//!
//! A publish knows nothing of browsers. One handler puts what they may see into a broadcast channel, and each open
//! connection is a stream from that channel.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::Sse;
use axum::response::sse::{Event as SseEvent, KeepAlive};
use axum::routing::get;
use eventful::{Bus, event, handler};
use futures_lite::stream::{self, Stream};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio_util::sync::CancellationToken;

#[event]
struct OrderShipped {
    order_id: u64,
    user: &'static str,
}

/// The part of an event that browsers see.
#[derive(Clone)]
struct Notice {
    order_id: u64,
    user: &'static str,
}

#[handler(OrderShipped)]
fn tell_browsers(event: &OrderShipped, browsers: &broadcast::Sender<Notice>) {
    let &OrderShipped { order_id, user } = event;
    browsers.send(Notice { order_id, user }).ok(); // an error says that nobody is connected
}

#[derive(Clone)]
struct AppState {
    browsers: broadcast::Sender<Notice>,
    /// Cancelled at shutdown: a stream has no end of its own.
    shutdown: CancellationToken,
}

/// `GET /events/{user}`: what concerns one user.
async fn of_one_user(State(state): State<AppState>, Path(user): Path<String>) -> Sse<impl Notices> {
    Sse::new(notices(state, move |notice| notice.user == user)).keep_alive(KeepAlive::default())
}

/// `GET /events`: everything, for those who run the shop.
async fn of_all_users(State(state): State<AppState>) -> Sse<impl Notices> {
    Sse::new(notices(state, |_| true)).keep_alive(KeepAlive::default())
}

/// The events of one connection.
trait Notices: Stream<Item = Result<SseEvent, Infallible>> + Send {}
impl<S: Stream<Item = Result<SseEvent, Infallible>> + Send> Notices for S {}

/// The notices that `is_for` lets through, from now on.
///
/// A connection that reads too slowly misses notices: it gets one `resync` instead of them, and loads its page again.
fn notices(state: AppState, is_for: impl Fn(&Notice) -> bool + Send) -> impl Notices {
    let receiver = state.browsers.subscribe();
    stream::unfold((receiver, is_for), move |(mut receiver, is_for)| {
        let shutdown = state.shutdown.clone();
        async move {
            let event = loop {
                let next = tokio::select! {
                    next = receiver.recv() => next,
                    () = shutdown.cancelled() => return None,
                };
                match next {
                    Ok(notice) if is_for(&notice) => {
                        let event = SseEvent::default().event("shipped");
                        break event.id(notice.order_id.to_string()).data(notice.user);
                    }
                    Ok(_) => {}
                    Err(RecvError::Lagged(missed)) => {
                        let event = SseEvent::default().event("resync");
                        break event.data(missed.to_string());
                    }
                    Err(RecvError::Closed) => return None,
                }
            };
            Some((Ok(event), (receiver, is_for)))
        }
    })
}

/// The notices that the channel keeps for the slowest connection.
const KEPT: usize = 64;

const ORDERS: u64 = 40_000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let state = AppState {
        browsers: broadcast::channel(KEPT).0,
        shutdown: CancellationToken::new(),
    };
    let bus = eventful::bus!().provide(state.browsers.clone()).build()?;
    let routes = Router::new()
        .route("/events", get(of_all_users))
        .route("/events/{user}", get(of_one_user))
        .with_state(state.clone());

    let (listener, address) = listen()?;
    let shutdown = state.shutdown.clone();
    let server = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { shutdown.cancelled().await });
    let server = tokio::spawn(server.into_future());

    let mut ada = Browser::open(address, "/events/ada").await?;
    let mut operator = Browser::open(address, "/events").await?;
    // The publisher does not outrun `ada`, and `operator` reads nothing all the while.
    for first in (1..=ORDERS).step_by(KEPT / 2) {
        publish(&bus, first..(first + KEPT as u64 / 2).min(ORDERS + 1));
        while ada.last < (first + KEPT as u64 / 2 - 1).min(ORDERS) {
            ada.read().await?;
        }
    }
    while operator.last < ORDERS {
        operator.read().await?;
    }

    println!(
        "ada: {} notices, all of them hers: {}, {} missed",
        ada.shipped,
        ada.users == ["ada"],
        ada.missed
    );
    println!(
        "operator: told to load the page again: {}, and each notice is received or counted as missed: {}",
        operator.missed > 0,
        operator.shipped + operator.missed == ORDERS
    );
    state.shutdown.cancel();
    server.await??;
    println!("the streams have ended, and the server with them");
    Ok(())
}

/// Publishes some orders, of which every second one is `ada`'s.
fn publish(bus: &Bus, orders: std::ops::Range<u64>) {
    for order_id in orders {
        let user = if order_id % 2 == 0 { "ada" } else { "grace" };
        bus.publish(&OrderShipped { order_id, user }).ok();
    }
}

/// Listens with small buffers, so that few notices wait in the network.
fn listen() -> io::Result<(TcpListener, SocketAddr)> {
    let socket = TcpSocket::new_v4()?;
    socket.set_send_buffer_size(4096)?;
    socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let listener = socket.listen(16)?;
    let address = listener.local_addr()?;
    Ok((listener, address))
}

/// A browser, and what it has read.
struct Browser {
    stream: BufReader<TcpStream>,
    shipped: u64,
    missed: u64,
    last: u64,
    users: Vec<String>,
}

impl Browser {
    async fn open(address: SocketAddr, path: &str) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        let mut stream = socket.connect(address).await?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\n\r\n");
        stream.write_all(request.as_bytes()).await?;
        let mut browser = Self {
            stream: BufReader::new(stream),
            shipped: 0,
            missed: 0,
            last: 0,
            users: Vec::new(),
        };
        // The stream begins behind the head of the answer.
        while !browser.line().await?.is_empty() {}
        Ok(browser)
    }

    /// Reads one event.
    async fn read(&mut self) -> io::Result<()> {
        let mut event = String::new();
        loop {
            let line = self.line().await?;
            match line.split_once(": ") {
                Some(("event", name)) => name.clone_into(&mut event),
                Some(("id", id)) => self.last = id.parse().map_err(io::Error::other)?,
                Some(("data", missed)) if event == "resync" => {
                    self.missed += missed.parse::<u64>().map_err(io::Error::other)?;
                }
                Some(("data", user)) => {
                    self.shipped += 1;
                    if !self.users.iter().any(|known| known == user) {
                        self.users.push(user.to_owned());
                    }
                }
                _ => {}
            }
            if line.is_empty() {
                return Ok(());
            }
        }
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        if self.stream.read_line(&mut line).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    }
}
