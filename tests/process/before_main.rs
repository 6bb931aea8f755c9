//! A constructor that builds buses and publishes before `main`, when nothing is registered yet.
#![cfg(target_os = "linux")]

use std::sync::OnceLock;

use eventful::{Bus, event, handler};

#[event]
struct Happened;

#[handler(Happened)]
fn handle(_: &Happened) {}

/// A bus from before `main`.
static EARLY: OnceLock<Bus> = OnceLock::new();

/// The text of the error of a publish before `main`.
static REFUSED: OnceLock<String> = OnceLock::new();

extern "C" fn early() {
    EARLY.get_or_init(|| Bus::isolated().build().unwrap());
    REFUSED.get_or_init(|| Happened.publish().unwrap_err().to_string());
}

// It comes before the constructors without a number, which register events and handlers.
#[expect(unsafe_code, reason = "a constructor is written by hand")]
#[unsafe(link_section = ".init_array.00101")]
#[used]
static CONSTRUCTOR: extern "C" fn() = early;

const BEFORE_MAIN: &str = "a constructor has published or built a bus before `main`, when not all events and handlers were registered; \
     do that in `main`";

#[test]
fn whatever_comes_later_is_told_that_a_constructor_came_too_early() {
    let refused = REFUSED.get().unwrap();
    let hint = "; or a constructor has published or built a bus before `main`, when nothing was registered yet";
    assert!(refused.contains(hint), "{refused}");

    // The default bus is built when it is used, the others now.
    let ambient = Happened.publish().unwrap_err();
    let errors = [
        Bus::isolated().build().unwrap_err(),
        Bus::isolated().with(handle).build().unwrap_err(),
        Bus::builder().build().unwrap_err(),
        Bus::builder().wiring().unwrap_err(),
        ambient.refusal().unwrap().wiring().unwrap().clone(),
    ];
    for error in errors {
        let [fault] = error.faults() else {
            panic!("{error}")
        };
        assert_eq!(fault.to_string(), BEFORE_MAIN);
    }

    let error = EARLY.get().unwrap().publish(&Happened).unwrap_err();
    let refusal = error.refusal().unwrap();
    assert!(refusal.is_unregistered());
    assert_eq!(refusal.to_string(), BEFORE_MAIN);
}
