//! The type whose method a handler is, and the method's `self`.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Path, PathArguments, Receiver, ReceiverKind, Type, TypePath};

use super::resource::{Resource, check_borrow};
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::substitution::Substitution;
use crate::types::{self, ungroup};

/// The type of an `impl` block with handlers.
#[derive(Clone)]
pub(crate) struct Owner {
    /// The path of the type in a form that is valid in types and in expressions: `Cache::<u64>`.
    path: Path,
    /// The methods that are handlers.
    pub(crate) handlers: Vec<Ident>,
}

impl Owner {
    pub(crate) fn new(mut path: Path, handlers: Vec<Ident>) -> Self {
        for segment in &mut path.segments {
            if let PathArguments::AngleBracketed(arguments) = &mut segment.arguments {
                arguments.colon2_token.get_or_insert_default();
            }
        }
        Self { path, handlers }
    }

    /// The path of the method `name`.
    pub(crate) fn method(&self, name: &Ident) -> TokenStream {
        let path = &self.path;
        quote!(#path::#name)
    }

    /// `Type::name`, without the module path.
    pub(crate) fn short_name(&self, name: &str) -> String {
        let mut segments = self.path.segments.iter();
        let segment = segments.next_back().map(text).unwrap_or_default();
        let segment = segment.trim_start_matches("r#").replace("::<", "<");
        format!("{segment}::{name}")
    }

    /// Returns `tokens` with `Self` replaced by the type, for code outside of the block.
    pub(crate) fn instead_of_self(&self, tokens: TokenStream) -> TokenStream {
        Substitution {
            name: "Self",
            by: &self.path,
        }
        .apply(tokens)
    }

    /// Returns `self` as a resource. Reports a method `name` that does not take `&self`.
    pub(crate) fn check_receiver(
        &self,
        receiver: &Receiver,
        name: &Ident,
        diagnostics: &mut Diagnostics,
    ) -> Resource {
        match &receiver.kind {
            ReceiverKind::Reference(_, lifetime, mutability) => {
                check_borrow(mutability.as_ref(), lifetime.as_ref(), "`self`", diagnostics);
            }
            ReceiverKind::Typed(_, written) => match ungroup(written) {
                Type::Reference(reference) if !is_smart_pointer(&reference.elem) => {
                    let (mutability, lifetime) = (&reference.mutability, &reference.lifetime);
                    check_borrow(mutability.as_ref(), lifetime.as_ref(), "`self`", diagnostics);
                }
                _ => diagnostics.error(
                    written,
                    format!(
                        "the bus lends `self` to the handler `{name}` by reference; write `&self`, and for an `Arc` to \
                         keep a parameter `&Arc<{}>`",
                        text(&self.path)
                    ),
                ),
            },
            _ => diagnostics.error(
                receiver,
                format!("the bus keeps what it lends to the handler `{name}`; write `&self`"),
            ),
        }
        let target = Type::Path(TypePath {
            attrs: Vec::new(),
            qself: None,
            path: self.path.clone(),
        });
        Resource {
            span: types::span(&target),
            target,
            is_optional: false,
            mutability: None,
        }
    }
}

fn is_smart_pointer(written: &Type) -> bool {
    let Type::Path(path) = ungroup(written) else {
        return false;
    };
    let name = path.path.segments.last().map(|segment| &segment.ident);
    name.is_some_and(|name| {
        ["Arc", "Rc", "Box", "Pin"]
            .iter()
            .any(|pointer| name == pointer)
    })
}
