//! The names of types and handlers, as people read them.

use std::fmt;

/// A type's name for people. `Display` leaves out the paths of the standard library's types and of ours.
#[derive(Clone, Copy, Debug)]
pub struct ShortType<'a>(pub &'a str);

impl fmt::Display for ShortType<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while !rest.is_empty() {
            let path = path_at_start(rest);
            if path.is_empty() {
                let other = rest.find(is_in_path).unwrap_or(rest.len());
                formatter.write_str(&rest[..other])?;
                rest = &rest[other..];
            } else {
                formatter.write_str(short_path(path))?;
                rest = &rest[path.len()..];
            }
        }
        Ok(())
    }
}

/// Escapes line breaks and other control characters, which an id that somebody chose may have.
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

fn path_at_start(text: &str) -> &str {
    &text[..text.find(|it| !is_in_path(it)).unwrap_or(text.len())]
}

fn is_in_path(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | ':')
}

fn short_path(path: &str) -> &str {
    let is_ours = matches!(
        path.split("::").next(),
        Some("alloc" | "core" | "std" | "eventful" | "eventful_core")
    );
    match path.rsplit_once("::") {
        Some((_, name)) if is_ours && !name.is_empty() => name,
        _ => path,
    }
}

#[cfg(test)]
mod tests {
    use super::{ShortType, one_line};

    #[test]
    fn paths_of_the_standard_library_are_left_out_wherever_they_are() {
        for (long, short) in [
            ("alloc::string::String", "String"),
            ("shop::Cache", "shop::Cache"),
            ("u64", "u64"),
            (
                "alloc::sync::Arc<std::sync::poison::mutex::Mutex<shop::Cache>>",
                "Arc<Mutex<shop::Cache>>",
            ),
            ("(alloc::vec::Vec<[u8; 4]>, &str)", "(Vec<[u8; 4]>, &str)"),
            (
                "dyn shop::Mailer + core::marker::Send",
                "dyn shop::Mailer + Send",
            ),
            ("shop::std::Thing", "shop::std::Thing"),
            ("stdx::Thing", "stdx::Thing"),
            ("eventful_core::bus::Bus", "Bus"),
            ("dyn eventful::AnyEvent", "dyn AnyEvent"),
            (
                "<alloc::string::String as shop::Named>::Name",
                "<String as shop::Named>::Name",
            ),
        ] {
            assert_eq!(ShortType(long).to_string(), short);
        }
    }

    #[test]
    fn what_breaks_a_line_is_escaped() {
        assert_eq!(one_line("a\r\n\tb\u{7f}é\"\\"), "a\\r\\n\\tb\\u{7f}é\"\\");
    }
}
