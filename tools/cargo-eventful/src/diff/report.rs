use std::fmt::Write;

use anstyle::{AnsiColor, Style};

use super::compare::{Change, Difference, Fact, Kind};

const ADDED: Style = AnsiColor::Green.on_default();
const REMOVED: Style = AnsiColor::Red.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();

/// A sign before everything that differs: `+`, `-`, or `~` for what has changed.
pub(super) fn text(differences: &[Difference]) -> String {
    if differences.is_empty() {
        return "no difference\n".to_owned();
    }
    let mut text = String::new();
    for difference in differences {
        let kind = match difference.kind {
            Kind::Event => "event",
            Kind::Family => "family",
        };
        line(
            &mut text,
            "",
            difference.change,
            &format!("{kind} {}", difference.name),
        );
        facts(&mut text, "    ", difference.change, &difference.facts);
        for handler in &difference.handlers {
            line(&mut text, "    ", handler.change, &handler.id);
            facts(&mut text, "        ", handler.change, &handler.facts);
        }
        if let Some(order) = &difference.order {
            line(
                &mut text,
                "    ",
                Change::Changed,
                "they run in another order:",
            );
            for (number, id) in order.new.iter().enumerate() {
                let was = order.old.iter().position(|it| it == id).unwrap_or_default();
                let was = if was == number {
                    String::new()
                } else {
                    format!("  (was {})", was + 1)
                };
                let _infallible = writeln!(text, "        {}. {}{was}", number + 1, one_line(id));
            }
        }
        text.push('\n');
    }
    text.pop();
    text
}

fn facts(text: &mut String, indent: &str, change: Change, facts: &[Fact]) {
    for Fact { what, old, new } in facts {
        let told = match change {
            Change::Added => new.clone(),
            Change::Removed => old.clone(),
            Change::Changed => format!("{} -> {}", or_nothing(old), or_nothing(new)),
        };
        let _infallible = writeln!(text, "{indent}  {what}: {}", one_line(&told));
    }
}

fn line(text: &mut String, indent: &str, change: Change, what: &str) {
    let (sign, style) = match change {
        Change::Added => ('+', ADDED),
        Change::Removed => ('-', REMOVED),
        Change::Changed => ('~', CHANGED),
    };
    let _infallible = writeln!(text, "{indent}{style}{sign} {}{style:#}", one_line(what));
}

const fn or_nothing(value: &str) -> &str {
    if value.is_empty() { "nothing" } else { value }
}

/// Without what moves the cursor of a terminal: in a hostile file, names are anything.
fn one_line(text: &str) -> String {
    let visible = |it: char| if it.is_control() { '\u{fffd}' } else { it };
    text.chars().map(visible).collect()
}
