//! One of the events that a handler handles, as its registration names it.

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
    /// The place of the event's name, where errors about it stand.
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

    /// Of a generic function, another name for the event: however often and wherever it stands, its place is that of the
    /// event, and so a bound that the event does not meet is one error.
    pub(super) fn alias(&self) -> Option<TokenStream> {
        let event = self.event;
        let is_generic = matches!(self.parameter(), EventParameter::Generic(_));
        is_generic.then(|| quote_spanned!(self.span=> type __EventfulEvent = #event;))
    }

    /// The event's type.
    pub(super) fn name(&self) -> TokenStream {
        let event = self.event;
        match self.parameter() {
            EventParameter::Generic(_) => quote_spanned!(self.span=> __EventfulEvent),
            EventParameter::Concrete | EventParameter::Unnamed => quote!(#event),
        }
    }

    /// The event's type, as it is written.
    pub(super) fn written(&self) -> &'a Type {
        self.event
    }

    /// The event's type behind a reference with a lifetime, for which alone a `dyn Trait` would live.
    pub(super) fn referent(&self) -> TokenStream {
        match ungroup(self.event) {
            Type::TraitObject(family) if self.alias().is_none() => quote!((#family + 'static)),
            _ => self.name(),
        }
    }

    /// `tokens` with the event in the place of the type parameter.
    pub(super) fn apply(&self, tokens: TokenStream) -> TokenStream {
        self.parameter().apply(tokens, self.name())
    }

    /// As [`apply`](Self::apply), for people to read.
    pub(super) fn apply_for_people(&self, tokens: TokenStream) -> TokenStream {
        self.parameter().apply(tokens, self.event)
    }

    /// The user's function or method.
    pub(super) fn function(&self) -> TokenStream {
        let ident = &self.handler.ident;
        let owner = self.handler.owner.as_ref();
        owner.map_or_else(|| quote!(#ident), |owner| owner.method(ident))
    }

    /// The function or method as that of the event; all of it has the event's place.
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

    /// The function or method whose type is the handler's name.
    pub(super) fn named_function(&self, private: &TokenStream) -> TokenStream {
        match self.parameter() {
            EventParameter::Concrete => self.function(),
            EventParameter::Generic(_) => self.function_of_event(),
            EventParameter::Unnamed => quote_spanned!(self.span=> #private::Unnamed),
        }
    }

    /// `token` with nothing left of where it comes from: what is wrong with it is the same as what is wrong beside it.
    fn placed(&self, mut token: TokenTree) -> TokenTree {
        // This name means the crate that it comes from.
        if token.to_string() != "$crate" {
            token.set_span(self.span);
        }
        token
    }

    fn parameter(&self) -> &EventParameter {
        &self.handler.event_parameter
    }
}
