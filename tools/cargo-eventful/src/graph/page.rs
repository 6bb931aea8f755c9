//! One page with everything in it: the drawing, a search, and what is known about each box.

use serde::Serialize;

use super::layout::Layout;
use super::model::Model;
use super::svg;

const PAGE: &str = include_str!("page.html");
const DRAWING_STYLE: &str = include_str!("drawing.css");
const PAGE_STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The data of a box for the script.
#[derive(Serialize)]
struct KnownNode<'a> {
    kind: &'static str,
    title: &'a str,
    place: Option<&'a str>,
    #[serde(rename = "crate")]
    krate: &'a str,
    facts: &'a [String],
}

pub(super) fn page(model: &Model, layout: &Layout) -> String {
    let nodes: Vec<_> = model
        .nodes
        .iter()
        .map(|node| KnownNode {
            kind: node.kind.name(),
            title: &node.title,
            place: node.place.as_deref(),
            krate: &node.krate,
            facts: &node.facts,
        })
        .collect();
    let nodes = serde_json::to_string(&nodes).expect("text can be written as JSON");
    let parts = [
        ("{{style}}", format!("{DRAWING_STYLE}{PAGE_STYLE}")),
        ("{{drawing}}", svg::drawing(model, layout, "")),
        // So that no name ends the element that it is in.
        ("{{nodes}}", nodes.replace('<', "\\u003c")),
        ("{{script}}", SCRIPT.to_owned()),
    ];
    let mut page = String::new();
    let mut rest = PAGE;
    for (mark, part) in parts {
        let (before, behind) = rest.split_once(mark).expect("the page has the mark");
        page.push_str(before);
        page.push_str(&part);
        rest = behind;
    }
    page + rest
}
