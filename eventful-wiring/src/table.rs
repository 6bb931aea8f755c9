//! The table for people: a column of names, and beside each name its facts, a line for each kind.
//!
//! The columns begin at the same place in every table, so that a longer name moves no other line of a snapshot.

use std::fmt::{self, Display, Formatter};

use crate::text::{ShortType, one_line};
use crate::{EventMode, WiredEvent, WiredFamily, WiredHandler, WiredPosition, Wiring};

/// The column in which facts begin.
const SECOND_COLUMN: usize = 44;

/// The width of the table, unless a single name is wider.
const WIDTH: usize = 100;

/// The part of a table's line to which a piece of text belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TablePart {
    /// A heading.
    Heading,
    /// The name of an event, a family or a resource, or a cycle.
    Name,
    /// The lack of handlers.
    Lack,
    /// Everything else.
    Text,
}

impl Display for Wiring {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut pieces = self.table(formatter.alternate()).into_iter();
        pieces.try_for_each(|(_, text)| formatter.write_str(&text))
    }
}

impl Wiring {
    /// The pieces of the table that `Display` gives, to be shown in colours. With `has_positions` it is the alternate
    /// form.
    #[must_use]
    pub fn table(&self, has_positions: bool) -> Vec<(TablePart, String)> {
        let mut table = Table {
            has_positions,
            pieces: Vec::new(),
        };
        table.wiring(self);
        table.pieces
    }
}

struct Table {
    has_positions: bool,
    pieces: Vec<(TablePart, String)>,
}

impl Table {
    fn wiring(&mut self, wiring: &Wiring) {
        if !wiring.has_handlers() {
            let is_empty = wiring.events.is_empty() && wiring.families.is_empty();
            let events = if is_empty { "no events and " } else { "" };
            self.section(&format!(
                "There are {events}no handlers. Those in crates that only Cargo.toml names need `eventful::link!()`."
            ));
        } else if wiring.events.is_empty() {
            self.section("No event has a handler of its own.");
        }
        if !wiring.events.is_empty() {
            self.section("Events, each with its handlers in the order in which they run:");
            for event in &wiring.events {
                self.event(event);
            }
        }
        if !wiring.families.is_empty() {
            self.section("Families of events, each with its handlers:");
            for family in &wiring.families {
                self.family(family);
            }
        }
        if !wiring.resources.is_empty() {
            self.section("Resources that the bus provides:");
            self.line(TablePart::Text, "", "");
            for resource in &wiring.resources {
                let position = self.position(&resource.position, "");
                self.row(TablePart::Name, "", &resource.to_string(), &[position]);
            }
        }
        let cycles = wiring.cycles();
        if !cycles.is_empty() {
            self.section("Cycles of events that cause each other:");
            self.line(TablePart::Text, "", "");
            for cycle in cycles {
                self.cycle(&cycle);
            }
        }
    }

    fn section(&mut self, heading: &str) {
        if !self.pieces.is_empty() {
            self.line(TablePart::Text, "", "");
        }
        self.line(TablePart::Heading, heading, "");
    }

    fn event(&mut self, event: &WiredEvent) {
        self.line(TablePart::Text, "", "");
        let mut options = Vec::new();
        match event.mode {
            EventMode::Sync => {}
            EventMode::Async => options.push("async".to_owned()),
            EventMode::Concurrent => options.extend(["async", "concurrent"].map(str::to_owned)),
            EventMode::Durable => options.push("durable".to_owned()),
        }
        if let Some(durable) = event.durable {
            options.push(format!("version = {}", durable.version));
            options.extend(durable.has_key.then(|| "key = ...".to_owned()));
        }
        if event.is_fail_fast {
            options.push("fail_fast".to_owned());
        }
        if let Some(contract) = &event.contract {
            options.push(format!("handlers = {contract}"));
        }
        options.extend(event.with.as_ref().map(|with| format!("with = {with}")));
        let details = [
            self.position(&event.position, &event.name),
            Detail::new("", options),
            Detail::new("as ", short(&event.families)),
        ];
        self.row(TablePart::Name, "", &short_name(&event.name), &details);
        let mut nobody = true;
        // The handlers of every event are shown once, with the families.
        for handler in event.handlers.iter().filter(|it| !it.is_catch_all()) {
            match &handler.family {
                None => self.handler(handler),
                Some(family) => {
                    let via = Detail::new("via ", vec![short_name(family)]);
                    self.row(TablePart::Text, INDENT, &handler.id, &[via]);
                }
            }
            nobody = false;
        }
        if nobody {
            self.line(TablePart::Lack, "  (no handlers)", "");
        }
    }

