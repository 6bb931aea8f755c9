//! What stands between a handler's parentheses.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{FnArg, GenericArgument, PathArguments, Signature, Type, TypeReference};

use crate::diagnostics::Diagnostics;

/// How many parameters a handler may have beside the event: as many as core implements `Parameters` for.
const MOST_RESOURCES: usize = 12;

/// A handler's parameters, taken apart.
pub(crate) struct Parameters {
    pub(crate) event: Type,
    pub(crate) event_span: Span,
    pub(crate) resources: Vec<Resource>,
}

/// `&T` or `Option<&T>`.
pub(crate) struct Resource {
    pub(crate) target: Type,
    pub(crate) is_optional: bool,
    pub(crate) span: Span,
}

/// Takes the parameters apart; `None` only if a mistake was noted.
pub(crate) fn check(signature: &Signature, diagnostics: &mut Diagnostics) -> Option<Parameters> {
    let mut types = Vec::new();
    for input in &signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                diagnostics.error(
                    receiver,
                    "`#[handler]` belongs on a free function; what a method finds in `self` is a parameter `&T` here",
                );
                return None;
            }
            FnArg::Typed(argument) => {
                if let Some(condition) = argument
                    .attrs
                    .iter()
                    .find(|attribute| attribute.path().is_ident("cfg"))
                {
                    diagnostics.error(
                        condition,
                        "a handler's parameter cannot be conditional; write the whole function twice",
                    );
                }
                types.push(&*argument.ty);
            }
        }
    }
    let mut types = types.into_iter();
    let Some(event) = types.next() else {
        let name = &signature.ident;
        diagnostics.error(
            name,
            format!("the handler `{name}` takes no event; write `{name}(event: &OrderCreated)`"),
        );
        return None;
    };
    let checked_event = check_event(event, diagnostics);
    let resources: Vec<_> = types
        .map(|resource| check_resource(resource, diagnostics))
        .collect();
    if let Some(excess) = signature.inputs.iter().nth(MOST_RESOURCES + 1) {
        diagnostics.error(
            excess,
            format!(
                "a handler takes at most {MOST_RESOURCES} resources; put several into one struct"
            ),
        );
    }
    let resources = resources.into_iter().collect::<Option<Vec<_>>>()?;
    Some(Parameters {
        event: checked_event?,
        event_span: event.span(),
        resources,
    })
}

fn check_event(written: &Type, diagnostics: &mut Diagnostics) -> Option<Type> {
    let text = written.to_token_stream().to_string().replace(' ', "");
    let Type::Reference(reference) = ungroup(written) else {
        let message = if matches!(written, Type::ImplTrait(_)) {
            String::from("a handler names its event; write `&OrderCreated`")
        } else {
            format!("handlers share the event, so it is borrowed; write `&{text}`")
        };
        diagnostics.error(written, message);
        return None;
    };
    target(reference, "the event", diagnostics)
}

fn check_resource(written: &Type, diagnostics: &mut Diagnostics) -> Option<Resource> {
    let span = written.span();
    if let Type::Reference(reference) = ungroup(written) {
        return Some(Resource {
            target: target(reference, "a resource", diagnostics)?,
            is_optional: false,
            span,
        });
    }
    if let Some(Type::Reference(reference)) = option_content(ungroup(written)).map(ungroup) {
        return Some(Resource {
            target: target(reference, "a resource", diagnostics)?,
            is_optional: true,
            span,
        });
    }
    let text = written.to_token_stream().to_string().replace(' ', "");
    let message = match option_content(ungroup(written)) {
        Some(content) => {
            let content = content.to_token_stream().to_string().replace(' ', "");
            format!("a resource is borrowed from the bus; write `Option<&{content}>`")
        }
        None => format!("a resource is borrowed from the bus; write `&{text}`"),
    };
    diagnostics.error(written, message);
    None
}

/// What the reference leads to, if the bus can lend it.
fn target(reference: &TypeReference, role: &str, diagnostics: &mut Diagnostics) -> Option<Type> {
    let before = diagnostics.count();
    if let Some(mutability) = &reference.mutability {
        diagnostics.error(
            mutability,
            format!("{role} is shared, so it cannot be `&mut`; write `&`, and change what is in a `Mutex` or an atomic"),
        );
    }
    if let Some(lifetime) = reference
        .lifetime
        .as_ref()
        .filter(|lifetime| lifetime.ident == "static")
    {
        diagnostics.error(
            lifetime,
            format!("{role} is borrowed for the call only; remove `'static`"),
        );
    }
    let target = &*reference.elem;
    if let Some(impl_token) = find(
        target.to_token_stream(),
        &|token| matches!(token, TokenTree::Ident(ident) if ident == "impl"),
    ) {
        diagnostics.error(
            impl_token,
            format!("the type of {role} must be known; write it, or `&dyn Trait`"),
        );
    } else if let Some(lifetime) = named_lifetime(target.to_token_stream()) {
        diagnostics.error(
            lifetime,
            format!("the type of {role} cannot have a lifetime: the bus owns what it lends"),
        );
    }
    (diagnostics.count() == before).then(|| target.clone())
}

/// The `T` of `Option<T>`.
fn option_content(written: &Type) -> Option<&Type> {
    let Type::Path(path) = written else {
        return None;
    };
    let segment = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == "Option")?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(content) => Some(content),
            _ => None,
        },
        _ => None,
    }
}

/// The type without the invisible parentheses that a `macro_rules` fragment leaves.
fn ungroup(written: &Type) -> &Type {
    match written {
        Type::Group(group) => ungroup(&group.elem),
        Type::Paren(paren) => ungroup(&paren.elem),
        other => other,
    }
}

/// The first lifetime other than `'static`.
fn named_lifetime(tokens: TokenStream) -> Option<TokenStream> {
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                let name = tokens.next()?;
                if name.to_string() != "static" {
                    return Some(TokenStream::from_iter([token, name]));
                }
            }
            TokenTree::Group(group) => {
                if let Some(found) = named_lifetime(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

fn find(tokens: TokenStream, is_wanted: &dyn Fn(&TokenTree) -> bool) -> Option<TokenTree> {
    tokens.into_iter().find_map(|token| match &token {
        TokenTree::Group(group) => find(group.stream(), is_wanted),
        _ => is_wanted(&token).then_some(token),
    })
}
