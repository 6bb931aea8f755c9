use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use eventful_wiring::inspect::{Program, parse};

use super::super::model::{EdgeKind, Model};
use super::super::{page, part, svg};
use super::Layout;

/// Each line is an event or a handler: `event NAME`, or `handler NAME of EVENT [returns EVENT]`.
fn program(lines: &str) -> Program {
    let mut section = String::new();
    let events: Vec<_> = lines
        .lines()
        .filter_map(|it| it.strip_prefix("event "))
        .collect();
    let place = |name: &str| events.iter().position(|it| *it == name).unwrap();
    for text in lines.lines() {
        if let Some(name) = text.strip_prefix("event ") {
            let place = place(name);
            write!(
                section,
                "eventful 1 event\nin shop\nat src/events.rs:{place}:1\nname {name}\n\0"
            )
            .unwrap();
            continue;
        }
        let (name, rest) = text
            .strip_prefix("handler ")
            .unwrap()
            .split_once(" of ")
            .unwrap();
        let (event, returned) = rest.split_once(" returns ").unwrap_or((rest, ""));
        let returned = if returned.is_empty() {
            String::new()
        } else {
            format!("returns {}:1 {returned}\n", place(returned))
        };
        // One function, however often it is there.
        let start = format!("handler {name} of ");
        let line = lines.lines().position(|it| it.starts_with(&start)).unwrap();
        write!(
            section,
            "eventful 1 handler\nin shop\nat src/handlers.rs:{line}:1\nfn {name}\nof {}:1 {event}\n{returned}\0",
            place(event)
        )
        .unwrap();
    }
    Program::new(parse(section.as_bytes()).unwrap())
}

fn model(lines: &str) -> Model {
    Model::new(program(lines).wiring())
}

const ORDERS: &str = "event placed\nevent reserved\nevent paid\nhandler reserve of placed returns reserved\n\
                      handler charge of reserved returns paid\nhandler mail of paid\nhandler note of paid";

fn assert_nothing_covers_anything(layout: &Layout) {
    for (index, one) in layout.boxes.iter().enumerate() {
        assert!(one.x >= 0.0 && one.y >= 0.0, "{one:?}");
        assert!(one.x + one.width <= layout.width && one.y + one.height <= layout.height);
        for other in &layout.boxes[index + 1..] {
            let apart = one.x + one.width <= other.x
                || other.x + other.width <= one.x
                || one.y + one.height <= other.y
                || other.y + other.height <= one.y;
            assert!(apart, "{one:?} covers {other:?}");
        }
    }
}

#[test]
fn lines_lead_to_the_right() {
    let model = model(ORDERS);
    let layout = Layout::new(&model);
    assert_eq!((model.nodes.len(), model.edges.len()), (7, 6));
    for edge in &model.edges {
        assert!(layout.boxes[edge.from].x < layout.boxes[edge.to].x);
    }
    assert_nothing_covers_anything(&layout);
    assert_eq!(Layout::new(&model).boxes, layout.boxes);
}

#[test]
fn a_cycle_has_one_line_back() {
    let model = model(&format!("{ORDERS}\nhandler again of paid returns placed"));
    let layout = Layout::new(&model);
    let back = model
        .edges
        .iter()
        .filter(|edge| layout.boxes[edge.from].x >= layout.boxes[edge.to].x);
    assert_eq!(
        back.map(|edge| edge.kind).collect::<Vec<_>>(),
        [EdgeKind::Causes]
    );
    assert_nothing_covers_anything(&layout);
}

#[test]
fn a_handler_of_two_events_is_one_box_with_its_place_in_each() {
    let model = model("event a\nevent b\nhandler log of a\nhandler own of a\nhandler log of b");
    assert_eq!(model.nodes.len(), 4);
    let edges = model.edges.iter();
    let edges: Vec<_> = edges
        .map(|edge| (edge.from, edge.to, edge.number))
        .collect();
    assert_eq!(edges, [(0, 2, 1), (0, 3, 2), (1, 2, 0)]);
}

