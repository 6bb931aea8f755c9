//! One of the events of a handler, for which the handler is registered.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{quote, quote_spanned};
use syn::Type;

use crate::handler::check::CheckedHandler;
use crate::handler::event_parameter::EventParameter;
use crate::names::located_at;
use crate::types::{self, ungroup};

pub(super) struct EventArgument<'a> {
    handler: &'a CheckedHandler,
    event: &'a Type,
    /// The span of the event's name. Errors about the event point to it.
    pub(super) span: Span,
}

impl<'a> EventArgument<'a> {
    pub(super) fn new(handler: &'a CheckedHandler, event: &'a Type) -> Self {
        let span = located_at(types::span(event));
        Self {
            handler,
            event,
            span,
        }
    }

    /// An alias for the event, if the function is generic. All uses of it have the span of the event's name, so a bound
    /// that the event does not meet is a single error.
    pub(super) fn alias(&self) -> Option<TokenStream> {
        let event = self.event;
        let is_generic = matches!(self.parameter(), EventParameter::Generic(_));
        is_generic.then(|| quote_spanned!(self.span=> type __EventfulEvent = #event;))
    }

    /// The event's type, or its alias.
    pub(super) fn name(&self) -> TokenStream {
        let event = self.event;
        match self.parameter() {
            EventParameter::Generic(_) => quote_spanned!(self.span=> __EventfulEvent),
            EventParameter::Concrete | EventParameter::Unnamed => quote!(#event),
        }
    }

    /// The event's type as it is written.
    pub(super) fn written(&self) -> &'a Type {
        self.event
    }

    /// The event's type for use behind a reference with a lifetime. A `dyn Trait` gets `'static` there; without it, it
    /// would get the lifetime of the reference.
    pub(super) fn referent(&self) -> TokenStream {
        match ungroup(self.event) {
            Type::TraitObject(family) if self.alias().is_none() => quote!((#family + 'static)),
            _ => self.name(),
        }
    }

    /// Returns `tokens` with the type parameter replaced by the event.
    pub(super) fn apply(&self, tokens: TokenStream) -> TokenStream {
        self.parameter().apply(tokens, self.name())
    }

    /// Returns `tokens` with the type parameter replaced by the event as it is written, for messages and records.
    pub(super) fn apply_for_people(&self, tokens: TokenStream) -> TokenStream {
        self.parameter().apply(tokens, self.event)
    }

    /// The user's function or method.
    pub(super) fn function(&self) -> TokenStream {
        let ident = &self.handler.ident;
        let owner = self.handler.owner.as_ref();
        owner.map_or_else(|| quote!(#ident), |owner| owner.method(ident))
    }

    /// The user's function or method, instantiated for the event. All tokens have the span of the event's name.
    pub(super) fn function_of_event(&self) -> TokenStream {
        let function: TokenStream = self
            .function()
            .into_iter()
            .map(|token| self.placed(token))
            .collect();
        let event = self.name();
        match self.parameter() {
            EventParameter::Generic(_) => quote_spanned!(self.span=> #function::<#event>),
            EventParameter::Concrete | EventParameter::Unnamed => function,
        }
    }

    /// The function or method whose type identifies the handler.
    pub(super) fn named_function(&self, private: &TokenStream) -> TokenStream {
        match self.parameter() {
            EventParameter::Concrete => self.function(),
            EventParameter::Generic(_) => self.function_of_event(),
            EventParameter::Unnamed => quote_spanned!(self.span=> #private::Unnamed),
        }
    }

    /// Returns `token` with the span of the event's name, so that all errors about the function are one.
    fn placed(&self, mut token: TokenTree) -> TokenTree {
        // The span of `$crate` says which crate it means.
        if token.to_string() != "$crate" {
            token.set_span(self.span);
        }
        token
    }

    fn parameter(&self) -> &EventParameter {
        &self.handler.event_parameter
    }
}
