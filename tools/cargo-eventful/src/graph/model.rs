//! The model of a drawing: boxes, and lines between them.

use std::collections::HashMap;

use eventful_wiring::{WiredHandler, WiredPosition, Wiring};

use crate::names::crate_of;

pub(super) struct Model {
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

pub(super) struct Node {
    pub(super) kind: NodeKind,
    /// The text in the box.
    pub(super) name: String,
    /// The whole name.
    pub(super) title: String,
    /// `shop/src/mail.rs:7:4`; none of what is declared nowhere.
    pub(super) place: Option<String>,
    /// The crate, and where in it: `shop: src/mail.rs:7`.
    pub(super) short_place: Option<String>,
    pub(super) krate: String,
    /// The other facts, a line each.
    pub(super) facts: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum NodeKind {
    Event,
    Family,
    Handler,
}

impl NodeKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Family => "family",
            Self::Handler => "handler",
        }
    }
}

pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) kind: EdgeKind,
    /// The number of the handler among those of the event, from 1; 0 if there is only one, or none.
    pub(super) number: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum EdgeKind {
    Calls,
    /// Only if the handler's guard allows it.
    MayCall,
    BelongsTo,
    Causes,
}

impl EdgeKind {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Calls => "calls",
            Self::MayCall => "may-call",
            Self::BelongsTo => "belongs-to",
            Self::Causes => "causes",
        }
    }
}

impl Model {
    /// A handler is one box, however many events it handles; and a family is one, so that its handlers are not drawn
    /// anew for each member. What handles every event is called by a box for all of them.
    pub(super) fn new(wiring: &Wiring) -> Self {
        let mut model = Self {
            nodes: Vec::new(),
            edges: Vec::new(),
        };
        let mut events = HashMap::new();
        for event in wiring.events() {
            let mut facts = Vec::new();
            facts.extend(event.is_async().then(|| "async".to_owned()));
            if let Some(version) = event.version() {
                facts.push(format!("durable, version = {version}"));
                facts.extend(event.has_key().then(|| "key = …".to_owned()));
            }
            facts.extend(event.is_concurrent().then(|| "concurrent".to_owned()));
            facts.extend(event.is_fail_fast().then(|| "fail_fast".to_owned()));
            facts.extend(event.contract().map(|it| format!("handlers = {it}")));
            facts.extend(event.with().map(|it| format!("with = {it}")));
            let node = Node::new(NodeKind::Event, event.name(), Some(event.position()), facts);
            events.insert(event.name(), model.add(node));
        }
        let mut families = HashMap::new();
        for family in wiring.families() {
            let colours = [
                (family.is_async(), "async"),
                (family.is_durable(), "durable"),
            ];
            let facts = colours.into_iter().find(|(holds, _)| *holds);
            let facts = facts.map(|(_, colour)| colour.to_owned());
            let mut node = Node::new(
                NodeKind::Family,
                family.name(),
                family.position(),
                facts.into_iter().collect(),
            );
            if family.is_catch_all() {
                "every event".clone_into(&mut node.name);
            }
            families.insert(family.name(), model.add(node));
        }
        let mut handlers = HashMap::new();
        for event in wiring.events() {
            let from = events[event.name()];
            for family in event.families() {
                if let Some(&to) = families.get(&**family) {
                    model.connect(from, to, EdgeKind::BelongsTo, 0);
                }
            }
            let own = event.handlers().iter().filter(|it| it.family().is_none());
            // Those that run by themselves have no place among the others.
            let in_order = event.handlers().iter().filter(|it| !it.is_separate());
            let several = in_order.count() > 1;
            for handler in own {
                let place = event.handlers().iter().position(|it| it == handler);
                let number = place
                    .filter(|_| several && !handler.is_separate())
                    .map_or(0, |place| place + 1);
                model.handler(from, handler, number, &events, &mut handlers);
            }
        }
        for family in wiring.families() {
            let several = family.handlers().len() > 1;
            for (number, handler) in (1..).zip(family.handlers()) {
                let number = if several { number } else { 0 };
                model.handler(
                    families[family.name()],
                    handler,
                    number,
                    &events,
                    &mut handlers,
                );
            }
        }
        model
    }

    fn handler(
        &mut self,
        from: usize,
        handler: &WiredHandler,
        number: usize,
        events: &HashMap<&str, usize>,
        handlers: &mut HashMap<(String, WiredPosition), usize>,
    ) {
        let key = (handler.id().to_owned(), handler.position().clone());
        let to = *handlers
            .entry(key)
            .or_insert_with(|| self.add(handler_node(handler)));
        let kind = if handler.is_guarded() {
            EdgeKind::MayCall
        } else {
            EdgeKind::Calls
        };
        self.connect(from, to, kind, number);
        for returned in handler.returns() {
            if let Some(&event) = events.get(&**returned) {
                self.connect(to, event, EdgeKind::Causes, 0);
            }
        }
    }

    fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    fn connect(&mut self, from: usize, to: usize, kind: EdgeKind, number: usize) {
        let is_there = |edge: &Edge| (edge.from, edge.to, edge.kind) == (from, to, kind);
        if kind != EdgeKind::Causes || !self.edges.iter().any(is_there) {
            self.edges.push(Edge {
                from,
                to,
                kind,
                number,
            });
        }
    }
}

fn handler_node(handler: &WiredHandler) -> Node {
    let mut facts = Vec::new();
    facts.extend(handler.is_async().then(|| "async".to_owned()));
    if handler.is_in_transaction() {
        facts.push("in_transaction".to_owned());
    }
    if let Some(options) = handler.separate_options() {
        facts.push("by itself".to_owned());
        facts.extend((!options.is_empty()).then(|| options.to_owned()));
    }
    facts.extend(handler.is_guarded().then(|| "when = …".to_owned()));
    if handler.order() != 0 {
        facts.push(format!("order = {}", handler.order()));
    }
    facts.extend(handler.constraints().iter().cloned());
    for resource in handler.resources() {
        facts.push(format!("needs {resource}"));
    }
    facts.extend(handler.lent().iter().map(|it| format!("is lent {it}")));
    for returned in handler.returns() {
        facts.push(format!("returns {returned}"));
    }
    Node::new(
        NodeKind::Handler,
        handler.id(),
        Some(handler.position()),
        facts,
    )
}

impl Node {
    fn new(
        kind: NodeKind,
        title: &str,
        position: Option<&WiredPosition>,
        facts: Vec<String>,
    ) -> Self {
        Self {
            kind,
            name: last_names(title),
            title: title.to_owned(),
            place: position.map(ToString::to_string),
            short_place: position.map(short_place),
            krate: position.map_or_else(String::new, |it| crate_of(it).to_owned()),
            facts,
        }
    }
}

fn short_place(position: &WiredPosition) -> String {
    let mut parts = position.file().rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let folder = parts.next().map_or_else(String::new, |it| format!("{it}/"));
    format!("{}: {folder}{file}:{}", crate_of(position), position.line())
}

/// The last two names of a path, `mail::send`, and as much of another name as fits.
fn last_names(name: &str) -> String {
    const LONGEST: usize = 44;
    let arguments = name.find('<').unwrap_or(name.len());
    let (path, arguments) = name.split_at(arguments);
    let mut names = path.rsplit("::");
    let last = names.next().unwrap_or_default();
    let short = match names.next() {
        Some(before) => format!("{before}::{last}{arguments}"),
        None => format!("{last}{arguments}"),
    };
    if short.chars().count() <= LONGEST {
        return short;
    }
    let start: String = short.chars().take(LONGEST - 1).collect();
    format!("{start}…")
}
