//! The page about the wiring.

use std::fmt::{self, Display};

use eventful::Wiring;
use eventful::wiring::{WiredEvent, WiredFamily, WiredHandler};

use super::flow::Flow;
use super::html::{Escaped, EventLink, PathName, TypeName};

/// All facts of a [`Wiring`], for people.
pub(super) struct Page<'a>(pub(super) &'a Wiring);

const STYLE: &str = include_str!("page.css");

const HEAD: &str = "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<link rel=\"icon\" href=\"data:,\">
<title>Storefront: who handles what</title>
";

const INTRODUCTION: &str = "<header>
<h1>Who handles what</h1>
<p>Every event of this service, with its handlers in the order in which they run. Nobody has listed them: each was found because it
is linked. The same <a href=\"/wiring.json\">as JSON</a>; and the service's <a href=\"/orders\">orders</a>,
<a href=\"/audit\">audit</a>, <a href=\"/metrics\">metrics</a> and <a href=\"/healthz\">health</a>.</p>
</header>
<main>
";

impl Display for Page<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(wiring) = self;
        write!(
            formatter,
            "{HEAD}<style>\n{STYLE}</style>\n</head>\n<body>\n{INTRODUCTION}"
        )?;
        write!(formatter, "<h2>What leads to what</h2>\n{}", Flow(wiring))?;
        for event in wiring.events() {
            write_event(formatter, event)?;
        }
        formatter.write_str("<h2>Families of events</h2>\n<dl>\n")?;
        for family in wiring.families() {
            write_family(formatter, family)?;
        }
        formatter.write_str("</dl>\n<h2>What the handlers can be lent</h2>\n<ul>\n")?;
        for resource in wiring.resources() {
            writeln!(formatter, "<li>{}</li>", PathName(resource.type_name()))?;
        }
        let diagram = wiring.mermaid();
        write!(
            formatter,
            "</ul>\n<details>\n<summary>All of it as a diagram, for Mermaid</summary>\n<pre>{}</pre>\n</details>\n\
             </main>\n</body>\n</html>\n",
            Escaped(&diagram)
        )
    }
}

const TABLE_HEAD: &str = "<table>
<thead><tr><th class=\"place\">#</th><th>Handler</th><th>How</th><th>Is lent</th><th>May cause</th></tr></thead>
<tbody>
";

fn write_event(formatter: &mut fmt::Formatter<'_>, event: &WiredEvent) -> fmt::Result {
    let name = Escaped(event.name());
    let position = event.position().to_string();
    writeln!(
        formatter,
        "<section id=\"{name}\">\n<h2>{name}</h2>\n<p class=\"where\">{}</p>",
        Escaped(&position)
    )?;
    if event.handlers().is_empty() {
        return formatter.write_str("<p>Nobody handles it.</p>\n</section>\n");
    }
    formatter.write_str(TABLE_HEAD)?;
    for (place, handler) in (1..).zip(event.handlers()) {
        write_handler(formatter, place, handler)?;
    }
    formatter.write_str("</tbody>\n</table>\n</section>\n")
}

fn write_handler(
    formatter: &mut fmt::Formatter<'_>,
    place: usize,
    handler: &WiredHandler,
) -> fmt::Result {
    let position = handler.position().to_string();
    writeln!(
        formatter,
        "<tr><td class=\"place\">{place}</td><td>{}<div class=\"where\">{}</div></td>",
        PathName(handler.id()),
        Escaped(&position)
    )?;
    let lent = handler.resources().iter().map(ToString::to_string);
    let lent: Vec<_> = lent.map(|lent| TypeName(&lent).to_string()).collect();
    let causes: Vec<_> = handler
        .returns()
        .iter()
        .map(|event| EventLink(event).to_string())
        .collect();
    writeln!(
        formatter,
        "<td>{}</td><td>{}</td><td>{}</td></tr>",
        how(handler).join(", "),
        lent.join(", "),
        causes.join(" or ")
    )
}

fn how(handler: &WiredHandler) -> Vec<String> {
    let mut how = Vec::new();
    if handler.is_async() {
        how.push("async".to_owned());
    }
    if handler.order() != 0 {
        how.push(format!("order {}", handler.order()));
    }
    how.extend(
        handler
            .constraints()
            .iter()
            .map(|constraint| Escaped(constraint).to_string()),
    );
    if handler.is_guarded() {
        how.push("if its guard allows it".to_owned());
    }
    how.extend(
        handler
            .family()
            .map(|family| format!("as {}", TypeName(family))),
    );
    how
}

fn write_family(formatter: &mut fmt::Formatter<'_>, family: &WiredFamily) -> fmt::Result {
    let members: Vec<_> = family
        .members()
        .iter()
        .map(|event| EventLink(event).to_string())
        .collect();
    writeln!(
        formatter,
        "<dt>{}</dt>\n<dd>{}</dd>",
        PathName(family.name()),
        members.join(", ")
    )
}
