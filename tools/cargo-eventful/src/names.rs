//! The names that people give to events, handlers and crates.

use eventful_wiring::WiredPosition;

/// Tells if `said` is the name or the end of it: `mail::send` and `send` say `shop::mail::send`, and `paid` says
/// `order.paid`. An `r#` does not count, unless the name was chosen with it.
pub(crate) fn says(said: &str, name: &str) -> bool {
    ends_with(said, name) || said.contains("r#") && ends_with(&said.replace("r#", ""), name)
}

fn ends_with(said: &str, name: &str) -> bool {
    let Some(front) = name.strip_suffix(said).filter(|_| !said.is_empty()) else {
        return false;
    };
    let starts_a_word = said.chars().next().is_some_and(|first| !is_of_word(first));
    front.is_empty() || starts_a_word || !front.ends_with(is_of_word)
}

fn is_of_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// The crate's name in a module path.
pub(crate) fn crate_of(position: &WiredPosition) -> &str {
    let path = position.module_path();
    path.split("::").next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::says;

    #[test]
    fn the_end_of_a_name_says_it() {
        for said in ["shop::mail::send", "mail::send", "send", "::send"] {
            assert!(says(said, "shop::mail::send"), "{said}");
        }
        for said in ["r#mail::r#send", "shop::r#mail::send"] {
            assert!(says(said, "shop::mail::send"), "{said}");
        }
        assert!(says("r#send", "shop::r#send"));
        assert!(says("paid", "order.paid"));
        assert!(says("Changed<u64>", "shop::Changed<u64>"));
    }

    #[test]
    fn a_part_of_a_word_does_not() {
        for said in ["end", "il::send", "mail", "shop", "", "a_shop::mail::send"] {
            assert!(!says(said, "shop::mail::send"), "{said}");
        }
        assert!(!says("mail", "send_mail"));
    }
}
