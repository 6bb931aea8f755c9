//! The arguments of `#[handler]`.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, LitInt, LitStr, Path, Token, Type, UnOp};

use super::separate::{self, DurableOptions};
use super::targets::{Target, Targets};
use crate::arguments::{self, Argument, KeyValue, Keys};
use crate::diagnostics::Diagnostics;
use crate::names::text;

#[derive(Default)]
pub(crate) struct Options {
    /// The events at the start of the list. `None` stands for tokens that are no type.
    pub(crate) events: Vec<Option<Type>>,
    pub(crate) when: Option<Expr>,
    pub(crate) order: Option<i32>,
    pub(crate) after: Vec<Target>,
    pub(crate) before: Vec<Target>,
    /// The keys of `order`, `after` and `before`, as far as they are written.
    pub(crate) orders: Vec<Ident>,
    pub(crate) id: Option<LitStr>,
    pub(crate) durable: DurableOptions,
    pub(crate) krate: Option<Path>,
}

const USAGE: &str = "`#[handler]` takes events and the options `when = |event| …`, `order = …`, `after = …`, \
                     `before = …`, `id = \"…\"` and `crate = path`; of durable events also `in_transaction`, or `retry(…)`, `timeout`, \
                     `from`, `was`, `on_dead`, `concurrency`, `each` and `replay`";

/// Reads the arguments.
pub(crate) fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Options {
    let mut options = Options::default();
    let mut keys = Keys::default();
    for argument in arguments::split(arguments) {
        match (&argument.option, argument.called()) {
            (Some(option), _) if option.value.is_some() || is_key(&option.key) => {
                if keys.is_first(&option.key, remedy(&option.key), diagnostics) {
                    options.set(option, diagnostics);
                }
            }
            (_, Some(key)) if key == "retry" => {
                if keys.is_first(&key, remedy(&key), diagnostics)
                    && let Some((_, content)) = argument.list()
                {
                    options.durable.set_retry(&key, &content, diagnostics);
                }
            }
            (_, Some(key)) if key == "in_transaction" => {
                let message = "`in_transaction` takes no value: write `in_transaction`";
                diagnostics.error(&argument.tokens, message);
            }
            (_, Some(key)) if is_key(&key) => {
                let message = format!("`{key}` is given with `=`: write `{key} = …`");
                diagnostics.error(&argument.tokens, message);
            }
            (option, _) if keys.is_empty() && !is_unknown(option.as_ref(), &options.events) => {
                options.events.push(event(&argument, diagnostics));
            }
            (option, _) => diagnostics.error(&argument.tokens, misplaced(option.as_ref())),
        }
    }
    let (id, orders) = (options.id.as_ref(), &options.orders);
    options.durable.check(id, orders, diagnostics);
    options
}

/// Returns `true` for a word in lower case after an event: it looks like an option, and there is none of that name.
fn is_unknown(option: Option<&KeyValue>, events: &[Option<Type>]) -> bool {
    !events.is_empty() && option.is_some_and(|option| starts_lower(&option.key))
}

fn starts_lower(key: &Ident) -> bool {
    let key = key.to_string();
    !key.starts_with("r#") && key.starts_with(char::is_lowercase)
}

/// Returns `true` if `key` is the name of an option, and so cannot be an event.
fn is_key(key: &Ident) -> bool {
    ["when", "order", "after", "before", "id", "crate"]
        .iter()
        .chain(&separate::KEYS)
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

fn event(argument: &Argument, diagnostics: &mut Diagnostics) -> Option<Type> {
    let tokens = &argument.tokens;
    let message = format!("this is not the type of an event: {USAGE}");
    let event = syn::parse2(tokens.clone());
    event.map_err(|_| diagnostics.error(tokens, message)).ok()
}

fn misplaced(option: Option<&KeyValue>) -> String {
    match option {
        Some(KeyValue { key, .. }) if starts_lower(key) => {
            format!("unknown option `{key}`: {USAGE}")
        }
        _ => "the events come first, before the options".to_owned(),
    }
}

impl Options {
    fn set(&mut self, option: &KeyValue, diagnostics: &mut Diagnostics) {
        let key = &option.key;
        match key.to_string().as_str() {
            "when" => {
                let meaning = "a closure, or the path of a function";
                self.when = option.value(meaning, "|event| event.total > 100", diagnostics);
                if let Some(condition) = self.when.as_ref().filter(|when| is_condition(when)) {
                    let message = "a guard is a function of the event; write `|event|` before the condition: `when = |event| …`";
                    diagnostics.error(condition, message);
                }
            }
            "order" => {
                self.orders.push(key.clone());
                let order = option.value("an integer that fits into an `i32`", "-10", diagnostics);
                self.order = order.map(|Order(order)| order);
            }
            "after" => {
                self.orders.push(key.clone());
                self.after = listed(option, diagnostics);
            }
            "before" => {
                self.orders.push(key.clone());
                self.before = listed(option, diagnostics);
            }
            "id" => {
                let default = "module path and function name";
                self.id = option.text("billing.charge", default, diagnostics);
            }
            "crate" => self.krate = option.crate_path(diagnostics),
            _ if is_key(key) => self.durable.set(option, diagnostics),
            unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
        }
    }
}

/// Returns `true` for a condition without the `|event|` that makes it a function.
fn is_condition(when: &Expr) -> bool {
    match when {
        Expr::Binary(_) | Expr::Lit(_) => true,
        Expr::Unary(unary) => !matches!(unary.op, UnOp::Deref(_)),
        Expr::Macro(call) => call.mac.path.is_ident("matches"),
        Expr::Field(_) | Expr::MethodCall(_) => text(when).starts_with("event."),
        _ => false,
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
