//! Texts that look the same and are composed of other characters: `é` is one character, or an `e` and an accent.
//!
//! The compiler composes the characters of names (NFC), and leaves those of texts as they are written. To compose them
//! here would take the tables of Unicode, which are larger than this crate. So ids are compared as they are, and this
//! finds out for a message if two of them look the same. It does not compare the accents.

/// Tells if the texts differ, and only in how their characters are composed.
pub(crate) fn is_composed_otherwise(a: &str, b: &str) -> bool {
    let (mut a_rest, mut b_rest) = (a, b);
    while !a_rest.is_empty() && !b_rest.is_empty() {
        let (one, behind_one) = split_first(a_rest);
        let (other, behind_other) = split_first(b_rest);
        if one != other && !look_alike(one, other) {
            return false;
        }
        (a_rest, b_rest) = (behind_one, behind_other);
    }
    a != b && a_rest.is_empty() && b_rest.is_empty()
}

/// The first character with what is combined with it, and the rest.
fn split_first(text: &str) -> (&str, &str) {
    let mut characters = text.char_indices().skip(1);
    let end = characters.find(|(_, character)| !is_combined(*character));
    text.split_at(end.map_or(text.len(), |(start, _)| start))
}

/// One has a composed character, and the other, or both, characters that are combined.
fn look_alike(one: &str, other: &str) -> bool {
    let is_combination = |text: &str| text.chars().nth(1).is_some();
    (is_combination(one) || is_combination(other)) && !(one.is_ascii() || other.is_ascii())
}

/// Tells if the character is one with the character before it.
fn is_combined(character: char) -> bool {
    // The vowels and final consonants of Korean syllables.
    let is_of_syllable = matches!(character, '\u{1161}'..='\u{1175}' | '\u{11a8}'..='\u{11c2}');
    // Of the characters of words, the standard library escapes only those that are combined, such as accents.
    is_of_syllable || !character.is_ascii() && character.escape_debug().len() > 1
}

#[cfg(test)]
mod tests {
    use super::is_composed_otherwise;

    #[test]
    fn texts_that_look_the_same_are_composed_otherwise() {
        for (composed, combined) in [
            ("shop::café", "shop::cafe\u{301}"),
            ("café::größe", "cafe\u{301}::gro\u{308}ße"),
            ("Việt", "Vie\u{323}\u{302}t"),
            ("Vi\u{1eb9}\u{302}t", "Việt"),
            ("ガ", "カ\u{3099}"),
            ("한글", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"),
        ] {
            assert!(is_composed_otherwise(composed, combined), "{composed}");
            assert!(is_composed_otherwise(combined, composed), "{composed}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        for (one, other) in [
            ("café", "café"),
            ("cafe\u{301}", "cafe\u{301}"),
            ("café", "cafe"),
            ("cafe\u{301}", "cafe"),
            ("cafe\u{301}s", "café"),
            ("cafe\u{301}", "cafés"),
            ("für", "fur"),
            ("é", "è"),
            ("", "é"),
        ] {
            assert!(!is_composed_otherwise(one, other), "{one} {other}");
            assert!(!is_composed_otherwise(other, one), "{one} {other}");
        }
    }
}
