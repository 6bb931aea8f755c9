//! The findings for people, for programs, and for GitHub.

#[cfg(test)]
mod tests;

use std::env;
use std::fmt::Write;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use eventful_wiring::inspect::Program;
use serde::Serialize;

use super::finding::{Finding, Kind};
use crate::failure::Failure;
use crate::options::CheckFormat;

/// `workspace` is the folder that the files are relative to.
pub(super) fn report(
    format: CheckFormat,
    program: &Program,
    findings: &[Finding],
    workspace: Option<&Path>,
) -> Result<String, Failure> {
    match format {
        CheckFormat::Text => Ok(text(findings, program.wiring().events().len())),
        CheckFormat::Json => {
            let report = JsonReport {
                eventful: 1,
                findings,
            };
            Ok(serde_json::to_string_pretty(&report)? + "\n")
        }
        CheckFormat::Github => {
            let repository = env::var_os("GITHUB_WORKSPACE");
            let within = workspace.zip(repository.as_deref().map(Path::new));
            let within = within.and_then(|(workspace, it)| workspace.strip_prefix(it).ok());
            Ok(github(findings, within.unwrap_or(Path::new(""))))
        }
    }
}

const ERROR: Style = AnsiColor::Red.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default().bold();
const STRONG: Style = Style::new().bold();

fn text(findings: &[Finding], events: usize) -> String {
    let mut lines = Vec::new();
    for finding in findings {
        lines.push(format!(
            "{ERROR}error{ERROR:#}: {}",
            one_line(&finding.message)
        ));
        if let Some(file) = &finding.file {
            let mut place = one_line(file);
            if let Some(line) = finding.line {
                let _infallible = write!(place, ":{line}");
            }
            match (&finding.write, finding.line) {
                (Some(write), replaced) => {
                    let verb = if replaced.is_some() {
                        "instead of"
                    } else {
                        "in"
                    };
                    lines.push(format!("  write {verb} {STRONG}{place}{STRONG:#}"));
                    lines.push(format!("    {GOOD}{}{GOOD:#}", one_line(write)));
                }
                (None, _) => lines.push(format!("  at {place}")),
            }
        }
        let difference = finding.difference.iter().flat_map(|it| it.lines());
        lines
            .extend(difference.map(|line| format!("    {}", one_line(line)).trim_end().to_owned()));
        lines.extend(
            finding
                .help
                .iter()
                .map(|help| format!("  {}", one_line(help))),
        );
        lines.push(String::new());
    }
    lines.push(match (findings.len(), events) {
        (0, 1) => format!("{GOOD}clean{GOOD:#}: 1 event, and all of its handlers are linked"),
        (0, _) => {
            format!("{GOOD}clean{GOOD:#}: {events} events, and all of their handlers are linked")
        }
        (1, _) => "1 finding".to_owned(),
        (count, _) => format!("{count} findings"),
    });
    lines.join("\n") + "\n"
}

/// The constraints that cannot be resolved, a line each.
pub(super) fn unresolved(program: &Program) -> Vec<String> {
    let targets = program.unresolved().iter();
    let notes = targets.map(|target| {
        one_line(&format!(
            "{target}, which a file does not resolve; the order in which it runs is not checked"
        ))
    });
    notes.collect()
}

#[derive(Serialize)]
struct JsonReport<'a> {
    /// The version of the shape.
    eventful: u32,
    findings: &'a [Finding],
}

/// `within` leads from the repository to the workspace.
fn github(findings: &[Finding], within: &Path) -> String {
    let mut text = String::new();
    for finding in findings {
        let mut properties = Vec::new();
        if let Some(file) = &finding.file {
            let file = within.join(file).display().to_string();
            properties.push(format!("file={}", property(&file.replace('\\', "/"))));
        }
        properties.extend(finding.line.map(|line| format!("line={line}")));
        properties.extend(finding.column.map(|column| format!("col={column}")));
        properties.push(format!("title={}", title(finding.kind)));
        let mut message = finding.message.clone();
        let write = finding.write.as_ref();
        let write = write.map(|write| format!("write here: {write}"));
        for line in write.iter().chain(&finding.difference).chain(&finding.help) {
            let _infallible = write!(message, "\n{line}");
        }
        let _infallible = writeln!(text, "::error {}::{}", properties.join(","), data(&message));
    }
    text
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::NotLinked => "handlers are not linked",
        Kind::PartlyLinked => "some handlers are not linked",
        Kind::Contract => "an event has not the handlers that it asks for",
        Kind::Order => "the order of handlers contradicts itself",
        Kind::Duplicate => "a name is used twice",
        Kind::Cycle => "events cause each other",
        Kind::OnlyFamilies => "only families hear an event",
        Kind::Changed => "the wiring has changed",
        Kind::Other => "the wiring is wrong",
    }
}

/// Without what GitHub would take for its own.
fn data(text: &str) -> String {
    let text = text.replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// Without what moves the cursor of a terminal: in a hostile file, names are anything.
fn one_line(text: &str) -> String {
    let visible = |it: char| if it.is_control() { '\u{fffd}' } else { it };
    text.chars().map(visible).collect()
}
