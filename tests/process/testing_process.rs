//! The testing kit and the whole process: the lines that failed assertions name, and a recorder on the installed
//! bus.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use eventful::testing::{Recorder, assert_handles};
use eventful::{Bus, event};

#[event]
#[derive(Clone, Debug, PartialEq)]
struct Created(u64);

#[event]
#[derive(Clone, Debug)]
struct Reserved;

fn helper(_: &Created) {}

fn fails<R>(body: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(body)).is_err());
}

#[test]
fn a_failed_assertion_stands_at_its_caller() {
    static LINES: Mutex<Vec<(String, u32)>> = Mutex::new(Vec::new());
    let default_hook = panic::take_hook();
    panic::set_hook(Box::new(|info| {
        let at = info.location().unwrap();
        LINES
            .lock()
            .unwrap()
            .push((at.file().to_owned(), at.line()));
    }));
    let recorder = Recorder::new();
    let builder = Bus::isolated()
        .capture::<Created>(&recorder)
        .capture_with(&recorder, |event: &Created| event.0);
    let begin = line!() + 1;
    fails(|| recorder.assert_count::<Created>(1));
    fails(|| recorder.assert_none::<Reserved>());
    fails(|| recorder.events::<Reserved>());
    fails(|| recorder.take::<Reserved>());
    fails(|| recorder.count::<Reserved>());
    fails(|| recorder.projections::<Created, u8>());
    fails(|| recorder.assert_any::<Created>(|_| true));
    fails(|| recorder.assert_one::<Created>(|_| true));
    fails(|| recorder.assert_sequence::<Created>());
    fails(|| recorder.assert_sequence::<Reserved>());
    fails(|| recorder.assert_in_order().then::<Created>(|_| true));
    fails(|| recorder.assert_in_order().then::<Reserved>(|_| true));
    fails(|| recorder.wait_for::<Created>(Duration::ZERO, |_| true));
    fails(|| recorder.wait_for::<Reserved>(Duration::ZERO, |_| true));
    fails(|| recorder.try_wait_for::<Reserved>(Duration::ZERO, |_| true));
    fails(|| recorder.wait_for_async::<Reserved>(Duration::ZERO, |_| true));
    fails(|| recorder.try_wait_for_async::<Reserved>(Duration::ZERO, |_| true));
    fails(|| assert_handles::<Created, _>(helper));
    let end = line!();
    recorder.record(Created(1));
    fails(|| recorder.assert_empty());
    let builder = Mutex::new(Some(builder));
    let builder = || builder.lock().unwrap().take().unwrap();
    fails(|| builder().capture_with(&recorder, |_: &Created| 1_u64));
    panic::set_hook(default_hook);

    let mut expected: Vec<u32> = (begin..end).collect();
    expected.extend([end + 2, end + 5]);
    let lines = LINES.lock().unwrap();
    assert!(lines.iter().all(|(file, _)| file == file!()), "{lines:?}");
    assert_eq!(
        lines.iter().map(|(_, line)| *line).collect::<Vec<_>>(),
        expected
    );
}

#[test]
fn r95_a_recorder_on_the_installed_bus_records_the_whole_process_and_a_second_bus_is_refused() {
    let recorder = Recorder::new();
    let recording = || Bus::isolated().fake::<Created>(&recorder).build().unwrap();
    recording().install().unwrap();
    Created(1).publish().unwrap();
    thread::spawn(|| Created(2).publish().unwrap())
        .join()
        .unwrap();
    assert_eq!(recorder.events::<Created>(), [Created(1), Created(2)]);

    let error = recording().install().unwrap_err().to_string();
    assert!(
        error.contains("tests/process/testing_process.rs:"),
        "{error}"
    );
}
