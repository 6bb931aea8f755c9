//! Registration, proven by programs: the workspace in `tests/fixtures` is built and run as its users would. The programs
//! have the backend of this test: `cargo test --features inventory` builds all of them with inventory. They are for the
//! target that `EVENTFUL_FIXTURES_TARGET` names, if it does; `.ci/target` names one, and tells cargo how to run them.

#[path = "registration/cargo.rs"]
mod cargo;
#[path = "records/file.rs"]
mod file;

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use expect_test::{Expect, expect, expect_file};

use crate::cargo::{
    cargo, clean_cargo, execute, fixtures, is_windows, passes, prints, run, succeed, target,
    target_directory, text,
};

// The program with handlers in many crates, which prints what is listed and what ran.

#[test]
fn r30_debug() {
    prints_the_same_in("dev");
}

macro_rules! profiles {
    ($($test:ident: $profile:literal,)*) => {
        $(
            #[test]
            #[ignore = "builds everything in one more profile; `.ci/run` does"]
            fn $test() {
                prints_the_same_in($profile);
            }
        )*
    };
}

profiles! {
    r30_release: "release",
    r30_one_codegen_unit: "units-1",
    r30_many_codegen_units: "units-256",
    r30_thin_lto: "thin-lto",
    r30_fat_lto_without_optimization: "fat-lto-unoptimized",
    r30_optimized_debug: "optimized-debug",
    r30_stripped: "stripped",
    r30_panic_abort: "aborting",
    r30_smallest: "smallest",
}

fn prints_the_same_in(profile: &str) {
    let program = ["--package", "wiring", "--profile", profile];
    expect_file![fixtures().join("shop/wiring/expected.txt")].assert_eq(&run(&program));
    let table = run(&[&program[..], &["--", "table"]].concat());
    let directory = if profile == "dev" { "debug" } else { profile };
    its_file_says_the_same(directory, &table);
}

/// The records in the file of `wiring` add up to `table`, what the program says of itself.
fn its_file_says_the_same(directory: &str, table: &str) {
    let mut path = target_directory();
    path.extend(target());
    path.extend([directory, "wiring"]);
    if is_windows() {
        path.set_extension("exe");
    }
    let recorded = format!("{}\n", file::program(&path).wiring());
    // A file has the arguments of a generic event as they are written, so what an alias or a type of one's own is, it cannot say.
    let without_imported = |table: &str| {
        let blocks = table.split("\n\n");
        let kept: Vec<_> = blocks
            .filter(|block| !block.starts_with("shop_events::Imported<"))
            .collect();
        kept.join("\n\n")
    };
    assert_eq!(without_imported(&recorded), without_imported(table));
    let only_in = |one: &str, other: &str| {
        let lines = one
            .lines()
            .filter(|line| !other.lines().any(|it| it == *line));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        only_in(&recorded, table),
        "shop_events::Imported<Item>\nshop_events::Imported<_>"
    );
    assert_eq!(
        only_in(table, &recorded),
        "shop_events::Imported<wiring::own::Item>"
    );
}

/// Not every linker keeps and drops the same sections, so the one that the compiler does not bring along is tried too.
/// Both make the same file, and so not at once.
#[test]
#[ignore = "builds everything in one more profile; `.ci/run` does"]
fn r30_fat_lto() {
    prints_the_same_in("fat-lto");
    if cfg!(target_os = "linux") {
        let package = ["--package", "wiring", "--bin", "wiring"];
        let options = ["--profile", "fat-lto", "--", "-Clink-arg=-fuse-ld=bfd"];
        succeed(cargo("rustc").args(package).args(options));
        let program = target_directory().join("fat-lto/wiring");
        let printed = succeed(&mut Command::new(&program));
        expect_file![fixtures().join("shop/wiring/expected.txt")].assert_eq(&printed);
        let table = succeed(Command::new(&program).arg("table"));
        its_file_says_the_same("fat-lto", &table);
    }
}

