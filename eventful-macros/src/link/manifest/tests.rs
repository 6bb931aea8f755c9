//! Each rule of the manifest, on manifests that exist in memory alone.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use super::linked_crates;
use crate::link::cargo::Unit;
use crate::link::files::Files;

/// The files of a workspace at `/shop`.
struct Memory(BTreeMap<PathBuf, String>);

impl Files for Memory {
    fn read(&self, path: &Path) -> io::Result<String> {
        self.0
            .get(path)
            .cloned()
            .ok_or_else(|| io::Error::other("no such file"))
    }

    fn exists(&self, path: &Path) -> bool {
        self.0.contains_key(path)
    }
}

const BILLING: (&str, &str) = (
    "billing/Cargo.toml",
    "[package]\nname = 'shop-billing'\n[lib]\nname = 'billing'",
);
const LEDGER: (&str, &str) = (
    "ledger/Cargo.toml",
    "[package]\nname = 'shop-ledger'\n[lib]",
);

/// A target of the package in `/shop/app`: its crate's name, its name as a program, and whether it is a test.
struct Compile(&'static str, Option<&'static str>, bool);

const LIBRARY: Compile = Compile("app", None, false);
const PROGRAM: Compile = Compile("app", Some("app"), false);
const EXAMPLE: Compile = Compile("tour", Some("tour"), false);
const TEST: Compile = Compile("app", None, true);

impl Compile {
    /// The crates that are named, one a line, with their conditions; `manifest` continues `[package]`.
    fn names(&self, manifest: &str, files: &[(&str, &str)]) -> String {
        let manifest = format!("[package]\nname = 'app'\n{manifest}");
        let own = [("app/Cargo.toml", manifest.as_str()), BILLING, LEDGER];
        let files = own
            .iter()
            .chain(files)
            .map(|(path, text)| (Path::new("/shop").join(path), (*text).to_owned()));
        let unit = Unit {
            manifest: PathBuf::from("/shop/app/Cargo.toml"),
            crate_name: self.0.to_owned(),
            program: self.1.map(str::to_owned),
            is_test_or_bench: self.2,
        };
        let lines: Vec<String> = match linked_crates(&unit, &Memory(files.collect())) {
            Ok(crates) => {
                let line = |linked: &super::LinkedCrate| match linked.cfg.predicate() {
                    None => linked.name.to_string(),
                    Some(cfg) => format!("{} if {}", linked.name, cfg.to_string().replace(' ', "")),
                };
                crates.iter().map(line).collect()
            }
            Err(errors) => errors
                .iter()
                .map(|error| error.to_string().replace('\\', "/"))
                .collect(),
        };
        lines.join("\n")
    }
}

const LIB: (&str, &str) = ("app/src/lib.rs", "");
const MAIN: (&str, &str) = ("app/src/main.rs", "");

#[test]
fn dependencies_with_a_path_are_named_as_their_libraries() {
    let manifest = "[dependencies]
        serde = '1'
        rand = { version = '1' }
        shop-ledger = { path = '../ledger', version = '1' }
        [dependencies.shop-billing]
        path = '../billing'
        [build-dependencies]
        codegen = { path = '../absent' }";
    assert_eq!(LIBRARY.names(manifest, &[LIB]), "billing\nshop_ledger");
}

#[test]
fn a_renamed_dependency_is_named_by_its_key() {
    let manifest = "[dependencies]\nthe-money = { path = '../billing', package = 'shop-billing' }";
    assert_eq!(LIBRARY.names(manifest, &[LIB]), "the_money");
}

