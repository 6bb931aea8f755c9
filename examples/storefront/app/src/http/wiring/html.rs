//! Names in a page.

use std::fmt::{self, Display, Write};

/// Text that stays text in a page, also within an attribute.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => formatter.write_str("&amp;"),
                '<' => formatter.write_str("&lt;"),
                '>' => formatter.write_str("&gt;"),
                '"' => formatter.write_str("&quot;"),
                character => formatter.write_char(character),
            }?;
        }
        Ok(())
    }
}

/// A link to the section of an event.
pub(super) struct EventLink<'a>(pub(super) &'a str);

impl Display for EventLink<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let event = Escaped(self.0);
        write!(
            formatter,
            "<a class=\"event\" href=\"#{event}\">{event}</a>"
        )
    }
}

/// A path that is broken between its parts where the line is too short.
pub(super) struct PathName<'a>(pub(super) &'a str);

impl Display for PathName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = Escaped(self.0).to_string().replace("::", "::<wbr>");
        write!(formatter, "<code>{broken}</code>")
    }
}

/// A type without its modules. The page shows them when a reader points at it.
pub(super) struct TypeName<'a>(pub(super) &'a str);

impl Display for TypeName<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (long, short) = (Escaped(self.0), short(self.0));
        write!(
            formatter,
            "<code title=\"{long}\">{}</code>",
            Escaped(&short)
        )
    }
}

fn short(type_name: &str) -> String {
    let mut short = String::new();
    let mut identifier = 0;
    for character in type_name.chars() {
        match character {
            // The first of the two.
            ':' => short.truncate(identifier),
            _ => short.push(character),
        }
        if !character.is_alphanumeric() && character != '_' {
            identifier = short.len();
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_mark_in_html_is_none_in_a_name() {
        assert_eq!(
            Escaped("Created<\"User\"> & co").to_string(),
            "Created&lt;&quot;User&quot;&gt; &amp; co"
        );
        assert_eq!(
            EventLink("a<b").to_string(),
            "<a class=\"event\" href=\"#a&lt;b\">a&lt;b</a>"
        );
        assert_eq!(
            PathName("a::<b>::c").to_string(),
            "<code>a::<wbr>&lt;b&gt;::<wbr>c</code>"
        );
    }

    #[test]
    fn a_type_is_called_by_its_last_name() {
        for (long, expected) in [
            ("&orders::database::Database", "&Database"),
            ("&dyn orders::mail::Mailer", "&dyn Mailer"),
            ("Option<&a::B<c::d::E, f_1::G>>", "Option<&B<E, G>>"),
            ("&Delivery", "&Delivery"),
            ("(a::b, [u8; 3])", "(b, [u8; 3])"),
        ] {
            assert_eq!(short(long), expected);
        }
    }
}
