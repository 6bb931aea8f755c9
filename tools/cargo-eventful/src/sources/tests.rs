use std::collections::HashSet;
use std::fs;
use std::path::Path;

use super::{ActiveCfg, Hidden, SourceItem, items, items_of_stray_files};

/// The items of a crate `shop` of these files, each as `path subjects line`, and why it is hidden.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let file = directory.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let mut active = ActiveCfg::new("unix\ntarget_os=\"linux\"\ndebug_assertions");
    active.set_feature("mail");
    active.set("debug_assertions", false);
    let mut seen = HashSet::new();
    let root = directory.path().join("lib.rs");
    let mut all = items(&root, "shop", &active, &mut seen);
    let stray = items_of_stray_files(directory.path(), "shop", &active, &mut seen);
    all.extend(stray);
    all.iter()
        .map(|item| shown(item, directory.path()))
        .collect()
}

fn shown(item: &SourceItem, directory: &Path) -> String {
    let place = |place: &super::Place| {
        let file = place.file.strip_prefix(directory).unwrap();
        format!("{}:{}", file.display(), place.line)
    };
    let hidden = match &item.hidden {
        None => String::new(),
        Some(Hidden::NoModule) => " no module".to_owned(),
        Some(Hidden::Cfg {
            predicate,
            place: at,
        }) => format!(" cfg({predicate}) at {}", place(at)),
    };
    format!(
        "{} [{}] {}{hidden}",
        item.own_name.clone().unwrap_or_else(|| item.path()),
        item.subjects.join("; "),
        place(&item.place)
    )
}

#[test]
fn handlers_and_events_of_all_modules_are_found() {
    assert_eq!(
        found(&[
            (
                "lib.rs",
                "mod mail;\nmod r#in { mod deep; }\n#[path = \"odd/place.rs\"] mod other;\n\
                 #[eventful::event(name = \"order.paid\", as(dyn Audit))]\nstruct Paid;\n"
            ),
            (
                "mail.rs",
                "mod inner;\n#[handler(Paid, dyn shop::Audit, Changed<A, B>, when = |it| it.0 > 1, after = save)]\nfn send() {}\n"
            ),
            (
                "mail/inner.rs",
                "impl Ledger {\n#[handler(Paid)]\npub async fn charge(&self) {}\n}"
            ),
            (
                "in/deep/mod.rs",
                "#[handler(Paid, id = \"deep\")] fn deep() {}"
            ),
            ("odd/place.rs", "mod below;"),
            (
                "odd/below.rs",
                "#[handler(Paid)] fn below() {}\nfn none() {}"
            ),
        ]),
        [
            "shop::mail::inner::Ledger::charge [Paid] mail/inner.rs:3",
            "shop::mail::send [Paid; dyn shop::Audit; Changed<A, B>] mail.rs:3",
            "deep [Paid] in/deep/mod.rs:1",
            "shop::other::below::below [Paid] odd/below.rs:1",
            "order.paid [] lib.rs:5",
        ]
    );
}

#[test]
fn what_is_not_compiled_says_why() {
    assert_eq!(
        found(&[
            (
                "lib.rs",
                "#[cfg(feature = \"audit\")]\nmod audit;\n\
                 #[cfg(all(unix, feature = \"mail\"))]\nmod mail;\n\
                 #[cfg(windows)] impl A {\n#[handler(Paid)] fn method() {} }\n\
                 #[cfg_attr(any(test, debug_assertions), handler(Paid))]\nfn only_in_tests() {}\n\
                 #[cfg(not(target_os = \"linux\"))]\n#[handler(Paid)]\nfn not_here() {}\n"
            ),
            ("audit.rs", "#[handler(Paid)] fn record() {}"),
            (
                "mail.rs",
                "#![cfg(not(unix))]\n#[handler(Paid)] fn send() {}"
            ),
            ("stray/forgotten.rs", "#[handler(Paid)] fn forgotten() {}"),
        ]),
        [
            "shop::audit::record [Paid] audit.rs:1 cfg(feature = \"audit\") at lib.rs:1",
            "shop::mail::send [Paid] mail.rs:2 cfg(not(unix)) at mail.rs:1",
            "shop::A::method [Paid] lib.rs:6 cfg(windows) at lib.rs:5",
            "shop::only_in_tests [Paid] lib.rs:8 cfg(any(test, debug_assertions)) at lib.rs:7",
            "shop::not_here [Paid] lib.rs:11 cfg(not(target_os = \"linux\")) at lib.rs:9",
            "shop::stray::forgotten::forgotten [Paid] stray/forgotten.rs:1 no module",
        ]
    );
}

#[test]
fn files_that_are_missing_or_no_rust_have_nothing() {
    assert!(
        found(&[
            ("lib.rs", "mod missing; mod broken;"),
            ("broken.rs", "fn (")
        ])
        .is_empty()
    );
}