#[test]
fn inherited_dependencies_are_found_in_the_workspace() {
    let manifest = "[dependencies]
        shop-ledger.workspace = true
        money = { workspace = true, optional = true }
        serde = { workspace = true }";
    let workspace = "[workspace.dependencies]
        shop-ledger = { path = 'ledger' }
        money = { path = './other/../billing', package = 'shop-billing' }
        serde = '1'
        unused = { path = 'absent' }";
    let expected = "money if feature=\"money\"\nshop_ledger";
    assert_eq!(
        LIBRARY.names(manifest, &[LIB, ("Cargo.toml", workspace)]),
        expected
    );

    let elsewhere = [
        LIB,
        ("Cargo.toml", "[package]"),
        ("root/Cargo.toml", workspace),
    ];
    let pointer = "workspace = '../root'\n[dependencies]\nshop-ledger.workspace = true";
    assert!(
        LIBRARY
            .names(pointer, &elsewhere)
            .contains("/shop/root/ledger/Cargo.toml")
    );
    let own = "[workspace.dependencies]\nb.path = '../billing'\n[dependencies]\nb.workspace = true";
    assert_eq!(LIBRARY.names(own, &[LIB]), "billing");
}

#[test]
fn an_optional_dependency_needs_one_of_the_features_that_activate_it() {
    let optional = "[dependencies]
        shop-billing = { path = '../billing', optional = true }
        shop-ledger = { path = '../ledger', optional = true }
        [features]
        audit = ['dep:shop-billing', 'shop-ledger/audit']
        full = ['audit']
        weak = ['shop-billing?/audit', 'shop-ledger?/audit']
        lookalike = ['dep:shop-billing-eu', 'shop-ledger-eu/audit', 'shop-ledger']";
    let expected = "billing if feature=\"audit\"\nshop_ledger if any(feature=\"audit\",feature=\"shop-ledger\")";
    assert_eq!(LIBRARY.names(optional, &[LIB]), expected);
}

#[test]
fn target_dependencies_are_named_under_their_cfg() {
    let manifest = "[target.'cfg(all(unix, not(target_os = \"macos\")))'.dependencies]
        shop-ledger = { path = '../ledger' }
        [target.x86_64-unknown-linux-gnu.dependencies]
        absent = { path = '../absent' }
        [target.'cfg(windows)'.dependencies]
        shop-billing = { path = '../billing', optional = true }
        [target.'cfg(windows)'.dev-dependencies]
        shop-ledger = { path = '../ledger' }";
    let billing = "billing if all(windows,feature=\"shop-billing\")\n";
    let unix = "all(unix,not(target_os=\"macos\"))";
    let library = format!("{billing}shop_ledger if any({unix},all(windows,test))");
    assert_eq!(LIBRARY.names(manifest, &[LIB]), library);
    assert_eq!(
        TEST.names(manifest, &[]),
        format!("{billing}shop_ledger if any({unix},windows)")
    );
}

#[test]
fn dev_dependencies_need_a_test_where_the_target_is_none() {
    let manifest = "[dependencies]\nb = { path = '../billing' }\n[dev-dependencies]
        b = { path = '../billing' }\nl = { path = '../ledger' }";
    assert_eq!(
        LIBRARY.names(manifest, &[LIB]),
        "billing\nshop_ledger if test"
    );
    assert_eq!(
        PROGRAM.names(manifest, &[MAIN]),
        "billing\nshop_ledger if test"
    );
    assert_eq!(EXAMPLE.names(manifest, &[MAIN]), "billing\nshop_ledger");
    assert_eq!(TEST.names(manifest, &[]), "billing\nshop_ledger");
}

#[test]
fn a_target_beside_the_library_names_it_and_nothing_else() {
    let both = [LIB, MAIN];
    let manifest = "[dependencies]\nshop-billing = { path = '../billing' }
        [dev-dependencies]\nshop-ledger = { path = '../ledger' }";
    assert_eq!(
        LIBRARY.names(manifest, &both),
        "billing\nshop_ledger if test"
    );
    for target in [PROGRAM, TEST, EXAMPLE] {
        assert_eq!(target.names(manifest, &both), "app");
    }
    assert_eq!(
        TEST.names("[dependencies]\nx = { path = '../absent' }", &both),
        "app",
        "no manifest of a dependency is read"
    );
    assert_eq!(
        PROGRAM.names("autolib = false\n[lib]\nname = 'shop'", &both),
        "shop"
    );
    assert_eq!(
        LIBRARY.names("[lib]\nname = 'shop'", &both),
        "shop",
        "a crate of another name is an example"
    );
}

