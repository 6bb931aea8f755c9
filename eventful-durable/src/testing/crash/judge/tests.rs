//! The judge sees what is wrong in ledgers that were written by hand.

use std::sync::Arc;

use jiff::Timestamp;

use super::*;
use crate::store::{Failure, Position};
use crate::{Envelope, Headers};

const PLAIN: &str = "crash.plain";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

/// So many events of one key.
fn rows(count: u128) -> Vec<Row> {
    let row = |number| Row {
        id: id(number),
        key: Some("key".to_owned()),
        number: i64::try_from(number).expect("it is small"),
    };
    (1..=count).map(row).collect()
}

/// Judges a ledger of one subscription, written as "start 1, ok 1".
fn judge(evidence: Evidence, ledger: &str) -> Report {
    let lines = ledger.split(", ").map(|line| {
        let (kind, event) = line.split_once(' ').expect("a kind and an event");
        let event: u128 = event.parse().expect("it is a number");
        format!("{kind} {PLAIN} {} 77 -", id(event))
    });
    let lines: Vec<_> = lines.collect();
    evidence.judge(lines.into_iter())
}

fn plain(count: u128) -> Evidence {
    Evidence {
        subscriptions: vec![PLAIN],
        committed: rows(count),
        ..Evidence::default()
    }
}

fn dead(subscription: &str, event: u128, kind: FailureKind) -> DeadLetter {
    let failure = Failure {
        attempt: 1,
        at: Timestamp::UNIX_EPOCH,
        kind,
        text: String::new(),
    };
    DeadLetter {
        subscription: subscription.to_owned(),
        position: Position(1),
        envelope: Arc::new(Envelope {
            id: id(event),
            name: "crash.happened".to_owned(),
            version: 1,
            key: None,
            slot: 0,
            payload: Vec::new(),
            occurred_at: Timestamp::UNIX_EPOCH,
            headers: Headers::default(),
        }),
        attempts: 1,
        failures: vec![failure],
        reason: String::new(),
        died_at: Timestamp::UNIX_EPOCH,
        is_retried: false,
    }
}

#[test]
fn a_good_ledger_is_sound() {
    let ledger = "taken 0, start 1, ok 1, start 2, fail 2, start 2, ok 2, start 2, ok 2";
    let report = judge(plain(2), ledger);
    assert_eq!(report.faults(), [""; 0]);
    assert_eq!(
        (
            report.duplicates,
            report.most_duplicates,
            report.longest_run
        ),
        (1, BATCH, 1)
    );
}

#[test]
fn an_event_without_an_end_is_lost() {
    assert_eq!(judge(plain(2), "start 1, ok 1, start 2, fail 2").lost, 1);
    assert_eq!(judge(plain(2), "start 1, ok 1").lost, 1);
    let mut evidence = plain(2);
    evidence.dead = vec![dead(PLAIN, 2, FailureKind::KilledTheWorker)];
    let report = judge(evidence, "start 1, ok 1, start 2");
    assert_eq!(
        (report.lost, report.unlucky, report.wrongly_dead),
        (0, 1, 0)
    );
}

#[test]
fn a_dead_letter_has_to_have_a_reason() {
    let mut evidence = plain(1);
    evidence.dead = vec![dead(PLAIN, 1, FailureKind::Failed)];
    assert_eq!(judge(evidence, "start 1, fail 1, dead 1").wrongly_dead, 1);
}

#[test]
fn an_event_that_was_never_committed_is_a_phantom() {
    assert_eq!(judge(plain(1), "start 1, ok 1, start 9, ok 9").phantoms, 1);
}

#[test]
fn order_is_seen() {
    let inverted = judge(plain(2), "start 2, start 1, ok 1, ok 2");
    assert_eq!((inverted.inverted, inverted.overtaken), (1, 1));
    let overtaken = judge(plain(2), "start 1, start 2, ok 1, ok 2");
    assert_eq!((overtaken.inverted, overtaken.overtaken), (0, 1));
    let ends = judge(plain(2), "start 1, fail 1, start 2, ok 2, start 1, ok 1");
    assert_eq!((ends.inverted, ends.overtaken), (1, 1));
    let again = judge(
        plain(2),
        "start 1, ok 1, start 2, start 1, ok 1, start 2, ok 2",
    );
    assert_eq!((again.inverted, again.overtaken), (0, 0));
    let died = judge(
        plain(2),
        "start 1, fail 1, dead 1, start 2, ok 2, start 1, ok 1",
    );
    assert_eq!((died.inverted, died.overtaken), (0, 0));
}

