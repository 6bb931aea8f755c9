//! The page about the wiring, as far as no browser is needed.

use std::collections::HashSet;

use storefront::Client;

use crate::service::Service;

/// Returns the text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> HashSet<&'a str> {
    let starts = text.split(before).skip(1);
    starts
        .map(|text| text.split(after).next().unwrap())
        .collect()
}

#[tokio::test]
async fn every_link_within_the_page_leads_to_an_event() {
    let service = Service::start().await;
    let wiring = service.get("/wiring.json").await;
    let events = wiring["events"].as_array().unwrap().iter();
    let events: HashSet<_> = events
        .map(|event| event["name"].as_str().unwrap())
        .collect();
    assert_eq!(events.len(), 6);

    let mut client = Client::connect(service.server.address()).await.unwrap();
    let page = client.get("/wiring").await.unwrap();
    let page = str::from_utf8(&page.body).unwrap();
    assert_eq!(between(page, "<section id=\"", "\""), events);
    assert_eq!(between(page, "href=\"#", "\""), events);
    for path in between(page, "href=\"/", "\"") {
        let answer = client.get(&format!("/{path}")).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[tokio::test]
async fn who_asks_for_json_gets_it_at_either_place() {
    let service = Service::start().await;
    let head = "GET /wiring HTTP/1.1\r\naccept: application/json";
    assert_eq!(
        service.ask(head, "").await,
        (200, service.get("/wiring.json").await)
    );
}
