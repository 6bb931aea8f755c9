//! The shim, which calls the user's function for one event.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

use super::event_argument::EventArgument;
use crate::handler::check::CheckedHandler;
use crate::handler::resource::Resource;
use crate::names::may_be_among;
use crate::spans::{Place, at, beginning, in_parentheses, kept, located_at, moved};
use crate::types;

/// The types of all resources, for a tuple.
pub(super) fn parameters(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
) -> TokenStream {
    let parameters = handler.resources.iter().map(|resource| {
        let target = &resource.target;
        let target = event_argument.apply(quote!(#target));
        let place = Place::at(resource.span);
        let kind = if resource.mutability.is_some() {
            "Mutable"
        } else if resource.is_optional {
            "Optional"
        } else {
            "Required"
        };
        let kind = Ident::new(kind, place.end);
        let private = private(place);
        quote_spanned!(place.end=> #private::#kind<#target>)
    });
    quote!(#(#parameters,)*)
}

/// The function that creates the handler's future. A closure could not declare that the future borrows from its
/// arguments.
pub(super) fn async_shim(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
    parameters: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let event = kept(event_argument.referent());
    // rustc checks the bounds of a generic event here, too.
    let span = if handler.event_parameter.is_generic() {
        event_argument.span
    } else {
        handler.ident.span()
    };
    let handling = kept(handling(event_argument));
    // rustc finds a mistake in a resource twice here. With the same span, it is reported once.
    let resources_span = match handler.resources.as_slice() {
        [only] => only.span,
        _ => span,
    };
    let reference = quote_spanned!(beginning(resources_span)=> &'__eventful);
    let parameters = in_parentheses(resources_span, parameters.clone());
    let resources = kept(quote!(#reference #parameters));
    let body = kept(body);
    let shim = quote! {
        fn __eventful_call<'__eventful>(
            __eventful_event: &'__eventful #event,
            __eventful_resources: #resources,
            __eventful_handling: #handling,
        ) -> impl __eventful::Future<Output = __eventful::Handled<impl __eventful::Events + use<>>> + __eventful::Send + '__eventful {
            async move { #body }
        }
    };
    at(span, shim)
}

/// The delivery, with the mode of the event. All tokens have the span of the event's name, so an event that is none is a
/// single error.
fn handling(event_argument: &EventArgument<'_>) -> TokenStream {
    let event = kept(event_argument.name());
    let handling = quote!(__eventful::Handling<'__eventful, <#event as __eventful::Listen>::Mode>);
    at(event_argument.span, handling)
}

/// The body of a shim: asks the guard, and calls the function.
pub(super) fn body(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> TokenStream {
    let call = call(handler, event_argument);
    let Some(when) = &handler.when else {
        return call;
    };
    // An error about the guard points to it.
    let span = when.span();
    let (when, call) = (kept(event_argument.apply(quote!(#when))), kept(call));
    let body = quote! {
        if let __eventful::Option::Some(__eventful_skipped) = __eventful::guard(__eventful_event, #when, __eventful_handling) {
            __eventful_skipped
        } else {
            #call
        }
    };
    at(span, body)
}

/// The call of the user's function. An error about its result points to the return type.
fn call(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> TokenStream {
    let span = handler.return_span;
    let is_generic = handler.event_parameter.is_generic();
    let event_span = if is_generic {
        event_argument.span
    } else {
        handler.events.parameter_span
    };
    let mut arguments: Vec<_> = (0..)
        .zip(&handler.resources)
        .map(|(index, resource)| argument(index, resource))
        .collect();
    let mut event = quote_spanned!(beginning(event_span)=> __eventful_event);
    if is_generic {
        event = in_parentheses(event_span, event).into();
    }
    if let Some(written) = &handler.events.mismatch {
        let written = kept(moved(written, event_span));
        let code = quote!(__eventful::Is::<#written>::as_parameter((__eventful_event)));
        event = at(event_span, code);
    }
    // The `self` of a method comes before the event.
    arguments.insert(usize::from(handler.owner.is_some()), event);
    let function = event_argument.function();
    let call = if may_be_among("track_caller", &handler.attributes) {
        // The caller is then the handler's own line, and not that of the attribute.
        quote_spanned!(handler.ident.span()=> (#function)(#(#arguments),*))
    } else {
        let arguments = in_parentheses(span, quote!(#(#arguments),*));
        quote!(#function #arguments)
    };
    match (handler.is_async, is_generic) {
        (false, _) => outcome(handler, call),
        (true, false) => outcome_of(handler, &call),
        // `pin!` would say again what is wrong with the event.
        (true, true) => {
            let function = event_argument.function_of_event();
            // rustc finds a bound that is not met at the `await` again: as wide, it is the same error. An editor offers it.
            let wait = quote_spanned!(located_at(event_argument.span)=> .await);
            let name = quote_spanned!(event_argument.place.start=> __eventful_function);
            let name = in_parentheses(event_argument.span, name);
            let arguments = in_parentheses(event_argument.span, quote!(#(#arguments),*));
            let steps = quote! {
                let __eventful_function = #function;
                let __eventful_outcome = #name #arguments #wait;
            };
            let outcome = outcome(
                handler,
                in_parentheses(span, at(span, quote!(__eventful_outcome))),
            );
            quote!(#steps #outcome)
        }
    }
}

fn outcome(handler: &CheckedHandler, outcome: impl ToTokens) -> TokenStream {
    let span = handler.return_span;
    let place = Place::at(span);
    let (private, held) = (private(place), Ident::new("Held", place.end));
    let outcome = in_parentheses(span, outcome.into_token_stream());
    let held = quote_spanned!(place.start=> &mut #private::#held #outcome);
    let function = function(handler, place, ["outcome", "result"]);
    let arguments = in_parentheses(span, quote!(__eventful_handling, #held));
    quote!(#function #arguments)
}

/// The outcome of a handler's future, which is made where it stays: an `await` of it would move it there, and keep the memory
/// that it moves it through.
fn outcome_of(handler: &CheckedHandler, future: &TokenStream) -> TokenStream {
    let span = handler.return_span;
    let place = Place::at(span);
    let (private, pin) = (private(place), Ident::new("pin", place.end));
    let future = in_parentheses(span, future.clone());
    let function = function(handler, place, ["outcome_of", "result_of"]);
    let handling = quote_spanned!(place.start=> __eventful_handling);
    let handling = in_parentheses(span, handling);
    let arguments = quote_spanned!(place.start=> #handling, #private::#pin!#future);
    let arguments = in_parentheses(span, arguments);
    // A mistake in the return type is found at the `await` again: as wide, it is the same error. An editor offers it.
    let wait = if handler.return_type.is_some() {
        place.whole
    } else {
        place.end
    };
    let wait = quote_spanned!(wait=> .await);
    quote!(#function #arguments #wait)
}

/// The one of two functions for what the handler returns: anything, or a `Result`.
fn function(handler: &CheckedHandler, place: Place, [of_any, of_result]: [&str; 2]) -> TokenStream {
    let is_result = handler.return_type.as_ref().is_some_and(types::is_result);
    let name = if is_result { of_result } else { of_any };
    let function = Ident::new(name, place.end);
    let path = quote_spanned!(place.start=> __eventful::Handling);
    quote_spanned!(place.end=> #path::#function)
}

/// The name of the framework at the beginning of a path.
fn private(place: Place) -> Ident {
    Ident::new("__eventful", place.start)
}

fn argument(index: usize, resource: &Resource) -> TokenStream {
    let index = Literal::usize_unsuffixed(index);
    if resource.mutability.is_some() {
        let lend = quote! {
            &mut *__eventful::Mutable::lend(&__eventful_resources.#index, (__eventful_handling))
        };
        return at(resource.span, lend);
    }
    let arguments = in_parentheses(resource.span, quote!(__eventful_handling));
    quote_spanned!(beginning(resource.span)=> __eventful_resources.#index.get #arguments)
}
