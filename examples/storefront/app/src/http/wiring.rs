//! Who handles which event, as this program is linked: as JSON, and as a page.

use std::fmt::{self, Display, Write};

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{Html, IntoResponse, Response};
use eventful::Wiring;
use eventful::wiring::{WiredEvent, WiredHandler};

use super::negotiate::prefers_json;
use crate::Shop;

/// `GET /wiring`: a page, or JSON for who asks for that.
pub(super) async fn show(State(shop): State<Shop>, headers: HeaderMap) -> Response {
    let wiring = shop.bus.wiring();
    if prefers_json(&headers) {
        Json(wiring).into_response()
    } else {
        Html(Page(&wiring).to_string()).into_response()
    }
}

/// `GET /wiring.json`.
pub(super) async fn json(State(shop): State<Shop>) -> Json<Wiring> {
    Json(shop.bus.wiring())
}

const STYLE: &str = include_str!("wiring.css");

struct Page<'a>(&'a Wiring);

impl Display for Page<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wiring) = self;
        write!(
            formatter,
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <title>Storefront: who handles what</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n\
             <h1>Who handles what</h1>\n\
             <p>Every event of this service, with its handlers in the order in which they run. \
             Also as <a href=\"/wiring.json\">JSON</a>.</p>\n"
        )?;
        for event in wiring.events() {
            write_event(formatter, event)?;
        }
        formatter.write_str("<h2>Families</h2>\n<ul>\n")?;
        for family in wiring.families() {
            let name = Escaped(family.name());
            let members: Vec<_> = family.members().iter().map(|name| link(name)).collect();
            writeln!(
                formatter,
                "<li><code>{name}</code>: {}</li>",
                members.join(", ")
            )?;
        }
        formatter.write_str("</ul>\n<h2>What the handlers are lent</h2>\n<ul>\n")?;
        for resource in wiring.resources() {
            writeln!(
                formatter,
                "<li><code>{}</code></li>",
                Escaped(resource.type_name())
            )?;
        }
        write!(
            formatter,
            "</ul>\n<details>\n<summary>The same as a diagram, for Mermaid</summary>\n<pre>{}</pre>\n</details>\n</body>\n</html>\n",
            Escaped(&wiring.mermaid())
        )
    }
}

fn write_event(formatter: &mut fmt::Formatter<'_>, event: &WiredEvent) -> fmt::Result {
    let name = Escaped(event.name());
    writeln!(formatter, "<section id=\"{name}\">\n<h2>{name}</h2>")?;
    if event.handlers().is_empty() {
        return formatter.write_str("<p>Nobody handles it.</p>\n</section>\n");
    }
    formatter.write_str(
        "<table>\n<thead><tr><th>Handler</th><th>Runs</th><th>Is lent</th><th>May cause</th></tr></thead>\n<tbody>\n",
    )?;
    for handler in event.handlers() {
        write_handler(formatter, handler)?;
    }
    formatter.write_str("</tbody>\n</table>\n</section>\n")
}

fn write_handler(formatter: &mut fmt::Formatter<'_>, handler: &WiredHandler) -> fmt::Result {
    let mut runs = vec![
        if handler.is_async() {
            "async"
        } else {
            "at once"
        }
        .to_owned(),
    ];
    if handler.order() != 0 {
        runs.push(format!("order {}", handler.order()));
    }
    runs.extend(handler.constraints().iter().cloned());
    if handler.is_guarded() {
        runs.push("if its guard allows it".to_owned());
    }
    runs.extend(handler.family().map(|family| format!("via {family}")));
    let lent: Vec<_> = handler
        .resources()
        .iter()
        .map(ToString::to_string)
        .collect();
    let causes: Vec<_> = handler.returns().iter().map(|event| link(event)).collect();
    writeln!(
        formatter,
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
        Escaped(handler.id()),
        Escaped(&runs.join(", ")),
        Escaped(&lent.join(", ")),
        causes.join(" or ")
    )
}

fn link(event: &str) -> String {
    let event = Escaped(event);
    format!("<a href=\"#{event}\">{event}</a>")
}

/// Text that stays text in a page, also within an attribute.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;"),
                '<' => formatter.write_str("&lt;"),
                '>' => formatter.write_str("&gt;"),
                '"' => formatter.write_str("&quot;"),
                character => formatter.write_char(character),
            }?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_mark_in_html_is_none_in_a_name() {
        assert_eq!(
            Escaped("Created<\"User\"> & co").to_string(),
            "Created&lt;&quot;User&quot;&gt; &amp; co"
        );
        assert_eq!(link("a<b"), "<a href=\"#a&lt;b\">a&lt;b</a>");
    }
}
