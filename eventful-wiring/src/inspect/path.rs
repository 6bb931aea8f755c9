//! The functions that `after` and `before` name by a path.

use std::collections::{BTreeSet, HashMap};

use super::record::HandlerRecord;

/// The paths of a program's functions, by the last name of each.
pub(super) struct Functions<'a>(HashMap<&'a str, BTreeSet<&'a str>>);

impl<'a> Functions<'a> {
    /// A function of several handlers may be there several times.
    pub(super) fn new(paths: impl Iterator<Item = &'a str>) -> Self {
        let mut functions: HashMap<_, BTreeSet<_>> = HashMap::new();
        for path in paths {
            let same_name = functions.entry(last_name(path)).or_default();
            same_name.insert(path);
        }
        Self(functions)
    }

    /// The functions that a path in `from` means, if it has no import in it, and those that it may mean.
    ///
    /// rustc has found the function by its path, and a record does not say which it was. An imported function has its
    /// own name at the end of its path, unless `use … as …` has changed it.
    pub(super) fn find(&self, written: &str, from: &HandlerRecord) -> (Vec<&'a str>, Vec<&'a str>) {
        let written = cooked(&without_arguments(written));
        let paths = absolute(&written, from);
        let end = format!("::{}", last_names(&written));
        let same_name = self.0.get(last_name(&written)).into_iter().flatten();
        let (exact, mut likely): (Vec<&str>, Vec<&str>) =
            same_name.partition(|&&path| paths.iter().any(|it| it == path));
        likely.retain(|path| path.ends_with(&end));
        (exact, likely)
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}

/// The path without `r#`, which the names in a record do not have and written ones may have.
pub(super) fn cooked(path: &str) -> String {
    path.replace("r#", "")
}

/// The paths from the root on that `written` may mean in `from` if no import is part of it.
fn absolute(written: &str, from: &HandlerRecord) -> Vec<String> {
    let module = from.position.module_path();
    let root = module.split("::").next().unwrap_or_default();
    let (first, rest) = written.split_once("::").unwrap_or((written, ""));
    match first {
        "" => vec![rest.to_owned()],
        "crate" | "$crate" => vec![format!("{root}::{rest}")],
        "self" => vec![format!("{module}::{rest}")],
        "Self" => {
            let owner = from
                .function
                .rsplit_once("::")
                .map_or("", |(owner, _)| owner);
            vec![format!("{module}::{owner}::{rest}")]
        }
        "super" => {
            let (mut module, mut rest) = (module, written);
            while let Some(behind) = rest.strip_prefix("super::") {
                module = module.rsplit_once("::").map_or("", |(parent, _)| parent);
                rest = behind;
            }
            vec![format!("{module}::{rest}")]
        }
        _ => vec![format!("{module}::{written}"), written.to_owned()],
    }
}

/// The names of a path behind `crate`, `self` and `super`.
fn last_names(written: &str) -> &str {
    let mut rest = written;
    while let Some((first, behind)) = rest.split_once("::") {
        if !matches!(first, "" | "crate" | "$crate" | "self" | "Self" | "super") {
            break;
        }
        rest = behind;
    }
    rest
}

/// The path without arguments: `shop::audit` for `shop::audit::<OrderCreated>`.
fn without_arguments(path: &str) -> String {
    let mut plain = String::with_capacity(path.len());
    let mut depth = 0_usize;
    for character in path.chars() {
        match character {
            '<' => depth += 1,
            '>' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(character),
            _ => {}
        }
    }
    plain.trim_end_matches("::").replace("::::", "::")
}

#[cfg(test)]
mod tests {
    use super::super::{HandlerRecord, Record, parse};
    use super::Functions;

    fn handler(module: &str, function: &str) -> HandlerRecord {
        let text = format!(
            "eventful 1 handler\nin {module}\nat src/lib.rs:1:1\nfn {function}\nof 1:1 shop::A\n\0"
        );
        match parse(text.as_bytes()).unwrap().remove(0) {
            Record::Handler(handler) => handler,
            other => panic!("{other:?}"),
        }
    }

    /// The paths of the functions that `written` means, with a question mark if it only may.
    fn find(handlers: &[HandlerRecord], written: &str, from: &HandlerRecord) -> String {
        let paths: Vec<String> = handlers.iter().map(HandlerRecord::path).collect();
        let functions = Functions::new(paths.iter().map(String::as_str));
        let (exact, likely) = functions.find(written, from);
        let paths = |paths: Vec<&str>, end: &str| -> Vec<String> {
            paths.iter().map(|path| format!("{path}{end}")).collect()
        };
        let likely = if exact.is_empty() { likely } else { Vec::new() };
        [paths(exact, ""), paths(likely, "?")].concat().join(" ")
    }

    fn found(written: &str) -> String {
        let handlers = [
            handler("shop::cache", "update"),
            handler("shop::stock", "update"),
            handler("shop::stock", "Stock::reserve"),
            handler("shop::stock::audit", "write"),
            handler("mail", "send"),
        ];
        find(&handlers, written, &handler("shop::stock", "Stock::charge"))
    }

    #[test]
    fn a_path_is_resolved_from_the_module_on() {
        assert_eq!(found("update"), "shop::stock::update");
        assert_eq!(found("self::update"), "shop::stock::update");
        assert_eq!(found("super::cache::update"), "shop::cache::update");
        assert_eq!(found("crate::cache::update"), "shop::cache::update");
        assert_eq!(
            found("crate::stock::audit::write"),
            "shop::stock::audit::write"
        );
        assert_eq!(found("Self::reserve"), "shop::stock::Stock::reserve");
        assert_eq!(
            found("audit::write::<OrderCreated>"),
            "shop::stock::audit::write"
        );
        assert_eq!(found("mail::send"), "mail::send");
        assert_eq!(found("::mail::send"), "mail::send");
    }

    #[test]
    fn an_imported_name_may_be_a_function_that_ends_so() {
        assert_eq!(found("send"), "mail::send?");
        assert_eq!(found("write"), "shop::stock::audit::write?");
        assert_eq!(found("cache::update"), "shop::cache::update?");
        assert_eq!(found("audit::update"), "");
    }

    #[test]
    fn a_name_that_several_have_may_be_each() {
        let handlers = [handler("a", "update"), handler("b", "update")];
        let from = handler("c", "own");
        assert_eq!(find(&handlers, "update", &from), "a::update? b::update?");
        assert_eq!(found("reserve"), "shop::stock::Stock::reserve?");
        assert_eq!(found("nobody"), "");
    }
}
