//! What an event must be, and what may be said about it.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, GenericParam, Generics, LitStr, Path, Visibility};

use super::parse::{EventItem, Kind};
use crate::arguments::{self, Argument, Keys};
use crate::diagnostics::Diagnostics;
use crate::names::{attribute_named, conditions};

pub(crate) struct CheckedEvent {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) name: Option<LitStr>,
    pub(crate) is_fail_fast: bool,
    pub(crate) krate: Option<Path>,
}

const USAGE: &str = "`#[event]` takes `name = \"…\"`, `fail_fast` and `crate = path`";

pub(crate) fn check(arguments: TokenStream, item: EventItem) -> syn::Result<CheckedEvent> {
    let mut diagnostics = Diagnostics::default();
    let options = Options::parse(arguments, &mut diagnostics);
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
    diagnostics.finish(CheckedEvent {
        conditions: conditions(&item.attributes),
        visibility: item.visibility,
        ident: item.ident,
        generics: item.generics,
        name: options.name,
        is_fail_fast: options.is_fail_fast,
        krate: options.krate,
    })
}

#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    is_fail_fast: bool,
    krate: Option<Path>,
}

impl Options {
    fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut options = Self::default();
        let mut keys = Keys::default();
        for argument in arguments::split(arguments) {
            let Some(option) = &argument.option else {
                diagnostics.error(&argument.tokens, not_an_option(&argument));
                continue;
            };
            let key = &option.key;
            if !keys.is_first(key, "remove one", diagnostics) {
                continue;
            }
            match key.to_string().as_str() {
                "name" => {
                    let default = "module path and type name";
                    options.name = option.text("order.created", default, diagnostics);
                }
                "fail_fast" => {
                    option.flag(diagnostics);
                    options.is_fail_fast = true;
                }
                "crate" => options.krate = option.crate_path(diagnostics),
                unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
            }
        }
        options
    }
}

fn not_an_option(argument: &Argument) -> String {
    let key = argument.called().map(|key| key.to_string());
    match key.as_deref() {
        Some("name") => "`name` is given with `=`: write `name = \"order.created\"`".to_owned(),
        Some("fail_fast") => "`fail_fast` takes no value: write `fail_fast`".to_owned(),
        Some("crate") => "`crate` is given with `=`: write `crate = path::to::eventful`".to_owned(),
        _ => format!("this is no option: {USAGE}"),
    }
}
