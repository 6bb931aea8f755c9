//! The events that a handler handles.

use proc_macro2::Span;
use syn::{Signature, Type};

use super::event_parameter::{EventParameter, Sized};
use super::resource::check_borrow;
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::types::{self, impl_token, ungroup};

/// The events of a handler.
pub(crate) struct Events {
    /// Each event or family that the attribute lists, or else the type of the first parameter.
    pub(crate) types: Vec<Type>,
    /// The span of the first parameter's type.
    pub(crate) parameter_span: Span,
    /// The type of the first parameter without `&`, if the attribute names the event in other words.
    pub(crate) mismatch: Option<Type>,
}

/// Compares the type of the first parameter, `written`, with the events that the attribute lists. `None` in the list
/// stands for an event whose type did not parse. A result of `None` means that a mistake was reported.
pub(crate) fn check(
    signature: &Signature,
    event_parameter: &EventParameter,
    written: &Type,
    listed: &[Option<Type>],
    diagnostics: &mut Diagnostics,
) -> Option<Events> {
    let before = diagnostics.count();
    let own = check_parameter(written, event_parameter, diagnostics);
    if diagnostics.count() == before {
        for event in listed.iter().flatten() {
            check_type(event, diagnostics);
        }
    }
    check_repeated(listed, diagnostics);
    if listed.iter().all(Option::is_some) {
        check_number(
            signature,
            event_parameter,
            written,
            listed.len(),
            diagnostics,
        );
    }
    check_size(signature, event_parameter, listed, diagnostics);
    let (types, mismatch) = if listed.is_empty() {
        (vec![own?], None)
    } else {
        let types = listed.iter().cloned().collect::<Option<Vec<_>>>()?;
        let mismatch = own.filter(|own| !event_parameter.is_generic() && may_differ(own, &types));
        (types, mismatch)
    };
    (diagnostics.count() == before).then(|| Events {
        types,
        parameter_span: types::span(written),
        mismatch,
    })
}

fn check_parameter(
    written: &Type,
    event_parameter: &EventParameter,
    diagnostics: &mut Diagnostics,
) -> Option<Type> {
    let Type::Reference(reference) = ungroup(written) else {
        let message = format!(
            "handlers share the event, so it is borrowed; write `&{}`",
            text(written)
        );
        diagnostics.error(written, message);
        return None;
    };
    if let Some(mutability) = reference.mutability {
        diagnostics.error(
            mutability,
            "the event comes first and is shared, so it cannot be `&mut`; remove `mut`, or, if the event lends this, write the event \
             before it",
        );
    }
    check_borrow(None, reference.lifetime.as_ref(), "the event", diagnostics);
    let target = ungroup(&reference.elem);
    if let EventParameter::Concrete = event_parameter {
        check_type(target, diagnostics);
    }
    Some(target.clone())
}

/// Returns `true` if the compiler has to compare the types. A `dyn Trait` takes each event that implements the trait,
/// `Self` means nothing outside of its `impl` block, and a trait without `dyn` is the compiler's own error.
fn may_differ(own: &Type, events: &[Type]) -> bool {
    let written = text(own);
    !matches!(own, Type::TraitObject(_))
        && !written.starts_with("Self")
        && events
            .iter()
            .all(|event| ![&written, &format!("dyn {written}")].contains(&&text(event)))
}

/// Reports a type that cannot be an event's.
fn check_type(event: &Type, diagnostics: &mut Diagnostics) {
    if let Some(impl_token) = impl_token(event) {
        let message =
            "a handler names its events; write the type of each, or the family `dyn Trait`";
        diagnostics.error(impl_token, message);
    } else if let Type::TraitObject(family) = ungroup(event)
        && let Some(name) = types::name_beside_more(family)
    {
        let message = format!("a family is named by its trait alone; write `dyn {name}`");
        diagnostics.error(event, message);
    } else if let Some(lifetime) = types::lifetime(event) {
        let message = format!(
            "an event owns its data, so its type cannot have the lifetime `{}`; use owned types such as `String`",
            text(&lifetime)
        );
        diagnostics.error(lifetime, message);
    }
}

fn check_repeated(listed: &[Option<Type>], diagnostics: &mut Diagnostics) {
    for (index, event) in listed.iter().enumerate() {
        if let Some(event) = event
            && listed[..index]
                .iter()
                .flatten()
                .any(|earlier| text(earlier) == text(event))
        {
            let message = format!("`{}` is listed twice; remove one", text(event));
            diagnostics.error(event, message);
        }
    }
}

/// Reports several events for a parameter of one type, and none for a generic one.
fn check_number(
    signature: &Signature,
    event_parameter: &EventParameter,
    written: &Type,
    count: usize,
    diagnostics: &mut Diagnostics,
) {
    let name = &signature.ident;
    match (event_parameter, count) {
        (EventParameter::Concrete, 2..) => diagnostics.error(
            written,
            format!(
                "the handler `{name}` handles several events, so their type is a parameter; write `&impl Trait`, of a \
                 trait that all of them implement, or a function for each"
            ),
        ),
        (EventParameter::Generic(_) | EventParameter::Unnamed, 0) => diagnostics.error(
            written,
            format!(
                "nothing says which events the handler `{name}` handles; list them: `#[handler(OrderCreated, \
                 OrderShipped)]`"
            ),
        ),
        _ => {}
    }
}

/// Reports families for a parameter that has to be `Sized`.
fn check_size(
    signature: &Signature,
    event_parameter: &EventParameter,
    listed: &[Option<Type>],
    diagnostics: &mut Diagnostics,
) {
    let Some(Sized { name, remedy }) = event_parameter.if_sized(signature) else {
        return;
    };
    for event in listed.iter().flatten() {
        if let Type::TraitObject(family) = ungroup(event)
            && types::name_beside_more(family).is_none()
        {
            let family = text(event);
            let message =
                format!("`{name}` has a known size, and the family `{family}` has none; {remedy}");
            diagnostics.error(event, message);
        }
    }
}
