use std::fs;

use eventful_wiring::inspect::read_program;
use object::write::{Object, StandardSegment};
use object::{Architecture, BinaryFormat, Endianness, SectionKind};

use super::read;

const RECORD: &[u8] = b"eventful 1 event\nin shop\nat src/lib.rs:3:12\nname shop::OrderCreated\n\0";

/// An object file of another system, with this content in its section of records.
fn object_file(format: BinaryFormat, content: &[u8]) -> Vec<u8> {
    let mut file = Object::new(format, Architecture::X86_64, Endianness::Little);
    let name = match format {
        BinaryFormat::MachO => "__eventful_v1",
        BinaryFormat::Coff => ".evfl_v1",
        _ => "eventful_v1",
    };
    let segment = file.segment_name(StandardSegment::Data).to_vec();
    let section = file.add_section(segment, name.into(), SectionKind::Data);
    file.append_section_data(section, content, 1);
    file.write().unwrap()
}

/// The places of what is read from a file, or what is wrong with it.
fn found(content: &[u8]) -> Result<Vec<String>, String> {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, content).unwrap();
    let records = read(&file).map_err(|failure| failure.to_string())?.records;
    Ok(records
        .iter()
        .map(|record| record.position().to_string())
        .collect())
}

/// Tests read a program without `object`; what both can read, they find alike.
#[test]
fn the_reader_of_tests_finds_the_same() {
    for format in [BinaryFormat::Elf, BinaryFormat::MachO] {
        let file = object_file(format, RECORD);
        assert_eq!(read_program(&file).unwrap().len(), 1, "{format:?}");
        for length in 0..file.len() {
            let records = read_program(&file[..length]);
            assert!(records.is_err() || records.is_ok_and(|it| it.len() <= 1));
        }
    }
}

const FORMATS: [BinaryFormat; 3] = [BinaryFormat::Elf, BinaryFormat::MachO, BinaryFormat::Coff];

#[test]
fn records_are_found_in_the_files_of_each_system() {
    for format in FORMATS {
        let file = object_file(format, RECORD);
        assert_eq!(found(&file).unwrap(), ["src/lib.rs:3:12"], "{format:?}");
    }
}

#[test]
fn records_are_found_in_each_member_of_an_archive() {
    let mut archive = b"!<arch>\n".to_vec();
    let members = FORMATS.map(|format| object_file(format, RECORD));
    let members = members.iter().map(Vec::as_slice);
    for member in members.chain([&b"text, as the compiler's metadata may be"[..]]) {
        let size = member.len();
        let head = format!(
            "{:<16}{:<12}{:<6}{:<6}{:<8}{size:<10}`\n",
            "a.o/", 0, 0, 0, 644
        );
        archive.extend(head.bytes());
        archive.extend(member);
        archive.extend(b"\n".iter().take(size % 2));
    }
    assert_eq!(found(&archive).unwrap().len(), 3);
}

#[test]
fn the_first_program_of_a_universal_file_is_read() {
    let program = object_file(BinaryFormat::MachO, RECORD);
    let size = u32::try_from(program.len()).unwrap();
    // Magic and count, then of the only one: processor, kind, offset, size, alignment.
    let head = [0xCAFE_BABE, 1, 0x0100_0007, 3, 28, size, 2];
    let mut file: Vec<u8> = head.into_iter().flat_map(u32::to_be_bytes).collect();
    file.extend(&program);
    assert_eq!(found(&file).unwrap(), ["src/lib.rs:3:12"]);
}

#[test]
fn a_file_that_is_cut_off_anywhere_is_an_error_or_has_less() {
    for format in FORMATS {
        let file = object_file(format, RECORD);
        for length in 0..file.len() {
            if let Ok(records) = found(&file[..length]) {
                assert!(records.len() <= 1, "{format:?} {length}");
            }
        }
        // Without the end of its head.
        assert!(found(&file[..18]).is_err(), "{format:?}");
    }
}

#[test]
fn newer_records_ask_for_an_update() {
    let file = object_file(BinaryFormat::Elf, b"eventful 2 event\n\0");
    let said = found(&file).unwrap_err();
    assert!(said.contains("version 2"), "{said}");
    assert!(said.contains("cargo install cargo-eventful"), "{said}");
}
