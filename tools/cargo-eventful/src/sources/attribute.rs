//! The attributes of an item.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

use super::{ActiveCfg, SourceKind};

/// The effect of an item's attributes in a build.
#[derive(Default)]
pub(super) struct Attributes {
    /// The first predicate that is not true, and its line.
    pub(super) inactive: Option<(String, usize)>,
    /// `#[handler]` and `#[event]`, each with what it is given.
    pub(super) ours: Vec<Ours>,
    /// The value of `#[path = "…"]`.
    pub(super) path: Option<String>,
}

/// One of our attributes.
pub(super) struct Ours {
    pub(super) kind: SourceKind,
    /// The events or families.
    pub(super) subjects: Vec<String>,
    /// The value of `id` or `name`.
    pub(super) own_name: Option<String>,
    /// The predicate of a `cfg_attr` that is not true, and its line.
    pub(super) inactive: Option<(String, usize)>,
}

impl Attributes {
    pub(super) fn read(attributes: &[Attribute], active: &ActiveCfg) -> Self {
        let mut read = Self::default();
        for attribute in attributes {
            let line = attribute.pound_token.span.start().line;
            read.add(&attribute.meta, line, active, None);
        }
        read
    }

    fn add(
        &mut self,
        meta: &Meta,
        line: usize,
        active: &ActiveCfg,
        inactive: Option<&(String, usize)>,
    ) {
        let Some(name) = meta.path().segments.last() else {
            return;
        };
        match (name.ident.to_string().as_str(), meta) {
            ("cfg", Meta::List(list)) => {
                if let Ok(predicate) = list.parse_args::<Meta>()
                    && !active.is_true(&predicate)
                    && inactive.is_none()
                    && self.inactive.is_none()
                {
                    self.inactive = Some((text(&list.tokens), line));
                }
            }
            ("cfg_attr", Meta::List(list)) => {
                let parser = Punctuated::<Meta, Token![,]>::parse_terminated;
                let Ok(metas) = list.parse_args_with(parser) else {
                    return;
                };
                let mut metas = metas.iter();
                let Some(predicate) = metas.next() else {
                    return;
                };
                let failed =
                    (!active.is_true(predicate)).then(|| (first_argument(&list.tokens), line));
                for meta in metas {
                    self.add(meta, line, active, inactive.or(failed.as_ref()));
                }
            }
            ("path", Meta::NameValue(pair)) if inactive.is_none() => {
                if let syn::Expr::Lit(literal) = &pair.value
                    && let syn::Lit::Str(path) = &literal.lit
                {
                    self.path = Some(path.value());
                }
            }
            (name @ ("handler" | "event"), Meta::Path(_) | Meta::List(_)) => {
                let arguments = match meta {
                    Meta::List(list) => arguments(&list.tokens),
                    _ => Vec::new(),
                };
                let kind = if name == "handler" {
                    SourceKind::Handler
                } else {
                    SourceKind::Event
                };
                self.ours.push(Ours {
                    kind,
                    subjects: arguments.iter().filter_map(|it| subject(it)).collect(),
                    own_name: arguments.iter().find_map(|it| own_name(it)),
                    inactive: inactive.cloned(),
                });
            }
            _ => {}
        }
    }
}

/// The parts between commas, except commas within angle brackets.
fn arguments(tokens: &TokenStream) -> Vec<Vec<TokenTree>> {
    let mut arguments = vec![Vec::new()];
    let mut depth = 0_usize;
    let mut before = ' ';
    for token in tokens.clone() {
        let punctuation = match &token {
            TokenTree::Punct(punctuation) => punctuation.as_char(),
            _ => ' ',
        };
        match punctuation {
            '<' => depth += 1,
            // Not of `->` and `=>`.
            '>' if !['-', '='].contains(&before) => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = punctuation;
        if punctuation == ',' && depth == 0 {
            arguments.push(Vec::new());
        } else if let Some(last) = arguments.last_mut() {
            last.push(token);
        }
    }
    arguments.retain(|argument| !argument.is_empty());
    arguments
}

fn first_argument(tokens: &TokenStream) -> String {
    let first = arguments(tokens).into_iter().next();
    text(&first.unwrap_or_default().into_iter().collect())
}

/// The event or family that an argument names; none if it is an option.
fn subject(argument: &[TokenTree]) -> Option<String> {
    match argument {
        [TokenTree::Ident(_), TokenTree::Punct(sign), ..] if sign.as_char() == '=' => None,
        // `in_transaction` of handlers of durable events.
        [TokenTree::Ident(flag)] if flag == "in_transaction" => None,
        // `async`, `fail_fast` and `as(dyn Family)` of events, and `retry(…)` of handlers.
        [TokenTree::Ident(_), TokenTree::Group(_), ..] => None,
        _ => Some(text(&argument.iter().cloned().collect())),
    }
}

fn own_name(argument: &[TokenTree]) -> Option<String> {
    match argument {
        [
            TokenTree::Ident(key),
            TokenTree::Punct(_),
            TokenTree::Literal(value),
        ] if key == "id" || key == "name" => {
            let value: syn::LitStr = syn::parse_str(&value.to_string()).ok()?;
            Some(value.value())
        }
        _ => None,
    }
}

/// The tokens as people write them: `all(unix, feature = "audit")`, `dyn shop::Auditable`, `Changed<u64>`.
pub(super) fn text(tokens: &TokenStream) -> String {
    let mut text = String::new();
    for token in tokens.clone() {
        let is_word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if is_word
            && text.ends_with(|last: char| last == '_' || last == '"' || last.is_alphanumeric())
        {
            text.push(' ');
        }
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                text.push_str(&self::text(&group.stream()));
                text.push_str(close);
            }
            TokenTree::Punct(punctuation) => match punctuation.as_char() {
                ',' => text.push_str(", "),
                '=' => text.push_str(" = "),
                other => text.push(other),
            },
            other => text.push_str(&other.to_string()),
        }
    }
    text
}
