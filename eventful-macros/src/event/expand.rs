//! The inherent `publish`, the implementation of `Event`, and the registration.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::parse_quote;

use super::check::CheckedEvent;
use super::contract::Contract;
use super::durable;
use crate::names::import;
use crate::position::Position;
use crate::record::{Facts, escaped};
use crate::spans::{at, generated, kept};
use crate::types;

pub(crate) fn expand(event: &CheckedEvent) -> TokenStream {
    let CheckedEvent {
        conditions,
        ident,
        generics,
        ..
    } = event;
    let import = import(event.krate.as_ref());
    let name = event.name.as_ref().map_or_else(
        || quote!(__eventful::event_name::<Self>()),
        |name| quote!(#name),
    );
    let position = Position::of(ident);
    let arguments = position.arguments();
    let named = event.name.as_ref().map(|_| quote!(.named()));
    let key = key(event, &position);
    let fail_fast = event.is_fail_fast.then(|| quote!(.fail_fast()));
    let log = event.log.map(|level| {
        let level = format_ident!("{level}");
        quote!(.log(__eventful::LogLevel::#level))
    });
    let concurrent = event.is_concurrent.then(|| quote!(.concurrent()));
    let handlers = event.handlers.map(|Contract { least, most }| {
        let least = Literal::u32_unsuffixed(least);
        let most = most.map(Literal::u32_unsuffixed).map_or_else(
            || quote!(__eventful::Option::None),
            |most| quote!(__eventful::Option::Some(#most)),
        );
        quote!(.handlers(#least, #most))
    });
    let families = families(event);
    let with = event.with.as_ref().map(|with| {
        let written = with.for_people();
        quote!(.with(#written))
    });
    let mode = mode(event);

    let is_generic = !generics.params.is_empty();
    let generic = (is_generic && event.name.is_none()).then(|| quote!(.generic()));
    let mut event_generics = generics.clone();
    let mut publish_generics = generics.clone();
    if is_generic {
        // Each instantiation that meets these bounds is an event.
        let (_, type_arguments, _) = generics.split_for_impl();
        let this = quote!(#ident #type_arguments);
        let predicates = &mut event_generics.make_where_clause().predicates;
        let families = event.families.iter().filter_map(types::family);
        predicates.push(parse_quote!(#this: ::core::marker::Send + ::core::marker::Sync + 'static #(+ #families)*));
        let predicates = &mut publish_generics.make_where_clause().predicates;
        let kept_mode = kept(&mode);
        let bound = at(ident.span(), quote!(__eventful::Event<Mode = #kept_mode>));
        predicates.push(parse_quote!(#this: #bound));
    }
    let (impl_generics, type_arguments, event_where) = event_generics.split_for_impl();
    let (_, _, publish_where) = publish_generics.split_for_impl();
    let index = if is_generic {
        quote!(__eventful::Option::None)
    } else {
        // A macro, so that a framework that is not found is one error: without it, there is no such static item.
        quote!(__eventful::index!(__eventful, __EVENTFUL_INDEX))
    };
    let registration = (!is_generic).then(
        || quote!(__eventful::register_event!(__eventful, static __EVENTFUL_INDEX for #ident);),
    );
    let options = quote!(#fail_fast #log #concurrent);
    let instantiations = (is_generic && !event.families.is_empty()).then(|| {
        let declared = quote!(__eventful::Declared::at(#arguments) #options #handlers);
        instantiations(event, &key, &mode, &declared)
    });
    let publish = publish(event);
    let record = record(event, &position);
    let durability = event.durable.as_ref().map(|_| durable::constant(ident));
    let durable = event
        .durable
        .as_ref()
        .map(|durable| durable::implementation(durable, ident));

    quote! {
        #(#conditions)*
        const _: () = {
            #import
            impl #impl_generics __eventful::Event for #ident #type_arguments #event_where {
                type Mode = #mode;
                const NAME: &'static ::core::primitive::str = #name;
                const __EVENT: __eventful::Declared = __eventful::Declared::at(#arguments) #named #options #generic #handlers #families #with;
                const __KEY: &'static ::core::primitive::str = #key;
                #durability
                fn __index() -> __eventful::Option<&'static __eventful::EventIndex<Self>> {
                    #index
                }
            }
            impl #impl_generics #ident #type_arguments #publish_where {
                #publish
            }
            #durable
            #registration
            #instantiations
            #record
        };
    }
}

/// The families of the event. All tokens of a membership have the span of the family's name, so a trait that is no
/// family, or that the event does not implement, is a single error there.
fn families(event: &CheckedEvent) -> Option<TokenStream> {
    let memberships = event.families.iter().map(|family| {
        let span = types::span(family);
        let family = kept(family);
        let membership = quote! {
            __eventful::Membership::new::<__eventful::This<Self>, __eventful::This<#family>, _>(|__eventful_event| (__eventful_event))
        };
        at(span, membership)
    });
    let is_member = !event.families.is_empty();
    is_member.then(|| quote!(.families(const { &[#(#memberships),*] })))
}

/// An event that stands for the instantiations of a generic one that is in families. The wiring shows it for those that
/// no handler names, which are known only when they are published.
fn instantiations(
    event: &CheckedEvent,
    key: &TokenStream,
    mode: &TokenStream,
    declared: &TokenStream,
) -> TokenStream {
    let name = event.name.as_ref().map_or_else(
        || quote!(__eventful::event_name::<Self>()),
        |name| quote!(::core::concat!(#name, "<_>")),
    );
    let memberships = event.families.iter().map(|family| {
        let span = types::span(family);
        let family = kept(family);
        at(
            span,
            quote!(__eventful::Membership::of_instantiations::<#family>(__eventful::Recorded::<#family>::LISTENED)),
        )
    });
    quote! {
        const _: () = {
            use __eventful::Unrecorded as _;
            enum __EventfulInstantiations {}
            impl __eventful::Event for __EventfulInstantiations {
                type Mode = #mode;
                const NAME: &'static ::core::primitive::str = #name;
                const __EVENT: __eventful::Declared = #declared.families(&[#(#memberships),*]);
                const __KEY: &'static ::core::primitive::str = ::core::concat!(#key, "<_>");
                fn __index() -> __eventful::Option<&'static __eventful::EventIndex<Self>> {
                    __eventful::Option::None
                }
            }
            __eventful::register_event!(__eventful, static __EVENTFUL_INDEX for __EventfulInstantiations);
        };
    }
}

/// The key under which other records refer to the event.
fn key(event: &CheckedEvent, position: &Position) -> TokenStream {
    let generic = if event.generics.params.is_empty() {
        ""
    } else {
        "<>"
    };
    let in_file = format!("{}{generic} ", position.in_file());
    if let Some(name) = &event.name {
        let key = format!("{in_file}{}", escaped(&name.value()));
        return quote!(#key);
    }
    let name = format!("::{}", event.ident.unraw());
    quote!(::core::concat!(#in_file, ::core::module_path!(), #name))
}

fn record(event: &CheckedEvent, position: &Position) -> TokenStream {
    let mut facts = Facts::new("event", position, &event.attributes);
    match &event.name {
        Some(name) => facts.fact("name", name.value()),
        None => facts.within("name", &format!("::{}", event.ident.unraw())),
    }
    facts.flag("named", event.name.is_some());
    facts.flag("async", event.is_async);
    if let Some(durable) = &event.durable {
        facts.fact("durable", durable.version);
        facts.flag("key", durable.key.is_some());
    }
    facts.flag("concurrent", event.is_concurrent);
    facts.flag("fail_fast", event.is_fail_fast);
    facts.flag("generic", !event.generics.params.is_empty());
    if let Some(Contract { least, most }) = event.handlers {
        let most = most.map_or_else(String::new, |most| format!("={most}"));
        facts.fact("handlers", format_args!("{least}..{most}"));
    }
    if let Some(with) = &event.with {
        facts.fact("with", with.for_people());
    }
    let facts = facts.tokens();
    let families = event.families.iter().map(|family| {
        let span = types::span(family);
        let family = kept(family);
        at(span, quote!(__eventful::Recorded::<#family>::NAME))
    });
    let families = (!event.families.is_empty()).then(|| quote!(.families(&[#(#families),*])));
    quote!(__eventful::record!(__eventful, __eventful::RecordText::new(#facts) #families);)
}

/// The mode of the event. If it lends something, all tokens have the span of that type, so a bound that the type does
/// not meet is a single error there.
fn mode(event: &CheckedEvent) -> TokenStream {
    let colour = if event.durable.is_some() {
        quote!(Durable)
    } else if event.is_async {
        quote!(Async)
    } else {
        quote!(Sync)
    };
    let Some(with) = event.with.as_ref().filter(|_| event.durable.is_none()) else {
        return quote!(__eventful::#colour);
    };
    let span = types::span(&with.target);
    let target = kept(&with.target);
    let mutability = with.mutability;
    let lent = quote!(&'static #mutability #target);
    at(span, quote!(__eventful::With<__eventful::#colour, #lent>))
}

/// The inherent method `publish`. The event's mode decides what it takes and returns.
fn publish(event: &CheckedEvent) -> TokenStream {
    let visibility = generated(&event.visibility);
    // An editor goes to the attribute, which writes the method.
    let name = Ident::new("publish", Span::call_site().resolved_at(event.ident.span()));
    if event.durable.is_some() {
        return quote! {
            /// Writes this event in `transaction`, once it is awaited, after the handlers that are `in_transaction`. Its other
            /// handlers get it after the commit, each by itself.
            #[track_caller]
            #visibility fn #name<'__transaction, Store, Connection>(
                &'__transaction self,
                transaction: &'__transaction mut Connection,
            ) -> __eventful::durable::Appending<'__transaction, Store>
            where
                Store: 'static,
                Connection: __eventful::durable::Appends<Store> + __eventful::Send + ?::core::marker::Sized,
            {
                __eventful::durable::publish(self, transaction)
            }
        };
    }
    let result = quote!(__eventful::Result<__eventful::Delivered, __eventful::PublishError>);
    let (doc, signature, body) = match (&event.with, event.is_async) {
        (None, false) => (
            quote! {
                /// Hands this event to its handlers on the current bus, in order; each failure is logged and returned.
            },
            quote!((&self) -> #result),
            quote!(__eventful::publish(self)),
        ),
        (None, true) => (
            quote! {
                /// Hands this event to its handlers on the current bus, in order, once it is awaited; each failure is logged
                /// and returned.
            },
            quote!((&self) -> __eventful::Publishing<'_, Self>),
            quote!(__eventful::publish_async(self)),
        ),
        (Some(with), false) => {
            let with = with.reference(&TokenStream::new());
            (
                quote! {
                    /// Hands this event to its handlers on the current bus, in order, and lends them `with`; each failure is
                    /// logged and returned.
                },
                quote!((&self, with: #with) -> #result),
                quote!(__eventful::publish_with(self, with)),
            )
        }
        (Some(with), true) => {
            let with = with.reference(&quote!('__eventful));
            (
                quote! {
                    /// Hands this event to its handlers on the current bus, in order, and lends them `with`, once it is awaited;
                    /// each failure is logged and returned.
                },
                quote!(<'__eventful>(&'__eventful self, with: #with) -> __eventful::PublishingWith<'__eventful, Self>),
                quote!(__eventful::publish_with(self, with)),
            )
        }
    };
    quote! {
        #doc
        #[inline]
        #[track_caller]
        #visibility fn #name #signature {
            #body
        }
    }
}
