//! The record that an expansion leaves in the program, put together in constant evaluation. `inspect.rs` says what it looks
//! like, and reads it.
//!
//! What the macro knows is one literal, so that there is little to evaluate: only the names of events and families, which
//! the types have, are added here.

/// A record before it is bytes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RecordText {
    /// Lines, each with its end.
    facts: &'static str,
    /// What stands before each of the names on a line, and the names.
    names: &'static [(&'static str, RecordedNames)],
}

/// The events or families that are named, in order: the place of each and its name, `12:4 shop::OrderCreated`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum RecordedNames {
    None,
    One(&'static str),
    All(&'static [Self]),
}

impl RecordText {
    #[must_use]
    pub const fn new(facts: &'static str, names: &'static [(&'static str, RecordedNames)]) -> Self {
        Self { facts, names }
    }

    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a record is never empty; this is for the length of an array"
    )]
    pub const fn len(&self) -> usize {
        let mut length = self.facts.len() + END.len();
        let mut index = 0;
        while index < self.names.len() {
            let (fact, names) = self.names[index];
            length += length_of(fact, names);
            index += 1;
        }
        length
    }

    /// `N` is the length.
    #[must_use]
    pub const fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        let mut rest = put(&mut bytes, self.facts);
        let mut index = 0;
        while index < self.names.len() {
            let (fact, names) = self.names[index];
            rest = put_names(rest, fact, names);
            index += 1;
        }
        put(rest, END);
        bytes
    }
}

const END: &str = "\0";

const fn length_of(fact: &str, names: RecordedNames) -> usize {
    match names {
        RecordedNames::None => 0,
        RecordedNames::One(name) => fact.len() + name.len() + 1,
        RecordedNames::All(all) => {
            let mut length = 0;
            let mut index = 0;
            while index < all.len() {
                length += length_of(fact, all[index]);
                index += 1;
            }
            length
        }
    }
}

const fn put_names<'a>(mut rest: &'a mut [u8], fact: &str, names: RecordedNames) -> &'a mut [u8] {
    match names {
        RecordedNames::None => rest,
        RecordedNames::One(name) => put(put(put(rest, fact), name), "\n"),
        RecordedNames::All(all) => {
            let mut index = 0;
            while index < all.len() {
                rest = put_names(rest, fact, all[index]);
                index += 1;
            }
            rest
        }
    }
}

/// Puts `text` at the beginning; what is behind it is what is left. One call for each piece: each costs the compiler more than
/// the bytes do.
const fn put<'a>(rest: &'a mut [u8], text: &str) -> &'a mut [u8] {
    let (place, rest) = rest.split_at_mut(text.len());
    place.copy_from_slice(text.as_bytes());
    rest
}

/// Leaves a record in the program; nothing without the feature `records`.
#[cfg(feature = "records")]
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($private:ident, $text:expr) => {
        use $private::Unrecorded as _;
        const __EVENTFUL_TEXT: $private::RecordText = $text;
        #[used]
        #[cfg_attr(target_vendor = "apple", unsafe(link_section = "__DATA,__eventful_v1"))]
        #[cfg_attr(any(windows, target_os = "uefi"), unsafe(link_section = ".evfl_v1"))]
        #[cfg_attr(
            not(any(target_vendor = "apple", windows, target_os = "uefi")),
            unsafe(link_section = "eventful_v1")
        )]
        static __EVENTFUL_RECORD: [$private::u8; __EVENTFUL_TEXT.len()] = __EVENTFUL_TEXT.bytes();
    };
}

#[cfg(not(feature = "records"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __record {
    ($private:ident, $text:expr) => {};
}

#[cfg(test)]
mod tests {
    use super::{RecordText, RecordedNames};

    const ONE: RecordedNames = RecordedNames::One("62:12 order.paid");
    const FAMILY: RecordedNames = RecordedNames::One("7:1* dyn shop::Auditable");
    const TEXT: RecordText = RecordText::new(
        "eventful 1 handler\nfn é\n",
        &[
            ("of ", FAMILY),
            (
                "returns ",
                RecordedNames::All(&[
                    ONE,
                    RecordedNames::None,
                    RecordedNames::All(&[FAMILY]),
                    RecordedNames::All(&[]),
                ]),
            ),
        ],
    );
    static RECORD: [u8; TEXT.len()] = TEXT.bytes();

    #[test]
    fn a_record_is_lines_and_a_nul() {
        assert_eq!(
            std::str::from_utf8(&RECORD).unwrap(),
            "eventful 1 handler\nfn é\n\
             of 7:1* dyn shop::Auditable\n\
             returns 62:12 order.paid\n\
             returns 7:1* dyn shop::Auditable\n\0"
        );
    }
}
