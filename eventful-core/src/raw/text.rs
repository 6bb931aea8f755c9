//! Text that is put together in constant evaluation.

use std::ptr;

/// Writes `text` into `bytes` from `start` on; gives where it ends.
///
/// Slices have safe ways to do this, but each is a dozen calls, and the compiler evaluates all of them for every record.
///
/// # Panics
///
/// If there is not enough room.
pub(crate) const fn write(bytes: &mut [u8], start: usize, text: &str) -> usize {
    let text = text.as_bytes();
    assert!(
        start <= bytes.len() && text.len() <= bytes.len() - start,
        "not enough room for the text"
    );
    let place = bytes.as_mut_ptr().wrapping_add(start);
    // SAFETY: `start` is within the bytes, or their end, and there is room for the text behind it. The text is borrowed, and
    // so no part of what is borrowed mutably.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), place, text.len()) };
    start + text.len()
}

#[cfg(test)]
mod tests {
    use super::write;

    #[test]
    fn texts_stand_one_behind_the_other() {
        let mut bytes = *b"......";
        let end = write(&mut bytes, 1, "é");
        assert_eq!(write(&mut bytes, end, "abc"), 6);
        assert_eq!(write(&mut bytes, 6, ""), 6);
        assert_eq!(bytes, *".éabc".as_bytes());
    }

    #[test]
    #[should_panic(expected = "not enough room for the text")]
    fn a_text_that_is_too_long_is_not_written() {
        write(&mut [0; 3], 2, "ab");
    }

    #[test]
    #[should_panic(expected = "not enough room for the text")]
    fn nothing_is_written_behind_the_end() {
        write(&mut [0; 3], 4, "");
    }
}
