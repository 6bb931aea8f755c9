//! The arguments of `#[event]`.

use proc_macro2::{Ident, TokenStream};
use syn::{LitStr, Path, Type};

use super::contract::{self, Contract};
use super::durable::{Durable, DurableOptions};
use super::families;
use super::with::{self, With};
use crate::arguments::{self, Argument, KeyValue, Keys};
use crate::diagnostics::Diagnostics;

#[derive(Default)]
pub(crate) struct Options {
    pub(crate) name: Option<LitStr>,
    pub(crate) is_async: Option<Ident>,
    pub(crate) concurrent: Option<Ident>,
    pub(crate) fail_fast: Option<Ident>,
    pub(crate) log: Option<&'static str>,
    pub(crate) families: Vec<Type>,
    pub(crate) handlers: Option<Contract>,
    pub(crate) with: Option<With>,
    pub(crate) durable: Option<Durable>,
    pub(crate) krate: Option<Path>,
    /// Set if there is a `crate = …`, right or wrong.
    is_elsewhere: bool,
}

const USAGE: &str = "`#[event]` takes `async`, `concurrent`, `durable` with `version = …` and `key = field`, `name = \"…\"`, `fail_fast`, `log = \"debug\"`, `as(dyn Trait)`, `handlers = 1..`, \
                     `with = mut Type` and `crate = path`";

/// The levels of `log = "…"`, each with the name of its variant.
const LEVELS: [(&str, &str); 4] = [
    ("error", "Error"),
    ("warn", "Warn"),
    ("info", "Info"),
    ("debug", "Debug"),
];

impl Options {
    pub(crate) fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut options = Self::default();
        let mut keys = Keys::default();
        let mut durable = DurableOptions::default();
        for argument in arguments::split(arguments) {
            if let Some((key, content)) = argument.list().filter(|(key, _)| key == "as") {
                if keys.is_first(&key, remedy(&key), diagnostics) {
                    options.families = families::check(&key, &content, diagnostics);
                }
                continue;
            }
            let Some(option) = &argument.option else {
                diagnostics.error(&argument.tokens, not_an_option(&argument));
                continue;
            };
            let key = &option.key;
            if !keys.is_first(key, remedy(key), diagnostics) {
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
                "durable" | "version" | "key" => durable.set(option, diagnostics),
                "log" => options.log = level(option, diagnostics),
                "async" => {
                    option.flag(diagnostics);
                    options.is_async = Some(key.clone());
                }
                "concurrent" => {
                    option.flag(diagnostics);
                    options.concurrent = Some(key.clone());
                }
                "as" => families::not_a_list(option, diagnostics),
                "handlers" => options.handlers = contract::check(option, diagnostics),
                "with" => options.with = with::check(option, diagnostics),
                "crate" => {
                    options.is_elsewhere = true;
                    options.krate = option.crate_path(diagnostics);
                }
                unknown => {
                    diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}"));
                    // The word is being typed. Without it, each `async` handler would be a mistake, too.
                    if "async".starts_with(unknown) {
                        options.is_async.get_or_insert_with(|| key.clone());
                    }
                }
            }
        }
        if !durable.is_durable() {
            options.contradictions(diagnostics);
        }
        options.durable = durable.check(&options, diagnostics);
        options
    }

    /// Returns `true` if the framework cannot be found, because `crate = …` is a mistake.
    pub(crate) fn is_lost(&self) -> bool {
        self.is_elsewhere && self.krate.is_none()
    }

    /// Returns `true` if the handlers run together, and nothing contradicts that.
    pub(crate) fn runs_together(&self) -> bool {
        let is_shared = self
            .with
            .as_ref()
            .is_none_or(|with| with.mutability.is_none());
        self.concurrent.is_some()
            && self.is_async.is_some()
            && self.fail_fast.is_none()
            && is_shared
    }

    fn contradictions(&self, diagnostics: &mut Diagnostics) {
        let Some(concurrent) = &self.concurrent else {
            return;
        };
        if self.is_async.is_none() {
            diagnostics.error(
                concurrent,
                "the handlers of a synchronous event run in turn; write `async, concurrent`, or remove `concurrent`",
            );
        }
        if let Some(mutability) = self.with.as_ref().and_then(|with| with.mutability) {
            diagnostics.error(
                mutability,
                "handlers that run together cannot have the same `&mut`; remove `mut` or `concurrent`",
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

/// Reads the value of `log = …`.
fn level(option: &KeyValue, diagnostics: &mut Diagnostics) -> Option<&'static str> {
    let written: LitStr = option.value("a level", "\"debug\"", diagnostics)?;
    let level = LEVELS.iter().find(|(name, _)| *name == written.value());
    if level.is_none() {
        let message =
            "this is no level of the log; write \"error\", \"warn\", \"info\" or \"debug\"";
        diagnostics.error(&written, message);
    }
    level.map(|(_, variant)| *variant)
}

fn remedy(key: &Ident) -> &'static str {
    if key == "as" {
        "write a list, `as(dyn First, dyn Second)`"
    } else {
        "remove one"
    }
}

fn not_an_option(argument: &Argument) -> String {
    let key = argument.called().map(|key| key.to_string());
    match key.as_deref() {
        Some("name") => "`name` is given with `=`: write `name = \"order.created\"`".to_owned(),
        Some(flag @ ("async" | "concurrent" | "durable" | "fail_fast")) => {
            format!("`{flag}` takes no value: write `{flag}`")
        }
        Some("log") => "`log` is given with `=`: write `log = \"debug\"`".to_owned(),
        Some("handlers") => "`handlers` is given with `=`: write `handlers = 1..`".to_owned(),
        Some("with") => "`with` is given with `=`: write `with = mut Connection`".to_owned(),
        Some("crate") => "`crate` is given with `=`: write `crate = path::to::eventful`".to_owned(),
        _ => format!("this is no option: {USAGE}"),
    }
}
