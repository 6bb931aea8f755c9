//! The head of a trait. Its items are not parsed.

use proc_macro2::{Ident, TokenStream};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Generics, Token, TypeParamBound, Visibility, WhereClause, token};

pub(crate) struct FamilyItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) unsafety: Option<Token![unsafe]>,
    pub(crate) auto: Option<Token![auto]>,
    pub(crate) trait_token: Token![trait],
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) supertraits: Punctuated<TypeParamBound, Token![+]>,
    pub(crate) where_clause: Option<WhereClause>,
    /// The braces and the items between them.
    pub(crate) body: TokenStream,
}

impl Parse for FamilyItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let ahead = input.fork();
        let _ = ahead.parse::<Option<Token![unsafe]>>()?;
        let _ = ahead.parse::<Option<Token![auto]>>()?;
        if !ahead.peek(Token![trait]) {
            return Err(input.error(
                "`#[family]` belongs on a trait, which the events of the family implement: `trait Auditable { … }`",
            ));
        }
        Ok(Self {
            attributes,
            visibility,
            unsafety: input.parse()?,
            auto: input.parse()?,
            trait_token: input.parse()?,
            ident: input.parse()?,
            generics: input.parse()?,
            supertraits: supertraits(input)?,
            where_clause: input.parse()?,
            body: input.parse()?,
        })
    }
}

fn supertraits(input: ParseStream<'_>) -> syn::Result<Punctuated<TypeParamBound, Token![+]>> {
    let mut supertraits = Punctuated::new();
    if input.parse::<Option<Token![:]>>()?.is_none() {
        return Ok(supertraits);
    }
    while !input.is_empty() && !input.peek(Token![where]) && !input.peek(token::Brace) {
        supertraits.push_value(input.parse()?);
        let Some(plus) = input.parse()? else {
            break;
        };
        supertraits.push_punct(plus);
    }
    Ok(supertraits)
}
