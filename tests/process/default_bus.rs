//! The process's default bus. It is set once a process, so each test runs in a process of its own.

#[path = "this_program.rs"]
mod this_program;

use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use eventful::{Bus, event, handler};

#[event]
struct Happened;

static HANDLED: AtomicU32 = AtomicU32::new(0);

/// Counted by closures on another bus.
static ELSEWHERE: AtomicU32 = AtomicU32::new(0);

#[handler(Happened)]
fn count(_: &Happened) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Published by handlers.
#[event]
struct Started;

#[event(fail_fast)]
struct Vetoed;

#[handler(Vetoed)]
fn count_veto(_: &Vetoed) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

#[event(async)]
struct Awaited;

#[handler(Awaited)]
async fn count_awaited(_: &Awaited) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Runs `body` in a process that runs this test alone.
fn in_own_process(test: &str, body: impl FnOnce()) {
    const MARK: &str = "EVENTFUL_TEST_IN_OWN_PROCESS";
    if std::env::var_os(MARK).is_some() {
        return body();
    }
    let output = this_program::command()
        .args([test, "--exact", "--nocapture"])
        .env(MARK, "1")
        .output()
        .expect("this test's program can be started");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        stdout.contains("1 passed"),
        "the test did not run there:\n{stdout}"
    );
}

#[test]
fn without_an_install_the_first_publish_builds_it() {
    in_own_process("without_an_install_the_first_publish_builds_it", || {
        assert_eq!(Happened.publish().unwrap().handled(), 1);
        assert_eq!(HANDLED.load(Ordering::Relaxed), 1);
    });
}

#[test]
fn install_after_the_first_publish_names_its_line() {
    in_own_process("install_after_the_first_publish_names_its_line", || {
        let line = line!() + 1;
        Happened.publish().unwrap();
        let error = Bus::builder().build().unwrap().install().unwrap_err();
        assert!(error.is_after_first_use());
        assert_eq!(
            (error.present_since().file(), error.present_since().line()),
            (file!(), line)
        );
        let expected = format!(
            "the default bus is already in use, since {}:{line}:18; install yours before the first publish",
            file!()
        );
        assert_eq!(error.to_string(), expected);
    });
}

#[test]
fn r17_a_second_install_names_the_line_of_the_first() {
    in_own_process("r17_a_second_install_names_the_line_of_the_first", || {
        let line = line!() + 1;
        Bus::builder().build().unwrap().install().unwrap();
        let error = Bus::builder().build().unwrap().install().unwrap_err();
        assert!(!error.is_after_first_use());
        let expected = format!(
            "a bus is already installed, at {}:{line}:41; install one per process, and use `Bus::scope` for others",
            file!()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(
            format!("{error:?}"),
            expected,
            "a `main` that returns it prints the same"
        );
    });
}

#[test]
fn the_installed_bus_is_everywhere_but_in_scopes() {
    in_own_process("the_installed_bus_is_everywhere_but_in_scopes", || {
        Bus::isolated().build().unwrap().install().unwrap();
        assert_eq!(
            Happened.publish().unwrap().handled(),
            0,
            "an isolated bus was installed"
        );
        thread::spawn(|| assert_eq!(Happened.publish().unwrap().handled(), 0))
            .join()
            .unwrap();
        let other = Bus::builder().build().unwrap();
        assert_eq!(other.scope(|| Happened.publish()).unwrap().handled(), 1);
        assert_eq!(
            Bus::current()
                .unwrap()
                .publish(&Happened)
                .unwrap()
                .handled(),
            0
        );
    });
}

#[test]
fn scopes_and_deliveries_win_over_an_installed_bus_with_handlers() {
    let name = "scopes_and_deliveries_win_over_an_installed_bus_with_handlers";
    in_own_process(name, || {
        Bus::builder().build().unwrap().install().unwrap();
        let note = || {
            ELSEWHERE.fetch_add(1, Ordering::Relaxed);
        };
        let other = Bus::isolated()
            .subscribe("happened", move |_: &Happened| note())
            .subscribe("vetoed", move |_: &Vetoed| note())
            .subscribe("awaited", move |_: &Awaited| async move {
                note();
            })
            .subscribe("started", |_: &Started| {
                Happened.publish().map(drop)?;
                Vetoed.publish().map(drop)
            })
            .build()
            .unwrap();
        let counts = || {
            let of = |count: &AtomicU32| count.swap(0, Ordering::Relaxed);
            (of(&HANDLED), of(&ELSEWHERE))
        };
        other.scope(|| {
            Happened.publish().unwrap();
            Vetoed.publish().unwrap();
        });
        assert_eq!(counts(), (0, 2), "in a scope");
        other.publish(&Started).unwrap();
        assert_eq!(counts(), (0, 2), "in a delivery");
        smol::block_on(other.scope_async(async { Awaited.publish().await })).unwrap();
        assert_eq!(counts(), (0, 1), "in a future's scope");
        Happened.publish().unwrap();
        Vetoed.publish().unwrap();
        smol::block_on(Awaited.publish()).unwrap();
        assert_eq!(counts(), (3, 0), "elsewhere");
    });
}

#[test]
fn asking_for_the_current_bus_builds_it_too() {
    in_own_process("asking_for_the_current_bus_builds_it_too", || {
        let line = line!() + 1;
        let bus = Bus::current().unwrap();
        assert_eq!(bus.publish(&Happened).unwrap().handled(), 1);
        assert_eq!(bus.install().unwrap_err().present_since().line(), line);
    });
}

#[test]
fn one_of_many_racing_threads_builds_it_for_all() {
    in_own_process("one_of_many_racing_threads_builds_it_for_all", || {
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| Happened.publish().unwrap());
            }
        });
        assert_eq!(HANDLED.load(Ordering::Relaxed), 8);
    });
}
