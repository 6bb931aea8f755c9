//! The text of an error, whatever its `Display` does.

use std::error::Error;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::HandlerError;
use crate::store::FailureKind;

/// The most bytes that are kept of one text.
const LONGEST: usize = 8 * 1024;

/// Returns the error with its sources. An error that panics while it is shown, or dropped, counts as a panic.
pub(super) fn text_of(error: HandlerError) -> (FailureKind, String) {
    let shown = AssertUnwindSafe(move || chain(error.get_ref()));
    match catch_unwind(shown) {
        Ok(text) => (FailureKind::Failed, truncated(text)),
        Err(payload) => {
            let panic = panic_text(&*payload);
            // The payload of a panic is the user's, too.
            std::mem::forget(payload);
            let text = format!("the error panicked while it was shown or dropped: {panic}");
            (FailureKind::Panicked, truncated(text))
        }
    }
}

fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source
        && text.len() <= LONGEST
    {
        // Writing to a string does not fail, unless the `Display` does: then what it wrote is kept.
        let _ = write!(text, ": {error}");
        source = error.source();
    }
    text
}

pub(super) fn panic_text(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "a panic without a text".to_owned())
}

pub(super) fn truncated(mut text: String) -> String {
    if text.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end));
        text.truncate(end.unwrap_or(0));
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Panics;

    impl fmt::Display for Panics {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("no text for this")
        }
    }

    impl Error for Panics {}

    #[test]
    fn an_error_whose_display_panics_has_a_text() {
        let (kind, text) = text_of(Panics.into());
        assert_eq!(kind, FailureKind::Panicked);
        assert_eq!(
            text,
            "the error panicked while it was shown or dropped: no text for this"
        );
    }

    #[test]
    fn a_long_text_is_cut_between_two_characters() {
        let text = truncated("ä".repeat(LONGEST));
        assert_eq!(text, format!("{}…", "ä".repeat(LONGEST / 2)));
    }
}