#[test]
fn a_package_without_a_library_names_its_dependencies_in_each_target() {
    let dependency = "[dependencies]\nshop-billing = { path = '../billing' }\n";
    for target in [PROGRAM, TEST, EXAMPLE] {
        assert_eq!(target.names(dependency, &[MAIN]), "billing");
        let c_library = format!("{dependency}[lib]\ncrate-type = ['cdylib']");
        assert_eq!(
            target.names(&c_library, &[LIB, MAIN]),
            "billing",
            "a library for C cannot be linked"
        );
    }
    let unused = format!("autolib = false\n{dependency}");
    assert_eq!(PROGRAM.names(&unused, &[LIB, MAIN]), "billing");
}

#[test]
fn binaries_are_told_from_examples() {
    let dev = "[dev-dependencies]\nl = { path = '../ledger' }\n";
    for files in [
        [("app/src/bin/tour.rs", "")],
        [("app/src/bin/tour/main.rs", "")],
    ] {
        assert_eq!(EXAMPLE.names(dev, &files), "shop_ledger if test");
    }
    assert_eq!(
        EXAMPLE.names(&format!("{dev}[[bin]]\nname = 'tour'"), &[]),
        "shop_ledger if test"
    );
    assert_eq!(
        EXAMPLE.names(&format!("{dev}[[bin]]\nname = 'other'"), &[]),
        "shop_ledger"
    );
}

#[test]
fn what_cannot_be_linked_is_left_out() {
    let manifest = "[dependencies]\nx = { path = '../x' }\nme = { path = '.', features = ['f'] }";
    for (library, expected) in [
        ("", ""),
        ("[lib]", "x"),
        ("[lib]\nproc-macro = true", ""),
        ("[lib]\ncrate-type = ['proc-macro']", ""),
        ("[lib]\ncrate-type = ['cdylib', 'staticlib']", ""),
        ("[lib]\ncrate-type = ['cdylib', 'rlib']", "x"),
    ] {
        let x = format!("[package]\nname = 'x'\n{library}");
        assert_eq!(
            LIBRARY.names(manifest, &[LIB, ("x/Cargo.toml", &x)]),
            expected,
            "{library}"
        );
    }
}

#[test]
fn every_manifest_that_cannot_be_used_is_an_error() {
    let manifest = "[dependencies]\na.path = '../absent'\nb.path = '../broken'\nc.path = '../root'\nd.path = '../empty'";
    let broken = ("broken/Cargo.toml", "[package]\nname = ");
    let rest = [
        broken,
        ("root/Cargo.toml", "[workspace]"),
        ("empty/Cargo.toml", "[package]\n[lib]"),
    ];
    let errors = LIBRARY.names(manifest, &rest);
    for (line, reason) in errors.lines().zip([
        "`/shop/absent/Cargo.toml`: no such file",
        "`/shop/broken/Cargo.toml`: line 2",
        "`/shop/root/Cargo.toml`: it has no `[package]`",
        "`/shop/empty/Cargo.toml`: its `[package]` has no `name`",
    ]) {
        assert!(
            line.contains(reason) && line.ends_with("instead: `link!(billing, shipping)`"),
            "{errors}"
        );
    }
    assert_eq!(errors.lines().count(), 4, "{errors}");
    assert!(
        LIBRARY
            .names("[dependencies]\na.workspace = true", &[])
            .contains("no manifest above it")
    );
    assert!(
        LIBRARY
            .names("[target.'cfg(()'.dependencies]", &[])
            .contains("is not a condition")
    );
    assert!(
        LIBRARY
            .names("name = 'twice'", &[])
            .contains("line 3: duplicate key")
    );
}
