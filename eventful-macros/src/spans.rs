//! The places of generated tokens.
//!
//! Errors about generated code point to the user's code, so generated tokens stand on the user's. An editor takes each
//! token with the place of a name for that name: it would go from there to our code. So a generated name has no width,
//! and stands on the first or the last character. What is made of several tokens is as wide as the user's.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// The first token of an invisible group, whose other tokens keep their places.
const KEPT: &str = "__eventful_kept";

/// A span at the position of `span` that belongs to the macro. Errors point to the user's code, and lints know that the
/// token is generated.
pub(crate) fn located_at(span: Span) -> Span {
    Span::call_site().located_at(span)
}

/// The first character of `span`, without width, for code of the macro.
pub(crate) fn beginning(span: Span) -> Span {
    start(located_at(span))
}

/// The first character of `span`, without width.
pub(crate) fn start(span: Span) -> Span {
    if proc_macro::is_available() {
        span.unwrap().start().into()
    } else {
        span
    }
}

/// Returns the code of the macro at the position of `span`. What is [`kept`] in it stays where it is.
pub(crate) fn at(span: Span, code: TokenStream) -> TokenStream {
    Place::at(span).code(code)
}

/// Returns `code` for a part of the code that is placed with [`at`], and in which it stays at its own position.
pub(crate) fn kept(code: impl ToTokens) -> TokenStream {
    let mark = TokenTree::Ident(Ident::new(KEPT, Span::call_site()));
    let mut content = TokenStream::from(mark);
    code.to_tokens(&mut content);
    TokenTree::Group(Group::new(Delimiter::None, content)).into()
}

/// Returns parentheses around `content` at the position of `span`. The content stays where it is.
pub(crate) fn in_parentheses(span: Span, content: TokenStream) -> TokenTree {
    let mut group = Group::new(Delimiter::Parenthesis, content);
    group.set_span(located_at(span));
    TokenTree::Group(group)
}

/// Returns `tokens` as if the macro had written them at their positions.
///
/// Without it, an item that begins with a token of a user's `macro_rules` macro is that macro's in the eyes of lints.
pub(crate) fn generated(tokens: impl ToTokens) -> TokenStream {
    let tokens = tokens.into_token_stream().into_iter();
    tokens
        .map(|mut token| {
            token.set_span(located_at(token.span()));
            token
        })
        .collect()
}

/// Returns the user's `tokens` moved to the position of `span`, where errors about them point to.
pub(crate) fn moved(tokens: impl ToTokens, span: Span) -> TokenStream {
    let tokens: Vec<_> = tokens.into_token_stream().into_iter().collect();
    let last = tokens.len().saturating_sub(1);
    let mut moved = TokenStream::new();
    for (index, mut token) in tokens.into_iter().enumerate() {
        if let TokenTree::Group(group) = &token {
            token = with_content(group, self::moved(group.stream(), span));
            token.set_span(token.span().located_at(span));
        } else {
            let place = Place::new(token.span().located_at(span));
            token.set_span(if index == last && last > 0 {
                place.end
            } else {
                place.start
            });
        }
        moved.extend([token]);
    }
    moved
}

fn with_content(group: &Group, content: TokenStream) -> TokenTree {
    let mut copy = Group::new(group.delimiter(), content);
    copy.set_span(group.span());
    TokenTree::Group(copy)
}

/// A span with its first and its last character, which have no width.
///
/// `quote_spanned!` with the two of them is quicker than [`at`]: `start` for the first name, `end` for the rest.
#[derive(Clone, Copy)]
pub(crate) struct Place {
    pub(crate) whole: Span,
    pub(crate) start: Span,
    pub(crate) end: Span,
}

impl Place {
    /// The place of code that the macro writes at `span`.
    pub(crate) fn at(span: Span) -> Self {
        Self::new(located_at(span))
    }

    fn new(whole: Span) -> Self {
        // This crate's own tests run outside of the compiler, where there are no positions.
        let (start, end) = if proc_macro::is_available() {
            let span = whole.unwrap();
            (span.start().into(), span.end().into())
        } else {
            (whole, whole)
        };
        Self { whole, start, end }
    }

    /// Returns `code` at this place. What is kept in it stays where it is.
    fn code(&self, code: TokenStream) -> TokenStream {
        let mut placed = Vec::new();
        let mut tokens = code.into_iter().peekable();
        let mut is_behind = false;
        while let Some(token) = tokens.next() {
            let token = match token {
                TokenTree::Group(group) => {
                    let mut content = group.stream().into_iter().peekable();
                    if content.next_if(is_mark_of_kept).is_some() {
                        placed.extend(content);
                        is_behind = false;
                        continue;
                    }
                    let mut copy = Group::new(group.delimiter(), self.code(content.collect()));
                    copy.set_span(self.whole);
                    TokenTree::Group(copy)
                }
                // Its span says which crate it means.
                TokenTree::Ident(ident) if ident == "$crate" => TokenTree::Ident(ident),
                // The errors about a type that is inferred are here, and it leads an editor nowhere.
                TokenTree::Ident(ident) if ident == "_" => Ident::new("_", self.whole).into(),
                mut other => {
                    let is_last = tokens.peek().is_none();
                    let ends = is_mark(&other, &['>', '\'']) || is_last && is_punct(&other);
                    other.set_span(if is_behind || ends {
                        self.end
                    } else {
                        self.start
                    });
                    other
                }
            };
            is_behind = is_mark(&token, &[':', '.', '\'']) || is_async(&token);
            placed.push(token);
        }
        placed.into_iter().collect()
    }
}

fn is_mark_of_kept(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(mark) if mark == KEPT)
}

/// Returns `true` for one of `marks`.
fn is_mark(token: &TokenTree, marks: &[char]) -> bool {
    matches!(token, TokenTree::Punct(punct) if marks.contains(&punct.as_char()))
}

fn is_punct(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Punct(_))
}

/// Returns `true` for the first word of `async move`, which is as wide as the place.
fn is_async(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == "async")
}
