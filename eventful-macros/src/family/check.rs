//! The rules for a family and its options.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::{Attribute, Path};

use super::parse::FamilyItem;
use crate::arguments::{self, Keys};
use crate::diagnostics::Diagnostics;
use crate::event::durable;
use crate::names::{attribute_named, conditions};

pub(crate) struct CheckedFamily {
    pub(crate) item: FamilyItem,
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) is_async: bool,
    pub(crate) is_durable: bool,
    pub(crate) krate: Option<Path>,
}

const USAGE: &str = "`#[family]` takes `async` or `durable`, and `crate = path`";

pub(crate) fn check(arguments: TokenStream, item: FamilyItem) -> syn::Result<CheckedFamily> {
    let mut diagnostics = Diagnostics::default();
    let options = Options::parse(arguments, &mut diagnostics);
    let name = &item.ident;
    if let Some(repeated) = attribute_named("family", &item.attributes) {
        let message = format!("`#[family]` is given twice for `{name}`; remove one");
        diagnostics.error(repeated, message);
    }
    if let Some(token) = &item.unsafety {
        let message = format!(
            "the family `{name}` cannot be `unsafe`: nobody is there to keep its contract; remove `unsafe`"
        );
        diagnostics.error(token, message);
    }
    if let Some(token) = &item.auto {
        let message = format!(
            "the family `{name}` cannot be `auto`: an event says that it belongs to it; remove `auto`"
        );
        diagnostics.error(token, message);
    }
    if !item.generics.params.is_empty() {
        let message = format!(
            "a family is the one type `dyn {name}`, so its trait cannot have parameters; write a trait for each type"
        );
        diagnostics.error(&item.generics.params, message);
    }
    for ident in associated_types(&item.body) {
        let message = format!(
            "handlers are given `&dyn {name}`, whatever the event, so its trait cannot have the associated type `{ident}`; \
             use one type for all events"
        );
        diagnostics.error(ident, message);
    }
    diagnostics.finish(CheckedFamily {
        conditions: conditions(&item.attributes),
        item,
        is_async: options.is_async,
        is_durable: options.is_durable,
        krate: options.krate,
    })
}

/// The names of the associated types that a `dyn Trait` has to specify: all without `where Self: Sized`.
fn associated_types(body: &TokenStream) -> Vec<Ident> {
    let mut names = Vec::new();
    let members = body.clone().into_iter().flat_map(|token| match token {
        TokenTree::Group(group) => group.stream(),
        _ => TokenStream::new(),
    });
    let mut members = members.peekable();
    while let Some(token) = members.next() {
        if !matches!(&token, TokenTree::Ident(keyword) if keyword == "type") {
            continue;
        }
        let mut is_exempt = false;
        let name = members.next();
        while let Some(token) = members.next_if(|token| !is_semicolon(token)) {
            is_exempt |= matches!(&token, TokenTree::Ident(ident) if ident == "Sized");
        }
        if let Some(TokenTree::Ident(name)) = name
            && !is_exempt
        {
            names.push(name);
        }
    }
    names
}

fn is_semicolon(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';')
}

#[derive(Default)]
struct Options {
    is_async: bool,
    is_durable: bool,
    krate: Option<Path>,
}

impl Options {
    fn parse(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut options = Self::default();
        let mut keys = Keys::default();
        for argument in arguments::split(arguments) {
            let Some(option) = &argument.option else {
                let message = match argument.called() {
                    Some(key) if key == "async" || key == "durable" => {
                        format!("`{key}` takes no value: write `{key}`")
                    }
                    Some(key) if key == "crate" => {
                        "`crate` is given with `=`: write `crate = path::to::eventful`".to_owned()
                    }
                    _ => format!("this is no option: {USAGE}"),
                };
                diagnostics.error(&argument.tokens, message);
                continue;
            };
            let key = &option.key;
            if !keys.is_first(key, "remove one", diagnostics) {
                continue;
            }
            match key.to_string().as_str() {
                "async" => {
                    option.flag(diagnostics);
                    options.is_async = true;
                }
                "durable" => {
                    option.flag(diagnostics);
                    durable::check_feature(key, "durable families", diagnostics);
                    options.is_durable = true;
                }
                "crate" => options.krate = option.crate_path(diagnostics),
                unknown => diagnostics.error(key, format!("unknown option `{unknown}`: {USAGE}")),
            }
        }
        if let Some(key) = keys.get("async").filter(|_| options.is_durable) {
            let message =
                "the handlers of a durable family may be `async fn`s as it is; remove `async`";
            diagnostics.error(key, message);
        }
        options
    }
}
