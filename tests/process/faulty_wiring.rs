//! A program whose handlers cannot be put in order.

use eventful::{Bus, event, handler};

#[event]
struct Happened;

#[handler(Happened, after = second)]
fn first(_: &Happened) {}

#[handler(Happened, after = first)]
fn second(_: &Happened) {}

#[event(handlers = 1..)]
struct NobodyListens;

#[test]
fn the_wiring_is_an_error_that_says_why() {
    let error = Bus::builder().wiring().unwrap_err();
    assert_eq!(error.faults().len(), 2, "{error}");
    for expected in [
        "handlers of `faulty_wiring::Happened` each run after the next, in a cycle",
        "faulty_wiring::NobodyListens",
    ] {
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(
        error.to_string(),
        Bus::builder().build().unwrap_err().to_string()
    );
}
