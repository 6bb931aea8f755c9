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
    /// Under which fact, and what.
    names: &'static [(&'static str, RecordedNames)],
}

/// The events or families that are named, in order.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum RecordedNames {
    None,
    One(RecordedName),
    All(&'static [Self]),
}

/// An event or a family.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RecordedName {
    pub(crate) is_family: bool,
    /// Escaped.
    pub(crate) name: &'static str,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) is_generic: bool,
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
        self.write(&mut [])
    }

    /// `N` is the length.
    #[must_use]
    pub const fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.write(&mut bytes);
        bytes
    }

    /// Writes the record, or nothing into an empty buffer; and says how long it is.
    const fn write(&self, buffer: &mut [u8]) -> usize {
        let mut at = put(buffer, 0, self.facts);
        let mut index = 0;
        while index < self.names.len() {
            let (fact, names) = self.names[index];
            at = put_names(buffer, at, fact, names);
            index += 1;
        }
        put(buffer, at, "\0")
    }
}

const fn put_names(buffer: &mut [u8], mut at: usize, fact: &str, names: RecordedNames) -> usize {
    match names {
        RecordedNames::None => at,
        RecordedNames::One(name) => {
            at = put(buffer, at, fact);
            at = put(buffer, at, if name.is_family { " dyn " } else { " " });
            at = put(buffer, at, name.name);
            at = put(buffer, at, "\n");
            at = put(buffer, at, fact);
            at = put(buffer, at, "-at ");
            at = put_number(buffer, at, name.line);
            at = put(buffer, at, ":");
            at = put_number(buffer, at, name.column);
            put(
                buffer,
                at,
                if name.is_generic { " generic\n" } else { "\n" },
            )
        }
        RecordedNames::All(all) => {
            let mut index = 0;
            while index < all.len() {
                at = put_names(buffer, at, fact, all[index]);
                index += 1;
            }
            at
        }
    }
}

const fn put(buffer: &mut [u8], at: usize, text: &str) -> usize {
    if !buffer.is_empty() {
        let (_, rest) = buffer.split_at_mut(at);
        let (place, _) = rest.split_at_mut(text.len());
        place.copy_from_slice(text.as_bytes());
    }
    at + text.len()
}

const fn put_number(buffer: &mut [u8], mut at: usize, number: u32) -> usize {
    const DIGITS: &str = "0123456789";
    if number > 9 {
        at = put_number(buffer, at, number / 10);
    }
    let (_, from) = DIGITS.split_at((number % 10) as usize);
    let (digit, _) = from.split_at(1);
    put(buffer, at, digit)
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
    use super::{RecordText, RecordedName, RecordedNames};

    const ONE: RecordedNames = RecordedNames::One(RecordedName {
        is_family: false,
        name: "order.paid",
        line: 4_294_967_295,
        column: 10,
        is_generic: true,
    });
    const FAMILY: RecordedNames = RecordedNames::One(RecordedName {
        is_family: true,
        name: "shop::Auditable",
        line: 7,
        column: 0,
        is_generic: false,
    });
    const TEXT: RecordText = RecordText::new(
        "eventful 1 handler\nfn é\n",
        &[
            ("of", FAMILY),
            (
                "returns",
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
             of dyn shop::Auditable\nof-at 7:0\n\
             returns order.paid\nreturns-at 4294967295:10 generic\n\
             returns dyn shop::Auditable\nreturns-at 7:0\n\0"
        );
    }
}
