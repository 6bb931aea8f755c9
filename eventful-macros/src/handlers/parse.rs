//! An `impl` block, split into its head and its members by tokens. Bodies are not parsed.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Generics, Meta, Path, Token, Type, WhereClause};

use crate::angles::Angles;
use crate::arguments;
use crate::names::{attribute_named, is_named};

pub(crate) struct Block {
    pub(crate) head: TokenStream,
    pub(crate) members: Vec<Member>,
    body: Option<Group>,
}

/// The part before the braces.
pub(crate) struct Head {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) generics: Generics,
    /// The trait, in `impl Trait for Type`.
    pub(crate) implemented: Option<Type>,
    pub(crate) implementor: Type,
}

/// A method, a constant or another member of the block.
pub(crate) struct Member {
    /// Each `#[handler(…)]`.
    pub(crate) marks: Vec<Attribute>,
    /// Each `handler(…)` in a `cfg_attr`.
    pub(crate) conditional_marks: Vec<Path>,
    /// The member without these attributes.
    pub(crate) tokens: TokenStream,
}

pub(crate) fn parse(item: TokenStream) -> Block {
    let mut head: Vec<TokenTree> = without_fragments(item).into_iter().collect();
    let body = match head.pop() {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => Some(group),
        other => {
            head.extend(other);
            None
        }
    };
    let members = body.as_ref().map_or_else(Vec::new, |body| {
        let members = split(without_fragments(body.stream()));
        members.iter().map(|tokens| Member::new(tokens)).collect()
    });
    Block {
        head: head.into_iter().collect(),
        members,
        body,
    }
}

impl Block {
    /// The block that is emitted.
    pub(crate) fn item(&self) -> TokenStream {
        let mut item = self.head.clone();
        if let Some(body) = &self.body {
            let members = self.members.iter().map(|member| member.tokens.clone());
            let mut copy = Group::new(body.delimiter(), members.collect());
            copy.set_span(body.span());
            item.extend([TokenTree::Group(copy)]);
        }
        item
    }
}

impl Parse for Head {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        input.parse::<Option<Token![unsafe]>>()?;
        if !input.peek(Token![impl]) {
            return Err(input.error(
                "`#[handlers]` belongs on an `impl` block with `#[handler(OrderCreated)]` on some of its methods",
            ));
        }
        input.parse::<Token![impl]>()?;
        let generics = input.parse()?;
        input.parse::<Option<Token![!]>>()?;
        let first = input.parse()?;
        let (implemented, implementor) = if input.parse::<Option<Token![for]>>()?.is_some() {
            (Some(first), input.parse()?)
        } else {
            (None, first)
        };
        input.parse::<Option<WhereClause>>()?;
        Ok(Self {
            attributes,
            generics,
            implemented,
            implementor,
        })
    }
}

impl Member {
    fn new(tokens: &[TokenTree]) -> Self {
        let mut member = Self {
            marks: Vec::new(),
            conditional_marks: Vec::new(),
            tokens: TokenStream::new(),
        };
        let mut rest = tokens;
        while let Some(length) = attribute_length(rest) {
            let (attribute, behind) = rest.split_at(length);
            member.add_attribute(attribute.iter().cloned().collect());
            rest = behind;
        }
        member.tokens.extend(rest.iter().cloned());
        member
    }

    fn add_attribute(&mut self, tokens: TokenStream) {
        let attributes = Attribute::parse_outer
            .parse2(tokens.clone())
            .unwrap_or_default();
        if attribute_named("handler", &attributes).is_some() {
            self.marks.extend(attributes);
            return;
        }
        let conditional = attributes.iter().flat_map(conditional_marks);
        let before = self.conditional_marks.len();
        self.conditional_marks.extend(conditional);
        if self.conditional_marks.len() == before {
            self.tokens.extend(tokens);
        }
    }
}

fn conditional_marks(attribute: &Attribute) -> Vec<Path> {
    match &attribute.meta {
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let attributes = arguments::split(list.tokens.clone()).into_iter().skip(1);
            attributes
                .filter_map(|attribute| syn::parse2::<Meta>(attribute.tokens).ok())
                .map(|meta| meta.path().clone())
                .filter(|path| is_named("handler", path))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The number of tokens of the attribute at the start of `tokens`, if there is one.
fn attribute_length(tokens: &[TokenTree]) -> Option<usize> {
    let is = |token: &TokenTree, character| matches!(token, TokenTree::Punct(punct) if punct.as_char() == character);
    let is_group = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket);
    match tokens {
        [hash, group, ..] if is(hash, '#') && is_group(group) => Some(2),
        [hash, not, group, ..] if is(hash, '#') && is(not, '!') && is_group(group) => Some(3),
        _ => None,
    }
}

/// Splits the members: each ends with a semicolon or with braces.
///
/// This also splits a constant whose value has braces. That does no harm, because only members with `#[handler]`
/// matter.
fn split(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut members = Vec::new();
    let mut member = Vec::new();
    let mut angles = Angles::default();
    for token in body {
        let is_outside = angles.are_closed_after(&token);
        let is_end = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && is_outside,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        member.push(token);
        if is_end {
            members.push(std::mem::take(&mut member));
            angles = Angles::default();
        }
    }
    members.push(member);
    members
}

/// Returns `tokens` without the invisible delimiters around items that a `macro_rules` macro passes on.
fn without_fragments(tokens: TokenStream) -> TokenStream {
    let mut content = TokenStream::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) if is_item(&group) => {
                content.extend(without_fragments(group.stream()));
            }
            other => content.extend([other]),
        }
    }
    content
}

fn is_item(group: &Group) -> bool {
    let is_end = |last: &TokenTree| match last {
        TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
        TokenTree::Punct(punct) => punct.as_char() == ';',
        _ => false,
    };
    group.delimiter() == Delimiter::None
        && group
            .stream()
            .into_iter()
            .last()
            .is_some_and(|last| is_end(&last))
}
