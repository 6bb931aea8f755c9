//! The answers of an editor about code with our attributes: the table of a real rust-analyzer.
//!
//! It is skipped where there is none. CONTRIBUTING.md says how to get one.

#[path = "editor/client.rs"]
mod client;
#[path = "editor/completions.rs"]
mod completions;
#[expect(dead_code, reason = "the language server runs cargo")]
#[path = "programs/expansion/package.rs"]
mod package;
#[path = "editor/place.rs"]
mod place;
#[path = "editor/table.rs"]
mod table;

use client::Client;
use completions::COMPLETIONS;
use package::Package;
use place::{Place, diagnostics};
use table::{Lead, Table};

const SOURCE: &str = include_str!("editor/shop.rs");

/// Places with the cursor, the line of the item that they lead to, and the number of code blocks in what is shown
/// there: the path and the item are one each, and a trait shows more.
const LEADS: [Lead; 25] = [
    Lead::to("pub struct OrderCreated {", "#[handler(Order$0Created)]"),
    Lead::to(
        "pub struct OrderCreated {",
        "fn update_cache(event: &Order$0Created,",
    ),
    Lead::to("pub struct Cache;", "OrderCreated, cache: &Ca$0che) {"),
    Lead::to(
        "fn update_cache(event: &OrderCreated, cache: &Cache) {",
        "fn update$0_cache(",
    ),
    Lead::to(
        "fn update_cache(event: &OrderCreated, cache: &Cache) {",
        "after = update$0_cache",
    ),
    Lead::to("pub trait Mailer: Send + Sync {", "Option<&dyn Mai$0ler>"),
    Lead::to("pub struct StockReserved;", "-> events::Stock$0Reserved {"),
    Lead::to("pub struct OrderPaid {", "#[handler(Order$0Paid, when"),
    Lead::to("async fn notify(", "async fn not$0ify("),
    Lead::to("pub struct OrderPaid {", "fn notify(event: &Order$0Paid,"),
    Lead::to(
        "pub trait Mailer: Send + Sync {",
        "OrderPaid, mailer: &dyn Mai$0ler)",
    ),
    Lead::to(
        "pub type MailError = std::io::Error;",
        "-> Result<(), Mail$0Error> {\n    mailer",
    ),
    Lead::to("pub trait Auditable {", "#[handler(dyn Audit$0able"),
    Lead::to(
        "pub trait Auditable {",
        "async fn audit(event: &dyn Audit$0able",
    ),
    Lead::to("pub trait Auditable {", "as(dyn Audit$0able"),
    Lead::to("pub struct Connection;", "with = mut Connec$0tion"),
    Lead::to("pub struct Connection;", "connection: &mut Connec$0tion"),
    Lead::to("pub struct OrderShipped;", "#[handler(Order$0Shipped)]"),
    Lead::to("fn clear(&self, _event: &OrderShipped) {", "fn cl$0ear("),
    Lead::to(
        "pub struct OrderShipped;",
        "fn clear(&self, _event: &Order$0Shipped",
    ),
    Lead::to("pub struct Cache;", "#[handlers]\nimpl Ca$0che"),
    Lead::to(
        "pub struct StockReserved;",
        "OrderCreated, events::Stock$0Reserved",
    ),
    Lead::to("#[event]", "order_id }.pub$0lish"),
    Lead::to("pub struct OrderCreated {", "pub struct Order$0Created").with_blocks(4),
    Lead::to("pub trait Auditable {", "trait Audit$0able").with_blocks(4),
];

/// Functions, and what they call, as the hierarchy of calls shows it.
const CALLS: [(&str, &[&str]); 3] = [
    ("fn update$0_cache(", &["update_cache", "→ forget"]),
    ("async fn not$0ify(", &["notify", "→ send"]),
    ("fn cl$0ear(", &["clear", "→ forget"]),
];

/// Names, and the number of places that change with them.
const RENAMED: [(&str, usize); 8] = [
    ("fn reser$0ve(", 1),
    ("async fn not$0ify(", 1),
    ("fn cou$0nt<E", 1),
    ("fn cl$0ear(", 1),
    ("pub struct Order$0Created", 7),
    ("pub struct Ca$0che", 5),
    ("trait Audit$0able", 5),
    ("fn update$0_cache(", 2),
];

#[test]
fn an_editor_answers_as_if_there_were_no_expansion() {
    let Some(program) = client::rust_analyzer() else {
        eprintln!(
            "SKIPPED: the editor's answers, because there is no rust-analyzer, or RUST_SRC_PATH is not set"
        );
        return;
    };
    let package = Package::new("editor", "tests/editor/shop.rs", "eventful", 2024);
    let client = &mut Client::start(&program, &package.directory);
    let mut table = Table::default();
    table.check("no mistake is reported", &[""; 0], &diagnostics(client));
    for Lead {
        place,
        line,
        blocks,
    } in LEADS
    {
        let found = Place::new(client, SOURCE, place).definitions();
        let is_right = matches!(found.as_slice(), [only] if only.starts_with(line));
        table.row(place, is_right, &format!("{} targets", found.len()));
        let shown = Place::new(client, SOURCE, place).hover();
        let count = shown.matches("```rust").count();
        table.row(place, count == blocks, &format!("{count} blocks"));
    }
    for (place, expected) in CALLS {
        table.check(place, expected, &Place::new(client, SOURCE, place).calls());
    }
    for (place, expected) in RENAMED {
        let found = Place::new(client, SOURCE, place).renamed();
        let name = place.replace("$0", "");
        let is_right = found
            .iter()
            .all(|text| name.contains(text) && !text.is_empty());
        let count = found.len();
        table.row(
            place,
            is_right && count == expected,
            &format!("{found:?} {count} places"),
        );
    }
    for completion in COMPLETIONS {
        let text = &SOURCE.replacen(completion.written, completion.typed, 1);
        client.change(text);
        let offered = Place::new(client, text, completion.place).completions();
        let is_right = completion.is_right(&offered);
        table.row(
            completion.place,
            is_right,
            &format!("{} offers", offered.len()),
        );
    }
    let mut expansions = Vec::new();
    for edit in ["", "// typed", "// typed more"] {
        let text = &SOURCE.replacen("cache.forget(", &format!("{edit}\ncache.forget("), 1);
        client.change(text);
        expansions.push(Place::new(client, text, "#[han$0dler(OrderCreated)]").expansion());
    }
    let is_stable =
        expansions[0].contains("HandlerEntry") && expansions.iter().all(|it| *it == expansions[0]);
    table.row("an expansion does not change with each edit", is_stable, "");
    table.finish();
}
