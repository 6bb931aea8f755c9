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
        let via = wired.family().map(|family| format!(", via {family}"));
        let via = via.unwrap_or_default();
        if let Some(options) = wired.separate_options() {
            separate(event, wired, options, &via, output)?;
            continue;
        }
        // Those that run by themselves come last.
        let handlers = event.handlers().iter().filter(|it| !it.is_separate());
        let handlers: Vec<&WiredHandler> = handlers.collect();
        writeln!(
            output,
            "  is called for {}: number {} of {}{via}",
            event.name(),
            place + 1,
            handlers.len(),
        )?;
        if wired.is_in_transaction() {
            writeln!(
                output,
                "    in the transaction of the publish, which fails if it fails"
            )?;
        }
        if let Some(before) = place.checked_sub(1) {
            writeln!(output, "    after {}", handlers[before].id())?;
        }
        if let Some(after) = handlers.get(place + 1) {
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

/// Explains a handler that runs by itself.
fn separate(
    event: &WiredEvent,
    handler: &WiredHandler,
    options: &str,
    via: &str,
    output: &mut dyn Write,
) -> Result<(), Failure> {
    writeln!(
        output,
        "  is given each {} by itself, on a worker, after the commit{via}",
        event.name()
    )?;
    if !options.is_empty() {
        writeln!(output, "    {options}")?;
    }
    if !handler.lent().is_empty() {
        let lent = handler.lent().join(" and ");
        writeln!(output, "    is lent {lent}, which commits what it has done")?;
    }
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
    if let Some(version) = event.version() {
        let key = if event.has_key() {
            ", in order by its key"
        } else {
            ""
        };
        writeln!(output, "  is durable, of version {version}{key}")?;
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
        if handler.is_separate() {
            let (id, position) = (handler.id(), handler.position());
            writeln!(output, "  by itself: {id} ({position})")?;
            continue;
        }
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
