//! The completions that are offered while code is typed.

/// Half-typed code, and what is offered at its cursor.
pub(crate) struct Completion {
    /// A part of the source, and what stands there while it is typed.
    pub(crate) written: &'static str,
    pub(crate) typed: &'static str,
    pub(crate) place: &'static str,
    /// A name that is offered.
    offers: &'static str,
}

impl Completion {
    const fn of(
        written: &'static str,
        typed: &'static str,
        place: &'static str,
        offers: &'static str,
    ) -> Self {
        Self {
            written,
            typed,
            place,
            offers,
        }
    }

    /// Returns `true` if the name is offered, and no private name of an expansion.
    pub(crate) fn is_right(&self, offered: &[String]) -> bool {
        let is_private = |name: &String| name.to_lowercase().starts_with("__eventful");
        offered.iter().any(|name| name == self.offers) && !offered.iter().any(is_private)
    }
}

pub(crate) const COMPLETIONS: [Completion; 8] = [
    Completion::of(
        "#[handler(OrderPacked)]",
        "#[handler()]",
        "#[handler($0)]",
        "OrderPacked",
    ),
    Completion::of(
        "#[handler(OrderPacked)]",
        "#[handler(Ord)]",
        "#[handler(Ord$0)]",
        "OrderPacked",
    ),
    Completion::of(
        "as(dyn Auditable)",
        "as(dyn Audi)",
        "as(dyn Audi$0)",
        "Auditable",
    ),
    Completion::of(
        "with = mut Connection",
        "with = mut Con",
        "with = mut Con$0)",
        "Connection",
    ),
    Completion::of(
        "cache: &Cache) {",
        "cache: &Ca) {",
        "cache: &Ca$0) {",
        "Cache",
    ),
    Completion::of(
        "cache.forget(event.order_id);",
        "cache.",
        "cache.$0",
        "forget",
    ),
    Completion::of(
        "cache.forget(event.order_id);",
        "event.",
        "    event.$0\n",
        "order_id",
    ),
    Completion::of(
        "order_id }.publish().ok();",
        "order_id }.pub",
        "order_id }.pub$0",
        "publish",
    ),
];
