//! One resource of a handler: a parameter beside the event, or the `self` of a method.

use proc_macro2::Span;
use syn::{Lifetime, Token, Type};

use super::event_parameter::EventParameter;
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::types::{self, impl_token, option_content, ungroup};

/// A parameter `&T`, `Option<&T>` or `&mut T`.
pub(crate) struct Resource {
    pub(crate) target: Type,
    pub(crate) is_optional: bool,
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) span: Span,
}

/// The advice about what a handler may take as `&mut`.
const LENT: &str = "write the type that the event lends with `with = mut …`; of a durable event, write the connection of its \
                    store, such as `&mut SqliteConnection` or `&mut PgConnection`";

/// Reads the type of a parameter. `None` means that a mistake was reported.
pub(crate) fn check(
    written: &Type,
    event_parameter: &EventParameter,
    diagnostics: &mut Diagnostics,
) -> Option<Resource> {
    let content = option_content(written);
    let Type::Reference(reference) = ungroup(content.unwrap_or(written)) else {
        let message = if impl_token(written).is_some() {
            "a resource is borrowed from the bus, which knows it by its type; write `&` and the type".to_owned()
        } else {
            let target = pointed(content.unwrap_or(written));
            let parameter = if content.is_some() {
                format!("Option<&{target}>")
            } else {
                format!("&{target}")
            };
            format!("a resource is borrowed from the bus; write `{parameter}`")
        };
        diagnostics.error(written, message);
        return None;
    };
    let before = diagnostics.count();
    let mutability = reference.mutability;
    check_borrow(None, reference.lifetime.as_ref(), "a resource", diagnostics);
    let target = ungroup(&reference.elem);
    if let Some(mutability) = mutability.filter(|_| content.is_some()) {
        diagnostics.error(
            mutability,
            "what a publisher lends is always there; write `&mut` without `Option`",
        );
    } else if mutability.is_some()
        && matches!(
            target,
            Type::TraitObject(_) | Type::Slice(_) | Type::ImplTrait(_)
        )
    {
        let message = format!("a `&mut` parameter cannot be a trait or a slice; {LENT}");
        diagnostics.error(target, message);
    } else if let Some(impl_token) = impl_token(target) {
        diagnostics.error(
            impl_token,
            "the bus knows a resource by its type; write the type, or `&dyn Trait`",
        );
    } else if let Some(lifetime) = types::lifetime(target) {
        let name = text(&lifetime);
        let message = if mutability.is_some() {
            format!(
                "a `&mut` parameter cannot have the lifetime `{name}`, and of a transaction a handler gets the connection; {LENT}"
            )
        } else {
            format!(
                "the bus owns what it lends, so a resource's type cannot have the lifetime `{name}`; use `'static` or owned types"
            )
        };
        diagnostics.error(lifetime, message);
    } else if let EventParameter::Generic(ident) = event_parameter
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
        mutability,
        span: types::span(target),
    })
}

/// The type to borrow instead of `written`: the `T` of a pointer or of an extractor of axum, or else `written` itself.
fn pointed(written: &Type) -> String {
    let target = ["Arc", "Box", "Rc", "State", "Extension"]
        .iter()
        .find_map(|pointer| types::content(pointer, written));
    match target.map(ungroup) {
        Some(Type::TraitObject(object)) => match types::name_beside_more(object) {
            Some(name) => format!("dyn {name}"),
            None => text(object),
        },
        Some(target) => text(target),
        None => text(written),
    }
}

/// Reports `mut` and `'static` after the `&` of a parameter. `role` names the parameter in the message.
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
