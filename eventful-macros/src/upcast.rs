//! `#[upcast]`.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, LitInt, LitStr, Path, Signature, Visibility};

use crate::arguments::{self, Keys};
use crate::diagnostics::Diagnostics;
use crate::names::{conditions, import};
use crate::position::Position;
use crate::spans::located_at;

const USAGE: &str = "`#[upcast]` takes the name of an event and the version that the function is given: \
                     `#[upcast(\"order.placed\", from = 1)]`";

struct CheckedUpcast {
    conditions: Vec<Attribute>,
    ident: Ident,
    name: LitStr,
    from: u32,
    krate: Option<Path>,
}

/// Returns the code that `#[upcast]` adds behind the function.
pub(crate) fn expand(arguments: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let checked = check(arguments, item)?;
    let CheckedUpcast {
        conditions,
        ident,
        name,
        from,
        krate,
    } = &checked;
    let import = import(krate.as_ref());
    let position = Position::of(ident);
    let defined_at = format!("{}:{}", position.file(), position.in_file());
    // A function of other types is an error at its name.
    let span = located_at(ident.span());
    let function = quote_spanned! {span=>
        |__eventful_old| __eventful::durable::Upcast::boxed(#ident(__eventful_old))
    };
    Ok(quote! {
        #(#conditions)*
        const _: () = {
            #import
            __eventful::register_part!(
                __eventful,
                __eventful::durable::Upcast::new(#name, #from, #defined_at, #function)
            );
        };
    })
}

fn check(arguments: TokenStream, item: TokenStream) -> syn::Result<CheckedUpcast> {
    let (attributes, signature) = head.parse2(item)?;
    let mut diagnostics = Diagnostics::default();
    let mut keys = Keys::default();
    let (mut name, mut from, mut krate) = (None, None, None);
    for argument in arguments::split(arguments) {
        if let Ok(written) = syn::parse2::<LitStr>(argument.tokens.clone()) {
            name = Some(written);
            continue;
        }
        let Some(option) = &argument.option else {
            diagnostics.error(&argument.tokens, format!("this is no option: {USAGE}"));
            continue;
        };
        if !keys.is_first(&option.key, "remove one", &mut diagnostics) {
            continue;
        }
        match option.key.to_string().as_str() {
            "from" => {
                let version = option.value("a version, from 1", "1", &mut diagnostics);
                from = version.and_then(|version: LitInt| {
                    let number = version
                        .base10_parse()
                        .ok()
                        .filter(|number: &u32| *number > 0);
                    if number.is_none() {
                        let message = "`from` is a version, from 1: write `from = 1`";
                        diagnostics.error(&version, message);
                    }
                    number
                });
            }
            "crate" => krate = option.crate_path(&mut diagnostics),
            unknown => {
                diagnostics.error(&option.key, format!("unknown option `{unknown}`: {USAGE}"));
            }
        }
    }
    if let Some(token) = &signature.asyncness {
        let message =
            "a stored event is lifted while it is decoded, which does not wait; remove `async`";
        diagnostics.error(token, message);
    }
    if (name.is_none() || keys.get("from").is_none()) && diagnostics.count() == 0 {
        diagnostics.error(&signature.ident, USAGE);
    }
    let checked = name.zip(from).map(|(name, from)| CheckedUpcast {
        conditions: conditions(&attributes),
        ident: signature.ident,
        name,
        from,
        krate,
    });
    match checked {
        Some(checked) => diagnostics.finish(checked),
        None => Err(diagnostics.into_error()),
    }
}

fn head(input: ParseStream<'_>) -> syn::Result<(Vec<Attribute>, Signature)> {
    let attributes = input.call(Attribute::parse_outer)?;
    input.parse::<Visibility>()?;
    let signature = input.parse().map_err(|error: syn::Error| {
        let message = "`#[upcast]` belongs on a function: `fn lift(old: serde_json::Value) -> Result<serde_json::Value, E>`";
        syn::Error::new(error.span(), message)
    })?;
    input.parse::<TokenStream>()?;
    Ok((attributes, signature))
}
