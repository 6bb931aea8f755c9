//! `handlers = 1..`: the number of handlers that an event must have.

use syn::parse::{Parse, ParseStream};
use syn::{LitInt, RangeLimits};

use crate::arguments::KeyValue;
use crate::diagnostics::Diagnostics;

/// The least and the greatest number of handlers.
#[derive(Clone, Copy)]
pub(crate) struct Contract {
    pub(crate) least: u32,
    pub(crate) most: Option<u32>,
}

/// Reads the value of `handlers = …`.
pub(crate) fn check(option: &KeyValue, diagnostics: &mut Diagnostics) -> Option<Contract> {
    let meaning = "a number of handlers, or a range of numbers";
    let written: Written = option.value(meaning, "1..", diagnostics)?;
    written
        .contract()
        .map_err(|message| diagnostics.error(&option.value, message))
        .ok()
}

/// The value as it is written: a number, or a range.
enum Written {
    Number(u32),
    Range {
        start: Option<u32>,
        limits: RangeLimits,
        end: Option<u32>,
    },
}

impl Parse for Written {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let start = number(input)?;
        match (start, input.is_empty()) {
            (Some(number), true) => Ok(Self::Number(number)),
            _ => Ok(Self::Range {
                start,
                limits: input.parse()?,
                end: number(input)?,
            }),
        }
    }
}

fn number(input: ParseStream<'_>) -> syn::Result<Option<u32>> {
    let Some(digits) = input.parse::<Option<LitInt>>()? else {
        return Ok(None);
    };
    if !digits.suffix().is_empty() {
        return Err(syn::Error::new(digits.span(), "not a plain number"));
    }
    digits.base10_parse().map(Some)
}

impl Written {
    fn contract(self) -> Result<Contract, String> {
        let (start, limits, end) = match self {
            Self::Number(number) => {
                return Ok(Contract {
                    least: number,
                    most: Some(number),
                });
            }
            Self::Range { start, limits, end } => (start, limits, end),
        };
        let least = start.unwrap_or(0);
        let is_inclusive = matches!(limits, RangeLimits::Closed(_));
        let most = match end {
            None if is_inclusive => {
                return Err("this range has no end: write `handlers = 1..`".to_owned());
            }
            None if least == 0 => {
                return Err("any number of handlers is allowed without this; remove `handlers`, or write `handlers = 1..` \
                            for at least one".to_owned());
            }
            None => return Ok(Contract { least, most: None }),
            Some(end) if is_inclusive => Some(end),
            Some(end) => end.checked_sub(1),
        };
        match most {
            Some(most) if least <= most => Ok(Contract {
                least,
                most: Some(most),
            }),
            _ => Err(Self::empty(least, end.unwrap_or(0))),
        }
    }

    fn empty(start: u32, end: u32) -> String {
        let remedy = if start == end {
            format!("`handlers = {start}` for exactly {start}")
        } else {
            format!("`handlers = {end}..={start}`")
        };
        format!("no number is in this range; write {remedy}")
    }
}
