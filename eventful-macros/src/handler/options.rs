//! The arguments of `#[handler]`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::{LitInt, LitStr, Path, Token, Type};

use super::owner::Owner;
pub(crate) use super::targets::Target;
use super::targets::{self, Targets};
use crate::arguments::{self, Argument, KeyValue, Keys};
use crate::diagnostics::Diagnostics;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) event: Option<Type>,
    pub(crate) order: Option<i32>,
    pub(crate) after: Vec<Target>,
    pub(crate) before: Vec<Target>,
    pub(crate) id: Option<LitStr>,
    pub(crate) krate: Option<Path>,
}

const USAGE: &str = "`#[handler]` takes an event and the options `order = …`, `after = …`, `before = …`, `id = \"…\"` \
                     and `crate = path`";

/// Reads the arguments of the handler `name`.
pub(crate) fn parse(
    arguments: TokenStream,
    name: &Ident,
    owner: Option<&Owner>,
    diagnostics: &mut Diagnostics,
) -> Options {
    let mut options = Options::default();
    let mut keys = Keys::default();
    for (index, argument) in arguments::split(arguments).into_iter().enumerate() {
        match &argument.option {
            Some(option) if option.value.is_some() || is_key(&option.key) => {
                if keys.is_first(&option.key, remedy(&option.key), diagnostics) {
                    options.set(option, diagnostics);
                }
            }
            _ if index == 0 => {
                let event = syn::parse2(argument.tokens.clone());
                options.event = event
                    .map_err(|_| diagnostics.error(&argument.tokens, not_an_event(&argument)))
                    .ok();
            }
            option => diagnostics.error(
                &argument.tokens,
                misplaced(&argument, option.as_ref(), options.event.is_some()),
            ),
        }
    }
    targets::check(&options, name, owner, diagnostics);
    options
}

/// Whether `key` without a value cannot be an event's name.
fn is_key(key: &Ident) -> bool {
    ["order", "after", "before", "id", "crate"]
        .iter()
        .any(|option| key == option)
}

fn remedy(key: &Ident) -> &'static str {
    if key == "after" {
        "write a list, `after = [first, second]`"
    } else if key == "before" {
        "write a list, `before = [first, second]`"
    } else {
        "remove one"
    }
}

fn not_an_event(argument: &Argument) -> String {
    match argument.called() {
        Some(key) if is_key(&key) => with_equals(&key),
        _ => format!("this is not the type of an event: {USAGE}"),
    }
}

fn misplaced(argument: &Argument, option: Option<&KeyValue>, has_event: bool) -> String {
    let starts_lower = |key: &Ident| key.to_string().starts_with(char::is_lowercase);
    match (argument.called(), option) {
        (Some(key), _) if is_key(&key) => with_equals(&key),
        (_, Some(KeyValue { key, .. })) if starts_lower(key) => {
            format!("unknown option `{key}`: {USAGE}")
        }
        _ if has_event => {
            "a handler handles one event; write a function for each, or an option as `key = value`"
                .to_owned()
        }
        _ => "the event comes first, before the options".to_owned(),
    }
}

fn with_equals(key: &Ident) -> String {
    format!("`{key}` is given with `=`: write `{key} = …`")
}

impl Options {
    fn set(&mut self, option: &KeyValue, diagnostics: &mut Diagnostics) {
        let key = &option.key;
        match key.to_string().as_str() {
            "order" => {
                let order = option.value("an integer that fits into an `i32`", "-10", diagnostics);
                self.order = order.map(|Order(order)| order);
            }
            "after" => self.after = listed(option, diagnostics),
            "before" => self.before = listed(option, diagnostics),
            "id" => {
                let default = "module path and function name";
                self.id = option.text("billing.charge", default, diagnostics);
            }
            "crate" => self.krate = option.crate_path(diagnostics),
            unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
        }
    }
}

fn listed(option: &KeyValue, diagnostics: &mut Diagnostics) -> Vec<Target> {
    let meaning = "another handler's path, its id as a string, or a list of these";
    option
        .value(meaning, "path::to::handler", diagnostics)
        .map_or_else(Vec::new, |Targets(targets)| targets)
}

struct Order(i32);

impl Parse for Order {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let minus: Option<Token![-]> = input.parse()?;
        let digits: LitInt = input.parse()?;
        if !matches!(digits.suffix(), "" | "i32") {
            return Err(syn::Error::new(digits.span(), "not an `i32`"));
        }
        let magnitude: i64 = digits.base10_parse()?;
        let order = if minus.is_some() {
            -magnitude
        } else {
            magnitude
        };
        i32::try_from(order)
            .map(Self)
            .map_err(|error| syn::Error::new(digits.span(), error))
    }
}
