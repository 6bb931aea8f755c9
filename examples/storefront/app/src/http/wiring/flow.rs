//! The flow of events, from those that no handler returns.

use std::collections::HashSet;
use std::fmt::{self, Display};

use eventful::Wiring;

use super::html::{EventLink, PathName};

/// The events as a tree of lists.
pub(super) struct Flow<'a>(pub(super) &'a Wiring);

impl Display for Flow<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wiring) = self;
        let caused: HashSet<_> = wiring
            .cascades()
            .map(|cascade| cascade.returned())
            .collect();
        formatter.write_str("<ul class=\"flow\">\n")?;
        for event in wiring.events() {
            if !caused.contains(event.name()) {
                formatter.write_str("<li>")?;
                write_from(formatter, wiring, &mut vec![event.name()])?;
                formatter.write_str("</li>\n")?;
            }
        }
        formatter.write_str("</ul>\n")
    }
}

/// The last event of a path, and the events that follow from it.
fn write_from<'a>(
    formatter: &mut fmt::Formatter<'_>,
    wiring: &'a Wiring,
    path: &mut Vec<&'a str>,
) -> fmt::Result {
    let Some(&event) = path.last() else {
        return Ok(());
    };
    write!(formatter, "{}", EventLink(event))?;
    // In a cycle it is there already, with the events that follow.
    if path[..path.len() - 1].contains(&event) {
        return Ok(());
    }
    let mut next = wiring
        .cascades()
        .filter(|cascade| cascade.event() == event)
        .peekable();
    if next.peek().is_none() {
        return Ok(());
    }
    formatter.write_str("\n<ul>\n")?;
    for cascade in next {
        let handler = PathName(cascade.handler().id());
        write!(
            formatter,
            "<li>{handler} <span aria-label=\"may cause\">→</span> "
        )?;
        path.push(cascade.returned());
        write_from(formatter, wiring, path)?;
        path.pop();
        formatter.write_str("</li>\n")?;
    }
    formatter.write_str("</ul>\n")
}

#[cfg(test)]
mod tests {
    use eventful::Bus;

    use super::*;

    #[test]
    fn an_event_that_is_caused_is_below_the_one_that_causes_it() {
        let wiring = Bus::builder().wiring().unwrap();
        let flow = Flow(&wiring).to_string();
        let text: String = flow
            .split(['<', '>'])
            .skip(2)
            .step_by(2)
            .collect::<String>()
            .split_inclusive('\n')
            .filter(|line| !line.trim().is_empty())
            .collect();
        assert_eq!(
            text,
            "order.created\n\
             stock::reserve::reserve → order.stock_reserved\n\
             billing::charge::charge → order.paid\n\
             billing::charge::charge → order.payment_declined\n\
             stock::reserve::reserve → order.stock_short\n\
             order.handler_failed\n"
        );
        assert_eq!(flow.matches("<ul>").count(), 2);
    }
}
