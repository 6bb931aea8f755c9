//! Facts about a type that its tokens show.

use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::{GenericArgument, Path, PathArguments, Type, TypeParamBound, TypeTraitObject};

use crate::names::text;

/// The span of the token that a message about the type points to: the last name of its path, without any `&`.
pub(crate) fn span(written: &Type) -> Span {
    match ungroup(written) {
        Type::Reference(reference) => span(&reference.elem),
        Type::Path(path) => path
            .path
            .segments
            .last()
            .map_or_else(|| written.span(), |segment| segment.ident.span()),
        Type::TraitObject(_) => family(written)
            .and_then(|path| path.segments.last())
            .map_or_else(|| written.span(), |segment| segment.ident.span()),
        other => other.span(),
    }
}

/// The type without the invisible parentheses that a `macro_rules` fragment leaves.
pub(crate) fn ungroup(written: &Type) -> &Type {
    match written {
        Type::Group(group) => ungroup(&group.elem),
        Type::Paren(paren) => ungroup(&paren.elem),
        other => other,
    }
}

/// The name of a trait, if there are other bounds beside it.
pub(crate) fn name_beside_more(object: &TypeTraitObject) -> Option<String> {
    let is_marker = |path: &&Path| {
        let name = path.segments.last().map(|segment| &segment.ident);
        name.is_some_and(|name| name == "Send" || name == "Sync")
    };
    let main = traits(object).find(|path| !is_marker(path));
    let main = main.or_else(|| traits(object).next());
    (object.bounds.len() > 1).then(|| main.map_or_else(|| "Trait".to_owned(), text))
}

/// The trait of a `dyn Trait`.
pub(crate) fn family(written: &Type) -> Option<&Path> {
    match ungroup(written) {
        Type::TraitObject(object) => traits(object).next(),
        _ => None,
    }
}

fn traits(object: &TypeTraitObject) -> impl Iterator<Item = &Path> {
    object.bounds.iter().filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => Some(&bound.path),
        _ => None,
    })
}

/// The `T` of `Option<T>`.
pub(crate) fn option_content(written: &Type) -> Option<&Type> {
    content("Option", written)
}

/// Returns `true` for a `Result` with type arguments. One without may be a type of the user's.
pub(crate) fn is_result(written: &Type) -> bool {
    content("Result", written).is_some()
}

/// The first type argument of a type with this name.
pub(crate) fn content<'a>(name: &str, written: &'a Type) -> Option<&'a Type> {
    let Type::Path(path) = ungroup(written) else {
        return None;
    };
    let segment = path
        .path
        .segments
        .last()
        .filter(|segment| segment.ident == name)?;
    match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => match arguments.args.first()? {
            GenericArgument::Type(content) => Some(content),
            _ => None,
        },
        _ => None,
    }
}

/// The first lifetime other than `'static`.
pub(crate) fn lifetime(written: &Type) -> Option<TokenStream> {
    find_borrow(written, &|tokens| {
        name_of_lifetime(tokens).filter(|lifetime| !is_static(lifetime))
    })
}

/// The first lifetime other than `'static`, or `&` without one.
pub(crate) fn borrow(written: &Type) -> Option<TokenStream> {
    find_borrow(written, &|tokens| match tokens {
        [TokenTree::Punct(and), rest @ ..] if and.as_char() == '&' => name_of_lifetime(rest)
            .is_none()
            .then(|| tokens[0].clone().into()),
        _ => name_of_lifetime(tokens).filter(|lifetime| !is_static(lifetime)),
    })
}

/// Finds `pattern`, but not between the parentheses of a function type nor in a type with `for<'a>`: the lifetimes
/// there are no borrows.
fn find_borrow(
    written: &Type,
    pattern: &dyn Fn(&[TokenTree]) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let is_higher_ranked = |tokens: &[TokenTree]| match tokens {
        [TokenTree::Ident(ident), ..] if ident == "for" => Some(TokenStream::new()),
        _ => None,
    };
    let tokens = written.to_token_stream();
    match find(tokens.clone(), Delimiter::None, &is_higher_ranked) {
        Some(_) => None,
        None => find(tokens, Delimiter::Parenthesis, pattern),
    }
}

/// The `name` of `name::…`, a path that needs its trait: `<name as Trait>::…`.
pub(crate) fn unqualified(written: &Type, name: &Ident) -> Option<TokenStream> {
    find(
        written.to_token_stream(),
        Delimiter::None,
        &|tokens| match tokens {
            [TokenTree::Ident(ident), TokenTree::Punct(colon), ..]
                if ident == name && colon.as_char() == ':' =>
            {
                Some(tokens[0].clone().into())
            }
            _ => None,
        },
    )
}

/// The `impl` of an `impl Trait`.
pub(crate) fn impl_token(written: &Type) -> Option<TokenStream> {
    find(
        written.to_token_stream(),
        Delimiter::None,
        &|tokens| match tokens {
            [TokenTree::Ident(ident), ..] if ident == "impl" => Some(tokens[0].clone().into()),
            _ => None,
        },
    )
}

fn name_of_lifetime(tokens: &[TokenTree]) -> Option<TokenStream> {
    match tokens {
        [TokenTree::Punct(quote), TokenTree::Ident(_), ..] if quote.as_char() == '\'' => {
            Some(tokens[..2].iter().cloned().collect())
        }
        _ => None,
    }
}

fn is_static(lifetime: &TokenStream) -> bool {
    let name = lifetime.clone().into_iter().nth(1);
    name.is_some_and(|name| name.to_string() == "static")
}

/// The first match of `pattern`. The search enters all groups but those with the delimiter `opaque`.
fn find(
    tokens: TokenStream,
    opaque: Delimiter,
    pattern: &dyn Fn(&[TokenTree]) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    (0..tokens.len()).find_map(|start| match &tokens[start] {
        TokenTree::Group(group) if opaque != Delimiter::None && group.delimiter() == opaque => None,
        TokenTree::Group(group) => find(group.stream(), opaque, pattern),
        _ => pattern(&tokens[start..]),
    })
}
