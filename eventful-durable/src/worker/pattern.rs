//! Patterns over ids of subscriptions.

/// A text in which `*` stands for any characters, also none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    text: String,
}

impl Pattern {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn fits(&self, id: &str) -> bool {
        let mut parts = self.text.split('*');
        let first = parts.next().unwrap_or_default();
        let Some(mut rest) = id.strip_prefix(first) else {
            return false;
        };
        let Some(last) = parts.next_back() else {
            return rest.is_empty();
        };
        for part in parts {
            match rest.find(part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        rest.len() >= last.len() && rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let fits = |pattern: &str, id: &str| Pattern::new(pattern).fits(id);
        for (pattern, id) in [
            ("*", "a.b"),
            ("*", ""),
            ("a.*", "a.b"),
            ("a.*", "a."),
            ("*.b", "a.b"),
            ("a*b*c", "a1b2b3c"),
            ("a.b", "a.b"),
            ("a**b", "ab"),
        ] {
            assert!(fits(pattern, id), "{pattern} fits {id}");
        }
        for (pattern, id) in [
            ("a.*", "b.a.c"),
            ("a", "ab"),
            ("ab*b", "ab"),
            ("*.b", "a.bc"),
            ("a*b*c", "acb"),
            ("", "a"),
        ] {
            assert!(!fits(pattern, id), "{pattern} does not fit {id}");
        }
    }
}
