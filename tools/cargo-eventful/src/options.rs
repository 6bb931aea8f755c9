//! The command line.

use std::path::PathBuf;

use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Effects};
use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};

/// Shows the handlers of each event of a program, in order, and why a handler is not called.
///
/// It builds the program with cargo if necessary, and reads the records that `#[event]`, `#[handler]` and `#[family]`
/// leave in it. It never runs the program.
#[derive(Parser, Debug)]
#[command(
    name = "cargo-eventful",
    bin_name = "cargo eventful",
    version,
    styles = STYLES,
    after_help = "\
Examples:
  cargo eventful list                           the program of this package
  cargo eventful list -p shop --event paid      one event, with file and line: --positions
  cargo eventful graph --output wiring.html     a page for a browser
  cargo eventful check                          is every handler linked?
  cargo eventful explain send_mail              why is it not called?
  cargo eventful list --format json > old.json  a snapshot, and later:
  cargo eventful diff old.json target/release/shop

Exit status: 0 if all is well, 1 if `check` has findings, 2 if the command failed."
)]
pub(crate) struct Options {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// Use colours; `auto` means on a terminal, and not if `NO_COLOR` is set
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 900
    )]
    pub(crate) color: ColorChoice,
}

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .usage(AnsiColor::Green.on_default().effects(Effects::BOLD))
    .literal(AnsiColor::Cyan.on_default().effects(Effects::BOLD))
    .placeholder(AnsiColor::Cyan.on_default());

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    List(ListOptions),
    Graph(GraphOptions),
    Check(CheckOptions),
    Explain(ExplainOptions),
    Diff(DiffOptions),
}

/// List the events with their handlers, in the order in which they run
///
/// Each handler has its options, its resources and the events it returns beside it. `Bus::builder().wiring()` prints the same
/// table in the program.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo eventful list
  cargo eventful list -p shop --release --positions
  cargo eventful list --event order.paid --event refunded
  cargo eventful list --crate billing
  cargo eventful list --binary target/release/shop --format json")]
pub(crate) struct ListOptions {
    /// Only these events: the name, or the end of it
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Vec<String>,

    /// Only these handlers: the id, or the end of it
    #[arg(long, value_name = "NAME")]
    pub(crate) handler: Vec<String>,

    /// Only the events and handlers of these crates
    #[arg(long = "crate", value_name = "CRATE")]
    pub(crate) crates: Vec<String>,

    /// Show the file and the line of everything
    #[arg(long)]
    pub(crate) positions: bool,

    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "table")]
    pub(crate) format: ListFormat,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ListFormat {
    /// For people
    Table,
    /// For programs, and a snapshot for `diff`
    Json,
}

/// Draw the events, their handlers, and the events that these cause
///
/// Writes a page for a browser, which needs no network and can be searched, or a drawing as SVG, Mermaid or DOT.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo eventful graph --output wiring.html     a page, to open in a browser
  cargo eventful graph -p shop --output wiring.svg
  cargo eventful graph --event order.paid       what it causes, and what causes it
  cargo eventful graph --format dot | dot -Tpdf > wiring.pdf")]
pub(crate) struct GraphOptions {
    /// Only these events, with what they cause and what causes them: the name, or the end of it
    #[arg(long, value_name = "NAME")]
    pub(crate) event: Vec<String>,

    /// The format of the drawing; by default the one that the file's extension names, or Mermaid
    #[arg(long, value_name = "FORMAT")]
    format: Option<GraphFormat>,

    /// The file to write; by default the output is printed
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,
}

impl GraphOptions {
    pub(crate) fn format(&self) -> GraphFormat {
        let output = self.output.as_ref();
        let end = output.and_then(|path| path.extension()?.to_str());
        self.format.unwrap_or(match end {
            Some("html" | "htm") => GraphFormat::Html,
            Some("svg") => GraphFormat::Svg,
            Some("dot" | "gv") => GraphFormat::Dot,
            _ => GraphFormat::Mermaid,
        })
    }
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum GraphFormat {
    /// A flowchart that GitHub draws in a text
    Mermaid,
    /// For Graphviz
    Dot,
    /// A drawing
    Svg,
    /// A page that can be searched, with everything in it
    Html,
}

/// Check that every handler is linked, and that the wiring has no faults
///
/// Compares the handlers of the program with those of the libraries that it could have been linked with, and names the
/// line that is missing. Reports contradictory orders, events with too few or too many handlers or that only families
/// hear, ids that are used twice, and cycles of events that cause each other.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo eventful check
  cargo eventful check -p shop --test orders    what a test links
  cargo eventful check --wiring wiring.txt      and what has changed
  cargo eventful check --all-features --format github

Exit status: 0 if nothing was found, 1 if something was, 2 if the check failed.")]
pub(crate) struct CheckOptions {
    /// Accept cycles of events; they are no fault if a handler ends them
    #[arg(long)]
    pub(crate) allow_cycles: bool,

