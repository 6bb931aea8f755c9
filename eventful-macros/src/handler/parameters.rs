//! What stands between a handler's parentheses.

use proc_macro2::Span;
use syn::{FnArg, Lifetime, Signature, Token, Type, TypeReference};

use super::event_parameter::EventParameter;
use super::events::{self, Events};
use super::owner::Owner;
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::types::{self, impl_token, option_content, ungroup};

/// How many parameters a handler may have beside the event: as many as core implements `Parameters` for.
const MOST_RESOURCES: usize = 12;

/// A handler's parameters, taken apart.
pub(crate) struct Parameters {
    pub(crate) events: Events,
    pub(crate) resources: Vec<Resource>,
}

/// `&T` or `Option<&T>`.
pub(crate) struct Resource {
    pub(crate) target: Type,
    pub(crate) is_optional: bool,
    pub(crate) span: Span,
}

/// Takes the parameters apart; `None` only if a mistake was noted. `listed` are the events that the attribute names.
pub(crate) fn check(
    signature: &Signature,
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
    let events = events::check(signature, event, listed, diagnostics);
    let parameter = EventParameter::of(signature);
    let resources: Vec<_> = receiver
        .into_iter()
        .map(Some)
        .chain(types.map(|resource| check_resource(resource, &parameter, diagnostics)))
        .collect();
    if let Some(excess) = signature.inputs.iter().nth(MOST_RESOURCES + 1) {
        let with_self = owner.map_or("", |_| ", with `self`");
        let message = format!(
            "the handler `{name}` takes more than {MOST_RESOURCES} resources{with_self}; put several into one struct"
        );
        diagnostics.error(excess, message);
    }
    let resources = resources.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Parameters {
        events: events?,
        resources,
    })
}

/// The resources that stand before the event: the `self` of a method. `None` only if a mistake was noted.
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

fn check_resource(
    written: &Type,
    parameter: &EventParameter,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let content = option_content(written);
    let Type::Reference(reference) = ungroup(content.unwrap_or(written)) else {
        let message = match (content, impl_token(written)) {
            (_, Some(_)) => {
                "a resource is borrowed from the bus, which knows it by its type; write `&` and the type".to_owned()
            }
            (Some(content), None) => {
                format!("a resource is borrowed from the bus; write `Option<&{}>`", text(content))
            }
            (None, None) => {
                format!("a resource is borrowed from the bus; write `&{}`", text(written))
            }
        };
        diagnostics.error(written, message);
        return None;
    };
    let before = diagnostics.count();
    check_reference(reference, "a resource", diagnostics);
    let target = ungroup(&reference.elem);
    if let Some(impl_token) = impl_token(target) {
        diagnostics.error(
            impl_token,
            "the bus knows a resource by its type; write the type, or `&dyn Trait`",
        );
    } else if let Some(lifetime) = types::lifetime(target) {
        let message = format!(
            "the bus owns what it lends, so a resource's type cannot have the lifetime `{}`; use `'static` or owned types",
            text(&lifetime)
        );
        diagnostics.error(lifetime, message);
    } else if let EventParameter::Generic(ident) = parameter
        && let Some(unqualified) = types::unqualified(target, ident)
    {
        let message = format!(
            "here `{ident}` stands for each event, so the trait has to be named; write `<{ident} as Trait>::…`"
        );
        diagnostics.error(unqualified, message);
    }
    (diagnostics.count() == before).then(|| Resource {
        target: target.clone(),
        is_optional: content.is_some(),
        span: types::span(target),
    })
}

/// Notes what is wrong with the reference itself.
pub(crate) fn check_reference(
    reference: &TypeReference,
    role: &str,
    diagnostics: &mut Diagnostics,
) {
    let (mutability, lifetime) = (&reference.mutability, &reference.lifetime);
    check_borrow(mutability.as_ref(), lifetime.as_ref(), role, diagnostics);
}

/// Notes what must not stand behind the `&` of what is in that role.
pub(crate) fn check_borrow(
    mutability: Option<&Token![mut]>,
    lifetime: Option<&Lifetime>,
    role: &str,
    diagnostics: &mut Diagnostics,
) {
    if let Some(mutability) = mutability {
        diagnostics.error(
            mutability,
            format!("{role} is shared, so it cannot be `&mut`; remove `mut`, and change what is in a `Mutex` or an atomic"),
        );
    }
    if let Some(lifetime) = lifetime.filter(|lifetime| lifetime.ident == "static") {
        diagnostics.error(
            lifetime,
            format!("{role} is borrowed for the call only; remove `'static`"),
        );
    }
}
