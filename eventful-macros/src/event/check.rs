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
    pub(crate) is_async: bool,
    pub(crate) is_concurrent: bool,
    pub(crate) is_fail_fast: bool,
    pub(crate) krate: Option<Path>,
}

const USAGE: &str =
    "`#[event]` takes `async`, `concurrent`, `name = \"…\"`, `fail_fast` and `crate = path`";

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
        is_async: options.is_async,
        is_concurrent: options.concurrent.is_some(),
        is_fail_fast: options.fail_fast.is_some(),
        krate: options.krate,
    })
}

#[derive(Default)]
struct Options {
    name: Option<LitStr>,
    is_async: bool,
    concurrent: Option<Ident>,
    fail_fast: Option<Ident>,
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
                    options.fail_fast = Some(key.clone());
                }
                "async" => {
                    option.flag(diagnostics);
                    options.is_async = true;
                }
                "concurrent" => {
                    option.flag(diagnostics);
                    options.concurrent = Some(key.clone());
                }
                "crate" => options.krate = option.crate_path(diagnostics),
                unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
            }
        }
        options.contradictions(diagnostics);
        options
    }

    fn contradictions(&self, diagnostics: &mut Diagnostics) {
        let Some(concurrent) = &self.concurrent else {
            return;
        };
        if !self.is_async {
            diagnostics.error(
                concurrent,
                "the handlers of a synchronous event run in turn; write `async, concurrent`, or remove `concurrent`",
            );
        }
        if let Some(fail_fast) = &self.fail_fast {
            diagnostics.error(
                fail_fast,
                "handlers that run together cannot be stopped by one that fails; remove `fail_fast` or `concurrent`",
            );
        }
    }
}

fn not_an_option(argument: &Argument) -> String {
    let key = argument.called().map(|key| key.to_string());
    match key.as_deref() {
        Some("name") => "`name` is given with `=`: write `name = \"order.created\"`".to_owned(),
        Some(flag @ ("async" | "concurrent" | "fail_fast")) => {
            format!("`{flag}` takes no value: write `{flag}`")
        }
        Some("crate") => "`crate` is given with `=`: write `crate = path::to::eventful`".to_owned(),
        _ => format!("this is no option: {USAGE}"),
    }
}
