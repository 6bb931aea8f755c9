//! `cargo eventful explain`: why a handler is called or not.

mod linked;
mod uncompiled;

use std::collections::BTreeMap;
use std::io::Write;

use eventful_wiring::inspect::{HandlerRecord, Program, Record};

use self::uncompiled::{Uncompiled, uncompiled};
use crate::cargo;
use crate::failure::Failure;
use crate::linked::{Linked, Remedy};
use crate::names::says;
use crate::object_file;
use crate::options::ExplainOptions;
use crate::outcome::Outcome;
use crate::program;

pub(crate) fn run(options: &ExplainOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let name = &options.name;
    let known = if let Some(path) = &options.program.binary {
        anstream::eprintln!(
            "note: a file does not tell what could have been linked with it; only what is in it is explained"
        );
        Known {
            program: Program::new(program::records_of(path)?),
            unlinked: Vec::new(),
            uncompiled: Vec::new(),
        }
    } else {
        let metadata = cargo::metadata(&options.program)?;
        let chosen = cargo::choose(&metadata, &options.program)?;
        let built = cargo::build(chosen, &options.program)?;
        let program = Program::new(object_file::read(&built.executable)?.records);
        let linked = Linked::new(&metadata, chosen, &options.program, &built, &program)?;
        let mut unlinked = Vec::new();
        for of_crate in linked.crates() {
            for handler in &of_crate.missing {
                unlinked.push(Unlinked {
                    handler: handler.clone(),
                    crate_name: of_crate.graph.name.clone(),
                    remedy: linked.remedy(of_crate).filter(|_| of_crate.is_left_out()),
                });
            }
        }
        Known {
            uncompiled: uncompiled(&metadata, chosen, &options.program, &built)?,
            program,
            unlinked,
        }
    };
    known.explain(name, output)?;
    Ok(Outcome::Clean)
}

/// Everything that may have the name.
struct Known {
    program: Program,
    unlinked: Vec<Unlinked>,
    uncompiled: Vec<Uncompiled>,
}

/// A handler of a library that is not in the program.
struct Unlinked {
    handler: HandlerRecord,
    crate_name: String,
    remedy: Option<Remedy>,
}

/// A meaning of the name.
#[derive(Clone, Copy)]
enum Meant<'a> {
    Handler(&'a HandlerRecord),
    Event(&'a str),
    Unlinked(&'a Unlinked),
    Uncompiled(&'a Uncompiled),
}

impl Known {
    fn explain(&self, name: &str, output: &mut dyn Write) -> Result<(), Failure> {
        let mut meant = self.meant(name);
        // A whole name means that one, whatever else ends in it.
        if meant.keys().any(|(known, _)| known == name) {
            meant.retain(|(known, _), _| known == name);
        }
        let mut several = meant.keys();
        let (Some(_), None) = (several.next(), several.next()) else {
            return Err(ambiguous(name, &meant));
        };
        for meant in meant.values() {
            match meant {
                Meant::Handler(handler) => linked::handler(&self.program, handler, output)?,
                Meant::Event(event) => {
                    linked::event(&self.program, event, output)?;
                    self.others_of(event, output)?;
                }
                Meant::Unlinked(unlinked) => unlinked.explain(output)?,
                Meant::Uncompiled(uncompiled) => uncompiled.explain(output)?,
            }
        }
        Ok(())
    }

    /// By name and place: a handler has a record for each event, and one place.
    fn meant(&self, name: &str) -> BTreeMap<(String, String), Meant<'_>> {
        let mut meant = BTreeMap::new();
        for handler in &self.uncompiled {
            if says(name, &handler.item.path())
                || handler
                    .item
                    .own_name
                    .as_deref()
                    .is_some_and(|own| says(name, own))
            {
                meant.insert(
                    (handler.name(), handler.place()),
                    Meant::Uncompiled(handler),
                );
            }
        }
        let is_said =
            |handler: &HandlerRecord| says(name, &handler.id()) || says(name, &handler.path());
        for unlinked in &self.unlinked {
            let handler = &unlinked.handler;
            if is_said(handler) {
                let place = handler.position.to_string();
                meant.insert((handler.id(), place), Meant::Unlinked(unlinked));
            }
        }
        for record in self.program.records() {
            if let Record::Handler(handler) = record
                && is_said(handler)
            {
                let place = handler.position.to_string();
                meant.insert((handler.id(), place), Meant::Handler(handler));
            }
        }
        for event in self.program.wiring().events() {
            if says(name, event.name()) {
                let place = event.position().to_string();
                meant.insert((event.name().to_owned(), place), Meant::Event(event.name()));
            }
        }
        meant
    }

    /// Handlers of an event that are not in the program.
    fn others_of(&self, event: &str, output: &mut dyn Write) -> Result<(), Failure> {
        for unlinked in &self.unlinked {
            if unlinked.handler.subject.name == event {
                writeln!(output)?;
                unlinked.explain(output)?;
            }
        }
        Ok(())
    }
}

impl Unlinked {
    fn explain(&self, output: &mut dyn Write) -> Result<(), Failure> {
        let handler = &self.handler;
        writeln!(output, "{} ({})", handler.id(), handler.position)?;
        linked::write_doc(handler.doc.as_deref(), output)?;
        writeln!(output, "  handles {}", handler.subject.name)?;
        writeln!(output, "  is not called: it is not in the program")?;
        match &self.remedy {
            Some(Remedy { file, line }) => {
                writeln!(
                    output,
                    "  the crate `{}` is a dependency that nothing links",
                    self.crate_name
                )?;
                match line.replaces {
                    Some(number) => writeln!(output, "  write instead of {file}:{number}")?,
                    None => writeln!(output, "  write in {file}")?,
                }
                writeln!(output, "    {}", line.text)?;
            }
            None => writeln!(
                output,
                "  the crate `{}` has it, and the program has not; `cargo eventful check` says more",
                self.crate_name
            )?,
        }
        Ok(())
    }
}

fn ambiguous(name: &str, meant: &BTreeMap<(String, String), Meant<'_>>) -> Failure {
    if meant.is_empty() {
        return Failure::new(format!(
            "no handler and no event is called `{name}`; give the name, or the end of it from one of its words on, as in \
             `mail::send`; `cargo eventful list` shows all that are in the program"
        ));
    }
    let lines = meant
        .keys()
        .map(|(known, place)| format!("\n  {known} ({place})"));
    Failure::new(format!(
        "{} are called `{name}`; say more of the name:{}",
        meant.len(),
        lines.collect::<String>()
    ))
}
