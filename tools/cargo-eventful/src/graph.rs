mod layout;
mod model;
mod page;
mod part;
mod svg;

use std::fs;
use std::io::Write;

use self::layout::Layout;
use self::model::Model;
use crate::failure::Failure;
use crate::options::{GraphFormat, GraphOptions};
use crate::outcome::Outcome;
use crate::program;

/// `cargo eventful graph`.
pub(crate) fn run(options: &GraphOptions, output: &mut dyn Write) -> Result<Outcome, Failure> {
    let program = program::program(&options.program)?;
    let wiring = part::part(program.wiring(), &options.event)?;
    let drawing = match options.format() {
        GraphFormat::Mermaid => wiring.mermaid(),
        GraphFormat::Dot => wiring.dot(),
        GraphFormat::Svg => {
            let model = Model::new(&wiring);
            svg::document(&model, &Layout::new(&model))
        }
        GraphFormat::Html => {
            let model = Model::new(&wiring);
            page::page(&model, &Layout::new(&model))
        }
    };
    match &options.output {
        None => writeln!(output, "{}", drawing.trim_end())?,
        Some(path) => {
            let shown = path.display();
            fs::write(path, drawing)
                .map_err(|error| Failure::new(format!("`{shown}` cannot be written: {error}")))?;
            anstream::eprintln!("wrote `{shown}`");
        }
    }
    Ok(Outcome::Clean)
}
