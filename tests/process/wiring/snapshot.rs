//! Snapshots of a wiring: they are written and compared in the package of the test.

use std::env;
use std::fs;
use std::process::Output;

use eventful::Bus;
use eventful::testing::assert_bus_wiring;
use expect_test::expect;

use crate::{shop, this_program};

const IN_ANOTHER_PACKAGE: &str = "EVENTFUL_TEST_IN_ANOTHER_PACKAGE";

/// Runs the test of another package, with these variables.
fn run(variables: &[(&str, &str)]) -> Output {
    let mut command = this_program::command();
    command.args([
        "snapshot::snapshot_in_another_package",
        "--exact",
        "--nocapture",
    ]);
    command
        .env_remove("UPDATE_WIRING")
        .env(IN_ANOTHER_PACKAGE, "1")
        .envs(variables.iter().copied());
    command
        .output()
        .expect("this test's program can be started")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// For `a_snapshot_is_written_and_compared_in_the_package`, which runs it as if this were another package's test.
#[test]
fn snapshot_in_another_package() {
    if env::var_os(IN_ANOTHER_PACKAGE).is_none() {
        return;
    }
    let bus = Bus::isolated()
        .with(shop::cache::update_cache)
        .build()
        .unwrap();
    assert_bus_wiring(&bus, "small.txt");
}

#[test]
fn a_snapshot_is_written_and_compared_in_the_package() {
    let directory = env::temp_dir().join(format!("eventful-wiring-{}", std::process::id()));
    fs::create_dir(&directory).unwrap();
    let package = ("CARGO_MANIFEST_DIR", directory.to_str().unwrap());
    let file = directory.join("small.txt");

    let missing = run(&[package]);
    assert!(!missing.status.success());
    let expected = format!("there is no {} to compare the wiring with", file.display());
    assert!(stderr(&missing).contains(&expected), "{}", stderr(&missing));
    assert!(
        stderr(&missing).contains("panicked at tests/process/wiring/snapshot.rs:"),
        "it is said where the test is"
    );
    for off in ["", "0"] {
        assert!(!run(&[package, ("UPDATE_WIRING", off)]).status.success());
        assert!(!file.exists());
    }

    let written = run(&[package, ("UPDATE_WIRING", "1")]);
    assert!(written.status.success(), "{}", stderr(&written));
    assert!(stderr(&written).contains("small.txt is written anew"));
    let text = fs::read_to_string(&file).unwrap();
    expect![[r"
        Events, each with its handlers in the order in which they run:

        wiring::shop::orders::OrderCreated          async, concurrent, handlers = 1..
                                                    as dyn wiring::shop::audit::Auditable
          wiring::shop::cache::update_cache

        Families of events, each with its handlers:

        dyn wiring::shop::audit::Auditable          of wiring::shop::orders::OrderCreated
          (no handlers)
    "]]
    .assert_eq(&text);
    assert!(run(&[package]).status.success());

    fs::write(&file, text.replace("update_cache", "forget")).unwrap();
    let differing = stderr(&run(&[package]));
    for line in [
        "\n-   wiring::shop::cache::forget\n",
        "\n+   wiring::shop::cache::update_cache\n",
        "run this test with UPDATE_WIRING=1",
    ] {
        assert!(differing.contains(line), "{differing}");
    }
    fs::remove_dir_all(&directory).unwrap();
}