#[test]
fn a_thousand_handlers_are_drawn_in_little_time() {
    let mut lines = String::new();
    for event in 0..200 {
        writeln!(lines, "event e{event}").unwrap();
    }
    for handler in 0..1_000 {
        let (event, next) = (handler % 200, (handler * 7 + 1) % 200);
        let returned = if handler % 3 == 0 {
            format!(" returns e{next}")
        } else {
            String::new()
        };
        writeln!(lines, "handler h{handler} of e{event}{returned}").unwrap();
    }
    let model = model(lines.trim_end());
    let start = Instant::now();
    let layout = Layout::new(&model);
    // It takes some milliseconds; the limit is for what grows with the square.
    assert!(start.elapsed() < Duration::from_secs(20));
    assert_nothing_covers_anything(&layout);
}

#[test]
fn a_part_has_what_leads_to_an_event_and_what_follows() {
    let program = program(&format!("{ORDERS}\nevent lost\nhandler cry of lost"));
    let names = |said: &str| {
        let part = part::part(program.wiring(), &[said.to_owned()]).unwrap();
        part.events()
            .iter()
            .map(|event| event.name().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(names("reserved"), ["paid", "placed", "reserved"]);
    assert_eq!(names("lost"), ["lost"]);
    let unknown = part::part(program.wiring(), &["found".to_owned()]).unwrap_err();
    assert!(unknown.to_string().starts_with("no event fits"));
}

const HOSTILE: &str = "event </script><script>document.title='taken'</script>\nevent a&b\"c<u64>\nhandler log of a&b\"c<u64>";

#[test]
fn names_stay_text() {
    let model = model(HOSTILE);
    let layout = Layout::new(&model);
    let svg = svg::document(&model, &layout);
    assert!(!svg.contains("<script"), "{svg}");
    assert!(svg.contains("a&amp;b&quot;c&lt;u64&gt;"), "{svg}");
    let page = page::page(&model, &layout);
    assert_eq!(
        page.matches("</script>").count(),
        2,
        "one of the data, and one of the page's own"
    );
}

/// The page in the browser after its script has run.
fn in_a_browser(name: &str, lines: &str, view: &str) -> Option<String> {
    let model = model(lines);
    let page = page::page(&model, &Layout::new(&model));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(format!("{name}.html"));
    std::fs::write(&path, page).unwrap();
    let mut browser = Command::new("chromium");
    browser
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .arg(format!(
            "--user-data-dir={}",
            directory.path().join("profile").display()
        ))
        .arg("--dump-dom")
        .arg(format!("file://{}{view}", path.display()))
        .stderr(Stdio::null());
    let output = match browser.output() {
        Ok(output) => output,
        Err(error) => {
            eprintln!("skipped: there is no chromium ({error})");
            return None;
        }
    };
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The classes of the box with this title.
fn classes<'a>(dom: &'a str, title: &str) -> &'a str {
    let (before, _) = dom.split_once(&format!("<title>{title}")).unwrap();
    let (_, element) = before.rsplit_once("<g class=\"").unwrap();
    element.split('"').next().unwrap()
}

#[test]
fn the_page_finds_and_hides() {
    let Some(dom) = in_a_browser(
        "search",
        &format!("{ORDERS}\nevent lost\nhandler cry of lost"),
        "#q=charge&only",
    ) else {
        return;
    };
    assert!(dom.contains(">1 of 9 fit</output>"), "{dom}");
    for lit in [
        "placed",
        "shop::reserve",
        "reserved",
        "shop::charge",
        "paid",
        "shop::mail",
    ] {
        assert!(!classes(&dom, lit).contains("gone"), "{lit}");
    }
    for gone in ["lost", "shop::cry"] {
        assert!(classes(&dom, gone).contains("gone"), "{gone}");
    }
}

#[test]
fn the_page_shows_all_and_runs_no_name() {
    let Some(dom) = in_a_browser("hostile", HOSTILE, "") else {
        return;
    };
    assert!(dom.contains(">3 of 3 boxes</output>"), "{dom}");
    assert!(
        dom.contains("<title>Events and their handlers</title>"),
        "{dom}"
    );
    assert!(!classes(&dom, "shop::log").contains("dim"));
}
