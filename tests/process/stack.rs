//! The stack that a publish takes: the least one of a thread on which it does not overflow.
//!
//! `cargo test --test stack -- --nocapture --test-threads=1` prints the figures, and so it does with `--release`.

#![expect(
    clippy::large_stack_arrays,
    reason = "what is large is what is measured"
)]

#[path = "stack/futures.rs"]
mod futures;
#[path = "stack/least.rs"]
mod least;
#[path = "stack/nested.rs"]
mod nested;
#[path = "stack/returned.rs"]
mod returned;
#[path = "this_program.rs"]
mod this_program;

use self::least::{Case, copies, run_child};

/// The other tests start it again, on a thread whose stack may be too small.
#[test]
#[ignore = "the other tests start it"]
fn child() {
    run_child(&[futures::CASES, nested::CASES, returned::CASES]);
}

#[test]
fn a_future_is_written_straight_to_its_place() {
    two_copies_at_most(futures::CASES);
}

#[test]
fn a_returned_event_is_written_straight_to_its_place() {
    two_copies_at_most(returned::CASES);
}

fn two_copies_at_most(cases: &[Case]) {
    let mut too_many = Vec::new();
    for case in cases {
        let line = format!("{}: {:.1} copies", case.name, copies(case));
        println!("{line}");
        if copies(case) > 2.1 {
            too_many.push(line);
        }
    }
    assert!(too_many.is_empty(), "more than two: {too_many:#?}");
}

#[test]
fn nested_publishes_take_little_more_than_boxed_handlers() {
    let levels: Vec<[f64; 2]> = nested::CASES
        .iter()
        .map(|case| {
            let level = [nested::SMALL, nested::LARGE].map(|size| nested::level(case, size));
            println!("{}: {level:.0?} bytes a level", case.name);
            level
        })
        .collect();
    let [boxed_handlers, _, publishes @ ..] = levels.as_slice() else {
        panic!("the first cases are not ours")
    };
    for [small, large] in publishes {
        let most = if cfg!(debug_assertions) {
            boxed_handlers.map(|level| 4.0 * level + nested::EXACTNESS)
        } else {
            // Boxed handlers are one small function then.
            [1024.0; 2]
        };
        assert!(
            *small <= most[0] && *large <= most[1],
            "{small} and {large} bytes a level, at most {most:?}"
        );
        assert!(
            *large <= 1.5 * small,
            "{large} bytes a level, {small} with small futures"
        );
    }
}
