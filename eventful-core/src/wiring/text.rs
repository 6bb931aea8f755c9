//! How names are shown.

/// `text` without line breaks and other control characters, which an id that somebody chose may have.
pub(crate) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_breaks_a_line_is_escaped() {
        assert_eq!(one_line("a\r\n\tb\u{7f}é\"\\"), "a\\r\\n\\tb\\u{7f}é\"\\");
    }
}
