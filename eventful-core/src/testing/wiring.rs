//! Assertions that the wiring of a program or a bus is that of a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::line_difference::line_difference;
use crate::{Bus, Wiring};

/// The environment variable with which the file is written instead of compared.
const UPDATE: &str = "UPDATE_WIRING";

/// Compares the wiring of the program with a file, so that each change of the handlers shows in review.
///
/// The file holds the text of [`Bus::builder().wiring()`](crate::BusBuilder::wiring). With `UPDATE_WIRING=1`, the test
/// writes it. `path` starts at the directory of the package that is tested, which is `CARGO_MANIFEST_DIR`, or at the
/// current directory without cargo. Line endings do not matter.
///
/// The program is the test's own: in a file of `tests/` it has the handlers of the crates that
/// [`link!`](https://docs.rs/eventful-framework) names there, and those of that file.
///
/// # Panics
///
/// If the two differ, with the lines that differ. If there is no such file, or it cannot be read. If the handlers
/// cannot be put in order. If there are no handlers, as in a file of `tests/` without `link!`.
///
/// # Examples
///
/// ```no_run
/// // The whole of tests/wiring.rs, after `eventful::link!();` and in a `#[test]`:
/// eventful::testing::assert_wiring("wiring.txt");
/// ```
#[track_caller]
pub fn assert_wiring(path: impl AsRef<Path>) {
    match Bus::builder().wiring() {
        Ok(wiring) if !wiring.has_handlers() => panic!(
            "no handler is linked into this test, so that a file would hold nothing to compare with; \
             write `eventful::link!();` here"
        ),
        Ok(wiring) => assert_file_holds(&wiring, path.as_ref()),
        Err(error) => panic!("{error}"),
    }
}

/// Compares the wiring of one bus, with its handlers and the resources that it provides, with a file like that of
/// [`assert_wiring`].
///
/// # Panics
///
/// If the two differ, with the lines that differ. If there is no such file, or it cannot be read.
///
/// # Examples
///
/// ```no_run
/// use eventful::Bus;
///
/// let bus = Bus::isolated().provide(42_u64).build()?;
/// eventful::testing::assert_wiring_of(&bus, "tests/wiring_of_a_part.txt");
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[track_caller]
pub fn assert_wiring_of(bus: &Bus, path: impl AsRef<Path>) {
    assert_file_holds(&bus.wiring(), path.as_ref());
}

#[track_caller]
fn assert_file_holds(wiring: &Wiring, path: &Path) {
    let path = in_package(path);
    let is_update = env::var_os(UPDATE).is_some_and(|value| !value.is_empty() && value != "0");
    let outcome = if is_update {
        update(wiring, &path)
    } else {
        compare(wiring, &path)
    };
    if let Err(message) = outcome {
        panic!("{message}");
    }
}

/// Completes a relative path. `cargo test` gives the directory of the package; a function does not know its caller's.
fn in_package(path: &Path) -> PathBuf {
    match env::var_os("CARGO_MANIFEST_DIR") {
        Some(directory) => Path::new(&directory).join(path),
        None => path.to_owned(),
    }
}

fn update(wiring: &Wiring, path: &Path) -> Result<(), String> {
    let shown = path.display();
    if compare(wiring, path).is_ok() {
        return Ok(());
    }
    fs::write(path, format!("{wiring}\n"))
        .map_err(|error| format!("{shown} cannot be written: {error}"))?;
    eprintln!("{shown} is written anew, since `{UPDATE}` is set");
    Ok(())
}

fn compare(wiring: &Wiring, path: &Path) -> Result<(), String> {
    let shown = path.display();
    let actual = wiring.to_string();
    let expected = fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => format!(
            "there is no {shown} to compare the wiring with; run this test with {UPDATE}=1 to write it"
        ),
        _ => format!("{shown} cannot be read: {error}"),
    })?;
    // By lines: a checkout on Windows may have changed their endings.
    if actual.lines().eq(expected.lines()) {
        return Ok(());
    }
    Err(format!(
        "the wiring is not what {shown} holds:\n\n{}\n\
         if that is meant, run this test with {UPDATE}=1 to write the file anew",
        line_difference(&expected, &actual)
    ))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::{env, fs, process};

    use expect_test::expect;

    use super::{compare, update};
    use crate::Bus;

    /// A file of the test's own, gone when the test ends.
    struct TemporaryFile(PathBuf);

    impl TemporaryFile {
        fn new(test: &str) -> Self {
            let name = format!("eventful-{}-{test}.txt", process::id());
            Self(env::temp_dir().join(name))
        }

        /// `text`, with the file's own name left out.
        fn neutral(&self, text: &str) -> String {
            text.replace(&self.0.display().to_string(), "wiring.txt")
        }
    }

    impl Drop for TemporaryFile {
        fn drop(&mut self) {
            fs::remove_file(&self.0).ok();
        }
    }

    #[test]
    fn a_file_that_is_missing_can_be_written() {
        let file = TemporaryFile::new("missing");
        let wiring = Bus::isolated().provide(1_u8).build().unwrap().wiring();
        let message = compare(&wiring, &file.0).unwrap_err();
        expect!["there is no wiring.txt to compare the wiring with; run this test with UPDATE_WIRING=1 to write it"].assert_eq(&file.neutral(&message));

        update(&wiring, &file.0).unwrap();
        compare(&wiring, &file.0).unwrap();
        assert_eq!(fs::read_to_string(&file.0).unwrap(), format!("{wiring}\n"));
    }

    #[test]
    fn what_differs_is_shown_and_written_if_that_is_meant() {
        let file = TemporaryFile::new("differs");
        let old = Bus::isolated()
            .provide(1_u8)
            .provide(1_u64)
            .build()
            .unwrap()
            .wiring();
        let new = Bus::isolated()
            .provide(1_u16)
            .provide(1_u64)
            .build()
            .unwrap()
            .wiring();
        update(&old, &file.0).unwrap();
        let message = compare(&new, &file.0).unwrap_err();
        expect![[r"
            the wiring is not what wiring.txt holds:

            ...
 
              Resources that the bus provides:
 
            + &u16
              &u64
            - &u8

            if that is meant, run this test with UPDATE_WIRING=1 to write the file anew"]]
        .assert_eq(&file.neutral(&message));

        update(&new, &file.0).unwrap();
        compare(&new, &file.0).unwrap();
    }

    #[test]
    fn line_endings_and_the_last_one_do_not_matter() {
        let file = TemporaryFile::new("endings");
        let wiring = Bus::isolated().provide(1_u8).build().unwrap().wiring();
        for text in [
            format!("{wiring}\n").replace('\n', "\r\n"),
            wiring.to_string(),
        ] {
            fs::write(&file.0, &text).unwrap();
            compare(&wiring, &file.0).unwrap();
            update(&wiring, &file.0).unwrap();
            assert_eq!(
                fs::read_to_string(&file.0).unwrap(),
                text,
                "it is left alone"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_or_written_says_why() {
        let wiring = Bus::isolated().build().unwrap().wiring();
        let directory = env::temp_dir();
        assert!(
            compare(&wiring, &directory)
                .unwrap_err()
                .contains("cannot be read: ")
        );
        assert!(
            update(&wiring, &directory)
                .unwrap_err()
                .contains("cannot be written: ")
        );
    }
}