#[test]
fn duplicates_have_a_bound() {
    let many = vec!["start 1, ok 1"; BATCH + 2].join(", ");
    let report = judge(plain(1), &format!("taken 0, {many}"));
    assert_eq!(
        (report.duplicates, report.longest_run),
        (BATCH + 1, BATCH + 1)
    );
    assert!(!report.is_sound());
    assert!(judge(plain(1), &format!("taken 0, taken 0, {many}")).is_sound());
}

/// Judges leases and acknowledgements, by token, cursor and instants: "gave 1 100 5 6, took 1 100 150".
fn void_taken(ledger: &str) -> usize {
    let lines = ledger.split(", ").map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let token: u128 = words[1].parse().expect("it is a number");
        let (kind, token, more) = (words[0], id(token), words[2..].join(" "));
        format!("{kind} {PLAIN} {token} 77 0 {more}")
    });
    let lines: Vec<_> = lines.collect();
    let report = plain(0).judge(lines.into_iter());
    assert_eq!(report.errors, [""; 0]);
    report.void_taken
}

#[test]
fn a_void_acknowledgement_is_seen() {
    assert_eq!(void_taken("gave 1 0 5 6, took 1 0 9, took 1 9 20"), 0);
    assert_eq!(void_taken("gave 1 0 5 6, gave 2 0 7 8, took 2 0 9"), 0);
    // The first one comes when it has lost the lease.
    assert_eq!(void_taken("gave 1 0 5 6, gave 2 0 7 8, took 1 0 9"), 1);
    assert_eq!(
        void_taken("gave 1 0 5 6, took 1 0 9, gave 2 9 7 8, took 1 9 20"),
        1
    );
    // It cannot be told which of them was given first.
    assert_eq!(void_taken("gave 1 0 5 7, gave 2 0 6 8, took 1 0 9"), 0);
    // The cursor has moved.
    assert_eq!(void_taken("gave 1 0 5 6, took 1 0 9, took 1 0 20"), 1);
    assert_eq!(
        void_taken("gave 1 0 5 6, took 1 0 9, gave 2 9 7 8, took 2 0 9"),
        1
    );
}

#[test]
fn effects_are_those_of_the_committed_events_once_each() {
    let effects = |ids: &[u128]| {
        let all = rows(9);
        let rows = ids
            .iter()
            .map(|id| all[usize::try_from(*id).unwrap() - 1].clone());
        let mut evidence = plain(3);
        evidence.effects = Some(rows.collect());
        let report = judge(evidence, "start 1, ok 1, start 2, ok 2, start 3, ok 3");
        report.effects.expect("there are some")
    };
    let counts = |it: Effects| (it.missing, it.doubled, it.phantoms, it.inverted);
    assert_eq!(counts(effects(&[1, 2, 3])), (0, 0, 0, 0));
    assert_eq!(counts(effects(&[1, 3])), (1, 0, 0, 0));
    assert_eq!(counts(effects(&[1, 2, 2, 3])), (0, 1, 0, 0));
    assert_eq!(counts(effects(&[1, 2, 3, 9])), (0, 0, 1, 0));
    assert_eq!(counts(effects(&[1, 3, 2])), (0, 0, 0, 1));
}

#[test]
fn a_counter_with_gaps_is_no_oracle() {
    let mut evidence = plain(3);
    evidence.committed.remove(1);
    let report = judge(evidence, "start 1, ok 1, start 3, ok 3");
    assert_eq!(report.errors.len(), 1, "{:?}", report.errors);
}

#[test]
fn what_is_left_over_is_told() {
    let mut evidence = plain(1);
    evidence.left_over = 2;
    let report = judge(evidence, "start 1, ok 1");
    assert_eq!(report.faults(), ["2 exceptions are left over"]);
}

#[test]
fn errors_and_torn_lines_are_told() {
    let mut evidence = plain(0);
    evidence.errors = vec![
        "publisher locked".to_owned(),
        "worker renew: locked".to_owned(),
    ];
    let report = evidence.judge(["start crash.plain 12".to_owned()].into_iter());
    assert_eq!(report.worker_errors.len(), 1);
    assert_eq!(report.errors.len(), 2, "{:?}", report.errors);
}
