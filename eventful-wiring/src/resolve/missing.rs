//! Resources that handlers need and nothing provides, and what was provided instead by mistake.

use std::fmt::Display;

use crate::{ProvidedResource, ShortType};

/// Says that `handler` of `event` needs a resource of the type `asked`, which is none of `provided`, and what to write.
/// Types are named as [`std::any::type_name`] does.
#[must_use]
pub fn missing_resource(
    handler: impl Display,
    event: impl Display,
    asked: &str,
    provided: &[ProvidedResource],
) -> String {
    let cure = near_miss(asked, provided).map_or_else(
        || format!("; write {} on the builder", provide(asked)),
        |near_miss| format!(", but {near_miss}"),
    );
    let asked = reference(asked);
    format!(
        "handler {handler} of `{event}` needs the resource `{asked}`, which nothing provides{cure}"
    )
}

/// Says which of `provided` was meant for `asked` and is another type, and what to write; `None` if none was.
#[must_use]
pub fn near_miss(asked: &str, provided: &[ProvidedResource]) -> Option<String> {
    let near = provided
        .iter()
        .filter(|it| inner(&it.type_name) == inner(asked));
    // What is only wrapped once more comes first.
    let near = near.min_by_key(|it| it.type_name.len().abs_diff(asked.len()))?;
    let (has, at) = (&*near.type_name, near.position());
    let shown = ShortType(has);
    let cure = if argument(has, ARC) == Some(asked) {
        format!(
            "; write `.provide_arc(…)` there, which serves `{}`",
            reference(asked)
        )
    } else if argument(asked, ARC) == Some(has) {
        let asked = reference(asked);
        format!("; write `.provide_arc(Arc::new(…))` there, which serves `{asked}`")
    } else if argument(has, BOX) == Some(asked) || is_owned(has, asked) {
        let asked = ShortType(asked);
        format!("; write `.provide_arc::<{asked}>(Arc::from(…))` there")
    } else if has.starts_with('&') {
        format!("; write {} there", provide(asked))
    } else {
        let (has, provide) = (reference(has), provide(asked));
        format!(", which is another type; ask for `{has}`, or write {provide} there")
    };
    Some(format!("the bus has `{shown}`, from {at}{cure}"))
}

const ARC: &str = "alloc::sync::Arc<";
const BOX: &str = "alloc::boxed::Box<";

/// The beginnings of types that hold one value of another, and lend it.
const WRAPPERS: [&str; 6] = [
    ARC,
    BOX,
    "core::option::Option<",
    "std::sync::poison::mutex::Mutex<",
    "std::sync::poison::rwlock::RwLock<",
    "alloc::vec::Vec<",
];

/// The type without what is wrapped around it: what somebody has in mind who provides or asks for it.
fn inner(type_name: &str) -> &str {
    let mut inner = type_name;
    loop {
        let argument = WRAPPERS.iter().find_map(|wrapper| argument(inner, wrapper));
        let slice = inner.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
        let rest = argument.or(slice).or_else(|| inner.strip_prefix('&'));
        match rest {
            Some(rest) => inner = rest,
            None if inner == "alloc::string::String" => return "str",
            // Without `+ Send + Sync`, with which a trait object is another type.
            None if inner.starts_with("dyn ") => {
                return inner.split(" + ").next().unwrap_or(inner);
            }
            None => return inner,
        }
    }
}

/// The argument of a generic type that begins with `wrapper`.
fn argument<'a>(type_name: &'a str, wrapper: &str) -> Option<&'a str> {
    type_name.strip_prefix(wrapper)?.strip_suffix('>')
}

/// Tells if an `Arc` of `asked`, a slice or `str`, can be made from a `has`.
fn is_owned(has: &str, asked: &str) -> bool {
    match asked.strip_prefix('[').and_then(|it| it.strip_suffix(']')) {
        Some(item) => argument(has, "alloc::vec::Vec<") == Some(item),
        None => asked == "str" && ["&str", "alloc::string::String"].contains(&has),
    }
}

/// A reference to the type, as a parameter is written.
fn reference(type_name: &str) -> String {
    let shown = ShortType(type_name);
    if type_name.contains(" + ") && type_name.starts_with("dyn ") {
        format!("&({shown})")
    } else {
        format!("&{shown}")
    }
}

/// The builder call that provides a resource of the type.
fn provide(type_name: &str) -> String {
    let is_unsized =
        type_name.starts_with("dyn ") || type_name.starts_with('[') || type_name == "str";
    match argument(type_name, ARC) {
        Some(shared) => format!("`.provide_arc::<{}>(…)`", ShortType(shared)),
        None if is_unsized => format!("`.provide_arc::<{}>(…)`", ShortType(type_name)),
        None => format!("`.provide(…)` with a `{}`", ShortType(type_name)),
    }
}

#[cfg(test)]
mod tests {
    use super::missing_resource;
    use crate::{Position, ProvidedResource};

    fn says(asked: &str, provided: &[&str]) -> String {
        let at = Position::new("", "src/main.rs", 5, 10).owned();
        let provided = provided.iter();
        let provided: Vec<_> = provided
            .map(|name| ProvidedResource::new((*name).to_owned(), at.clone()))
            .collect();
        let said = missing_resource("send", "Paid", asked, &provided);
        let rest = said.strip_prefix("handler send of `Paid` needs the resource ");
        rest.expect("it begins so").to_owned()
    }

