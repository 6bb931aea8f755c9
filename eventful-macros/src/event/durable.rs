//! `durable`, `version = …` and `key = …`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::spanned::Spanned;
use syn::{Expr, ExprClosure, LitInt, Member};

use super::options::Options;
use crate::arguments::KeyValue;
use crate::diagnostics::Diagnostics;
use crate::spans::located_at;

/// The options of a durable event.
pub(crate) struct Durable {
    pub(crate) version: u32,
    pub(crate) key: Option<Key>,
}

/// The value that order is kept by.
pub(crate) enum Key {
    /// A field of the event.
    Field(Member),
    /// A function of the event.
    Function(Expr),
}

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if ahead.parse::<Member>().is_ok() && ahead.is_empty() {
            return input.parse().map(Self::Field);
        }
        input.parse().map(Self::Function)
    }
}

impl Key {
    /// The expression of the key, of type `Option<String>`. A mistake in it is an error there.
    pub(crate) fn tokens(&self) -> TokenStream {
        let span = located_at(match self {
            Self::Field(field) => field.span(),
            Self::Function(function) => function.span(),
        });
        match self {
            Self::Field(field) => {
                quote_spanned!(span=> __eventful::durable::key_of(self, |__eventful_event| &__eventful_event.#field))
            }
            Self::Function(function) => {
                quote_spanned!(span=> __eventful::durable::key_of(self, #function))
            }
        }
    }
}

/// The options as they are read, before it is known whether the event is durable.
#[derive(Default)]
pub(crate) struct DurableOptions {
    durable: Option<Ident>,
    version: Option<(Ident, u32)>,
    key: Option<(Ident, Option<Key>)>,
}

impl DurableOptions {
    pub(crate) fn set(&mut self, option: &KeyValue, diagnostics: &mut Diagnostics) {
        let key = &option.key;
        if key == "durable" {
            option.flag(diagnostics);
            self.durable = Some(key.clone());
        } else if key == "version" {
            let meaning = "the number of the event's shape, from 1";
            let version: Option<LitInt> = option.value(meaning, "2", diagnostics);
            let number = version
                .as_ref()
                .map_or(1, |version| number(version, diagnostics));
            self.version = Some((key.clone(), number));
        } else {
            let mut written = option.value(
                "a field, or a function of the event",
                "order_id",
                diagnostics,
            );
            if let Some(Key::Function(function)) = &written
                && let Some(message) = not_a_key(function)
            {
                diagnostics.error(function, message);
                written = None;
            }
            self.key = Some((key.clone(), written));
        }
    }

    /// Returns true if `durable` is written, which has rules of its own for the other options.
    pub(crate) fn is_durable(&self) -> bool {
        self.durable.is_some()
    }

    /// Compares the options with each other.
    pub(crate) fn check(self, options: &Options, diagnostics: &mut Diagnostics) -> Option<Durable> {
        let Some(durable) = self.durable else {
            for key in [
                self.version.map(|(key, _)| key),
                self.key.map(|(key, _)| key),
            ]
            .into_iter()
            .flatten()
            {
                let message = format!(
                    "`{key}` is for an event that is stored; write `durable, name = \"…\", {key} = …`, or remove `{key}`"
                );
                diagnostics.error(key, message);
            }
            return None;
        };
        if !check_feature(&durable, "durable events", diagnostics) {
            return None;
        }
        if options.name.is_none() {
            diagnostics.error(
                &durable,
                "a durable event is stored under a name that outlives its Rust path; write `durable, name = \"order.placed\"`",
            );
        }
        if let Some(other) = &options.is_async {
            diagnostics.error(
                other,
                "a durable event is published with `.await` and may have `async fn` handlers as it is; remove `async`",
            );
        }
        if let Some(concurrent) = &options.concurrent {
            diagnostics.error(
                concurrent,
                "the handlers of a durable event run each by itself; remove `concurrent`, and write `concurrency = …` on a handler to \
                 limit it",
            );
        }
        if let Some(fail_fast) = &options.fail_fast {
            diagnostics.error(
                fail_fast,
                "of a durable event, the first failure of a handler `in_transaction` fails the publish as it is; remove `fail_fast`",
            );
        }
        if let Some(with) = &options.with {
            diagnostics.error(
                &with.target,
                "a durable event lends its handlers the connection of its store, which they take as `&mut SqliteConnection`; remove \
                 `with`",
            );
        }
        Some(Durable {
            version: self.version.map_or(1, |(_, version)| version),
            key: self.key.and_then(|(_, key)| key),
        })
    }
}

/// Reports that the feature is off, without which there is no engine. `what` needs it.
pub(crate) fn check_feature(key: &Ident, what: &str, diagnostics: &mut Diagnostics) -> bool {
    let is_on = cfg!(feature = "durable");
    if !is_on {
        let message = format!(
            "{what} need the feature `durable`: write `features = [\"durable\"]` at the dependency on `eventful-framework` in Cargo.toml"
        );
        diagnostics.error(key, message);
    }
    is_on
}

fn number(version: &LitInt, diagnostics: &mut Diagnostics) -> u32 {
    match version.base10_parse::<u32>() {
        Ok(number) if number > 0 && version.suffix().is_empty() => number,
        _ => {
            let message =
                "`version` is the number of the event's shape, from 1: write `version = 2`";
            diagnostics.error(version, message);
            1
        }
    }
}

/// Says what is wrong with a key that is neither a field nor a function.
fn not_a_key(function: &Expr) -> Option<String> {
    match function {
        Expr::Closure(ExprClosure { asyncness: None, inputs, .. }) if inputs.len() == 1 => None,
        Expr::Path(_) => None,
        _ => Some("`key` is a field, or a function of the event: write `key = order_id` or `key = |event| …`".to_owned()),
    }
}

/// The version and the codec, as a constant of the event. An event that cannot be stored is an error at its name.
pub(crate) fn constant(ident: &Ident) -> TokenStream {
    quote! {
        const __DURABLE: __eventful::Option<&'static dyn __eventful::Durability> =
            __eventful::Option::Some(const { &__eventful::durable::Codec::of::<#ident>() });
    }
}

/// The implementation of `DurableEvent`.
pub(crate) fn implementation(durable: &Durable, ident: &Ident) -> TokenStream {
    let span = located_at(ident.span());
    let version = durable.version;
    let has_key = durable.key.is_some();
    let key = durable.key.as_ref().map_or_else(
        || quote_spanned!(span=> __eventful::Option::None),
        Key::tokens,
    );
    quote_spanned! {span=>
        impl __eventful::durable::DurableEvent for #ident {
            const VERSION: ::core::primitive::u32 = #version;
            const __HAS_KEY: ::core::primitive::bool = #has_key;
            fn key(&self) -> __eventful::Option<__eventful::durable::String> {
                #key
            }
        }
    }
}
