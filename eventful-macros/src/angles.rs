//! Angle brackets. Unlike parentheses, they do not make a group of tokens.

use proc_macro2::{Punct, Spacing, TokenTree};

/// Counts the angle brackets that are open in a sequence of tokens.
#[derive(Default)]
pub(crate) struct Angles {
    open: usize,
    previous: Option<Punct>,
}

impl Angles {
    /// Counts `token`, the next one, and returns `true` if no bracket is open after it.
    pub(crate) fn are_closed_after(&mut self, token: &TokenTree) -> bool {
        let punct = match token {
            TokenTree::Punct(punct) => Some(punct.clone()),
            _ => None,
        };
        let is_arrow_head = self.previous.as_ref().is_some_and(|before| {
            before.spacing() == Spacing::Joint && matches!(before.as_char(), '-' | '=')
        });
        match punct.as_ref().map(Punct::as_char) {
            Some('<') => self.open += 1,
            Some('>') if !is_arrow_head => self.open = self.open.saturating_sub(1),
            _ => {}
        }
        self.previous = punct;
        self.open == 0
    }
}
