use super::read_program;

const RECORD: &[u8] =
    b"eventful 1 event\ncrate shop 1.0.0\nin shop\nat src/lib.rs:3:12\nname shop::OrderCreated\n\0";

/// A program for Windows with one section: its name, its content, and the size that it has when it is loaded.
fn pe(name: &[u8], content: &[u8], loaded: usize) -> Vec<u8> {
    let mut file = b"MZ".to_vec();
    file.resize(0x3C, 0);
    file.extend(0x40_u32.to_le_bytes());
    file.extend(b"PE\0\0");
    // The processor, the number of sections, six fields that do not matter, and the size of the header that follows.
    for number in [0x8664, 1, 0, 0, 0, 0, 0, 0, 4, 0] {
        file.extend(u16::to_le_bytes(number));
    }
    file.extend([7; 4]);
    let start = file.len() + 40;
    file.extend(name);
    for number in [loaded, 0x1000, content.len(), start, 0, 0, 0, 0] {
        file.extend(u32::try_from(number).unwrap().to_le_bytes());
    }
    file.extend(content);
    file
}

fn count(file: &[u8]) -> Result<usize, String> {
    match read_program(file) {
        Ok(records) => Ok(records.len()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn the_records_of_a_program_for_windows_end_where_the_section_does() {
    let aligned = [RECORD, b"\xCC\xCC"].concat();
    assert_eq!(count(&pe(b".evfl_v1", &aligned, RECORD.len())), Ok(1));
    assert_eq!(count(&pe(b".evfl_v1", RECORD, RECORD.len() + 9)), Ok(1));
    assert_eq!(count(&pe(b".evfl_v2", RECORD, RECORD.len())), Ok(0));
}

#[test]
fn the_file_of_this_test_is_a_program_without_records() {
    let file = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    assert_eq!(count(&file), Ok(0));
}

#[test]
fn what_is_no_program_or_cut_off_says_so() {
    let whole = pe(b".evfl_v1", RECORD, RECORD.len());
    for length in 0..whole.len() {
        let error = count(&whole[..length]).unwrap_err();
        assert!(error.contains("is no program, or it is cut off"), "{error}");
    }
    assert!(count(b"[package]").is_err());
}
