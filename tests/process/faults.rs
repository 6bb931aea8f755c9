//! Every fault that the rules of the wiring know, as the build of a bus and the records of the program say it. The wiring of
//! this program is wrong on purpose.
#![cfg(feature = "records")]

#[path = "../programs/records/file.rs"]
mod file;

use std::env;

use eventful::{Bus, event, family, handler};
use eventful_wiring::inspect::{Fault, FaultKind};

#[event]
struct Ordered;

#[handler(Ordered, id = "twin")]
fn twin(_: &Ordered) {}

#[handler(Ordered, id = "twin")]
fn other_twin(_: &Ordered) {}

#[handler(Ordered, order = 5, before = late)]
fn early(_: &Ordered) {}

#[handler(Ordered, order = 3)]
fn late(_: &Ordered) {}

#[event]
struct Turned<T: Send + Sync + 'static>(T);

#[handler(Turned<u8>, after = second)]
fn first(_: &Turned<u8>) {}

#[handler(Turned<u8>, after = third)]
fn second(_: &Turned<u8>) {}

#[handler(Turned<u8>, after = first)]
fn third(_: &Turned<u8>) {}

#[family]
trait Audited {}

#[event(as(dyn Audited))]
struct Paid;

impl Audited for Paid {}

#[handler(Paid, after = "aduit", before = early)]
fn pay(_: &Paid) {}

#[handler(dyn Audited, id = "audit", after = late, before = "nobody")]
fn audit(_: &dyn Audited) {}

fn is_no_handler() {}

#[handler(Paid, after = is_no_handler)]
fn refund(_: &Paid) {
    is_no_handler();
}

#[event(handlers = 1..)]
struct Unheard;

#[event(handlers = ..=1)]
struct HeardTwice;

#[handler(HeardTwice)]
fn once(_: &HeardTwice) {}

#[handler(HeardTwice)]
fn twice(_: &HeardTwice) {}

#[event(name = "order.created")]
struct Created;

#[event(name = "order.created")]
struct CreatedAgain;

#[test]
fn the_build_and_the_file_say_the_same() {
    let built = Bus::builder().build().unwrap_err();
    let mut built: Vec<String> = built.faults().iter().map(ToString::to_string).collect();
    let error = Bus::builder().wiring().unwrap_err();
    assert!(
        error
            .faults()
            .iter()
            .map(ToString::to_string)
            .eq(built.iter().cloned())
    );

    let program = file::program(&env::current_exe().unwrap());
    let read: Vec<String> = program.faults().iter().map(ToString::to_string).collect();
    // Only the program knows if a path that leads nowhere is an import.
    let place = built
        .iter()
        .position(|fault| fault.contains("`is_no_handler` is no handler"));
    let no_handler = built.remove(place.expect("the build names the function"));
    let [unresolved] = program.unresolved() else {
        panic!("{:?}", program.unresolved());
    };
    assert!(no_handler.contains(unresolved.handler()), "{no_handler}");
    assert!(no_handler.contains(unresolved.written()), "{no_handler}");
    assert_eq!(read, built);

    let mut kinds: Vec<FaultKind> = program.faults().iter().map(Fault::kind).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(
        kinds,
        [
            FaultKind::Cycle,
            FaultKind::AgainstOrder,
            FaultKind::TargetMissing,
            FaultKind::ContractBroken,
            FaultKind::SharedId,
            FaultKind::SharedName,
        ]
    );
    assert_eq!(built.len(), 10, "{built:#?}");
}
