//! The shim, which calls the user's function for one event.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;

use super::event_argument::EventArgument;
use crate::handler::check::CheckedHandler;
use crate::handler::resource::Resource;
use crate::names::{located_at, may_be_among, moved, private};
use crate::types;

/// The type of all resources, a tuple.
pub(super) fn parameters(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
) -> TokenStream {
    let parameters = handler.resources.iter().map(|resource| {
        let target = &resource.target;
        let target = event_argument.apply(quote!(#target));
        let span = located_at(resource.span);
        let private = private(span);
        if resource.mutability.is_some() {
            quote_spanned!(span=> #private::Mutable<#target>)
        } else if resource.is_optional {
            quote_spanned!(span=> #private::Optional<#target>)
        } else {
            quote_spanned!(span=> #private::Required<#target>)
        }
    });
    quote!((#(#parameters,)*))
}

/// The function that creates the handler's future. A closure could not declare that the future borrows from its
/// arguments.
pub(super) fn async_shim(
    handler: &CheckedHandler,
    event_argument: &EventArgument<'_>,
    parameters: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let event = event_argument.referent();
    // rustc checks the bounds of a generic event here, too.
    let span = if handler.event_parameter.is_generic() {
        event_argument.span
    } else {
        located_at(handler.ident.span())
    };
    let private = private(span);
    // rustc finds a mistake in a resource twice here. With the same span, it is reported once.
    let resources_span = match handler.resources.as_slice() {
        [only] => located_at(only.span),
        _ => span,
    };
    let parameters = moved(parameters, resources_span);
    let resources = quote_spanned!(resources_span=> &'__eventful #parameters);
    let handling = handling(event_argument);
    let output = quote_spanned!(span=> #private::Handled<impl #private::Events + use<>>);
    quote_spanned! {span=>
        fn __eventful_call<'__eventful>(
            __eventful_event: &'__eventful #event,
            __eventful_resources: #resources,
            __eventful_handling: #handling,
        ) -> impl #private::Future<Output = #output> + #private::Send + '__eventful {
            async move { #body }
        }
    }
}

/// The delivery, with the mode of the event. All tokens have the span of the event's name, so an event that is none is a
/// single error.
fn handling(event_argument: &EventArgument<'_>) -> TokenStream {
    let event = event_argument.name();
    let handling = quote! {
        __eventful::Handling<'__eventful, <#event as __eventful::Listen>::Mode>
    };
    moved(handling, event_argument.span)
}

/// The body of a shim: asks the guard, and calls the function.
pub(super) fn body(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> TokenStream {
    let call = call(handler, event_argument);
    let Some(when) = &handler.when else {
        return call;
    };
    // An error about the guard points to it.
    let span = located_at(when.span());
    let private = private(span);
    let when = event_argument.apply(quote!(#when));
    quote_spanned! {span=>
        if let #private::Option::Some(__eventful_skipped) = #private::guard(__eventful_event, #when, __eventful_handling) {
            __eventful_skipped
        } else {
            #call
        }
    }
}

/// The call of the user's function. An error about its result points to the return type.
fn call(handler: &CheckedHandler, event_argument: &EventArgument<'_>) -> TokenStream {
    let span = located_at(handler.return_span);
    let is_generic = handler.event_parameter.is_generic();
    let event_span = if is_generic {
        event_argument.span
    } else {
        located_at(handler.events.parameter_span)
    };
    let mut arguments: Vec<_> = (0..)
        .zip(&handler.resources)
        .map(|(index, resource)| argument(index, resource))
        .collect();
    let mut event = quote_spanned!(event_span=> __eventful_event);
    if let Some(written) = &handler.events.mismatch {
        let (private, written) = (private(event_span), moved(written, event_span));
        event = quote_spanned!(event_span=> #private::Is::<#written>::as_parameter(#event));
    }
    // The `self` of a method comes before the event.
    arguments.insert(usize::from(handler.owner.is_some()), event);
    let function = moved(event_argument.function(), handler.return_span);
    let call_span = if may_be_among("track_caller", &handler.attributes) {
        // The caller is then the handler's own line, and not that of the attribute.
        handler.ident.span()
    } else {
        span
    };
    let call = quote_spanned!(call_span=> #function(#(#arguments),*));
    match (handler.is_async, is_generic) {
        (false, _) => outcome(handler, &call),
        (true, false) => outcome_of(handler, &call),
        // `pin!` would say again what is wrong with the event.
        (true, true) => {
            let function = event_argument.function_of_event();
            let steps = quote_spanned! {event_argument.span=>
                let __eventful_function = #function;
                let __eventful_outcome = __eventful_function(#(#arguments),*).await;
            };
            let outcome = outcome(handler, &quote_spanned!(span=> __eventful_outcome));
            quote!(#steps #outcome)
        }
    }
}

fn outcome(handler: &CheckedHandler, outcome: &TokenStream) -> TokenStream {
    let span = located_at(handler.return_span);
    let private = private(span);
    let method = method(handler, ["outcome", "result"]);
    quote_spanned!(span=> __eventful_handling.#method(&mut #private::Held(#outcome)))
}

/// The outcome of a handler's future, which is made where it stays: an `await` of it would move it there, and keep the memory
/// that it moves it through.
fn outcome_of(handler: &CheckedHandler, future: &TokenStream) -> TokenStream {
    let span = located_at(handler.return_span);
    let private = private(span);
    let method = method(handler, ["outcome_of", "result_of"]);
    quote_spanned!(span=> __eventful_handling.#method(#private::pin!(#future)).await)
}

/// The one of two methods for what the handler returns: anything, or a `Result`.
fn method(handler: &CheckedHandler, [of_any, of_result]: [&str; 2]) -> Ident {
    let is_result = handler.return_type.as_ref().is_some_and(types::is_result);
    let name = if is_result { of_result } else { of_any };
    Ident::new(name, located_at(handler.return_span))
}

fn argument(index: usize, resource: &Resource) -> TokenStream {
    let index = Literal::usize_unsuffixed(index);
    let span = located_at(resource.span);
    if resource.mutability.is_some() {
        quote_spanned!(span=> &mut *__eventful_resources.#index.lend(__eventful_handling))
    } else {
        quote_spanned!(span=> __eventful_resources.#index.get(__eventful_handling))
    }
}
