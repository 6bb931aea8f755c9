//! The inherent `publish`, the implementation of `Event`, and the registration.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse_quote;

use super::check::CheckedEvent;
use crate::names::{located_at, position, qualified};

pub(crate) fn expand(event: &CheckedEvent) -> TokenStream {
    let CheckedEvent {
        conditions,
        visibility,
        ident,
        generics,
        ..
    } = event;
    let is_generic = !generics.params.is_empty();
    let private = event.private.at(located_at(ident.span()));
    let name = event
        .name
        .as_ref()
        .map_or_else(|| qualified(ident), |name| quote!(#name));
    let position = position(ident, &private);
    let fail_fast = event.is_fail_fast.then(|| quote!(.fail_fast()));
    let generic = (is_generic && event.name.is_none()).then(|| quote!(.generic()));

    let mut event_generics = generics.clone();
    let mut publish_generics = generics.clone();
    if is_generic {
        let (_, type_arguments, _) = generics.split_for_impl();
        let predicates = &mut event_generics.make_where_clause().predicates;
        predicates.push(
            parse_quote!(#ident #type_arguments: #private::Send + #private::SyncMarker + 'static),
        );
        let predicates = &mut publish_generics.make_where_clause().predicates;
        predicates
            .push(parse_quote!(#ident #type_arguments: #private::Event<Mode = #private::Sync>));
    }
    let (impl_generics, type_arguments, event_where) = event_generics.split_for_impl();
    let (_, _, publish_where) = publish_generics.split_for_impl();
    let entry = if is_generic {
        quote!(#private::Option::None)
    } else {
        quote! {
            #private::register_event!(static __EVENTFUL_ENTRY for #ident);
            #private::Option::Some(&__EVENTFUL_ENTRY)
        }
    };

    quote! {
        #(#conditions)*
        impl #impl_generics #ident #type_arguments #publish_where {
            /// Hands this event to its handlers on the current bus, in order; each failure is logged and returned.
            #[inline]
            #[track_caller]
            #visibility fn publish(&self) -> #private::Result<#private::Delivered, #private::PublishError> {
                #private::publish(self)
            }
        }
        #(#conditions)*
        const _: () = {
            impl #impl_generics #private::Event for #ident #type_arguments #event_where {
                type Mode = #private::Sync;
                const NAME: &'static str = #name;
                const __DECLARATION: #private::EventDeclaration =
                    #private::EventDeclaration::new(#position) #fail_fast #generic;
                fn __entry() -> #private::Option<&'static #private::EventEntry> {
                    #entry
                }
            }
        };
    }
}
