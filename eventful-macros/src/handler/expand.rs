//! One registration; the function stays as it was written.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};

use super::check::CheckedHandler;
use super::options::Target;
use super::parameters::Resource;
use crate::names::{located_at, position, qualified};

pub(crate) fn expand(handler: &CheckedHandler) -> TokenStream {
    let CheckedHandler {
        conditions,
        ident,
        event,
        ..
    } = handler;
    // Errors about the event stand at its name: the whole registration has its place.
    let span = located_at(syn::spanned::Spanned::span(event));
    let private = handler.private.at(span);
    let info = info(handler, &private);
    let constraints = constraints(handler, &private);
    let parameters = handler
        .resources
        .iter()
        .map(|resource| parameter(resource, &private));
    let arguments = (0..)
        .zip(&handler.resources)
        .map(|(index, resource)| argument(index, resource));
    let event_argument = quote_spanned!(located_at(handler.parameter_span)=> __eventful_event);
    let outcome = {
        let span = located_at(handler.return_span);
        let private = handler.private.at(span);
        quote_spanned!(span=> #private::outcome)
    };
    let entry = quote_spanned! {span=>
        #private::HandlerEntry::new::<#event, (#(#parameters,)*), _, _>(
            #info,
            #constraints,
            &#ident,
            |__eventful_event, __eventful_resources, __eventful_delivery| {
                #outcome(#ident(#event_argument #(, #arguments)*))
            },
        )
    };
    quote! {
        #(#conditions)*
        const _: () = {
            #private::register_handler!(#entry);
        };
    }
}

fn info(handler: &CheckedHandler, private: &TokenStream) -> TokenStream {
    let default_id = qualified(&handler.ident);
    let position = position(&handler.ident, private);
    let own_id = handler.id.as_ref().map(|id| quote!(.own_id(#id)));
    let order = handler.order.map(|order| quote!(.order_at(#order)));
    quote!(#private::HandlerInfo::new(#default_id, #position) #own_id #order)
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

fn parameter(resource: &Resource, private: &TokenStream) -> TokenStream {
    let target = &resource.target;
    let span = located_at(resource.span);
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
