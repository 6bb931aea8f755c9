//! The head of a struct or an enum. Its fields are not parsed.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Generics, Token, Visibility, token};

pub(crate) struct EventItem {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) kind: Kind,
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
}

pub(crate) enum Kind {
    Struct,
    Enum,
    Union(Token![union]),
}

impl Parse for EventItem {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let kind = if input.parse::<Option<Token![struct]>>()?.is_some() {
            Kind::Struct
        } else if input.parse::<Option<Token![enum]>>()?.is_some() {
            Kind::Enum
        } else if input.peek(Token![union]) {
            Kind::Union(input.parse()?)
        } else {
            let item = other_item(input);
            return Err(input.error(format!(
                "{item} cannot be an event; `#[event]` belongs on a struct or an enum"
            )));
        };
        let ident = input.parse()?;
        let mut generics: Generics = input.parse()?;
        if input.peek(token::Paren) {
            // The `where` clause of a tuple struct comes after its fields.
            input.parse::<TokenTree>()?;
        }
        generics.where_clause = input.parse()?;
        input.parse::<TokenStream>()?;
        Ok(Self {
            attributes,
            visibility,
            kind,
            ident,
            generics,
        })
    }
}

fn other_item(input: ParseStream<'_>) -> &'static str {
    if input.peek(Token![fn]) {
        "a function"
    } else if input.peek(Token![impl]) {
        "an `impl` block"
    } else if input.peek(Token![mod]) {
        "a module"
    } else if input.peek(Token![trait]) {
        "a trait"
    } else if input.peek(Token![type]) {
        "a type alias"
    } else {
        "this"
    }
}
