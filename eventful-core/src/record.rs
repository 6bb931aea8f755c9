//! The record that an expansion leaves in the program, put together in constant evaluation. `eventful_wiring::inspect`
//! describes its format and reads it.
//!
//! The macro writes most facts as one literal, so that there is little to evaluate. This file adds the names of events
//! and families, which only the types have.

use crate::raw::write;

/// A record before it is bytes.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct RecordText {
    /// Lines, the last without its end.
    facts: &'static str,
    /// The end of the last line.
    name: &'static str,
    more: Names,
}

/// Lines of one name each.
#[derive(Clone, Copy, Debug)]
enum Names {
    None,
    Families(&'static [&'static str]),
    Returned(RecordedNames),
}

/// Events in order, each with the position of its declaration and its name: `12:4 shop::OrderCreated`.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum RecordedNames {
    None,
    One(&'static str),
    All(&'static [Self]),
}

impl RecordText {
    #[must_use]
    pub const fn new(facts: &'static str) -> Self {
        Self {
            facts,
            name: "",
            more: Names::None,
        }
    }

    /// A record whose last fact, `of`, has the value `subject`.
    #[must_use]
    pub const fn ending_with(facts: &'static str, subject: &'static str) -> Self {
        Self {
            facts,
            name: subject,
            more: Names::None,
        }
    }

    #[must_use]
    pub const fn families(self, names: &'static [&'static str]) -> Self {
        Self {
            more: Names::Families(names),
            ..self
        }
    }

    #[must_use]
    pub const fn returning(self, names: RecordedNames) -> Self {
        Self {
            more: Names::Returned(names),
            ..self
        }
    }

    #[must_use]
    #[expect(
        clippy::len_without_is_empty,
        reason = "a record is never empty; this is for the length of an array"
    )]
    pub const fn len(self) -> usize {
        self.write(&mut []) + END.len()
    }

    /// `N` is the length.
    #[must_use]
    pub const fn bytes<const N: usize>(self) -> [u8; N] {
        let mut bytes = [0; N];
        let end = self.write(&mut bytes);
        write(&mut bytes, end, END);
        bytes
    }

    /// Writes all but the end, and returns where that is. It only counts if there are no bytes.
    const fn write(&self, bytes: &mut [u8]) -> usize {
        let end = put(bytes, 0, self.facts);
        let mut end = put(bytes, end, self.name);
        match self.more {
            Names::None => {}
            Names::Families(families) => {
                let mut index = 0;
                while index < families.len() {
                    end = put(bytes, end, FAMILY);
                    end = put(bytes, end, families[index]);
                    index += 1;
                }
            }
            Names::Returned(names) => end = put_returned(bytes, end, names),
        }
        end
    }
}

const FAMILY: &str = "\nas ";
const RETURNED: &str = "\nreturns ";
/// Ends the last line, and the record.
const END: &str = "\n\0";

const fn put_returned(bytes: &mut [u8], start: usize, names: RecordedNames) -> usize {
    match names {
        RecordedNames::None => start,
        RecordedNames::One(name) => {
            let end = put(bytes, start, RETURNED);
            put(bytes, end, name)
        }
        RecordedNames::All(all) => {
            let mut end = start;
            let mut index = 0;
            while index < all.len() {
                end = put_returned(bytes, end, all[index]);
                index += 1;
            }
            end
        }
    }
}

const fn put(bytes: &mut [u8], start: usize, text: &str) -> usize {
    if bytes.is_empty() {
        start + text.len()
    } else {
        write(bytes, start, text)
    }
}

/// An entry of a list that the linker keeps, and with it the record. MinGW's linker drops what nothing refers to, even if
/// it is `#[used]`.
#[cfg(all(windows, not(target_env = "msvc")))]
#[doc(hidden)]
#[derive(Debug)]
pub struct KeptRecord(pub &'static [u8]);

#[cfg(all(windows, not(target_env = "msvc")))]
inventory::collect!(KeptRecord);

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
        #[cfg(all(windows, not(target_env = "msvc")))]
        $private::inventory::submit! { $private::KeptRecord(&__EVENTFUL_RECORD) }
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
    use eventful_wiring::record::fact;

    use super::{FAMILY, RETURNED, RecordText, RecordedNames};

    #[test]
    fn the_names_of_facts_are_those_that_the_reader_knows() {
        assert_eq!(FAMILY, format!("\n{} ", fact::AS));
        assert_eq!(RETURNED, format!("\n{} ", fact::RETURNS));
    }

    const PAID: &str = "62:12 order.paid";
    const SHIPPED: &str = "7:1 shop::Shipped";
    const TEXT: RecordText = RecordText::ending_with("eventful 1 handler\nfn é\nof ", PAID)
        .returning(RecordedNames::All(&[
            RecordedNames::One(PAID),
            RecordedNames::None,
            RecordedNames::All(&[RecordedNames::One(SHIPPED)]),
            RecordedNames::All(&[]),
        ]));
    static RECORD: [u8; TEXT.len()] = TEXT.bytes();

    #[test]
    fn a_record_is_lines_and_a_nul() {
        assert_eq!(
            std::str::from_utf8(&RECORD).unwrap(),
            "eventful 1 handler\nfn é\n\
             of 62:12 order.paid\n\
             returns 62:12 order.paid\n\
             returns 7:1 shop::Shipped\n\0"
        );
    }

    const EVENT: RecordText = RecordText::new("eventful 1 event\nname order.paid")
        .families(&["7:1* dyn shop::Auditable", "8:1* dyn shop::Billable"]);
    static EVENT_RECORD: [u8; EVENT.len()] = EVENT.bytes();

    #[test]
    fn the_families_of_an_event_are_a_line_each() {
        assert_eq!(
            std::str::from_utf8(&EVENT_RECORD).unwrap(),
            "eventful 1 event\nname order.paid\n\
             as 7:1* dyn shop::Auditable\n\
             as 8:1* dyn shop::Billable\n\0"
        );
    }
}
