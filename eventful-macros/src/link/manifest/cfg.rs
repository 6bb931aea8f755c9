//! The conditions of a dependency.

use proc_macro2::TokenStream;
use quote::quote;

/// Alternatives. Each one is a list of predicates that all have to hold.
#[derive(Debug, Clone)]
pub(in crate::link) struct Cfg {
    alternatives: Vec<Vec<TokenStream>>,
}

impl Cfg {
    pub(super) fn always() -> Self {
        Self {
            alternatives: vec![Vec::new()],
        }
    }

    pub(super) fn never() -> Self {
        Self {
            alternatives: Vec::new(),
        }
    }

    pub(super) fn when(predicate: TokenStream) -> Self {
        Self {
            alternatives: vec![vec![predicate]],
        }
    }

    pub(super) fn and(self, other: &Self) -> Self {
        let alternatives = self.alternatives.iter().flat_map(|left| {
            other
                .alternatives
                .iter()
                .map(move |right| left.iter().chain(right).cloned().collect())
        });
        Self {
            alternatives: alternatives.collect(),
        }
    }

    pub(super) fn or(&mut self, other: Self) {
        self.alternatives.extend(other.alternatives);
    }

    /// The predicate for `#[cfg(…)]`. `None` means that it always holds.
    pub(in crate::link) fn predicate(&self) -> Option<TokenStream> {
        let alternatives: Option<Vec<TokenStream>> = self
            .alternatives
            .iter()
            .map(|predicates| all(predicates))
            .collect();
        match alternatives?.as_slice() {
            [alternative] => Some(alternative.clone()),
            alternatives => Some(quote!(any(#(#alternatives),*))),
        }
    }
}

/// One predicate for all of `predicates`. `None` means that there are none.
fn all(predicates: &[TokenStream]) -> Option<TokenStream> {
    match predicates {
        [] => None,
        [predicate] => Some(predicate.clone()),
        predicates => Some(quote!(all(#(#predicates),*))),
    }
}
