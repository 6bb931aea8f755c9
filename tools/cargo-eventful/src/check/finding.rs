//! A finding of `check`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use eventful_wiring::inspect::{Fault, FaultKind};
use eventful_wiring::{WiredEvent, WiredPosition, Wiring, line_difference};
use serde::Serialize;

use crate::failure::Failure;
use crate::linked::{KnownCrate, Linked, Remedy};

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(super) struct Finding {
    pub(super) kind: Kind,
    pub(super) message: String,
    /// The way out, if the message does not name it.
    pub(super) help: Option<String>,
    /// Lines of a file with `-`, and those of the wiring with `+`.
    pub(super) difference: Option<String>,
    /// The line that `file` lacks, or that is to replace its `line`.
    pub(super) write: Option<String>,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    pub(super) column: Option<u32>,
}

/// The kind of a finding, in the order in which findings are reported: crates that are not linked often cause the rest.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// No handler of a crate is in the program.
    NotLinked,
    /// Some handlers of a crate are not in the program.
    PartlyLinked,
    /// An event has fewer or more handlers than it asks for.
    Contract,
    /// `after`, `before` and `order` contradict each other.
    Order,
    /// Two have one id or name, which was chosen.
    Duplicate,
    /// Events cause each other.
    Cycle,
    /// Only families hear an event.
    OnlyFamilies,
    /// The wiring differs from the file that it is compared with.
    Changed,
    /// A fault that this command does not know by its kind.
    Other,
}

/// The most handlers of a crate that a finding names.
const MOST: usize = 3;

impl Finding {
    pub(super) fn of_crate(known: &KnownCrate, linked: &Linked<'_>) -> Self {
        let name = &known.graph.name;
        let missing = &known.missing;
        let mut named: Vec<_> = missing.iter().map(|it| format!("`{}`", it.id())).collect();
        named.sort();
        named.dedup();
        let count = match named.len() {
            1 => "its handler".to_owned(),
            count => format!("its {count} handlers"),
        };
        if named.len() > MOST {
            let more = format!("{} more", named.len() - MOST);
            named.truncate(MOST);
            named.push(more);
        }
        let named = named.join(", ");
        if !known.is_left_out() {
            let help =
                "it may be built twice, with different features, or the linker has dropped them";
            let message =
                format!("of the crate `{name}` some handlers are not in the program: {named}");
            return Self {
                help: Some(help.to_owned()),
                ..Self::new(
                    Kind::PartlyLinked,
                    message,
                    missing.first().map(|it| &it.position),
                )
            };
        }
        let message =
            format!("the crate `{name}` is not linked, so that the program lacks {count}: {named}");
        let finding = Self::new(Kind::NotLinked, message, None);
        match linked.remedy(known) {
            Some(Remedy { file, line }) => Self {
                file: Some(file),
                line: line.replaces,
                write: Some(line.text),
                ..finding
            },
            None => Self {
                help: Some(format!(
                    "only crates of others depend on it; add it to the program's Cargo.toml, and write `eventful::link!({})`",
                    name.replace('-', "_")
                )),
                ..finding
            },
        }
    }

    pub(super) fn of_fault(fault: &Fault) -> Self {
        let kind = match fault.kind() {
            FaultKind::Cycle | FaultKind::AgainstOrder | FaultKind::TargetMissing => Kind::Order,
            FaultKind::ContractBroken => Kind::Contract,
            FaultKind::SharedId | FaultKind::SharedName => Kind::Duplicate,
            _ => Kind::Other,
        };
        Self::new(kind, fault.to_string(), Some(fault.position()))
    }

    /// `None` if the file at `path` holds the table of `wiring`.
    pub(super) fn of_difference(wiring: &Wiring, path: &Path) -> Result<Option<Self>, Failure> {
        let shown = path.display();
        let update = format!("run `cargo eventful list > {shown}`, with the same options");
        let expected = fs::read_to_string(path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                Failure::new(format!("there is no `{shown}`; to write it, {update}"))
            }
            _ => Failure::new(format!("`{shown}` cannot be read: {error}")),
        })?;
        let difference = line_difference(&expected, &wiring.to_string());
        Ok(difference.map(|difference| Self {
            file: Some(shown.to_string()),
            help: Some(format!(
                "if that is meant, {update}, or the wiring test with `UPDATE_WIRING=1`"
            )),
            difference: Some(difference),
            ..Self::new(
                Kind::Changed,
                format!("the wiring is not what `{shown}` holds"),
                None,
            )
        }))
    }

    fn new(kind: Kind, message: String, position: Option<&WiredPosition>) -> Self {
        Self {
            kind,
            message,
            help: None,
            difference: None,
            write: None,
            file: position.map(|it| it.file().to_owned()),
            line: position.map(WiredPosition::line),
            column: position.map(WiredPosition::column),
        }
    }

    /// The key by which findings are sorted.
    pub(super) fn place(&self) -> (Kind, &Option<String>, Option<u32>, &str) {
        (self.kind, &self.file, self.line, &self.message)
    }
}

/// The events that handlers of families hear and no handler of their own. One with a contract has said what it wants.
pub(super) fn heard_by_families(wiring: &Wiring) -> Vec<Finding> {
    let has_own = |event: &WiredEvent| {
        let mut handlers = event.handlers().iter();
        handlers.any(|handler| handler.family().is_none())
    };
    // A handler of one instantiation of a generic event may be the only one that is to be.
    let is_instantiated = |event: &WiredEvent| {
        let mut others = wiring.events().iter();
        event.is_generic()
            && others.any(|other| other.position() == event.position() && has_own(other))
    };
    let events = wiring.events().iter().filter(|event| {
        event.contract().is_none()
            && !event.handlers().is_empty()
            && !has_own(event)
            && !is_instantiated(event)
    });
    let finding = |event: &WiredEvent| {
        let message = format!(
            "only families hear the event `{}`: it has no handler of its own",
            event.name()
        );
        let help = "write one, or link its crate; or write `handlers = 0` on the event, if nothing else is to hear it";
        Finding {
            help: Some(help.to_owned()),
            ..Finding::new(Kind::OnlyFamilies, message, Some(event.position()))
        }
    };
    events.map(finding).collect()
}

pub(super) fn cycles(wiring: &Wiring) -> Vec<Finding> {
    let cycles = wiring.cycles().into_iter();
    let finding = |cycle: Vec<&str>| {
        let mut events = wiring.events().iter();
        let first = events.find(|event| event.name() == cycle[0]);
        let names = cycle.iter().chain(&cycle[..1]);
        let names: Vec<_> = names.map(|name| format!("`{name}`")).collect();
        let message = format!(
            "events cause each other, in a cycle: {}",
            names.join(" -> ")
        );
        Finding {
            help: Some(
                "it ends only if a handler returns nothing; where one does, say `--allow-cycles`"
                    .to_owned(),
            ),
            ..Finding::new(Kind::Cycle, message, first.map(WiredEvent::position))
        }
    };
    cycles.map(finding).collect()
}
