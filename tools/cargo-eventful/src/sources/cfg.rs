use std::collections::HashSet;

use syn::punctuated::Punctuated;
use syn::{Expr, ExprLit, Lit, Meta, Token};

/// The options that are set while a crate is compiled: `unix`, `feature="audit"`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct ActiveCfg(HashSet<String>);

impl ActiveCfg {
    /// From what `rustc --print cfg` prints, a line each.
    pub(crate) fn new(lines: &str) -> Self {
        Self(lines.lines().map(str::to_owned).collect())
    }

    pub(crate) fn set(&mut self, flag: &str, is_set: bool) {
        if is_set {
            self.0.insert(flag.to_owned());
        } else {
            self.0.remove(flag);
        }
    }

    pub(crate) fn set_feature(&mut self, feature: &str) {
        self.set(&format!("feature=\"{feature}\""), true);
    }

    /// Tells if a predicate is true. It takes a predicate that it does not know for true, because the compiler knew it.
    pub(super) fn is_true(&self, predicate: &Meta) -> bool {
        match predicate {
            Meta::Path(path) => path
                .get_ident()
                .is_none_or(|flag| self.0.contains(&flag.to_string())),
            Meta::NameValue(pair) => match (pair.path.get_ident(), &pair.value) {
                (
                    Some(key),
                    Expr::Lit(ExprLit {
                        lit: Lit::Str(value),
                        ..
                    }),
                ) => self.0.contains(&format!("{key}=\"{}\"", value.value())),
                _ => true,
            },
            Meta::List(list) => {
                let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
                let Ok(inner) = list.parse_args_with(parser) else {
                    return true;
                };
                let mut inner = inner.iter();
                if list.path.is_ident("all") {
                    inner.all(|predicate| self.is_true(predicate))
                } else if list.path.is_ident("any") {
                    inner.any(|predicate| self.is_true(predicate))
                } else if list.path.is_ident("not") {
                    inner.all(|predicate| !self.is_true(predicate))
                } else {
                    true
                }
            }
        }
    }
}
