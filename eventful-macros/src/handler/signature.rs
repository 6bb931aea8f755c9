//! The rules for the qualifiers, the generics and the return type of a handler.

use syn::punctuated::Punctuated;
use syn::{GenericParam, Lifetime, ReturnType, Safety, Signature, Token, WherePredicate};

use super::event_parameter::EventParameter;
use crate::diagnostics::Diagnostics;
use crate::types;

pub(crate) fn check(
    signature: &Signature,
    event_parameter: &EventParameter,
    diagnostics: &mut Diagnostics,
) {
    check_qualifiers(signature, diagnostics);
    check_generics(signature, event_parameter, diagnostics);
    check_output(signature, diagnostics);
}

fn check_qualifiers(signature: &Signature, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    if let Some(token) = &signature.constness {
        diagnostics.error(
            token,
            format!("the handler `{name}` cannot be `const`: it is called while the program runs; remove `const`"),
        );
    }
    if let Safety::Unsafe(token) = &signature.safety {
        diagnostics.error(
            token,
            format!("the handler `{name}` cannot be `unsafe`: nobody is there to keep its contract; remove `unsafe`"),
        );
    }
    if let Some(abi) = &signature.abi {
        diagnostics.error(
            abi,
            format!(
                "the handler `{name}` cannot be `extern`: it is called from Rust; remove `extern`"
            ),
        );
    }
}

/// Reports type and const parameters other than the event's type: nothing gives them a value.
fn check_generics(
    signature: &Signature,
    event_parameter: &EventParameter,
    diagnostics: &mut Diagnostics,
) {
    let name = &signature.ident;
    for parameter in &signature.generics.params {
        let (ident, concrete) = match parameter {
            GenericParam::Type(parameter) if event_parameter.is(&parameter.ident) => continue,
            GenericParam::Type(parameter) => (&parameter.ident, "type"),
            GenericParam::Const(parameter) => (&parameter.ident, "value"),
            GenericParam::Lifetime(parameter) => {
                check_bounds(&parameter.lifetime, &parameter.bounds, diagnostics);
                continue;
            }
        };
        diagnostics.error(
            parameter,
            format!("nothing says what `{ident}` is when the handler `{name}` is called; write a concrete {concrete}"),
        );
    }
    let clause = signature.generics.where_clause.iter();
    for predicate in clause.flat_map(|clause| &clause.predicates) {
        if let WherePredicate::Lifetime(predicate) = predicate {
            check_bounds(&predicate.lifetime, &predicate.bounds, diagnostics);
        }
    }
}

fn check_bounds(
    lifetime: &Lifetime,
    bounds: &Punctuated<Lifetime, Token![+]>,
    diagnostics: &mut Diagnostics,
) {
    if let Some(bound) = bounds.iter().find(|bound| bound.ident == "static") {
        diagnostics.error(
            bound,
            format!("what a handler is lent ends with the call, so `{lifetime}` cannot be `'static`; remove the bound"),
        );
    }
}

fn check_output(signature: &Signature, diagnostics: &mut Diagnostics) {
    let ReturnType::Type(_, output) = &signature.output else {
        return;
    };
    if let Some(borrow) = types::borrow(output) {
        let name = &signature.ident;
        diagnostics.error(
            borrow,
            format!("what the handler `{name}` returns outlives the call, so it cannot borrow; use owned types such as `String`"),
        );
    }
}
