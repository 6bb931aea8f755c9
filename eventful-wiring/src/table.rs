//! The table for people: a column of names, and beside each what there is to say about it, a line for each kind of fact.
//!
//! The columns have the same places in every table, so that a longer name moves no other line of a snapshot.

use std::fmt::{self, Display, Formatter};

use crate::text::{ShortType, one_line};
use crate::{EventMode, WiredEvent, WiredFamily, WiredHandler, WiredPosition, Wiring};

/// Where the second column begins.
const SECOND_COLUMN: usize = 44;

/// How wide the table is, unless a single name is wider.
const WIDTH: usize = 100;

const NOTHING: &str =
    "There are no handlers. Those in crates that only Cargo.toml names need `eventful::link!()`.";

impl Display for Wiring {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let mut table = Table {
            has_positions: formatter.alternate(),
            text: String::new(),
        };
        table.wiring(self);
        formatter.write_str(&table.text)
    }
}

struct Table {
    has_positions: bool,
    text: String,
}

impl Table {
    fn wiring(&mut self, wiring: &Wiring) {
        if !wiring.has_handlers() {
            self.section(NOTHING);
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
            self.text.push('\n');
            for resource in &wiring.resources {
                let position = self.position(&resource.position, "");
                self.row("", &resource.to_string(), &[position]);
            }
        }
        let cycles = wiring.cycles();
        if !cycles.is_empty() {
            self.section("Circles of events that cause each other:");
            self.text.push('\n');
            for cycle in cycles {
                self.cycle(&cycle);
            }
        }
        self.text.truncate(self.text.trim_end().len());
    }

    fn section(&mut self, heading: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(heading);
        self.text.push('\n');
    }

    fn event(&mut self, event: &WiredEvent) {
        self.text.push('\n');
        let mut options = Vec::new();
        match event.mode {
            EventMode::Sync => {}
            EventMode::Async => options.push("async".to_owned()),
            EventMode::Concurrent => options.extend(["async", "concurrent"].map(str::to_owned)),
        }
        if event.is_fail_fast {
            options.push("fail_fast".to_owned());
        }
        if let Some(contract) = &event.contract {
            options.push(format!("handlers = {contract}"));
        }
        let details = [
            self.position(&event.position, &event.name),
            Detail::new("", options),
            Detail::new("as ", short(&event.families)),
        ];
        self.row("", &short_name(&event.name), &details);
        let mut nobody = true;
        // What handles every event is told once, with the families.
        for handler in event.handlers.iter().filter(|it| !it.is_catch_all()) {
            match &handler.family {
                None => self.handler(handler),
                Some(family) => {
                    let via = Detail::new("via ", vec![short_name(family)]);
                    self.row(INDENT, &handler.id, &[via]);
                }
            }
            nobody = false;
        }
        if nobody {
            self.row(INDENT, "(no handlers)", &[]);
        }
    }

    fn family(&mut self, family: &WiredFamily) {
        self.text.push('\n');
        let members = if family.is_catch_all() {
            vec!["every event, in its place by `order`".to_owned()]
        } else if family.members.is_empty() {
            let family = short_name(&family.name);
            vec![format!("no event: none says `as({family})`")]
        } else {
            short(&family.members)
        };
        let position = family.position.as_ref();
        let options = family.is_async.then(|| "async".to_owned());
        let details = [
            position.map_or(Detail::NONE, |it| self.position(it, &family.name)),
            Detail::new("", options.into_iter().collect()),
            Detail::new("of ", members),
        ];
        self.row("", &short_name(&family.name), &details);
        for handler in &family.handlers {
            self.handler(handler);
        }
        if family.handlers.is_empty() {
            self.row(INDENT, "(no handlers)", &[]);
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
        if handler.is_guarded {
            options.push("when = ...".to_owned());
        }
        if handler.order != 0 {
            options.push(format!("order = {}", handler.order));
        }
        options.extend(handler.constraints.iter().cloned());
        let resources = handler.resources.iter().map(ToString::to_string);
        let details = [
            self.position(&handler.position, &handler.id),
            Detail::new("", options),
            Detail::new("needs ", resources.collect()),
            Detail::new("returns ", short(&handler.returns)),
        ];
        self.row(INDENT, &handler.id, &details);
    }

    fn cycle(&mut self, cycle: &[&str]) {
        let mut line = String::new();
        for event in cycle.iter().chain(cycle.first()) {
            let event = short_name(event);
            if !line.is_empty() {
                line.push_str(" ->");
                if width(&line) + 1 + width(&event) > WIDTH {
                    self.line(&line);
                    line.clear();
                    line.push_str(INDENT);
                } else {
                    line.push(' ');
                }
            }
            line.push_str(&event);
        }
        self.line(&line);
    }

    /// Where `name` is to be found, unless it says so itself.
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

    fn row(&mut self, indent: &str, name: &str, details: &[Detail]) {
        let mut line = format!("{indent}{name}");
        let lines = details.iter().flat_map(Detail::lines);
        for (number, detail) in lines.enumerate() {
            if number > 0 || width(&line) + 2 > SECOND_COLUMN {
                self.line(&line);
                line.clear();
            }
            let gap = SECOND_COLUMN - width(&line);
            line.extend(std::iter::repeat_n(' ', gap));
            line.push_str(&detail);
        }
        self.line(&line);
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(&one_line(line));
        self.text.push('\n');
    }
}

const INDENT: &str = "  ";

/// One kind of fact: a word, and what it is said of.
struct Detail {
    word: &'static str,
    items: Vec<String>,
}

impl Detail {
    const NONE: Self = Self::new("", Vec::new());

    const fn new(word: &'static str, items: Vec<String>) -> Self {
        Self { word, items }
    }

    /// The items with commas between them, as many to a line as fit; none if there are no items.
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
