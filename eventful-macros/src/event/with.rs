//! `with = T` and `with = mut T`: what each publish of an event lends to its handlers.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Token, Type};

use crate::arguments::KeyValue;
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::types::{self, impl_token, ungroup};

/// The type of what is lent.
pub(crate) struct With {
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) target: Type,
}

impl Parse for With {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        Ok(Self {
            mutability: input.parse()?,
            target: input.parse()?,
        })
    }
}

impl With {
    /// The reference that a publish takes and a handler is given, with the lifetime `lifetime`.
    pub(crate) fn reference(&self, lifetime: &TokenStream) -> TokenStream {
        let Self { mutability, target } = self;
        quote!(&#lifetime #mutability #target)
    }

    /// The value as people write it: `mut Connection`.
    pub(crate) fn for_people(&self) -> String {
        let Self { mutability, target } = self;
        text(quote!(#mutability #target))
    }
}

/// Reads the value of `with = …`.
pub(crate) fn check(option: &KeyValue, diagnostics: &mut Diagnostics) -> Option<With> {
    let with: With = option.value("the type that is lent", "mut Connection", diagnostics)?;
    let target = ungroup(&with.target);
    let message = match target {
        Type::Reference(reference) => {
            let (mutability, target) = (&reference.mutability, &reference.elem);
            format!(
                "`with` names the type that the reference leads to: write `with = {}`",
                text(quote!(#mutability #target))
            )
        }
        Type::TraitObject(_) | Type::Slice(_) => {
            "`with` needs a type of known size; lend a struct that has this as a field".to_owned()
        }
        _ if impl_token(target).is_some() => {
            "`with` needs a type, which `impl Trait` does not name; write the type".to_owned()
        }
        _ => {
            let Some(lifetime) = types::lifetime(target) else {
                return Some(with);
            };
            let message = format!(
                "an event is declared once, so the type that its publishes lend cannot have the lifetime `{}`; lend what it leads \
                 to: of a transaction the connection, `with = mut Connection` and `publish(&mut *transaction)`",
                text(&lifetime)
            );
            diagnostics.error(lifetime, message);
            return None;
        }
    };
    diagnostics.error(target, message);
    None
}
