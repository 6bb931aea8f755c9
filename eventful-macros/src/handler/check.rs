//! What a handler must be, and what may be said about it.

use proc_macro2::{Ident, Span, TokenStream};
use syn::spanned::Spanned;
use syn::{Attribute, GenericParam, LitStr, ReturnType, Safety, Signature, Type};

use super::options::{self, Target};
use super::parameters::{self, Resource};
use super::parse::HandlerFunction;
use crate::diagnostics::Diagnostics;
use crate::names::Private;

pub(crate) struct CheckedHandler {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) ident: Ident,
    /// The event, as the attribute or else the first parameter names it.
    pub(crate) event: Type,
    /// Where the first parameter's type stands.
    pub(crate) parameter_span: Span,
    pub(crate) resources: Vec<Resource>,
    pub(crate) return_span: Span,
    pub(crate) order: Option<i32>,
    pub(crate) after: Vec<Target>,
    pub(crate) before: Vec<Target>,
    pub(crate) id: Option<LitStr>,
    pub(crate) private: Private,
}

pub(crate) fn check(
    arguments: TokenStream,
    function: HandlerFunction,
) -> syn::Result<CheckedHandler> {
    let mut diagnostics = Diagnostics::default();
    let HandlerFunction {
        attributes,
        signature,
    } = function;
    let options = options::parse(arguments, &mut diagnostics);
    check_qualifiers(&signature, &mut diagnostics);
    check_generics(&signature, &mut diagnostics);
    for target in options.after.iter().chain(&options.before) {
        if matches!(target, Target::Function(path) if path.is_ident(&signature.ident)) {
            diagnostics.error(
                target,
                "a handler cannot run before or after itself; name another one",
            );
        }
    }
    let Some(parameters) = parameters::check(&signature, &mut diagnostics) else {
        return Err(diagnostics.into_error());
    };
    let return_span = match &signature.output {
        ReturnType::Default => signature.ident.span(),
        ReturnType::Type(_, written) => written.span(),
    };
    diagnostics.finish(CheckedHandler {
        conditions: attributes
            .into_iter()
            .filter(|attribute| attribute.path().is_ident("cfg"))
            .collect(),
        event: options.event.unwrap_or(parameters.event),
        parameter_span: parameters.event_span,
        resources: parameters.resources,
        return_span,
        ident: signature.ident,
        order: options.order,
        after: options.after,
        before: options.before,
        id: options.id,
        private: Private::new(options.krate),
    })
}

fn check_qualifiers(signature: &Signature, diagnostics: &mut Diagnostics) {
    let name = &signature.ident;
    if let Some(token) = &signature.constness {
        diagnostics.error(
            token,
            format!("the handler `{name}` cannot be `const`; remove `const`"),
        );
    }
    if let Some(token) = &signature.asyncness {
        diagnostics.error(
            token,
            format!("the handler `{name}` cannot be `async`: its event is delivered before `publish` returns; remove `async`"),
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
            format!("the handler `{name}` cannot be `extern`; remove it"),
        );
    }
}

fn check_generics(signature: &Signature, diagnostics: &mut Diagnostics) {
    for parameter in &signature.generics.params {
        let ident = match parameter {
            GenericParam::Type(parameter) => &parameter.ident,
            GenericParam::Const(parameter) => &parameter.ident,
            GenericParam::Lifetime(_) => continue,
        };
        diagnostics.error(
            parameter,
            format!("nothing says what `{ident}` is when the handler `{}` is called; write a concrete type", signature.ident),
        );
    }
}
