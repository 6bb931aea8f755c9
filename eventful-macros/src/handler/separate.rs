//! The options of handlers of durable events: how one is run by itself, or that it runs in the publisher's transaction.

use std::time::Duration;

use proc_macro2::{Group, Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{LitInt, LitStr, Token, bracketed, token};

use crate::arguments::{self, KeyValue, Keys};
use crate::diagnostics::Diagnostics;
use crate::names::text;

/// The options that a handler of durable events may have, as they are written.
#[derive(Default)]
pub(crate) struct DurableOptions {
    pub(crate) in_transaction: Option<Ident>,
    pub(crate) separate: Separate,
}

/// The options of a handler that runs by itself.
#[derive(Default)]
pub(crate) struct Separate {
    /// The first of the options.
    pub(crate) key: Option<Ident>,
    /// The options as they are written.
    written: Vec<String>,
    retry: Retry,
    timeout: Option<Duration>,
    concurrency: Option<u32>,
    was: Option<(Ident, Vec<LitStr>)>,
    from_beginning: Option<Ident>,
    stops_when_dead: Option<Ident>,
    each_process: Option<Ident>,
    refuses_replay: Option<Ident>,
    pub(crate) dead_letters_of: Option<LitStr>,
}

#[derive(Default)]
struct Retry {
    attempts: Option<u32>,
    first: Option<Duration>,
    longest: Option<Duration>,
    keep_trying_for: Option<Duration>,
}

/// The options with a value or without one.
pub(crate) const KEYS: [&str; 9] = [
    "in_transaction",
    "retry",
    "timeout",
    "from",
    "was",
    "on_dead",
    "concurrency",
    "each",
    "replay",
];

/// The units of durations, each with its milliseconds.
const UNITS: [(&str, u64); 5] = [
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

impl DurableOptions {
    /// Reads an option of the form `key` or `key = value`.
    pub(crate) fn set(&mut self, option: &KeyValue, diagnostics: &mut Diagnostics) {
        let key = &option.key;
        let name = key.to_string();
        if name == "in_transaction" {
            option.flag(diagnostics);
            self.in_transaction = Some(key.clone());
            return;
        }
        let separate = &mut self.separate;
        let value = option.value.as_ref().map(text).unwrap_or_default();
        separate.add(key, format!("{name} = {value}"));
        match name.as_str() {
            "timeout" => separate.timeout = duration(option, "30s", diagnostics),
            "concurrency" => separate.concurrency = count(option, "4", diagnostics),
            "was" => {
                let meaning = "an earlier id of the handler, or a list of these";
                let ids = option.value(meaning, "\"billing.old\"", diagnostics);
                separate.was = ids.map(|Ids(ids)| (key.clone(), ids));
            }
            "from" => separate.from_beginning = word(option, "beginning", diagnostics),
            "on_dead" => separate.stops_when_dead = word(option, "stop", diagnostics),
            "each" => separate.each_process = word(option, "process", diagnostics),
            "replay" => separate.refuses_replay = word(option, "refuse", diagnostics),
            _ => diagnostics.error(key, "`retry` has a list: write `retry(attempts = 5)`"),
        }
    }

    /// Reads `retry(…)`.
    pub(crate) fn set_retry(
        &mut self,
        key: &Ident,
        content: &Group,
        diagnostics: &mut Diagnostics,
    ) {
        let separate = &mut self.separate;
        separate.add(key, format!("retry({})", text(content.stream())));
        let mut keys = Keys::default();
        let arguments = arguments::split(content.stream());
        if arguments.is_empty() {
            diagnostics.error(key, format!("`retry` is empty: {RETRY}"));
        }
        for argument in arguments {
            let Some(option) = &argument.option else {
                diagnostics.error(
                    &argument.tokens,
                    format!("this is no option of `retry`: {RETRY}"),
                );
                continue;
            };
            if !keys.is_first(&option.key, "remove one", diagnostics) {
                continue;
            }
            let retry = &mut separate.retry;
            match option.key.to_string().as_str() {
                "attempts" => retry.attempts = count(option, "5", diagnostics),
                "first" => retry.first = duration(option, "1s", diagnostics),
                "longest" => retry.longest = duration(option, "1h", diagnostics),
                "for" => retry.keep_trying_for = duration(option, "1d", diagnostics),
                unknown => diagnostics.error(
                    &option.key,
                    format!("`retry` has no option `{unknown}`: {RETRY}"),
                ),
            }
        }
        if let (Some(first), Some(longest)) = (separate.retry.first, separate.retry.longest)
            && first > longest
        {
            diagnostics.error(
                content.stream(),
                "the first pause is longer than the longest one; write a `first` that is at most `longest`",
            );
        }
    }

    /// Reports options that contradict each other, or that lack an id. `orders` are the options of an order that are written,
    /// and `lent` is the `mut` of a parameter.
    pub(crate) fn check(
        &self,
        id: Option<&LitStr>,
        orders: &[Ident],
        diagnostics: &mut Diagnostics,
    ) {
        let separate = &self.separate;
        if let Some(in_transaction) = &self.in_transaction {
            if let Some(key) = &separate.key {
                let message = format!(
                    "a handler `in_transaction` runs within the publish, once, and fails with it; remove `{key}` or `{in_transaction}`"
                );
                diagnostics.error(key, message);
            }
            return;
        }
        let Some(key) = &separate.key else {
            return;
        };
        for order in orders {
            let message = format!(
                "`{order}` is for handlers that run one after the other, and `{key}` for one that runs by itself; remove one"
            );
            diagnostics.error(order, message);
        }
        match id {
            None => {
                let message = format!(
                    "`{key}` is for a handler that the store knows by an id; write `id = \"billing.invoice\"` before it"
                );
                diagnostics.error(key, message);
            }
            Some(id) => separate.check_was(id, diagnostics),
        }
        separate.check_each_process(diagnostics);
    }
}

const RETRY: &str =
    "write `retry(attempts = 5, first = \"1s\", longest = \"1h\", for = \"1d\")`, or some of these";

impl Separate {
    fn add(&mut self, key: &Ident, written: String) {
        self.key.get_or_insert_with(|| key.clone());
        self.written.push(written);
    }

    fn check_was(&self, id: &LitStr, diagnostics: &mut Diagnostics) {
        let Some((_, was)) = &self.was else { return };
        for (index, earlier) in was.iter().enumerate() {
            if earlier.value() == id.value() {
                diagnostics.error(
                    earlier,
                    "this is the id that the handler has; `was` is for the ids that it had before",
                );
            } else if was[..index].iter().any(|it| it.value() == earlier.value()) {
                let message = format!("\"{}\" is listed twice; remove one", earlier.value());
                diagnostics.error(earlier, message);
            }
        }
    }

    /// A subscription of each process is kept nowhere.
    fn check_each_process(&self, diagnostics: &mut Diagnostics) {
        if self.each_process.is_none() {
            return;
        }
        let was = self.was.as_ref().map(|(key, _)| key);
        let kept = [
            was,
            self.from_beginning.as_ref(),
            self.stops_when_dead.as_ref(),
            self.refuses_replay.as_ref(),
        ];
        for key in kept.into_iter().flatten() {
            let message = format!(
                "with `each = \"process\"` a handler hears what is published while its process runs, and nothing of it is kept; \
                 remove `{key}` or `each`"
            );
            diagnostics.error(key, message);
        }
    }

    /// The options as people write them.
    pub(crate) fn for_people(&self) -> String {
        match &self.dead_letters_of {
            Some(id) => format!("on the dead letters of {}", id.value()),
            None => self.written.join(", "),
        }
    }

    /// Returns true if nothing is written.
    pub(crate) fn is_empty(&self) -> bool {
        self.key.is_none() && self.dead_letters_of.is_none()
    }

    pub(crate) fn each_process(&self) -> Option<&Ident> {
        self.each_process.as_ref()
    }

    /// The options as an expression.
    pub(crate) fn tokens(&self) -> TokenStream {
        let mut fields = TokenStream::new();
        let mut field = |name: &str, value: Option<TokenStream>| {
            let name = Ident::new(name, Span::call_site());
            if let Some(value) = value {
                fields.extend(quote!(#name: #value,));
            }
        };
        let written = self.for_people();
        field("written", (!written.is_empty()).then(|| quote!(#written)));
        let some = |value: &dyn ToTokens| quote!(__eventful::Option::Some(#value));
        let number = |number: Option<u32>| number.map(|it| some(&Literal::u32_unsuffixed(it)));
        let time = |time: Option<Duration>| {
            time.map(|time| {
                let milliseconds = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
                let milliseconds = Literal::u64_unsuffixed(milliseconds);
                some(&quote!(::core::time::Duration::from_millis(#milliseconds)))
            })
        };
        let flag = |key: &Option<Ident>| key.as_ref().map(|_| quote!(true));
        field("attempts", number(self.retry.attempts));
        field("first", time(self.retry.first));
        field("longest", time(self.retry.longest));
        field("keep_trying_for", time(self.retry.keep_trying_for));
        field("timeout", time(self.timeout));
        field("concurrency", number(self.concurrency));
        field(
            "was",
            self.was.as_ref().map(|(_, was)| quote!(&[#(#was),*])),
        );
        field("from_beginning", flag(&self.from_beginning));
        field("stops_when_dead", flag(&self.stops_when_dead));
        field("each_process", flag(&self.each_process));
        field("refuses_replay", flag(&self.refuses_replay));
        field(
            "dead_letters_of",
            self.dead_letters_of.as_ref().map(|id| some(id)),
        );
        quote!(__eventful::SeparateOptions { #fields ..__eventful::SeparateOptions::DEFAULT })
    }
}

/// One id, or several between brackets.
struct Ids(Vec<LitStr>);

impl Parse for Ids {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if !input.peek(token::Bracket) {
            return Ok(Self(vec![input.parse()?]));
        }
        let list;
        bracketed!(list in input);
        let ids = Punctuated::<LitStr, Token![,]>::parse_terminated(&list)?;
        Ok(Self(ids.into_iter().collect()))
    }
}

/// Reads a value that can only be one word.
fn word(option: &KeyValue, only: &str, diagnostics: &mut Diagnostics) -> Option<Ident> {
    let example = format!("\"{only}\"");
    let written: LitStr = option.value("a word", &example, diagnostics)?;
    if written.value() == only {
        return Some(option.key.clone());
    }
    let message = format!(
        "`{}` can only be \"{only}\": write `{} = \"{only}\"`, or remove it",
        option.key, option.key
    );
    diagnostics.error(&written, message);
    None
}

/// Reads a number from 1.
fn count(option: &KeyValue, example: &str, diagnostics: &mut Diagnostics) -> Option<u32> {
    let written: LitInt = option.value("a number from 1", example, diagnostics)?;
    match written.base10_parse::<u32>() {
        Ok(number) if number > 0 && written.suffix().is_empty() => Some(number),
        _ => {
            let key = &option.key;
            let message = format!("`{key}` is a number from 1: write `{key} = {example}`");
            diagnostics.error(&written, message);
            None
        }
    }
}

/// Reads a duration such as `"30s"`.
fn duration(option: &KeyValue, example: &str, diagnostics: &mut Diagnostics) -> Option<Duration> {
    let quoted = format!("\"{example}\"");
    let written: LitStr = option.value("a duration", &quoted, diagnostics)?;
    let duration = parse_duration(&written.value());
    if duration.is_none() {
        let key = &option.key;
        let message = format!(
            "this is no duration: write a whole number from 1 and a unit, `ms`, `s`, `m`, `h` or `d`, as in `{key} = {quoted}`"
        );
        diagnostics.error(&written, message);
    }
    duration
}

fn parse_duration(written: &str) -> Option<Duration> {
    let unit = written.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = written.split_at(unit);
    let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
    let (_, milliseconds) = UNITS.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*milliseconds).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::parse_duration;

    #[test]
    fn a_duration_is_a_whole_number_and_a_unit() {
        for (written, milliseconds) in [
            ("250ms", 250),
            ("30s", 30_000),
            ("5m", 300_000),
            ("2h", 7_200_000),
            ("1d", 86_400_000),
        ] {
            let parsed = parse_duration(written);
            assert_eq!(
                parsed,
                Some(Duration::from_millis(milliseconds)),
                "{written}"
            );
        }
        for written in [
            "",
            "30",
            "s",
            "0s",
            "1.5s",
            "-1s",
            "1 s",
            "1w",
            "30S",
            "99999999999999999d",
        ] {
            assert_eq!(parse_duration(written), None, "{written}");
        }
    }
}