    /// Compare the wiring with this file, which `cargo eventful list` has written
    #[arg(long, value_name = "FILE")]
    pub(crate) wiring: Option<PathBuf>,

    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: CheckFormat,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// Annotations, for GitHub
    Github,
}

/// Explain why a handler is called or not, or list the handlers of an event
///
/// Searches the program, the libraries that are not linked with it, and the sources that are not compiled. In sources
/// it does not find items that a macro writes, or that are inside the body of a function.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo eventful explain send_mail
  cargo eventful explain mail::send -p shop
  cargo eventful explain order.paid

Exit status: 0, or 2 if nothing has the name, or several have it.")]
pub(crate) struct ExplainOptions {
    /// A handler or an event: its name or id, or the end of it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) program: ProgramOptions,
}

/// Show the differences between two programs, for a review
///
/// Lists for each event and family the handlers that were added, removed or changed, and says if they run in another
/// order. A program may be given as a file, or as a snapshot that `list --format json` has written. Positions in
/// sources and documentation are no difference.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  cargo eventful diff main.json target/debug/shop
  cargo eventful diff --exit-code old/shop new/shop

Exit status: 0, also if they differ, unless --exit-code is given; 2 if the comparison failed.")]
pub(crate) struct DiffOptions {
    /// A program, or a snapshot of one
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,

    /// A later program, or a snapshot of one
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,

    /// Exit with status 1 if they differ
    #[arg(long)]
    pub(crate) exit_code: bool,

    /// The format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: DiffFormat,
}

#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum DiffFormat {
    /// For people
    Text,
    /// For programs
    Json,
}

/// The choice of the program and its build: the flags of cargo.
#[derive(Args, Debug, Default, Clone)]
#[command(next_help_heading = "Program")]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of cargo")]
pub(crate) struct ProgramOptions {
    /// Read this file, and build nothing
    #[arg(long, value_name = "PATH", conflicts_with_all = [
        "package", "bin", "example", "test", "release", "profile", "target", "features", "all_features", "no_default_features",
        "manifest_path", "target_dir", "locked", "offline", "frozen",
    ])]
    pub(crate) binary: Option<PathBuf>,

    /// The package whose program is read
    #[arg(short, long, value_name = "SPEC")]
    pub(crate) package: Option<String>,

    /// The program, if there are several
    #[arg(long, value_name = "NAME")]
    pub(crate) bin: Option<String>,

    /// An example instead
    #[arg(long, value_name = "NAME", conflicts_with = "bin")]
    pub(crate) example: Option<String>,

    /// The program of a test instead
    #[arg(long, value_name = "NAME", conflicts_with_all = ["bin", "example"])]
    pub(crate) test: Option<String>,

    /// Build it in release mode
    #[arg(short, long)]
    pub(crate) release: bool,

    /// Build it with this profile
    #[arg(long, value_name = "PROFILE", conflicts_with = "release")]
    pub(crate) profile: Option<String>,

    /// Build it for this target triple
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target: Option<String>,

    /// Activate these features
    #[arg(short = 'F', long, value_name = "FEATURES")]
    pub(crate) features: Vec<String>,

    /// Activate all features
    #[arg(long)]
    pub(crate) all_features: bool,

    /// Do not activate the feature `default`
    #[arg(long)]
    pub(crate) no_default_features: bool,

    /// The Cargo.toml
    #[arg(long, value_name = "PATH")]
    pub(crate) manifest_path: Option<PathBuf>,

    /// The directory in which cargo builds
    #[arg(long, value_name = "DIRECTORY")]
    pub(crate) target_dir: Option<PathBuf>,

    /// Require that Cargo.lock is up to date
    #[arg(long)]
    pub(crate) locked: bool,

    /// Do without the network
    #[arg(long)]
    pub(crate) offline: bool,

    /// `--locked` and `--offline`
    #[arg(long)]
    pub(crate) frozen: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Options;

    #[test]
    fn the_command_line_has_no_contradictions() {
        Options::command().debug_assert();
    }

    #[test]
    fn help_fits_a_terminal_of_80_columns() {
        let mut command = Options::command().term_width(80);
        command.build();
        for command in command.get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            let wide = help.lines().find(|line| line.chars().count() > 80);
            assert_eq!(wide, None, "{}", command.get_name());
        }
    }
}
