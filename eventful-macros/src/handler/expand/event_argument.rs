//! One of the events of a handler, for which the handler is registered.

use std::ptr;

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::Type;

use crate::handler::check::CheckedHandler;
use crate::handler::event_parameter::EventParameter;
use crate::spans::{Place, at, kept, located_at, moved};
use crate::types::{self, ungroup};

pub(super) struct EventArgument<'a> {
    handler: &'a CheckedHandler,
    event: &'a Type,
    /// The span of the event's name. Errors about the event point to it.
    pub(super) span: Span,
    /// The place of generated code at that span.
    pub(super) place: Place,
}

impl<'a> EventArgument<'a> {
    pub(super) fn new(handler: &'a CheckedHandler, event: &'a Type) -> Self {
        let span = types::span(event);
        Self {
            handler,
            event,
            span,
            place: Place::at(span),
        }
    }

    /// The event's type. If the function is generic, it is an alias, and errors about it point to the event's name: a
    /// bound that the event does not meet is a single error.
    pub(super) fn name(&self) -> TokenStream {
        let event = self.event;
        match self.parameter() {
            EventParameter::Generic(_) => {
                let event = kept(event);
                at(self.span, quote!(__eventful::This::<#event>))
            }
            EventParameter::Concrete | EventParameter::Unnamed => quote!(#event),
        }
    }

    /// The event's type as it is written.
    pub(super) fn written(&self) -> &'a Type {
        self.event
    }

    /// The first event of the handler, if this is another one. A mistake in it is an error at the first event.
    pub(super) fn first(&self) -> Option<TokenStream> {
        let first = self.handler.events.types.first()?;
        let is_first = ptr::eq(first, self.event);
        (!is_first).then(|| moved(first, located_at(types::span(first))))
    }

    /// The event's type for use behind a reference with a lifetime. A `dyn Trait` gets `'static` there; without it, it
    /// would get the lifetime of the reference.
    pub(super) fn referent(&self) -> TokenStream {
        match ungroup(self.event) {
            Type::TraitObject(family) if !self.parameter().is_named() => {
                quote!((#family + 'static))
            }
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

    /// The user's function or method, instantiated for the event. Errors about it point to the event's name.
    pub(super) fn function_of_event(&self) -> TokenStream {
        let function = self.function();
        let function = match self.parameter() {
            EventParameter::Generic(_) => {
                let (function, event) = (kept(function), kept(self.name()));
                quote!((#function::<#event>))
            }
            EventParameter::Concrete | EventParameter::Unnamed => quote!((#function)),
        };
        at(self.span, function)
    }

    /// The function or method whose type identifies the handler.
    pub(super) fn named_function(&self) -> TokenStream {
        match self.parameter() {
            EventParameter::Concrete => self.function(),
            EventParameter::Generic(_) => self.function_of_event(),
            EventParameter::Unnamed => at(self.span, quote!(__eventful::Unnamed)),
        }
    }

    fn parameter(&self) -> &EventParameter {
        &self.handler.event_parameter
    }
}