    fn family(&mut self, family: &WiredFamily) {
        self.line(TablePart::Text, "", "");
        let members = if family.is_catch_all() {
            vec!["every event, in its place by `order`".to_owned()]
        } else if family.members.is_empty() {
            let family = short_name(&family.name);
            vec![format!("no event: none says `as({family})`")]
        } else {
            short(&family.members)
        };
        let position = family.position.as_ref();
        let colours = [(family.is_async, "async"), (family.is_durable, "durable")];
        let options = colours.into_iter().filter(|(holds, _)| *holds);
        let options = options.map(|(_, colour)| colour.to_owned());
        let details = [
            position.map_or(Detail::NONE, |it| self.position(it, &family.name)),
            Detail::new("", options.collect()),
            Detail::new("of ", members),
        ];
        self.row(TablePart::Name, "", &short_name(&family.name), &details);
        for handler in &family.handlers {
            self.handler(handler);
        }
        if family.handlers.is_empty() {
            self.line(TablePart::Lack, "  (no handlers)", "");
        }
    }

    fn handler(&mut self, handler: &WiredHandler) {
        let mut options = Vec::new();
        if handler.is_replaced() {
            options.push("replaced by a closure".to_owned());
        } else if handler.is_closure() {
            options.push("a closure".to_owned());
        }
        if handler.is_async {
            options.push("async".to_owned());
        }
        options.extend(handler.run_in_words());
        if handler.is_guarded {
            options.push("when = ...".to_owned());
        }
        if handler.order != 0 {
            options.push(format!("order = {}", handler.order));
        }
        options.extend(handler.constraints.iter().cloned());
        let resources = handler.resources.iter().map(|resource| match resource {
            absent if absent.is_absent => format!("{absent} (nothing provides it)"),
            provided => provided.to_string(),
        });
        let details = [
            self.position(&handler.position, &handler.id),
            Detail::new("", options),
            Detail::new("needs ", resources.collect()),
            Detail::new("is lent ", handler.lent.clone()),
            Detail::new("returns ", short(&handler.returns)),
        ];
        self.row(TablePart::Text, INDENT, &handler.id, &details);
    }

    fn cycle(&mut self, cycle: &[&str]) {
        let mut line = String::new();
        for event in cycle.iter().chain(cycle.first()) {
            let event = short_name(event);
            if !line.is_empty() {
                line.push_str(" ->");
                if width(&line) + 1 + width(&event) > WIDTH {
                    self.line(TablePart::Name, &line, "");
                    line.clear();
                    line.push_str(INDENT);
                } else {
                    line.push(' ');
                }
            }
            line.push_str(&event);
        }
        self.line(TablePart::Name, &line, "");
    }

    /// The position of `name`, unless its path says it.
    fn position(&self, position: &WiredPosition, name: &str) -> Detail {
        if self.has_positions {
            return Detail::new("at ", vec![position.to_string()]);
        }
        let path = name.strip_prefix("dyn ").unwrap_or(name);
        let within = path.strip_prefix(position.module_path());
        if position.module_path().is_empty() || within.is_some_and(|rest| rest.starts_with("::")) {
            Detail::NONE
        } else {
            Detail::new("in ", vec![position.module_path().to_owned()])
        }
    }

    fn row(&mut self, part: TablePart, indent: &str, name: &str, details: &[Detail]) {
        let mut name = format!("{indent}{name}");
        let mut has_line = false;
        for detail in details.iter().flat_map(Detail::lines) {
            if has_line || width(&name) + 2 > SECOND_COLUMN {
                if !has_line {
                    self.line(part, &name, "");
                }
                name.clear();
            }
            has_line = true;
            let gap = SECOND_COLUMN - width(&name);
            self.line(part, &name, &format!("{}{detail}", " ".repeat(gap)));
        }
        if !has_line {
            self.line(part, &name, "");
        }
    }

    fn line(&mut self, part: TablePart, beginning: &str, rest: &str) {
        if !self.pieces.is_empty() {
            self.pieces.push((TablePart::Text, "\n".to_owned()));
        }
        self.pieces.push((part, one_line(beginning)));
        self.pieces.push((TablePart::Text, one_line(rest)));
    }
}

const INDENT: &str = "  ";

/// One kind of fact: a word and the items it is about.
struct Detail {
    word: &'static str,
    items: Vec<String>,
}

impl Detail {
    const NONE: Self = Self::new("", Vec::new());

    const fn new(word: &'static str, items: Vec<String>) -> Self {
        Self { word, items }
    }

    /// The items with commas between them, as many to a line as fit; no line if there are no items.
    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for item in &self.items {
            match lines.last_mut() {
                None => lines.push(format!("{}{item}", self.word)),
                Some(line) => {
                    line.push(',');
                    // One more for the comma that may follow.
                    if SECOND_COLUMN + width(line) + 1 + width(item) + 1 > WIDTH {
                        lines.push(format!("{}{item}", " ".repeat(self.word.len())));
                    } else {
                        line.push(' ');
                        line.push_str(item);
                    }
                }
            }
        }
        lines
    }
}

fn short(names: &[String]) -> Vec<String> {
    names.iter().map(|name| short_name(name)).collect()
}

fn short_name(name: &str) -> String {
    ShortType(name).to_string()
}

fn width(text: &str) -> usize {
    text.chars().count()
}
