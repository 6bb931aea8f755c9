//! The rules for a block of handlers.

use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Attribute, GenericParam, Meta, Path, Type};

use super::parse::{Block, Head, Member};
use crate::arguments::{self, Keys};
use crate::diagnostics::Diagnostics;
use crate::handler::check::{self, CheckedHandler};
use crate::handler::owner::Owner;
use crate::handler::parse::HandlerFunction;
use crate::names::{conditions, text};
use crate::types;

pub(crate) struct CheckedBlock {
    /// The handlers without a mistake. Another handler may have one.
    pub(crate) handlers: Vec<CheckedHandler>,
    pub(crate) mistakes: Option<syn::Error>,
}

pub(crate) fn check(arguments: TokenStream, block: &Block) -> CheckedBlock {
    let mut diagnostics = Diagnostics::default();
    let krate = parse_arguments(arguments, &mut diagnostics);
    let checked_head = check_head(block, &mut diagnostics);
    let is_head_right = diagnostics.count() == 0;
    let mut handlers = Vec::new();
    if let Some((owner, conditions)) = checked_head {
        for member in &block.members {
            match check_member(member, &owner) {
                Ok(Some(handler)) => handlers.push(CheckedHandler {
                    conditions: [conditions.clone(), handler.conditions].concat(),
                    krate: handler.krate.or_else(|| krate.clone()),
                    ..handler
                }),
                Ok(None) => {}
                Err(error) => diagnostics.push(error),
            }
        }
    }
    if !is_head_right {
        handlers.clear();
    }
    CheckedBlock {
        handlers,
        mistakes: diagnostics.finish(()).err(),
    }
}

/// Reads `crate = …`.
fn parse_arguments(arguments: TokenStream, diagnostics: &mut Diagnostics) -> Option<Path> {
    let mut krate = None;
    let mut keys = Keys::default();
    for argument in arguments::split(arguments) {
        match &argument.option {
            Some(option) if option.key == "crate" => {
                if keys.is_first(&option.key, "remove one", diagnostics) {
                    krate = option.crate_path(diagnostics);
                }
            }
            _ => diagnostics.error(
                &argument.tokens,
                "`#[handlers]` takes only `crate = path`; what is handled, and how, stands on the method, \
                 `#[handler(OrderCreated)]`",
            ),
        }
    }
    krate
}

/// Returns the type of the block and the conditions of all its handlers. `None` means that a mistake was reported.
fn check_head(block: &Block, diagnostics: &mut Diagnostics) -> Option<(Owner, Vec<Attribute>)> {
    let head: Head = syn::parse2(block.head.clone())
        .map_err(|error| diagnostics.push(error))
        .ok()?;
    let Type::Path(implementor) = types::ungroup(&head.implementor) else {
        diagnostics.error(
            &head.implementor,
            "the `self` of a handler is a struct or an enum; write the block for one",
        );
        return None;
    };
    let name = text(&implementor.path);
    if let Some(implemented) = &head.implemented {
        let message = format!(
            "a trait's methods cannot be handlers; move these to a block `impl {name}`, whose methods may call the \
             trait's"
        );
        diagnostics.push(syn::Error::new(types::span(implemented), message));
    }
    check_generics(&head, &name, diagnostics);
    let handlers = handlers(block);
    if handlers.is_empty() && !block.members.iter().any(Member::is_marked) {
        let message = "no method of this block is a handler; write `#[handler(OrderCreated)]` on one, or remove `#[handlers]`";
        diagnostics.push(syn::Error::new(types::span(&head.implementor), message));
    }
    let owner = Owner::new(implementor.path.clone(), handlers);
    Some((owner, conditions(&head.attributes)))
}

fn check_generics(head: &Head, name: &str, diagnostics: &mut Diagnostics) {
    let mut has_lifetime = false;
    let borrows = |lifetime: &str| {
        format!(
            "the bus owns what it lends, so the `self` of a handler cannot have the lifetime `{lifetime}`; use \
             `'static` or owned types"
        )
    };
    for parameter in &head.generics.params {
        let (ident, concrete) = match parameter {
            GenericParam::Type(parameter) => (&parameter.ident, "type"),
            GenericParam::Const(parameter) => (&parameter.ident, "value"),
            GenericParam::Lifetime(parameter) => {
                has_lifetime = true;
                let lifetime = &parameter.lifetime;
                diagnostics.error(lifetime, borrows(&lifetime.to_string()));
                continue;
            }
        };
        diagnostics.error(
            ident,
            format!("nothing says what `{ident}` is when a handler of `{name}` is called; write the block for a concrete {concrete}"),
        );
    }
    if !has_lifetime && let Some(lifetime) = types::lifetime(&head.implementor) {
        diagnostics.error(&lifetime, borrows(&text(&lifetime)));
    }
}

/// The names of the methods that are handlers.
fn handlers(block: &Block) -> Vec<Ident> {
    let marked = block.members.iter().filter(|member| member.is_marked());
    marked
        .filter_map(|member| HandlerFunction::parse_method(member.tokens.clone()).ok())
        .map(|method| method.signature.ident)
        .collect()
}

/// Returns the handler, if the member is one.
fn check_member(member: &Member, owner: &Owner) -> syn::Result<Option<CheckedHandler>> {
    let mut diagnostics = Diagnostics::default();
    for mark in &member.conditional_marks {
        diagnostics.error(
            mark,
            "whether a method is a handler cannot depend on `cfg_attr`; write the method twice, each under its own `cfg`",
        );
    }
    let Some((mark, repeated)) = member.marks.split_first() else {
        return diagnostics.finish(None);
    };
    let arguments = match &mark.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => owner.instead_of_self(list.tokens.clone()),
        Meta::NameValue(value) => {
            diagnostics.error(
                value.eq_token,
                "what is handled stands in parentheses: write `#[handler(OrderCreated)]`",
            );
            return Err(diagnostics.into_error());
        }
    };
    let tokens = owner.instead_of_self(member.tokens.clone());
    let method = HandlerFunction::parse_method(quote!(#(#repeated)* #tokens))?;
    let handler = check::check(arguments, method, Some(owner))?;
    diagnostics.finish(Some(handler))
}

impl Member {
    fn is_marked(&self) -> bool {
        !self.marks.is_empty() || !self.conditional_marks.is_empty()
    }
}
