//! The shim: how the user's function is called for one event.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::Type;

use crate::handler::check::CheckedHandler;
use crate::handler::parameters::Resource;
use crate::names::{located_at, moved, private};
use crate::types::ungroup;

/// The type of the resources.
pub(super) fn parameters(handler: &CheckedHandler, event: &Type) -> TokenStream {
    let parameters = handler.resources.iter().map(|resource| {
        let target = &resource.target;
        let target = handler.events.parameter.apply(quote!(#target), event);
        let span = located_at(resource.span);
        let private = private(span);
        if resource.is_optional {
            quote_spanned!(span=> #private::Optional<#target>)
        } else {
            quote_spanned!(span=> #private::Required<#target>)
        }
    });
    quote!((#(#parameters,)*))
}

/// The user's function or method, as the handler of `event`.
pub(super) fn function(handler: &CheckedHandler, event: &Type) -> TokenStream {
    let ident = &handler.ident;
    let owner = handler.owner.as_ref();
    let path = owner.map_or_else(|| quote!(#ident), |owner| owner.method(ident));
    handler.events.parameter.function(path, event)
}

/// The function that makes the handler's future. A closure could not say that the future borrows from what it is given.
pub(super) fn async_shim(
    handler: &CheckedHandler,
    event: &Type,
    parameters: &TokenStream,
    body: &TokenStream,
) -> TokenStream {
    let event = match ungroup(event) {
        // Behind a reference it would borrow for as long as that.
        Type::TraitObject(family) => quote!((#family + 'static)),
        _ => quote!(#event),
    };
    let span = located_at(handler.ident.span());
    let private = private(span);
    // What is wrong with a resource is found twice here. At the same place, it is reported once.
    let place = match handler.resources.as_slice() {
        [only] => located_at(only.span),
        _ => span,
    };
    let parameters = moved(parameters, place);
    let resources = quote_spanned!(place=> &'__eventful #parameters);
    let handled = quote_spanned!(span=> #private::Handled<impl #private::Events + use<>>);
    quote_spanned! {span=>
        fn __eventful_call<'__eventful>(
            __eventful_event: &'__eventful #event,
            __eventful_resources: #resources,
            __eventful_handling: #private::Handling<'__eventful, #private::Async>,
        ) -> impl #private::Future<Output = #handled> + #private::Send + '__eventful {
            async move { #body }
        }
    }
}

/// What a shim does: ask the guard, and call the function.
pub(super) fn body(handler: &CheckedHandler, event: &Type) -> TokenStream {
    let call = call(handler, event);
    let Some(when) = &handler.when else {
        return call;
    };
    let when = handler.events.parameter.apply(quote!(#when), event);
    let span = located_at(handler.ident.span());
    let private = private(span);
    quote_spanned! {span=>
        if let #private::Option::Some(__eventful_skipped) = #private::guard(__eventful_event, #when, __eventful_handling) {
            __eventful_skipped
        } else {
            #call
        }
    }
}

/// The call of the user's function. What is wrong with its result stands at the return type.
fn call(handler: &CheckedHandler, event: &Type) -> TokenStream {
    let span = located_at(handler.return_span);
    let private = private(span);
    let function = moved(function(handler, event), handler.return_span);
    let mut arguments: Vec<_> = (0..)
        .zip(&handler.resources)
        .map(|(index, resource)| argument(index, resource))
        .collect();
    let event = quote_spanned!(located_at(handler.events.parameter_span)=> __eventful_event);
    // A method has its `self` before the event.
    arguments.insert(usize::from(handler.owner.is_some()), event);
    let awaited = handler.is_async.then(|| quote_spanned!(span=> .await));
    quote_spanned!(span=> #private::outcome(#function(#(#arguments),*) #awaited, __eventful_handling))
}

fn argument(index: usize, resource: &Resource) -> TokenStream {
    let index = Literal::usize_unsuffixed(index);
    quote_spanned!(located_at(resource.span)=> __eventful_resources.#index.get(__eventful_handling))
}