    #[test]
    fn a_resource_that_nothing_resembles_is_to_be_provided() {
        let text = |asked| says(asked, &["shop::Other", "alloc::string::String"]);
        for (asked, expected) in [
            (
                "shop::Cache",
                "`&shop::Cache`, which nothing provides; write `.provide(…)` with a `shop::Cache` on the builder",
            ),
            (
                "dyn shop::Mailer",
                "`&dyn shop::Mailer`, which nothing provides; write `.provide_arc::<dyn shop::Mailer>(…)` on the builder",
            ),
            (
                "[u8]",
                "`&[u8]`, which nothing provides; write `.provide_arc::<[u8]>(…)` on the builder",
            ),
            (
                "alloc::sync::Arc<shop::Cache>",
                "`&Arc<shop::Cache>`, which nothing provides; write `.provide_arc::<shop::Cache>(…)` on the builder",
            ),
        ] {
            assert_eq!(text(asked), expected);
        }
    }

    #[test]
    fn what_was_meant_for_it_is_named_with_its_line() {
        let near = |asked, has| {
            let said = says(asked, &["shop::Other", has]);
            let (_, near) = said
                .split_once(", which nothing provides, but the bus has ")
                .unwrap();
            format!("\n{asked}: {near}")
        };
        let said = [
            ("Cache", "alloc::sync::Arc<Cache>"),
            ("dyn Mailer", "alloc::sync::Arc<dyn Mailer>"),
            ("alloc::sync::Arc<Cache>", "Cache"),
            ("dyn Mailer", "alloc::boxed::Box<dyn Mailer>"),
            ("Cache", "alloc::boxed::Box<Cache>"),
            ("str", "alloc::string::String"),
            ("str", "&str"),
            ("[u8]", "alloc::vec::Vec<u8>"),
            ("alloc::string::String", "&str"),
            ("Cache", "&Cache"),
            ("Cache", "core::option::Option<Cache>"),
            ("Cache", "std::sync::poison::mutex::Mutex<Cache>"),
            ("std::sync::poison::rwlock::RwLock<Cache>", "Cache"),
            (
                "dyn Mailer",
                "alloc::sync::Arc<dyn Mailer + core::marker::Send>",
            ),
            ("dyn Mailer + core::marker::Send", "dyn Mailer"),
        ]
        .map(|(asked, has)| near(asked, has));
        expect_test::expect![[r"

            Cache: `Arc<Cache>`, from src/main.rs:5:10; write `.provide_arc(…)` there, which serves `&Cache`
            dyn Mailer: `Arc<dyn Mailer>`, from src/main.rs:5:10; write `.provide_arc(…)` there, which serves `&dyn Mailer`
            alloc::sync::Arc<Cache>: `Cache`, from src/main.rs:5:10; write `.provide_arc(Arc::new(…))` there, which serves `&Arc<Cache>`
            dyn Mailer: `Box<dyn Mailer>`, from src/main.rs:5:10; write `.provide_arc::<dyn Mailer>(Arc::from(…))` there
            Cache: `Box<Cache>`, from src/main.rs:5:10; write `.provide_arc::<Cache>(Arc::from(…))` there
            str: `String`, from src/main.rs:5:10; write `.provide_arc::<str>(Arc::from(…))` there
            str: `&str`, from src/main.rs:5:10; write `.provide_arc::<str>(Arc::from(…))` there
            [u8]: `Vec<u8>`, from src/main.rs:5:10; write `.provide_arc::<[u8]>(Arc::from(…))` there
            alloc::string::String: `&str`, from src/main.rs:5:10; write `.provide(…)` with a `String` there
            Cache: `&Cache`, from src/main.rs:5:10; write `.provide(…)` with a `Cache` there
            Cache: `Option<Cache>`, from src/main.rs:5:10, which is another type; ask for `&Option<Cache>`, or write `.provide(…)` with a `Cache` there
            Cache: `Mutex<Cache>`, from src/main.rs:5:10, which is another type; ask for `&Mutex<Cache>`, or write `.provide(…)` with a `Cache` there
            std::sync::poison::rwlock::RwLock<Cache>: `Cache`, from src/main.rs:5:10, which is another type; ask for `&Cache`, or write `.provide(…)` with a `RwLock<Cache>` there
            dyn Mailer: `Arc<dyn Mailer + Send>`, from src/main.rs:5:10, which is another type; ask for `&Arc<dyn Mailer + Send>`, or write `.provide_arc::<dyn Mailer>(…)` there
            dyn Mailer + core::marker::Send: `dyn Mailer`, from src/main.rs:5:10, which is another type; ask for `&dyn Mailer`, or write `.provide_arc::<dyn Mailer + Send>(…)` there"]].assert_eq(&said.concat());
        let several = ["core::option::Option<Cache>", "alloc::sync::Arc<Cache>"];
        assert!(says("Cache", &several).contains("has `Arc<Cache>`"));
    }
}
