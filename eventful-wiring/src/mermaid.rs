//! The wiring as a graph for Mermaid.

use std::fmt::{self, Write};

use crate::Wiring;
use crate::graph::Graph;

impl Wiring {
    /// The graph of events, handlers and returned events as a flowchart of Mermaid, which GitHub and others draw where
    /// a text has it in a block of code with the language `mermaid`.
    ///
    /// If an event has several handlers, each line to one is labelled with its number; the line to one with a guard
    /// is dotted.
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
    /// let mermaid = Bus::isolated().with(update_cache).build()?.wiring().mermaid();
    /// assert!(mermaid.starts_with("flowchart LR") && mermaid.contains("shop.cache"));
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn mermaid(&self) -> String {
        Mermaid(Graph::new(self)).to_string()
    }
}

struct Mermaid(Graph);

impl fmt::Display for Mermaid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(graph) = self;
        formatter.write_str("flowchart LR\n")?;
        for (number, event) in graph.events.iter().enumerate() {
            writeln!(formatter, "    event{number}([{}])", Quoted(event))?;
        }
        for (number, handler) in graph.handlers.iter().enumerate() {
            writeln!(formatter, "    handler{number}[{}]", Quoted(handler))?;
        }
        for call in &graph.calls {
            let line = if call.is_guarded { "-.->" } else { "-->" };
            write!(formatter, "    event{} {line}", call.event)?;
            if !call.label.is_empty() {
                write!(formatter, "|{}|", Quoted(&call.label))?;
            }
            writeln!(formatter, " handler{}", call.handler)?;
        }
        for (handler, event) in &graph.returns {
            writeln!(formatter, "    handler{handler} --> event{event}")?;
        }
        Ok(())
    }
}

/// A label in which nothing means anything.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_char('"')?;
        let mut previous = None;
        for character in self.0.chars() {
            let is_plain = match character {
                ' ' | ':' | '.' | ',' => true,
                // Where a word begins it would be Markdown's emphasis, which Mermaid reads in any label.
                '_' => previous.is_some_and(char::is_alphanumeric),
                _ => character.is_ascii_alphanumeric(),
            };
            if is_plain {
                formatter.write_char(character)?;
            } else {
                // Mermaid's way to write any character.
                write!(formatter, "#{};", u32::from(character))?;
            }
            previous = Some(character);
        }
        formatter.write_char('"')
    }
}
