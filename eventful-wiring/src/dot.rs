//! The wiring as a graph for Graphviz.

use std::fmt::{self, Write};

use crate::Wiring;
use crate::graph::Graph;

impl Wiring {
    /// The graph of events, handlers and returned events in the language of Graphviz: `dot -Tsvg` draws it.
    ///
    /// If an event has several handlers, each line to one is labelled with its number; the line to one with a guard
    /// is dashed.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated, id = "shop.cache")]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// let dot = Bus::isolated().with(update_cache).build()?.wiring().dot();
    /// assert!(dot.starts_with("digraph") && dot.contains("shop.cache"));
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn dot(&self) -> String {
        Dot(Graph::new(self)).to_string()
    }
}

struct Dot(Graph);

impl fmt::Display for Dot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph) = self;
        formatter
            .write_str("digraph wiring {\n    rankdir=LR\n    node [fontname=\"sans-serif\"]\n")?;
        formatter.write_str("    edge [fontname=\"sans-serif\"]\n")?;
        for (number, event) in graph.events.iter().enumerate() {
            let label = Quoted(event);
            writeln!(
                formatter,
                "    event{number} [shape=box, style=rounded, label={label}]"
            )?;
        }
        for (number, handler) in graph.handlers.iter().enumerate() {
            let label = Quoted(handler);
            writeln!(formatter, "    handler{number} [shape=box, label={label}]")?;
        }
        for call in &graph.calls {
            write!(
                formatter,
                "    event{} -> handler{}",
                call.event, call.handler
            )?;
            let mut attributes = Vec::new();
            if !call.label.is_empty() {
                attributes.push(format!("label={}", Quoted(&call.label)));
            }
            if call.is_guarded {
                attributes.push("style=dashed".to_owned());
            }
            if !attributes.is_empty() {
                write!(formatter, " [{}]", attributes.join(", "))?;
            }
            formatter.write_char('\n')?;
        }
        for (handler, event) in &graph.returns {
            writeln!(formatter, "    handler{handler} -> event{event}")?;
        }
        formatter.write_str("}\n")
    }
}

/// A label in which nothing means anything.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        for character in self.0.chars() {
            match character {
                '"' | '\\' => write!(formatter, "\\{character}")?,
                // Graphviz reads entities of HTML, in any label.
                '&' => formatter.write_str("&amp;")?,
                _ => formatter.write_char(character)?,
            }
        }
        formatter.write_char('"')
    }
}
