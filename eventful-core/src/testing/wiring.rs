//! Assertions that the wiring of a program or a bus is that of a file.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::{env, fs};

use eventful_wiring::inspect::{Program, read_program};
use eventful_wiring::line_difference;

use crate::{Bus, Wiring};

/// The environment variable with which the file is written instead of compared.
const UPDATE: &str = "UPDATE_WIRING";

/// Compares the wiring of a built program with a file, so that each change of its handlers shows in review.
///
/// It reads the program's file and does not run it. So it sees the handlers that users will have: a crate that the
/// program does not link is missing, whatever the test links. Cargo builds the program for the tests of its package.
///
/// The file holds the table of `cargo eventful list`, which has the arguments of generic events as they are written.
/// With `UPDATE_WIRING=1`, the test writes it. `path` starts at the directory of the package that is tested, which is
/// `CARGO_MANIFEST_DIR`, or at the current directory without cargo. Line endings do not matter.
///
/// `cargo eventful check --wiring wiring.txt` compares the same, and names the line that links a missing crate.
///
/// # Panics
///
/// If the two differ, with the lines that differ. If there is no such file, or it cannot be read. If the program cannot
/// be read, has no handlers, or has handlers that contradict each other or the contracts of events. The program has no
/// records if the feature `records` is off.
///
/// # Examples
///
/// ```ignore (the program is yours)
/// // The whole of tests/wiring.rs, in a `#[test]`:
/// eventful::testing::assert_wiring_of(env!("CARGO_BIN_EXE_shop"), "wiring.txt");
/// ```
#[track_caller]
pub fn assert_wiring_of(program: impl AsRef<Path>, path: impl AsRef<Path>) {
    match wiring_of(program.as_ref()) {
        Ok(wiring) => assert_file_holds(&wiring, path.as_ref()),
        Err(message) => panic!("{message}"),
    }
}

/// Compares the wiring of the test's own program with a file like that of [`assert_wiring_of`].
///
/// In a file of `tests/` that is the library, if the file names it or says
/// [`link!`](https://docs.rs/eventful-framework), and the handlers of that file. Use it for a library; for a program,
/// [`assert_wiring_of`] sees more.
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
/// [`assert_wiring_of`].
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
/// eventful::testing::assert_bus_wiring(&bus, "tests/wiring_of_a_part.txt");
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[track_caller]
pub fn assert_bus_wiring(bus: &Bus, path: impl AsRef<Path>) {
    assert_file_holds(&bus.wiring(), path.as_ref());
}

fn wiring_of(path: &Path) -> Result<Wiring, String> {
    let shown = path.display();
    let file = fs::read(path).map_err(|error| format!("{shown} cannot be read: {error}"))?;
    let records = read_program(&file).map_err(|error| format!("{shown}: {error}"))?;
    let program = Program::new(records);
    if !program.wiring().has_handlers() {
        return Err(format!(
            "no handler is linked into {shown}, so that a file would hold nothing to compare with; build the bus with \
             `eventful::bus!()`, or write `eventful::link!();` in the program and in its package's library"
        ));
    }
    if !program.faults().is_empty() {
        let faults = program.faults().iter();
        let faults = faults.map(|fault| format!("\n  - {fault}"));
        return Err(format!(
            "the wiring of {shown} has faults:{}",
            faults.collect::<String>()
        ));
    }
    Ok(program.wiring().clone())
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
    match line_difference(&expected, &actual) {
        None => Ok(()),
        Some(difference) => Err(format!(
            "the wiring is not what {shown} holds:\n\n{difference}\n\
             if that is meant, run this test with {UPDATE}=1 to write the file anew; if handlers are missing, \
             `cargo eventful check` names the line that links them"
        )),
    }
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

            if that is meant, run this test with UPDATE_WIRING=1 to write the file anew; if handlers are missing, `cargo eventful check` names the line that links them"]]
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
