//! The parameters of a handler.

use syn::{FnArg, Signature, Type};

use super::event_parameter::{EventParameter, borrowed};
use super::events::{self, Events};
use super::owner::Owner;
use super::resource::{self, Resource};
use crate::diagnostics::Diagnostics;
use crate::names::text;

/// The greatest number of resources. Core implements `Parameters` for tuples up to this length.
const MOST_RESOURCES: usize = 12;

/// The parameters of a handler, sorted into events and resources.
pub(crate) struct Parameters {
    pub(crate) events: Events,
    pub(crate) resources: Vec<Resource>,
}

/// Reads the parameters. `listed` are the events in the attribute. `None` means that a mistake was reported.
pub(crate) fn check(
    signature: &Signature,
    event_parameter: &EventParameter,
    listed: &[Option<Type>],
    owner: Option<&Owner>,
    diagnostics: &mut Diagnostics,
) -> Option<Parameters> {
    let name = &signature.ident;
    let receiver = check_receiver(signature, owner, diagnostics)?;
    let mut types = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(_) => {}
            FnArg::Typed(argument) => {
                if let Some(condition) = argument
                    .attrs
                    .iter()
                    .find(|attribute| attribute.path().is_ident("cfg"))
                {
                    let message = format!(
                        "a parameter of the handler `{name}` cannot be conditional; write the function twice, each \
                         under its own `cfg`"
                    );
                    diagnostics.error(condition, message);
                }
                types.push(&*argument.ty);
            }
        }
    }
    let mut types = types.into_iter();
    let Some(event) = types.next() else {
        let example = match listed {
            [Some(only)] => text(only),
            [] | [None] => "OrderCreated".to_owned(),
            _ => "impl Trait".to_owned(),
        };
        let receiver = owner.map_or("", |_| "&self, ");
        let message = format!(
            "the handler `{name}` takes no event; write `{name}({receiver}event: &{example})`"
        );
        diagnostics.error(name, message);
        return None;
    };
    let types: Vec<_> = types.collect();
    if let Some(later) = swapped(event, &types, listed) {
        let message = format!(
            "the event of the handler `{name}` comes first; write `&{}` before `{}`",
            text(later),
            text(event)
        );
        diagnostics.error(event, message);
        return None;
    }
    let events = events::check(signature, event_parameter, event, listed, diagnostics);
    let resources: Vec<_> = receiver
        .into_iter()
        .map(Some)
        .chain(
            types
                .into_iter()
                .map(|written| resource::check(written, event_parameter, diagnostics)),
        )
        .collect();
    if let Some(excess) = signature.inputs.iter().nth(MOST_RESOURCES + 1) {
        let with_self = owner.map_or("", |_| ", with `self`");
        let message = format!(
            "the handler `{name}` takes more than {MOST_RESOURCES} resources{with_self}; put several into one struct"
        );
        diagnostics.error(excess, message);
    }
    let mut lent = resources.iter().flatten().filter_map(|it| it.mutability);
    if let Some(second) = lent.nth(1) {
        let message = format!(
            "an event lends one thing, so the handler `{name}` takes one `&mut`; lend a struct that has both, or, of a \
             durable event, take the connection alone"
        );
        diagnostics.error(second, message);
        return None;
    }
    let resources = resources.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Parameters {
        events: events?,
        resources,
    })
}

/// Returns the event that the attribute lists if it is not the first parameter, but a later one.
fn swapped<'a>(first: &Type, later: &[&Type], listed: &'a [Option<Type>]) -> Option<&'a Type> {
    let [Some(event)] = listed else {
        return None;
    };
    let is_event = |written: &Type| text(borrowed(written)) == text(event);
    let is_swapped = !is_event(first) && later.iter().any(|written| is_event(written));
    is_swapped.then_some(event)
}

/// Returns the resource before the event, which is the `self` of a method. `None` means that a mistake was reported.
fn check_receiver(
    signature: &Signature,
    owner: Option<&Owner>,
    diagnostics: &mut Diagnostics,
) -> Option<Vec<Resource>> {
    let name = &signature.ident;
    match (signature.receiver(), owner) {
        (Some(receiver), Some(owner)) => {
            Some(vec![owner.check_receiver(receiver, name, diagnostics)])
        }
        (None, None) => Some(Vec::new()),
        (Some(receiver), None) => {
            let message = format!(
                "the handler `{name}` is a method; write `#[handlers]` on its `impl` block"
            );
            diagnostics.error(receiver, message);
            None
        }
        (None, Some(_)) => {
            let message = format!(
                "the handler `{name}` has no `&self`; add it, or write a free function with `#[handler]`"
            );
            diagnostics.error(name, message);
            None
        }
    }
}
