//! Which handlers `after` and `before` name.

use std::collections::HashMap;

use super::record::{HandlerRecord, RecordedTarget};

/// Handlers that may be targets, by what targets say of them.
pub(super) struct Candidates<'a> {
    by_id: HashMap<String, Vec<&'a HandlerRecord>>,
    by_name: HashMap<&'a str, Vec<&'a HandlerRecord>>,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(handlers: impl Iterator<Item = &'a HandlerRecord>) -> Self {
        let (mut by_id, mut by_name) = (HashMap::new(), HashMap::new());
        for handler in handlers {
            by_id
                .entry(handler.id())
                .or_insert_with(Vec::new)
                .push(handler);
            by_name
                .entry(last_name(&handler.function))
                .or_insert_with(Vec::new)
                .push(handler);
        }
        Self { by_id, by_name }
    }
}

fn last_name(path: &str) -> &str {
    path.rsplit("::").next().unwrap_or_default()
}

/// The handlers among `candidates` that `target` may mean, when `from` says it.
///
/// rustc has found the function by its path, and a record cannot say which it was. So a path is resolved here as far as it can be
/// without imports. What is imported has its own name at the end of its path, unless `use … as …` has changed it: if that
/// leads to one function alone, it is that one.
pub(super) fn find<'a>(
    target: &RecordedTarget,
    from: &HandlerRecord,
    candidates: &Candidates<'a>,
) -> Vec<&'a HandlerRecord> {
    let written = match target {
        RecordedTarget::Id(id) => return candidates.by_id.get(id).cloned().unwrap_or_default(),
        RecordedTarget::Path(written) => cooked(&without_arguments(written)),
    };
    let paths = absolute(&written, from);
    let end = format!("::{}", last_names(&written));
    let named_so = candidates.by_name.get(last_name(&written));
    let ends_so: Vec<_> = named_so
        .into_iter()
        .flatten()
        .map(|&handler| (cooked(&handler.path()), handler))
        .filter(|(path, _)| paths.contains(path) || path.ends_with(&end))
        .collect();
    let exact = |(path, _): &&(String, _)| paths.contains(path);
    if ends_so.iter().any(|found| exact(&found)) {
        return ends_so.iter().filter(exact).map(|(_, it)| *it).collect();
    }
    let is_one = ends_so.windows(2).all(|pair| pair[0].0 == pair[1].0);
    if is_one {
        ends_so.into_iter().map(|(_, handler)| handler).collect()
    } else {
        Vec::new()
    }
}

/// The path without what makes keywords names: not every name in a record has it.
fn cooked(path: &str) -> String {
    path.replace("r#", "")
}

/// What a path may be from the root on, if no import is part of it.
fn absolute(written: &str, from: &HandlerRecord) -> Vec<String> {
    let module = &*cooked(from.position.module_path());
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

/// `shop::audit` for `shop::audit::<OrderCreated>`.
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
    use super::super::{HandlerRecord, Record, RecordedTarget, parse};
    use super::{Candidates, find};

    fn handler(module: &str, function: &str) -> HandlerRecord {
        let text = format!(
            "eventful 1 handler\nin {module}\nat src/lib.rs:1:1\nfn {function}\nof 1:1 shop::A\n\0"
        );
        match parse(text.as_bytes()).unwrap().remove(0) {
            Record::Handler(handler) => handler,
            other => panic!("{other:?}"),
        }
    }

    fn found(written: &str) -> String {
        let handlers = [
            handler("shop::cache", "update"),
            handler("shop::stock", "update"),
            handler("shop::stock", "Stock::reserve"),
            handler("shop::stock::audit", "write"),
            handler("mail", "send"),
        ];
        let from = handler("shop::stock", "Stock::charge");
        let target = RecordedTarget::Path(written.to_owned());
        let found = find(&target, &from, &Candidates::new(handlers.iter())).into_iter();
        found.map(HandlerRecord::path).collect::<Vec<_>>().join(" ")
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
    fn an_imported_name_is_resolved_if_one_function_has_it() {
        assert_eq!(found("send"), "mail::send");
        assert_eq!(found("write"), "shop::stock::audit::write");
        assert_eq!(found("cache::update"), "shop::cache::update");
        assert_eq!(found("audit::update"), "");
    }

    #[test]
    fn a_name_that_several_have_or_nobody_is_not_guessed() {
        let handlers = [handler("a", "update"), handler("b", "update")];
        let from = handler("c", "own");
        let target = RecordedTarget::Path("update".to_owned());
        assert!(find(&target, &from, &Candidates::new(handlers.iter())).is_empty());
        assert_eq!(found("reserve"), "shop::stock::Stock::reserve");
        assert_eq!(found("nobody"), "");
    }
}
