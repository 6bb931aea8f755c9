//! The records in the file of a program.

use std::fs;
use std::path::Path;

use eventful_wiring::inspect::{Program, parse, section};
use object::{Object, ObjectSection};

/// The program that the records in `file` describe.
pub(crate) fn program(file: &Path) -> Program {
    let content = fs::read(file).expect("the program's file can be read");
    let file = object::File::parse(&*content).expect("it is a program");
    let sections = [section::ELF, section::MACH_O, section::COFF];
    let records = file
        .sections()
        .filter(|section| section.name().is_ok_and(|name| sections.contains(&name)))
        .flat_map(|section| {
            let data = section.uncompressed_data().expect("the section is there");
            parse(&data).expect("it holds records")
        });
    Program::new(records.collect())
}
