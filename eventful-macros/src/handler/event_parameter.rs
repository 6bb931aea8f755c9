//! The parameter of a handler that takes the event.

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::{FnArg, GenericParam, Generics, Signature, Token, Type, TypeParamBound, WherePredicate};

use crate::names::text;
use crate::substitution::Substitution;
use crate::types::ungroup;

/// The form of the parameter that takes the event.
pub(crate) enum EventParameter {
    /// `&OrderCreated` or `&dyn Auditable`.
    Concrete,
    /// `&E`, where `E` is a type parameter.
    Generic(Ident),
    /// `&impl Auditable`, a type parameter without a name.
    Unnamed,
}

impl EventParameter {
    pub(crate) fn of(signature: &Signature) -> Self {
        match event_type(signature) {
            Some(Type::ImplTrait(_)) => Self::Unnamed,
            Some(Type::Path(path)) => path
                .path
                .get_ident()
                .filter(|ident| path.qself.is_none() && is_parameter(ident, &signature.generics))
                .map_or(Self::Concrete, |ident| Self::Generic(ident.clone())),
            _ => Self::Concrete,
        }
    }

    /// Returns `true` if the event's type is the type parameter `ident`.
    pub(crate) fn is(&self, ident: &Ident) -> bool {
        matches!(self, Self::Generic(own) if own == ident)
    }

    /// Returns `true` if the event's type is a type parameter with a name.
    pub(crate) fn is_named(&self) -> bool {
        matches!(self, Self::Generic(_))
    }

    /// Returns `true` if the function is generic in the event.
    pub(crate) fn is_generic(&self) -> bool {
        !matches!(self, Self::Concrete)
    }

    /// Returns `tokens` with the type parameter replaced by `event`.
    pub(crate) fn apply(&self, tokens: TokenStream, event: impl ToTokens) -> TokenStream {
        match self {
            Self::Generic(ident) => Substitution {
                name: &ident.to_string(),
                by: event,
            }
            .apply(tokens),
            Self::Concrete | Self::Unnamed => tokens,
        }
    }

    /// Returns the name of the parameter's type if that has to be `Sized`, which a family is not.
    pub(crate) fn if_sized(&self, signature: &Signature) -> Option<Sized> {
        match (self, event_type(signature)?) {
            (Self::Generic(ident), _) if !may_be_unsized(ident, &signature.generics) => {
                Some(Sized {
                    name: ident.to_string(),
                    remedy: format!("add `?Sized` to the bounds of `{ident}`"),
                })
            }
            (Self::Unnamed, Type::ImplTrait(event)) if !has_maybe(&event.bounds) => {
                let bounds = text(&event.bounds);
                Some(Sized {
                    name: format!("impl {bounds}"),
                    remedy: format!("write `&(impl {bounds} + ?Sized)`"),
                })
            }
            _ => None,
        }
    }
}

/// The name of a parameter's type that has to be `Sized`, and the change that lifts the bound.
pub(crate) struct Sized {
    pub(crate) name: String,
    pub(crate) remedy: String,
}

/// The type of the first parameter, without the `&`.
fn event_type(signature: &Signature) -> Option<&Type> {
    signature.inputs.iter().find_map(|input| match input {
        FnArg::Receiver(_) => None,
        FnArg::Typed(argument) => Some(borrowed(&argument.ty)),
    })
}

fn is_parameter(ident: &Ident, generics: &Generics) -> bool {
    generics
        .type_params()
        .any(|parameter| parameter.ident == *ident)
}

/// The `T` of `&T`.
pub(super) fn borrowed(written: &Type) -> &Type {
    match ungroup(written) {
        Type::Reference(reference) => ungroup(&reference.elem),
        other => other,
    }
}

fn may_be_unsized(ident: &Ident, generics: &Generics) -> bool {
    let beside = generics.params.iter().any(|parameter| {
        matches!(parameter, GenericParam::Type(parameter) if parameter.ident == *ident && has_maybe(&parameter.bounds))
    });
    let clause = generics.where_clause.iter();
    let mut predicates = clause.flat_map(|clause| &clause.predicates);
    beside || predicates.any(|predicate| match predicate {
        WherePredicate::Type(predicate) => {
            matches!(ungroup(&predicate.bounded_ty), Type::Path(path) if path.path.is_ident(ident))
                && has_maybe(&predicate.bounds)
        }
        _ => false,
    })
}

fn has_maybe(bounds: &Punctuated<TypeParamBound, Token![+]>) -> bool {
    bounds
        .iter()
        .any(|bound| matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some()))
}
