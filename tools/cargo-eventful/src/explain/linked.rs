//! Handlers and events that are in the program.

use std::io::Write;

use eventful_wiring::inspect::{HandlerRecord, Program};
use eventful_wiring::{WiredEvent, WiredHandler};

use crate::failure::Failure;

/// For which events a handler is called, and what keeps it from being called.
pub(super) fn handler(
    program: &Program,
    handler: &HandlerRecord,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(output, "{} ({})", handler.id(), handler.position)?;
    write_doc(handler.doc.as_deref(), output)?;
    let is_it = |wired: &WiredHandler| *wired.position() == handler.position;
    let mut count = 0;
    let mut lent = Vec::new();
    for event in program.wiring().events() {
        let Some(place) = event.handlers().iter().position(is_it) else {
            continue;
        };
        count += 1;
        let wired = &event.handlers()[place];
        lent.extend(wired.lent());
        let handlers = event.handlers().len();
        let via = wired.family().map(|family| format!(", via {family}"));
        writeln!(
            output,
            "  is called for {}: number {} of {handlers}{}",
            event.name(),
            place + 1,
            via.unwrap_or_default()
        )?;
        if let Some(before) = place.checked_sub(1) {
            writeln!(output, "    after {}", event.handlers()[before].id())?;
        }
        if let Some(after) = event.handlers().get(place + 1) {
            writeln!(output, "    before {}", after.id())?;
        }
        if !wired.lent().is_empty() {
            let lent = wired.lent().join(" and ");
            writeln!(output, "    is lent {lent} by each publish")?;
        }
        if event.is_fail_fast() && place > 0 {
            writeln!(
                output,
                "    unless one before it fails: the event is `fail_fast`"
            )?;
        }
    }
    if count == 0 {
        writeln!(
            output,
            "  is linked, and no event of the program is a {}",
            handler.subject.name
        )?;
    }
    if handler.is_guarded {
        writeln!(output, "  only if its guard, `when = ...`, says so")?;
    }
    let (needed, optional): (Vec<&str>, Vec<&str>) = handler
        .needs
        .iter()
        .map(String::as_str)
        .filter(|need| !["&Bus", "&Delivery"].contains(need))
        .filter(|need| !need.starts_with("&mut ") && lent.iter().all(|lent| lent != need))
        .partition(|need| need.starts_with('&'));
    if !needed.is_empty() {
        writeln!(
            output,
            "  only on a bus that provides {}",
            needed.join(" and ")
        )?;
    }
    if !optional.is_empty() {
        writeln!(
            output,
            "  with `None` for {} where the bus does not provide it, which `Bus::wiring()` tells",
            optional.join(" or ")
        )?;
    }
    writeln!(
        output,
        "  not on a bus that it was removed from, or that is isolated"
    )?;
    Ok(())
}

/// Writes the first line of the documentation, if there is any.
pub(super) fn write_doc(doc: Option<&str>, output: &mut dyn Write) -> Result<(), Failure> {
    if let Some(doc) = doc {
        writeln!(output, "  {doc}")?;
    }
    Ok(())
}

/// Explains the handlers of an event.
pub(super) fn event(program: &Program, name: &str, output: &mut dyn Write) -> Result<(), Failure> {
    let mut events = program.wiring().events().iter();
    let Some(event) = events.find(|event| event.name() == name) else {
        return Ok(());
    };
    writeln!(output, "{name} ({})", event.position())?;
    write_doc(event.doc(), output)?;
    if let Some(with) = event.with() {
        writeln!(output, "  lends its handlers `{with}` with each publish")?;
    }
    write_handlers(event, output)?;
    for cascade in program.wiring().cascades() {
        if cascade.returned() == name {
            writeln!(
                output,
                "  is returned by {} for {}",
                cascade.handler().id(),
                cascade.event()
            )?;
        }
    }
    Ok(())
}

fn write_handlers(event: &WiredEvent, output: &mut dyn Write) -> Result<(), Failure> {
    if event.handlers().is_empty() {
        writeln!(output, "  has no handler in the program")?;
    }
    for (place, handler) in event.handlers().iter().enumerate() {
        writeln!(
            output,
            "  {}. {} ({})",
            place + 1,
            handler.id(),
            handler.position()
        )?;
    }
    Ok(())
}
