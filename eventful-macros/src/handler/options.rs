//! The arguments of `#[handler]`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitInt, LitStr, Path, Token, Type, bracketed, token};

use crate::arguments::{self, KeyValue, set_once};
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

/// Another handler, by its function or by its id.
pub(crate) enum Target {
    Function(Path),
    Id(LitStr),
}

const USAGE: &str = "`#[handler]` takes an event and the options `order = …`, `after = …`, `before = …`, `id = \"…\"` \
                     and `crate = path`";

pub(crate) fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Options {
    let mut options = Options::default();
    let mut seen: Vec<Ident> = Vec::new();
    for (index, argument) in arguments::split(arguments).into_iter().enumerate() {
        match argument.option {
            Some(option) if option.value.is_some() || is_keyword(&option.key) => {
                if seen.contains(&option.key) {
                    let key = &option.key;
                    diagnostics.error(key, format!("`{key}` is given twice; {}", once(key)));
                } else {
                    options.set(&option, diagnostics);
                    seen.push(option.key);
                }
            }
            _ if index == 0 => {
                let event = syn::parse2(argument.tokens.clone());
                options.event = event
                    .map_err(|_| diagnostics.error(&argument.tokens, USAGE))
                    .ok();
            }
            _ if options.event.is_some() => {
                diagnostics.error(
                    &argument.tokens,
                    "a handler handles one event; write a function for each, or an option as `key = value`",
                );
            }
            _ => diagnostics.error(
                &argument.tokens,
                "the event comes first, before the options",
            ),
        }
    }
    options.contradictions(diagnostics);
    options
}

/// Whether `key` without a value cannot be an event's name.
fn is_keyword(key: &Ident) -> bool {
    ["order", "after", "before", "id", "crate"]
        .iter()
        .any(|keyword| key == keyword)
}

fn once(key: &Ident) -> String {
    match key.to_string().as_str() {
        key @ ("after" | "before") => format!("write a list, `{key} = [first, second]`"),
        _ => String::from("remove one"),
    }
}

impl Options {
    fn set(&mut self, option: &KeyValue, diagnostics: &mut Diagnostics) {
        let key = &option.key;
        match key.to_string().as_str() {
            "order" => {
                self.order = option
                    .value::<Order>("-10", diagnostics)
                    .map(|Order(order)| order);
            }
            "after" => self.after = targets(option, diagnostics),
            "before" => self.before = targets(option, diagnostics),
            "id" => {
                let id = option.text("\"billing.charge\"", diagnostics);
                set_once(&mut self.id, id, key, diagnostics);
            }
            "crate" => self.krate = option.value("path::to::eventful", diagnostics),
            unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
        }
    }

    fn contradictions(&self, diagnostics: &mut Diagnostics) {
        for before in &self.before {
            let written = before.written();
            if self.after.iter().any(|after| after.written() == written) {
                let message = format!(
                    "`{written}` cannot run both before and after this handler; remove one of the two"
                );
                diagnostics.error(before, message);
            }
        }
    }
}

fn targets(option: &KeyValue, diagnostics: &mut Diagnostics) -> Vec<Target> {
    let expected = "path::to::handler`, `\"an.id\"` or `[first, second]";
    option
        .value::<Targets>(expected, diagnostics)
        .map_or_else(Vec::new, |Targets(targets)| targets)
}

struct Targets(Vec<Target>);

impl Parse for Targets {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            return Ok(Self(vec![input.parse()?]));
        }
        let list;
        bracketed!(list in input);
        let targets = Punctuated::<Target, Token![,]>::parse_terminated(&list)?;
        Ok(Self(targets.into_iter().collect()))
    }
}

impl Parse for Target {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitStr) {
            input.parse().map(Self::Id)
        } else {
            input.parse().map(Self::Function)
        }
    }
}

impl ToTokens for Target {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Function(path) => path.to_tokens(tokens),
            Self::Id(id) => id.to_tokens(tokens),
        }
    }
}

impl Target {
    /// As the user wrote it.
    pub(crate) fn written(&self) -> String {
        self.to_token_stream().to_string().replace(' ', "")
    }
}

struct Order(i32);

impl Parse for Order {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let minus: Option<Token![-]> = input.parse()?;
        let digits: LitInt = input.parse()?;
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
