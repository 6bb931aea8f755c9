//! The drawing as SVG.

use std::fmt::Write;

use super::layout::{Layout, Rectangle};
use super::model::{Edge, EdgeKind, Model, Node, NodeKind};

/// For a file of its own; a page has its own style.
const STYLE: &str = include_str!("drawing.css");

/// An SVG file.
pub(super) fn document(model: &Model, layout: &Layout) -> String {
    drawing(model, layout, &format!("<style>\n{STYLE}</style>\n"))
}

/// The element, with `head` as the first thing in it.
pub(super) fn drawing(model: &Model, layout: &Layout, head: &str) -> String {
    let mut svg = String::new();
    let (width, height) = (number(layout.width), number(layout.height));
    put(
        &mut svg,
        format_args!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
             role=\"img\" aria-label=\"events, handlers, and what they cause\">\n{head}\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" markerHeight=\"8\" \
             orient=\"auto-start-reverse\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>\n"
        ),
    );
    for edge in &model.edges {
        put_edge(&mut svg, edge, layout);
    }
    for (index, (node, place)) in model.nodes.iter().zip(&layout.boxes).enumerate() {
        put_node(&mut svg, index, node, place);
    }
    svg.push_str("</svg>\n");
    svg
}

fn put_edge(svg: &mut String, edge: &Edge, layout: &Layout) {
    let (from, to) = (&layout.boxes[edge.from], &layout.boxes[edge.to]);
    let (start, end) = (from.x + from.width, to.x);
    let (y1, y2) = (from.middle(), to.middle());
    // A line back goes around below both.
    let path = if end > start {
        let bend = (end - start) / 2.0;
        format!(
            "M{} {}C{} {} {} {} {} {}",
            number(start),
            number(y1),
            number(start + bend),
            number(y1),
            number(end - bend),
            number(y2),
            number(end),
            number(y2)
        )
    } else {
        let below = y1.max(y2) + 60.0;
        format!(
            "M{} {}C{} {} {} {} {} {}",
            number(start),
            number(y1),
            number(start + 70.0),
            number(below),
            number(end - 70.0),
            number(below),
            number(end),
            number(y2)
        )
    };
    let (kind, tip) = (edge.kind.name(), edge.kind != EdgeKind::BelongsTo);
    let tip = if tip { " marker-end=\"url(#tip)\"" } else { "" };
    put(
        svg,
        format_args!(
            "<g class=\"edge {kind}\" data-from=\"{}\" data-to=\"{}\"><path d=\"{path}\"{tip}/>",
            edge.from, edge.to
        ),
    );
    if edge.number > 0 {
        put(
            svg,
            format_args!(
                "<text x=\"{}\" y=\"{}\">{}</text>",
                number(end - 16.0),
                number(y2 - 5.0),
                edge.number
            ),
        );
    }
    svg.push_str("</g>\n");
}

fn put_node(svg: &mut String, index: usize, node: &Node, place: &Rectangle) {
    let kind = node.kind.name();
    let radius = if node.kind == NodeKind::Event { 12 } else { 2 };
    let (x, y) = (number(place.x), number(place.y));
    put(
        svg,
        format_args!(
            "<g class=\"node {kind}\" id=\"n{index}\"><title>{}</title>\
             <rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"{radius}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text>",
            escaped(&title(node)),
            number(place.width),
            number(place.height),
            number(place.x + 12.0),
            number(place.y + 18.0),
            escaped(&node.name)
        ),
    );
    if let Some(source) = &node.short_place {
        put(
            svg,
            format_args!(
                "<text class=\"place\" x=\"{}\" y=\"{}\">{}</text>",
                number(place.x + 12.0),
                number(place.y + 33.0),
                escaped(source)
            ),
        );
    }
    svg.push_str("</g>\n");
}

/// Everything about it, a line each.
fn title(node: &Node) -> String {
    let mut lines = vec![node.title.clone()];
    lines.extend(node.place.clone());
    lines.extend(node.facts.iter().cloned());
    lines.join("\n")
}

/// With one digit behind the point at most, so that the file is short and the same everywhere.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

fn put(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    text.write_fmt(arguments)
        .expect("a string can be written to");
}

/// Text that stays text in HTML and SVG.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Not even a reference to one may stand in XML.
            control if control.is_control() && control != '\n' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}
