//! What an event must be, and what may be said about it.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, GenericParam, Generics, LitStr, Path, Visibility};

use super::parse::{EventItem, Kind};
use crate::arguments::{self, set_once};
use crate::diagnostics::Diagnostics;
use crate::names::Private;

pub(crate) struct CheckedEvent {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) name: Option<LitStr>,
    pub(crate) is_fail_fast: bool,
    pub(crate) private: Private,
}

pub(crate) fn check(arguments: TokenStream, item: EventItem) -> syn::Result<CheckedEvent> {
    let mut diagnostics = Diagnostics::default();
    let (mut name, mut fail_fast, mut krate) = (None, None, None);
    for argument in arguments::split(arguments) {
        let Some(option) = argument.option else {
            diagnostics.error(&argument.tokens, UNKNOWN);
            continue;
        };
        let key = &option.key;
        match key.to_string().as_str() {
            "name" => {
                let value = option.text("\"order.created\"", &mut diagnostics);
                set_once(&mut name, value, key, &mut diagnostics);
            }
            "fail_fast" => {
                option.flag(&mut diagnostics);
                set_once(&mut fail_fast, Some(()), key, &mut diagnostics);
            }
            "crate" => {
                let value = option.value::<Path>("path::to::eventful", &mut diagnostics);
                set_once(&mut krate, value, key, &mut diagnostics);
            }
            unknown => {
                diagnostics.error(key, format!("unknown option `{unknown}`: {UNKNOWN}"));
            }
        }
    }
    if let Kind::Union(union) = &item.kind {
        diagnostics.error(
            union,
            "a union cannot be an event; `#[event]` belongs on a struct or an enum",
        );
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
    diagnostics.finish(CheckedEvent {
        conditions: item
            .attributes
            .into_iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .collect(),
        visibility: item.visibility,
        ident: item.ident,
        generics: item.generics,
        name,
        is_fail_fast: fail_fast.is_some(),
        private: Private::new(krate),
    })
}

const UNKNOWN: &str = "`#[event]` takes `name = \"…\"`, `fail_fast` and `crate = path`";
