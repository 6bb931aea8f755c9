//! The rules for an event and its options.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, GenericParam, Generics, LitStr, Path, Type, Visibility};

use super::contract::Contract;
use super::durable::Durable;
use super::options::Options;
use super::parse::{EventItem, Kind};
use super::with::With;
use crate::diagnostics::Diagnostics;
use crate::names::{attribute_named, conditions};

pub(crate) struct CheckedEvent {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) name: Option<LitStr>,
    pub(crate) is_async: bool,
    pub(crate) is_concurrent: bool,
    pub(crate) is_fail_fast: bool,
    /// The variant of `LogLevel`.
    pub(crate) log: Option<&'static str>,
    pub(crate) families: Vec<Type>,
    pub(crate) handlers: Option<Contract>,
    pub(crate) with: Option<With>,
    pub(crate) durable: Option<Durable>,
    pub(crate) krate: Option<Path>,
    /// The mistakes in the options. The event is what the others say.
    pub(crate) mistakes: Option<syn::Error>,
}

pub(crate) fn check(arguments: TokenStream, item: EventItem) -> syn::Result<CheckedEvent> {
    let mut diagnostics = Diagnostics::default();
    let mut mistakes = Diagnostics::default();
    let options = Options::parse(arguments, &mut mistakes);
    let mut mistakes = mistakes.finish(()).err();
    if let Kind::Union(union) = &item.kind {
        diagnostics.error(
            union,
            "a union cannot be an event; `#[event]` belongs on a struct or an enum",
        );
    }
    if let Some(repeated) = attribute_named("event", &item.attributes) {
        let message = format!("`#[event]` is given twice for `{}`; remove one", item.ident);
        diagnostics.error(repeated, message);
    }
    for parameter in &item.generics.params {
        if let GenericParam::Lifetime(lifetime) = parameter {
            let message = format!(
                "an event owns its data, so `{}` cannot have the lifetime `{}`; use owned types such as `String`",
                item.ident, lifetime.lifetime
            );
            diagnostics.error(lifetime, message);
        }
    }
    if options.durable.is_some()
        && let Some(parameter) = item
            .generics
            .params
            .iter()
            .find(|it| !matches!(it, GenericParam::Lifetime(_)))
    {
        let message = format!(
            "a durable event is stored under one name, which the instantiations of `{}` would share; write an event for each type",
            item.ident
        );
        diagnostics.error(parameter, message);
    }
    if (options.is_lost() || diagnostics.count() > 0)
        && let Some(mistakes) = mistakes.take()
    {
        diagnostics.push_first(mistakes);
    }
    let is_concurrent = options.runs_together();
    diagnostics.finish(CheckedEvent {
        conditions: conditions(&item.attributes),
        attributes: item.attributes,
        visibility: item.visibility,
        ident: item.ident,
        generics: item.generics,
        name: options.name,
        is_async: options.is_async.is_some(),
        is_concurrent,
        is_fail_fast: options.fail_fast.is_some(),
        log: options.log,
        families: options.families,
        handlers: options.handlers,
        with: options.with,
        durable: options.durable,
        krate: options.krate,
        mistakes,
    })
}
