//! The rules for a handler and its options.

use proc_macro2::{Ident, Span, TokenStream};
use syn::{Attribute, Expr, LitStr, Path, ReturnType, Type};

use super::event_parameter::EventParameter;
use super::events::Events;
use super::options;
use super::owner::Owner;
use super::parameters;
use super::parse::HandlerFunction;
use super::resource::Resource;
use super::separate::Separate;
use super::signature;
use super::targets::{self, Target};
use crate::diagnostics::Diagnostics;
use crate::names::{attribute_named, conditions, text};
use crate::types;

pub(crate) struct CheckedHandler {
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) ident: Ident,
    /// The type whose method it is. Its `self` is then the first resource.
    pub(crate) owner: Option<Owner>,
    pub(crate) event_parameter: EventParameter,
    pub(crate) events: Events,
    pub(crate) resources: Vec<Resource>,
    pub(crate) return_type: Option<Type>,
    pub(crate) return_span: Span,
    pub(crate) is_async: bool,
    pub(crate) when: Option<Expr>,
    pub(crate) order: Option<i32>,
    pub(crate) after: Vec<Target>,
    pub(crate) before: Vec<Target>,
    /// The keys of the options of the order, as far as they are written.
    pub(crate) orders: Vec<Ident>,
    pub(crate) id: Option<LitStr>,
    /// The option that has it run in the publisher's transaction.
    pub(crate) in_transaction: Option<Ident>,
    pub(crate) separate: Separate,
    pub(crate) krate: Option<Path>,
}

pub(crate) fn check(
    arguments: TokenStream,
    function: HandlerFunction,
    owner: Option<&Owner>,
) -> syn::Result<CheckedHandler> {
    let mut diagnostics = Diagnostics::default();
    let HandlerFunction {
        attributes,
        signature,
    } = function;
    if let Some(repeated) = attribute_named("handler", &attributes) {
        let message = format!(
            "`#[handler]` is given twice for `{}`; remove one, or write a function for each event",
            signature.ident
        );
        diagnostics.error(repeated, message);
    }
    if let Some(runtime) = runtime(&attributes)
        && signature.asyncness.is_some()
    {
        let name = text(runtime.path());
        let message = format!(
            "`#[{name}]` makes a plain function of an `async fn`, and `#[handler]` would still see the `async`; write \
             `#[{name}]` above `#[handler]`"
        );
        return Err(syn::Error::new_spanned(runtime, message));
    }
    let options = options::parse(arguments, &mut diagnostics);
    targets::check(
        &options.after,
        &options.before,
        options.id.as_ref(),
        &signature.ident,
        owner,
        &mut diagnostics,
    );
    let event_parameter = EventParameter::of(&signature);
    signature::check(&signature, &event_parameter, &mut diagnostics);
    let Some(parameters) = parameters::check(
        &signature,
        &event_parameter,
        &options.events,
        owner,
        &mut diagnostics,
    ) else {
        return Err(diagnostics.into_error());
    };
    let lent = parameters.resources.iter().find_map(|it| it.mutability);
    if let (Some(lent), Some(each)) = (lent, options.durable.separate.each_process()) {
        let message = format!(
            "a handler with `{each} = \"process\"` takes part in no transaction, since nothing of it is kept; remove `{each}`, or \
             take a `&` that the bus provides"
        );
        diagnostics.error(lent, message);
    }
    let return_span = match &signature.output {
        ReturnType::Default => signature.ident.span(),
        ReturnType::Type(_, written) => types::span(written),
    };
    diagnostics.finish(CheckedHandler {
        conditions: conditions(&attributes),
        attributes,
        return_type: match signature.output {
            ReturnType::Default => None,
            ReturnType::Type(_, written) => Some(*written),
        },
        event_parameter,
        events: parameters.events,
        resources: parameters.resources,
        return_span,
        is_async: signature.asyncness.is_some(),
        ident: signature.ident,
        owner: owner.cloned(),
        when: options.when,
        order: options.order,
        after: options.after,
        before: options.before,
        orders: options.orders,
        id: options.id,
        in_transaction: options.durable.in_transaction,
        separate: options.durable.separate,
        krate: options.krate,
    })
}

/// An attribute such as `#[tokio::main]`, which takes the `async` from the function below it.
fn runtime(attributes: &[Attribute]) -> Option<&Attribute> {
    attributes.iter().find(|attribute| {
        let segments = &attribute.path().segments;
        let last = segments.last();
        segments.len() > 1 && last.is_some_and(|last| last.ident == "main" || last.ident == "test")
    })
}
