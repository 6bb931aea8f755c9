//! The wiring as what can be drawn: events, handlers, and the lines between them.

use std::collections::HashMap;

use crate::text::{ShortType, one_line};
use crate::{HandlerRun, WiredEvent, WiredHandler, Wiring};

pub(super) struct Graph {
    /// The label of each node, in one line.
    pub(super) events: Vec<String>,
    pub(super) handlers: Vec<String>,
    pub(super) calls: Vec<Call>,
    /// From a handler to an event.
    pub(super) returns: Vec<(usize, usize)>,
}

/// The line from an event to a handler.
pub(super) struct Call {
    pub(super) event: usize,
    pub(super) handler: usize,
    pub(super) label: String,
    pub(super) is_guarded: bool,
}

impl Graph {
    /// A handler of several events is one node. What handles every event is called by a node for all of them.
    pub(super) fn new(wiring: &Wiring) -> Self {
        let mut graph = Self {
            events: wiring.events.iter().map(event_label).collect(),
            handlers: Vec::new(),
            calls: Vec::new(),
            returns: Vec::new(),
        };
        let mut drawn = Vec::new();
        for (number, event) in wiring.events.iter().enumerate() {
            let handlers = event.handlers.iter().filter(|it| !it.is_catch_all());
            graph.call(number, handlers.collect(), &mut drawn);
        }
        for family in wiring.families.iter().filter(|it| it.is_catch_all()) {
            graph.events.push("every event".to_owned());
            let handlers = family.handlers.iter().collect();
            graph.call(graph.events.len() - 1, handlers, &mut drawn);
        }
        let names = wiring.events.iter().map(WiredEvent::name);
        let numbers: HashMap<&str, usize> = names.zip(0..).collect();
        for (number, handler) in drawn.into_iter().enumerate() {
            let keyword = if handler.is_async { "async " } else { "" };
            let place = match handler.run {
                HandlerRun::InPublish => "",
                HandlerRun::InTransaction => ", in the transaction",
                HandlerRun::Separate(_) => ", by itself",
            };
            let label = one_line(&format!("{keyword}{}{place}", handler.id));
            graph.handlers.push(label);
            let returned = handler.returns.iter();
            let returned = returned.filter_map(|name| numbers.get(name.as_str()));
            graph.returns.extend(returned.map(|&event| (number, event)));
        }
        graph
    }

    fn call<'a>(
        &mut self,
        event: usize,
        handlers: Vec<&'a WiredHandler>,
        drawn: &mut Vec<&'a WiredHandler>,
    ) {
        // Those that run by themselves have no place among the others.
        let in_order = handlers.iter().filter(|it| !it.is_separate()).count();
        for (index, handler) in handlers.into_iter().enumerate() {
            let mut label = Vec::new();
            if in_order > 1 && index < in_order {
                label.push(format!("{}", index + 1));
            }
            let family = handler.family().filter(|_| !handler.is_catch_all());
            label.extend(family.map(short));
            self.calls.push(Call {
                event,
                handler: node(handler, drawn),
                label: label.join(" "),
                is_guarded: handler.is_guarded,
            });
        }
    }
}

fn event_label(event: &WiredEvent) -> String {
    let keyword = if event.is_durable() { "durable " } else { "" };
    format!("{keyword}{}", short(&event.name))
}

/// The number of the handler's node among those that are drawn, to which this adds it.
fn node<'a>(handler: &'a WiredHandler, drawn: &mut Vec<&'a WiredHandler>) -> usize {
    let is_same = |other: &&WiredHandler| {
        (&other.id, &other.position, &other.returns)
            == (&handler.id, &handler.position, &handler.returns)
    };
    drawn.iter().position(is_same).unwrap_or_else(|| {
        drawn.push(handler);
        drawn.len() - 1
    })
}

fn short(name: &str) -> String {
    one_line(&ShortType(name).to_string())
}