#[test]
fn handlers_that_one_line_of_a_macro_names_run_in_the_order_of_its_uses() {
    prints(
        &["--package", "wiring", "--", "count"],
        &expect![[r"
            first
            second
            third
            fourth
            fifth
            sixth
            6 handled
        "]],
    );
}

#[test]
fn a_panic_is_the_failure_of_one_handler() {
    prints(
        &["--package", "wiring", "--", "fail"],
        &expect![[r"
              before
              after
            4 handled
            handler wiring::failing::between (shop/wiring/src/failing.rs:14:4) panicked: between two others, panic: true
            handler wiring::failing::return_error (shop/wiring/src/failing.rs:19:4) failed: an error, panic: false
        "]],
    );
}

#[test]
#[ignore = "builds everything in one more profile; `.ci/run` does"]
fn a_panic_ends_a_program_that_aborts() {
    let arguments = ["--package", "wiring", "--profile", "aborting", "--", "fail"];
    let output = execute(cargo("run").args(arguments));
    assert!(!output.status.success(), "the program went on");
    assert_eq!(text(&output.stdout), "  before\n");
}

// The four shapes of a crate that only Cargo.toml names, without `link!` and with it.

#[test]
fn r6_a_handler_crate_of_a_program() {
    let program = |name| ["--package", "checkout", "--bin", name];
    prints(
        &program("checkout-unlinked"),
        &expect![[r"
            0 handled
        "]],
    );
    let linked = expect![[r"
        stock
        1 handled
    "]];
    prints(&program("checkout"), &linked);
    prints(&program("checkout-explicit"), &linked);
    prints(&program("checkout-bus"), &linked);
    prints(&program("checkout-bus-explicit"), &linked);
}

#[test]
fn r6_a_dependency_of_a_handler_crate() {
    prints(
        &["--package", "market", "--bin", "market-unlinked"],
        &expect![[r"
            reseller-unlinked
            1 handled
        "]],
    );
    prints(
        &["--package", "market", "--bin", "market"],
        &expect![[r"
            reseller
            stock
            2 handled
        "]],
    );
}

#[test]
fn r6_the_library_that_a_test_is_about() {
    // The first asserts that there is no handler, the second that there is one.
    passes(&["--package", "storefront", "--test", "unlinked"]);
    passes(&["--package", "storefront", "--test", "linked"]);
}

#[test]
fn r6_the_library_beside_a_program() {
    prints(
        &["--package", "storefront", "--bin", "storefront-unlinked"],
        &expect![[r"
            0 handled
        "]],
    );
    prints(
        &["--package", "storefront", "--bin", "storefront"],
        &expect![[r"
            storefront
            1 handled
        "]],
    );
}

/// `link!()` in a program or a test names the library and nothing else: what the library forgets is missing in all.
#[test]
fn r6_a_dependency_that_the_library_beside_a_program_forgets() {
    prints(
        &["--package", "reseller-unlinked"],
        &expect![[r"
            reseller-unlinked
            1 handled
        "]],
    );
    passes(&["--package", "reseller-unlinked", "--test", "linked"]);
}

// What `link!()` makes of each kind of dependency. One that is not there cannot be named, so a wrong `cfg` would not
// compile.

/// Programs with other features are the same file, so those who build and run it take turns.
fn warehouse() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One of its dependencies is only for Unix, and another only for Windows.
fn warehouse_prints(program: &[&str], expected: &Expect) {
    let printed = run(&[&["--package", "warehouse"], program].concat());
    let (of_this_system, of_another) = if is_windows() {
        ("windows-printer", "unix-printer")
    } else {
        ("unix-printer", "windows-printer")
    };
    assert!(!printed.contains(of_another), "{printed}");
    expected.assert_eq(&printed.replace(of_this_system, "printer"));
}

#[test]
fn dependencies_that_are_always_there() {
    let _turn = warehouse();
    warehouse_prints(
        &["--bin", "warehouse"],
        &expect![[r"
            coupons
            price-list
            returns
            printer
            4 handled
        "]],
    );
}

#[test]
fn optional_dependencies() {
    let _turn = warehouse();
    let program = |feature| ["--bin", "warehouse", "--features", feature];
    let loyalty = expect![[r"
        coupons
        loyalty
        price-list
        returns
        printer
        5 handled
    "]];
    warehouse_prints(&program("loyalty"), &loyalty);
    warehouse_prints(&program("bonus"), &loyalty);
    warehouse_prints(
        &program("presents"),
        &expect![[r"
            coupons
            gift-cards
            price-list
            returns
            printer
            5 handled
        "]],
    );
}

#[test]
fn dependencies_of_tests() {
    let _turn = warehouse();
    passes(&["--package", "warehouse", "--lib"]);
    passes(&["--package", "warehouse", "--test", "linked"]);
    passes(&["--package", "warehouse", "--test", "named"]);
}

#[test]
fn examples_link_what_the_library_links() {
    warehouse_prints(
        &["--example", "tour"],
        &expect![[r"
            coupons
            price-list
            returns
            printer
            4 handled
        "]],
    );
}

// Programs that cannot work, or not as one might think.

#[test]
fn two_versions_of_the_registry_do_not_resolve() {
    let manifest = fixtures().join("two-registries/Cargo.toml");
    let mut metadata = clean_cargo();
    metadata.args(["metadata", "--format-version", "1", "--offline"]);
    let output = execute(metadata.arg("--manifest-path").arg(manifest));
    let message = text(&output.stderr);
    assert!(!output.status.success(), "cargo has resolved both");
    for part in [
        "links to the native library `eventful-core`, but it conflicts with a previous package",
        "package `eventful-core v0.0.1",
    ] {
        assert!(message.contains(part), "{message}");
    }
}

/// A C linker takes from an archive only what something refers to. Nothing refers to `stock`, nor to the sentinel.
#[cfg(target_os = "linux")]
#[test]
fn a_static_library_needs_the_whole_archive() {
    succeed(cargo("build").args(["--package", "c-program"]));
    let archive = target_directory().join("debug/libc_program.a");
    let link = |archive: &[&str]| {
        let program = target_directory().join(format!("c-program-{}", archive.len()));
        let mut compiler = Command::new("cc");
        compiler.arg(fixtures().join("foreign/c-program/main.c"));
        compiler.args(archive).arg("-o").arg(&program);
        compiler.args(["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl"]);
        succeed(&mut compiler);
        // With inventory there may be another reason.
        let before_main = "; or a constructor has published or built a bus before `main`, when nothing was registered yet";
        succeed(&mut Command::new(program)).replace(before_main, "")
    };
    let archive = archive.to_str().expect("the path is text");
    // `stock` is gone, and the registry notices.
    expect![[r"
        the bus cannot be built, 1 fault:
          - the linker has dropped the handlers of crates that nothing refers to, as a C linker does that takes a staticlib apart; link the whole archive, `-Wl,--whole-archive lib….a -Wl,--no-whole-archive`, or build a cdylib
        `shop_events::ShopOpened`, published at foreign/c-program/src/lib.rs:22:23, was not delivered: no bus is installed, and the default one, which has no resources, cannot be used: the bus cannot be built, 1 fault:
          - the linker has dropped the handlers of crates that nothing refers to, as a C linker does that takes a staticlib apart; link the whole archive, `-Wl,--whole-archive lib….a -Wl,--no-whole-archive`, or build a cdylib
        write `eventful::bus!().provide(…).build()?.install()?` before the first publish; in a test, publish in `bus.scope(|| …)`, or await `bus.scope_async(…)`; a thread or a task that is spawned leaves the scope
        `c_program::Called`, published at foreign/c-program/src/lib.rs:23:19, was not delivered: no bus is installed, and the default one, which has no resources, cannot be used: the bus cannot be built, 1 fault:
          - the linker has dropped the handlers of crates that nothing refers to, as a C linker does that takes a staticlib apart; link the whole archive, `-Wl,--whole-archive lib….a -Wl,--no-whole-archive`, or build a cdylib
        write `eventful::bus!().provide(…).build()?.install()?` before the first publish; in a test, publish in `bus.scope(|| …)`, or await `bus.scope_async(…)`; a thread or a task that is spawned leaves the scope
    "]]
    .assert_eq(&link(&[archive]));
    let whole = ["-Wl,--whole-archive", archive, "-Wl,--no-whole-archive"];
    expect![[r"
        1 listed
        stock
        1 handled
        answer
        1 handled
    "]]
    .assert_eq(&link(&whole));
}

/// The registry is the library's, with what was linked into it; what the program adds is not in there.
#[cfg(all(target_os = "linux", not(feature = "inventory")))]
#[test]
fn a_rust_dylib_does_not_see_the_handlers_of_its_program() {
    prints(
        &["--package", "plug-in-host"],
        &expect![[r"
            2 listed
            plug-in
            stock
            2 handled
            `plug_in_host::Called`, published at foreign/plug-in-host/src/main.rs:27:19, was not delivered: it is declared but not in the registry, which belongs to another part of the program: the registry in a Rust dylib has only what was linked into the dylib; link the crates as ordinary `rlib`s
        "]],
    );
}

/// The program's constructors add its handlers to the library's registry.
#[cfg(all(target_os = "linux", feature = "inventory"))]
#[test]
fn a_rust_dylib_sees_the_handlers_of_its_program() {
    prints(
        &["--package", "plug-in-host"],
        &expect![[r"
            3 listed
            plug-in
            host
            stock
            3 handled
            answer
            1 handled
        "]],
    );
}

// The program that `.ci/wasm` compares with itself on WebAssembly.

#[test]
fn a_page_prints_the_same_on_every_backend() {
    let printed = run(&["--package", "page"]);
    expect_file![fixtures().join("wasm/page/expected.txt")].assert_eq(&printed);
}
