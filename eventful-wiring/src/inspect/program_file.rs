//! From the bytes of a program's file to records.
//!
//! A test reads the program that it belongs to, and a library for object files would be a dependency of every test. So
//! this reads the three formats of programs that the framework's targets have, and of each only the table of sections.

#[cfg(test)]
mod tests;

use super::error::{ErrorKind, RecordError};
use super::parse::parse;
use super::record::Record;
use super::section;

/// Reads the records of an ELF, Mach-O (64 bits) or PE program.
///
/// There are none if the program declares no events and no handlers.
///
/// # Errors
///
/// If the file is no such program or is cut off, or if its records cannot be read.
///
/// # Examples
///
/// ```
/// use eventful_wiring::inspect::{Program, read_program};
///
/// let file = std::fs::read(std::env::current_exe()?)?;
/// println!("{}", Program::new(read_program(&file)?).wiring());
/// assert!(read_program(b"a text").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_program(file: &[u8]) -> Result<Vec<Record>, RecordError> {
    let sections = if file.starts_with(b"\x7fELF") {
        elf(file)
    } else if file.starts_with(&0xFEED_FACF_u32.to_le_bytes()) {
        mach_o(file)
    } else if file.starts_with(b"MZ") {
        pe(file)
    } else {
        None
    };
    let mut records = Vec::new();
    for section in sections.ok_or(RecordError {
        offset: 0,
        kind: ErrorKind::NoProgram,
    })? {
        records.extend(parse(section)?);
    }
    Ok(records)
}

/// The sections of our name. `None` if the file is cut off.
type Sections<'a> = Option<Vec<&'a [u8]>>;

fn elf(file: &[u8]) -> Sections<'_> {
    let is_64 = *file.get(4)? == 2;
    let bytes = Bytes {
        file,
        is_big_endian: *file.get(5)? == 2,
    };
    // An address, an offset or a size.
    let word = |at| {
        if is_64 { bytes.u64(at) } else { bytes.u32(at) }
    };
    let (table, size_at) = if is_64 { (40, 58) } else { (32, 46) };
    let (table, size) = (word(table)?, bytes.u16(size_at)?);
    let (count, names) = (bytes.u16(size_at + 2)?, bytes.u16(size_at + 4)?);
    let (offset_at, size_at) = if is_64 { (24, 32) } else { (16, 20) };
    let header = |number: usize| table.checked_add(number.checked_mul(size)?);
    let content = |header: usize| {
        bytes.range(
            word(header.checked_add(offset_at)?)?,
            word(header.checked_add(size_at)?)?,
        )
    };
    let names = content(header(names)?)?;
    let mut sections = Vec::new();
    for number in 0..count {
        let header = header(number)?;
        let name = names.get(bytes.u32(header)?..)?;
        if is_named(name, section::ELF) {
            sections.push(content(header)?);
        }
    }
    Some(sections)
}

fn mach_o(file: &[u8]) -> Sections<'_> {
    const SEGMENT: usize = 0x19;
    let bytes = Bytes {
        file,
        is_big_endian: false,
    };
    let mut sections = Vec::new();
    let mut command = 32_usize;
    for _ in 0..bytes.u32(16)? {
        if bytes.u32(command)? == SEGMENT {
            for number in 0..bytes.u32(command.checked_add(64)?)? {
                let header = command
                    .checked_add(number.checked_mul(80)?)?
                    .checked_add(72)?;
                let name = bytes.range(header, 16)?;
                if is_named(name, section::MACH_O) {
                    let size = bytes.u64(header.checked_add(40)?)?;
                    sections.push(bytes.range(bytes.u32(header.checked_add(48)?)?, size)?);
                }
            }
        }
        command = command.checked_add(bytes.u32(command.checked_add(4)?)?)?;
    }
    Some(sections)
}

fn pe(file: &[u8]) -> Sections<'_> {
    let bytes = Bytes {
        file,
        is_big_endian: false,
    };
    let start = bytes.u32(0x3C)?;
    if bytes.range(start, 4)? != b"PE\0\0" {
        return None;
    }
    let table = start
        .checked_add(24)?
        .checked_add(bytes.u16(start.checked_add(20)?)?)?;
    let mut sections = Vec::new();
    for number in 0..bytes.u16(start.checked_add(6)?)? {
        let header = table.checked_add(number.checked_mul(40)?)?;
        if is_named(bytes.range(header, 8)?, section::COFF) {
            // The file is aligned, and so may hold more than the section; or less, which is then zeros.
            let size = bytes.u32(header.checked_add(8)?)?;
            let in_file = bytes.u32(header.checked_add(16)?)?;
            let offset = bytes.u32(header.checked_add(20)?)?;
            sections.push(bytes.range(offset, size.min(in_file))?);
        }
    }
    Some(sections)
}

/// Returns true if `field` begins with `name` and a NUL, or is `name`.
fn is_named(field: &[u8], name: &str) -> bool {
    let rest = field.strip_prefix(name.as_bytes());
    rest.is_some_and(|rest| rest.first().is_none_or(|&byte| byte == 0))
}

/// The numbers in a file. `None` if the file ends before.
struct Bytes<'a> {
    file: &'a [u8],
    is_big_endian: bool,
}

impl<'a> Bytes<'a> {
    fn range(&self, start: usize, size: usize) -> Option<&'a [u8]> {
        self.file.get(start..start.checked_add(size)?)
    }

    fn u16(&self, at: usize) -> Option<usize> {
        self.number(at, 2)
    }

    fn u32(&self, at: usize) -> Option<usize> {
        self.number(at, 4)
    }

    fn u64(&self, at: usize) -> Option<usize> {
        self.number(at, 8)
    }

    fn number(&self, at: usize, size: usize) -> Option<usize> {
        let mut bytes = [0; 8];
        let (bytes, _) = bytes.split_at_mut(size);
        bytes.copy_from_slice(self.range(at, size)?);
        if !self.is_big_endian {
            bytes.reverse();
        }
        let number = bytes
            .iter()
            .fold(0, |number, &byte| number << 8 | u64::from(byte));
        usize::try_from(number).ok()
    }
}
