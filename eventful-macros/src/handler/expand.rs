//! One registration; the function stays as it was written.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::ext::IdentExt;

use super::check::CheckedHandler;
use super::options::Target;
use super::parameters::Resource;
use super::types;
use crate::names::{import, located_at, moved, position, private, qualified};

pub(crate) fn expand(handler: &CheckedHandler) -> TokenStream {
    let CheckedHandler {
        conditions, event, ..
    } = handler;
    // Errors about the event stand at its name: the whole registration has its place.
    let span = located_at(types::span(event));
    let private = private(span);
    let import = import(handler.krate.as_ref());
    let info = info(handler, &private);
    let constraints = constraints(handler, &private);
    let parameters = handler.resources.iter().map(parameter);
    let parameters = quote!((#(#parameters,)*));
    let function = function(handler);
    let call = call(handler);
    let (shim, constructor, call) = if handler.is_async {
        let shim = async_shim(handler, &parameters, &call);
        (
            Some(shim),
            quote_spanned!(span=> new_async),
            quote_spanned!(span=> __eventful_call),
        )
    } else {
        let call = quote_spanned!(span=> |__eventful_event, __eventful_resources, __eventful_delivery| #call);
        (None, quote_spanned!(span=> new), call)
    };
    let entry = quote_spanned! {span=>
        #private::HandlerEntry::#constructor::<#event, #parameters, _, _>(
            #info,
            #constraints,
            &#function,
            #call,
        )
    };
    quote! {
        #(#conditions)*
        const _: () = {
            #import
            #shim
            #private::register_handler!(__eventful, #entry);
        };
    }
}

/// The function that makes the handler's future. A closure could not say that the future borrows from what it is given.
fn async_shim(
    handler: &CheckedHandler,
    parameters: &TokenStream,
    call: &TokenStream,
) -> TokenStream {
    let event = &handler.event;
    let span = located_at(handler.ident.span());
    let private = private(span);
    // What is wrong with a resource is found twice here. At the same place, it is reported once.
    let place = match handler.resources.as_slice() {
        [only] => located_at(only.span),
        _ => span,
    };
    let parameters = moved(parameters, place);
    let resources = quote_spanned!(place=> &'__eventful #parameters);
    quote_spanned! {span=>
        fn __eventful_call<'__eventful>(
            __eventful_event: &'__eventful #event,
            __eventful_resources: #resources,
            __eventful_delivery: &'__eventful #private::Delivery,
        ) -> impl #private::Future<Output = #private::HandlerResult> + #private::Send + '__eventful {
            async move { #call }
        }
    }
}

/// The user's function or method.
fn function(handler: &CheckedHandler) -> TokenStream {
    let ident = &handler.ident;
    let owner = handler.owner.as_ref();
    owner.map_or_else(|| quote!(#ident), |owner| owner.method(ident))
}

/// The call of the user's function. What is wrong with its result stands at the return type.
fn call(handler: &CheckedHandler) -> TokenStream {
    let span = located_at(handler.return_span);
    let private = private(span);
    let function = moved(function(handler), handler.return_span);
    let mut arguments: Vec<_> = (0..)
        .zip(&handler.resources)
        .map(|(index, resource)| argument(index, resource))
        .collect();
    let event = quote_spanned!(located_at(handler.parameter_span)=> __eventful_event);
    // A method has its `self` before the event.
    arguments.insert(usize::from(handler.owner.is_some()), event);
    let awaited = handler.is_async.then(|| quote_spanned!(span=> .await));
    quote_spanned!(span=> #private::outcome(#function(#(#arguments),*) #awaited))
}

fn info(handler: &CheckedHandler, private: &TokenStream) -> TokenStream {
    let name = handler.ident.unraw().to_string();
    let default_id = qualified(match &handler.owner {
        Some(owner) => owner.short_name(&name),
        None => name,
    });
    let position = position(&handler.ident);
    let own_id = handler.id.as_ref().map(|id| quote!(.own_id(#id)));
    let order = handler
        .order
        .map(Literal::i32_unsuffixed)
        .map(|order| quote!(.order_at(#order)));
    quote!(#private::HandlerInfo::new(#default_id, #private::Position::new(#position)) #own_id #order)
}

fn constraints(handler: &CheckedHandler, private: &TokenStream) -> TokenStream {
    let after = handler.after.iter().map(|target| match target {
        Target::Function(path) => {
            let written = target.written();
            quote!(#private::Constraint::after(&#path, #written))
        }
        Target::Id(id) => quote!(#private::Constraint::after_id(#id)),
    });
    let before = handler.before.iter().map(|target| match target {
        Target::Function(path) => {
            let written = target.written();
            quote!(#private::Constraint::before(&#path, #written))
        }
        Target::Id(id) => quote!(#private::Constraint::before_id(#id)),
    });
    let constraints: Vec<_> = after.chain(before).collect();
    if constraints.is_empty() {
        quote!(&[])
    } else {
        quote!(const { &[#(#constraints),*] })
    }
}

fn parameter(resource: &Resource) -> TokenStream {
    let target = &resource.target;
    let span = located_at(resource.span);
    let private = private(span);
    if resource.is_optional {
        quote_spanned!(span=> #private::Optional<#target>)
    } else {
        quote_spanned!(span=> #private::Required<#target>)
    }
}

fn argument(index: usize, resource: &Resource) -> TokenStream {
    let index = Literal::usize_unsuffixed(index);
    quote_spanned!(located_at(resource.span)=> __eventful_resources.#index.get(__eventful_delivery))
}
