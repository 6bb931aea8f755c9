//! The records of a file, whatever system it is for.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use eventful_wiring::inspect::{Record, parse, section};
use object::read::archive::ArchiveFile;
use object::read::macho::{FatArch, MachOFatFile32, MachOFatFile64};
use object::{File, FileKind, Object, ObjectSection};

use crate::failure::Failure;

/// The records of a file.
#[derive(Debug, Default)]
pub(crate) struct FileRecords {
    pub(crate) records: Vec<Record>,
    /// The file has code that only the compiler can read, as the libraries of a build with fat LTO have.
    pub(crate) has_bitcode: bool,
}

/// Reads a program, a library or an object file.
pub(crate) fn read(path: &Path) -> Result<FileRecords, Failure> {
    let shown = path.display();
    let data = fs::read(path)
        .map_err(|error| Failure::new(format!("`{shown}` cannot be read: {error}")))?;
    let mut sections = Sections::default();
    sections
        .add(&data)
        .map_err(|problem| Failure::new(format!("`{shown}` {problem}")))?;
    let mut found = FileRecords {
        records: Vec::new(),
        has_bitcode: sections.has_bitcode,
    };
    for section in &sections.found {
        let records = parse(section).map_err(|error| {
            let way_out = if error.is_newer_version() {
                "; update this command: cargo install cargo-eventful"
            } else {
                ""
            };
            Failure::new(format!(
                "`{shown}` has records that cannot be read: {error}{way_out}"
            ))
        })?;
        found.records.extend(records);
    }
    Ok(found)
}

#[derive(Default)]
struct Sections<'data> {
    found: Vec<&'data [u8]>,
    has_bitcode: bool,
}

impl<'data> Sections<'data> {
    fn add(&mut self, data: &'data [u8]) -> Result<(), String> {
        match FileKind::parse(data) {
            Ok(FileKind::Archive) => self.add_archive(data),
            Ok(FileKind::MachOFat32) => {
                let file = MachOFatFile32::parse(data).map_err(cut_off)?;
                self.add_first_architecture(data, file.arches())
            }
            Ok(FileKind::MachOFat64) => {
                let file = MachOFatFile64::parse(data).map_err(cut_off)?;
                self.add_first_architecture(data, file.arches())
            }
            Ok(_) => self.add_object(data),
            Err(_) => Err(
                "is no program, library or object file that this command knows; give it the file that cargo has built"
                    .to_owned(),
            ),
        }
    }

    fn add_object(&mut self, data: &'data [u8]) -> Result<(), String> {
        let file = File::parse(data).map_err(cut_off)?;
        for section in file.sections() {
            // A name that cannot be read is not ours.
            let Ok(name) = section.name() else { continue };
            if [section::ELF, section::MACH_O, section::COFF, section::WASM].contains(&name) {
                self.found.push(section.data().map_err(cut_off)?);
            }
        }
        Ok(())
    }

    /// An `rlib` among them. What is no object file holds no records: the compiler's metadata, or text.
    fn add_archive(&mut self, data: &'data [u8]) -> Result<(), String> {
        for member in ArchiveFile::parse(data).map_err(cut_off)?.members() {
            let member = member.map_err(cut_off)?.data(data).map_err(cut_off)?;
            if is_bitcode(member) {
                self.has_bitcode = true;
            } else if FileKind::parse(member).is_ok_and(|kind| kind != FileKind::Archive) {
                self.add_object(member)?;
            }
        }
        Ok(())
    }

    /// A universal file holds the same program for several processors.
    fn add_first_architecture(
        &mut self,
        data: &'data [u8],
        architectures: &[impl FatArch],
    ) -> Result<(), String> {
        let Some(first) = architectures.first() else {
            return Err("is a universal file without a program in it".to_owned());
        };
        let data = first.data(data).map_err(cut_off)?;
        match FileKind::parse(data) {
            Ok(FileKind::Archive) => self.add_archive(data),
            _ => self.add_object(data),
        }
    }
}

fn cut_off(error: object::Error) -> String {
    format!("is damaged or cut off: {error}")
}

fn is_bitcode(data: &[u8]) -> bool {
    data.starts_with(b"BC\xC0\xDE") || data.starts_with(b"\xDE\xC0\x17\x0B")
}
