//! `after = …` and `before = …`.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitStr, Path, Token, bracketed, token};

use super::owner::Owner;
use crate::diagnostics::Diagnostics;
use crate::names::text;

/// Another handler, by its function or by its id.
pub(crate) enum Target {
    Function(Path),
    Id(LitStr),
}

/// One target, or several between brackets.
pub(crate) struct Targets(pub(crate) Vec<Target>);

/// Reports the mistakes that the tokens show. Building a bus finds the others.
pub(crate) fn check(
    after: &[Target],
    before: &[Target],
    id: Option<&LitStr>,
    name: &Ident,
    owner: Option<&Owner>,
    diagnostics: &mut Diagnostics,
) {
    let own_path = owner.map_or_else(|| text(name), |owner| text(owner.method(name)));
    for target in after.iter().chain(before) {
        if let Target::Id(target) = target
            && target.value().is_empty()
        {
            diagnostics.error(
                target,
                "no handler has an empty id; write the id of another one",
            );
        }
        if let Some(owner) = owner {
            check_sibling(target, owner, diagnostics);
        }
        if target.is(&own_path, id) {
            let message =
                format!("the handler `{name}` cannot run before or after itself; name another one");
            diagnostics.error(target, message);
        }
    }
    for (index, target) in before.iter().enumerate() {
        let written = target.written();
        if after.iter().any(|after| after.written() == written) {
            let message = format!(
                "`{written}` cannot run both before and after the handler `{name}`; remove one of the two"
            );
            diagnostics.error(target, message);
        }
        check_repeated(target, &before[..index], diagnostics);
    }
    for (index, target) in after.iter().enumerate() {
        check_repeated(target, &after[..index], diagnostics);
    }
}

/// Reports a handler of the same block that is named without its type.
fn check_sibling(target: &Target, owner: &Owner, diagnostics: &mut Diagnostics) {
    if let Target::Function(path) = target
        && let Some(name) = path.get_ident()
        && owner.handlers.contains(name)
    {
        let written = text(owner.method(name));
        diagnostics.error(
            path,
            format!("`{name}` is a method here; write `{written}`"),
        );
    }
}

fn check_repeated(target: &Target, earlier: &[Target], diagnostics: &mut Diagnostics) {
    let written = target.written();
    if earlier.iter().any(|earlier| earlier.written() == written) {
        diagnostics.error(target, format!("`{written}` is named twice; remove one"));
    }
}

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
    /// The target as the user wrote it.
    pub(crate) fn written(&self) -> String {
        text(self)
    }

    /// Returns `true` if the target is the handler with this path and id.
    fn is(&self, own_path: &str, own_id: Option<&LitStr>) -> bool {
        match self {
            Self::Function(_) => {
                let written = self.written();
                let rest = written.trim_start_matches("self::").strip_prefix(own_path);
                // The path of a generic handler ends with its event.
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::<"))
            }
            Self::Id(id) => own_id.is_some_and(|own| own.value() == id.value()),
        }
    }
}
