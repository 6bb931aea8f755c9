//! `as(dyn Auditable, …)`: the families that an event belongs to.

use proc_macro2::{Group, Ident};
use quote::ToTokens;
use syn::Type;

use crate::arguments::{self, KeyValue};
use crate::diagnostics::Diagnostics;
use crate::names::text;
use crate::types::{lifetime, name_beside_more, ungroup};

/// Reads the list of families in the parentheses after `key`.
pub(crate) fn check(key: &Ident, list: &Group, diagnostics: &mut Diagnostics) -> Vec<Type> {
    let listed = arguments::split(list.stream());
    if listed.is_empty() {
        diagnostics.error(key, "`as` names no family: write `as(dyn Auditable)`");
    }
    let mut families: Vec<Type> = Vec::new();
    for argument in listed {
        let Some(family) = family(argument.tokens, diagnostics) else {
            continue;
        };
        if families
            .iter()
            .any(|earlier| text(earlier) == text(&family))
        {
            let message = format!("`{}` is listed twice; remove one", text(&family));
            diagnostics.error(family, message);
        } else {
            families.push(family);
        }
    }
    families
}

/// Reports a list without parentheses.
pub(crate) fn not_a_list(option: &KeyValue, diagnostics: &mut Diagnostics) {
    let message = "`as` is a list of families in parentheses: write `as(dyn Auditable)`";
    match &option.value {
        Some(value) if !value.is_empty() => diagnostics.error(value, message),
        _ => diagnostics.error(&option.key, message),
    }
}

fn family(tokens: impl ToTokens, diagnostics: &mut Diagnostics) -> Option<Type> {
    let tokens = tokens.to_token_stream();
    let Ok(family) = syn::parse2::<Type>(tokens.clone()) else {
        diagnostics.error(&tokens, "this is not a family: write `as(dyn Auditable)`");
        return None;
    };
    let message = match ungroup(&family) {
        Type::TraitObject(object) => {
            if let Some(name) = name_beside_more(object) {
                format!("a family is named by its trait alone; write `dyn {name}`")
            } else if lifetime(&family).is_some() {
                "a family has no lifetime; write `dyn` and the name of its trait".to_owned()
            } else {
                return Some(family);
            }
        }
        Type::Path(path) => {
            let name = text(path);
            format!("a family is a trait, which is named with `dyn`: write `as(dyn {name})`")
        }
        _ => "this is not a family: write `as(dyn Auditable)`".to_owned(),
    };
    diagnostics.error(&family, message);
    None
}
