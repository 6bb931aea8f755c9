//! The page about the wiring, in a real browser: Debian's `chromium`, without a display.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use axum::Router;
use axum::extract::State;
use axum::http::{Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use clap::Parser;
use serde_json::Value;
use storefront::{Client, Options, Server};
use tokio::net::TcpListener;

/// A page that follows every link of the other one, and writes down what it saw.
const PROBE: &str = include_str!("probe.html");

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium; `.ci/run` has it"]
async fn the_page_shows_every_event_and_its_links_lead_somewhere() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options::try_parse_from(["storefront"]).unwrap();
    let server = Server::start(&options.within(folder.path())).await.unwrap();
    let wiring = wiring(server.address()).await;
    let probing = probing(server.address()).await;
    let profile = folder.path().join("profile");
    let see = move || {
        let page = seen(&profile, &format!("http://{probing}/wiring"));
        let probe = seen(&profile, &format!("http://{probing}/probe.html"));
        (page, probe)
    };
    let (page, probe) = tokio::task::spawn_blocking(see).await.unwrap();

    for event in array(&wiring["events"]) {
        let name = event["name"].as_str().unwrap();
        let section = format!("<section id=\"{name}\">");
        let (_, section) = page.split_once(&section).expect(name);
        let (section, _) = section.split_once("</section>").unwrap();
        let handlers = array(&event["handlers"]);
        assert_eq!(
            section.matches("<tr>").count(),
            1 + handlers.len(),
            "{section}"
        );
    }

    let told: Vec<_> = paragraphs(&probe).collect();
    assert_eq!(told, TOLD);
}

const TOLD: [&str; 22] = [
    // The flow of events.
    "order.created is found",
    "order.stock_reserved is found",
    "order.paid is found",
    "order.payment_declined is found",
    "order.stock_short is found",
    "order.handler_failed is found",
    // The events that handlers may cause.
    "order.stock_reserved is found",
    "order.stock_short is found",
    "order.paid is found",
    "order.payment_declined is found",
    // The members of the family.
    "order.created is found",
    "order.handler_failed is found",
    "order.paid is found",
    "order.payment_declined is found",
    "order.stock_reserved is found",
    "order.stock_short is found",
    // Other links, and other windows.
    "application/json with 6 events",
    "it fits into 320 pixels",
    "it fits into 600 pixels",
    "it fits into 900 pixels",
    "it fits into 1200 pixels",
    "all is well",
];

fn paragraphs(document: &str) -> impl Iterator<Item = &str> {
    let starts = document.split("<p>").skip(1);
    starts.map(|text| text.split("</p>").next().unwrap())
}

async fn wiring(service: SocketAddr) -> Value {
    let mut client = Client::connect(service).await.unwrap();
    client.get("/wiring.json").await.unwrap().read().unwrap()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// The service, and the probe beside it: a page may only look into another one of the same origin.
async fn probing(service: SocketAddr) -> SocketAddr {
    let pages = Router::new()
        .route("/probe.html", get(|| async { Html(PROBE) }))
        .fallback(forward)
        .with_state(service);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(axum::serve(listener, pages).into_future());
    address
}

async fn forward(State(service): State<SocketAddr>, uri: Uri) -> Response {
    let mut client = Client::connect(service).await.unwrap();
    let answer = client.get(uri.path()).await.unwrap();
    let content_type = if uri.path().ends_with("json") {
        "application/json"
    } else {
        "text/html"
    };
    (
        answer.status,
        [(header::CONTENT_TYPE, content_type)],
        answer.body,
    )
        .into_response()
}

/// The document as it is when all scripts have run.
fn seen(profile: &Path, url: &str) -> String {
    let output = Command::new("timeout")
        .args([
            "120",
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
        ])
        .args([
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
        ])
        .args([
            "--disable-sync",
            "--virtual-time-budget=20000",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(url)
        .output()
        .unwrap();
    let document = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{document}{errors}");
    document
}
