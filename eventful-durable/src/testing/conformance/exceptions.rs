//! Retries, *done* rows and dead letters.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;
use uuid::Uuid;

use super::world::{LONG, SHORT, World, append, dead};
use crate::store::{
    Acknowledgement, Dead, DeadFilter, Failure, FailureKind, Needs, Position, Retry, Store, Token,
    Verdict, Wait,
};

pub(super) async fn a_retry_that_is_not_due_shuts_its_key(store: Arc<dyn Store>) {
    let world = World::new("a retry that is not due shuts its key", store).await;
    for (key, payload) in [
        ("a", "a1"),
        ("b", "b1"),
        ("a", "a2"),
        ("", "c1"),
        ("b", "b2"),
    ] {
        world.publish("placed", key, payload).await;
    }
    let lease = world.acquire(LONG).await;
    let fetched = world
        .all_wait(&lease.held, lease.cursor, Wait::For(Duration::ZERO))
        .await;
    let due = world.due_texts().await;
    world.is(
        due == ["a1", "b1", "a2", "c1", "b2"],
        "rows that are due come in order",
    );
    let mut ack = Acknowledgement::at(lease.held.clone(), fetched.through);
    ack.retries = vec![Retry {
        position: fetched.events[0].place.position,
        key: Some("a".to_owned()),
        attempts: 2,
        wait: Wait::For(SHORT),
        failures: Vec::new(),
    }];
    ack.done = vec![fetched.events[1].place.position];
    let verdict = world.acknowledge(&ack).await;
    world.is(
        verdict == Verdict::Accepted,
        "an acknowledgement may leave the cursor where it is",
    );
    let due = world.due().await;
    let texts: Vec<_> = due
        .rows
        .iter()
        .map(|row| super::world::text(&row.envelope))
        .collect();
    world.is(
        texts == ["c1", "b2"],
        "what is behind a row that is not due does not come",
    );
    world.is(due.outstanding == 4, "all rows are counted");
    world.is(
        due.next_in.is_some_and(|next| next <= SHORT),
        "the next time is told",
    );
    sleep(SHORT * 2).await;
    let due = world.due().await;
    world.is(due.rows.len() == 4, "the row comes when it is due");
    let first = &due.rows[0];
    world.is(first.attempts == 2, "the number of attempts is kept");
    world.is(
        first.tried_for >= SHORT,
        "the time since the first attempt is kept",
    );
}

pub(super) async fn the_time_of_tries_begins_with_the_first(store: Arc<dyn Store>) {
    let world = World::new("the time of tries begins with the first", store).await;
    world.publish("placed", "a", "1").await;
    let lease = world.acquire(LONG).await;
    let fetched = world.fetch(lease.cursor).await;
    let mut ack = Acknowledgement::at(lease.held.clone(), lease.cursor);
    ack.to = fetched.through;
    for (attempts, promise) in [
        (0, "an event that only waits is not tried"),
        (1, "the first attempt begins the time"),
        (2, "a later attempt does not begin it anew"),
    ] {
        ack.retries = vec![Retry {
            position: fetched.events[0].place.position,
            key: fetched.events[0].envelope.key.clone(),
            attempts,
            wait: Wait::For(Duration::ZERO),
            failures: Vec::new(),
        }];
        let verdict = world.acknowledge(&ack).await;
        world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
        ack.from = ack.to;
        sleep(SHORT).await;
        let tried_for = world.due().await.rows[0].tried_for;
        // Each of two sleeps is about as long.
        let is_right = match attempts {
            0 => tried_for.is_zero(),
            1 => tried_for >= SHORT * 9 / 10,
            _ => tried_for >= SHORT * 18 / 10,
        };
        world.is(is_right, promise);
    }
}

pub(super) async fn a_parked_retry_is_woken(store: Arc<dyn Store>) {
    let world = World::new("a parked retry is woken", store).await;
    world.publish("placed", "a", "a1").await;
    let needs = Needs {
        name: "placed".to_owned(),
        version: 2,
    };
    let lease = world.acquire(LONG).await;
    let fetched = world
        .all_wait(&lease.held, lease.cursor, Wait::Parked(needs.clone()))
        .await;
    world.is(
        world.due().await.rows.is_empty(),
        "a parked row is never due",
    );
    world.is(
        world.state("mail").await[0].parked == 1,
        "parked rows are counted",
    );
    let released = world.store.release(&[lease.held]).await;
    world.is(released.is_ok(), "the holder can release");
    let lease = world.acquire(LONG).await;
    let parked: Vec<_> = lease
        .outstanding
        .iter()
        .map(|row| row.parked.clone())
        .collect();
    world.is(
        parked == [Some(needs)],
        "who takes the lease learns what is parked",
    );
    let mut ack = Acknowledgement::at(lease.held, fetched.through);
    ack.wake = vec![fetched.events[0].place.position];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    world.is(world.due_texts().await == ["a1"], "a woken row is due");
}

pub(super) async fn a_done_row_commits_with_the_transaction(store: Arc<dyn Store>) {
    let world = World::new("a done row commits with the transaction", store).await;
    world.publish("placed", "a", "1").await;
    let lease = world.acquire(SHORT).await;
    let fetched = world.fetch(lease.cursor).await;
    let position = fetched.events[0].place.position;
    let event = fetched.events[0].envelope.id;
    let Ok(mut dropped) = world.store.begin(&lease.held).await else {
        world.fail("`begin` fails")
    };
    let appended = dropped.append(append("paid", "a", "rolled back")).await;
    world.is(appended.is_ok(), "a transaction appends");
    drop(dropped);
    let Ok(wrong) = world.store.begin(&lease.held).await else {
        world.fail("`begin` fails")
    };
    let verdict = wrong.commit(position, Uuid::new_v4()).await;
    world.is(
        verdict.is_ok_and(|it| it == Verdict::Void),
        "a commit for an event that does not have the position is void",
    );
    let Ok(mut kept) = world.store.begin(&lease.held).await else {
        world.fail("`begin` fails")
    };
    let appended = kept.append(append("paid", "a", "committed")).await;
    world.is(appended.is_ok(), "a transaction appends");
    let verdict = kept.commit(position, event).await;
    world.is(
        verdict.is_ok_and(|it| it == Verdict::Accepted),
        "the holder can commit",
    );
    world.end().await;
    let all = super::world::texts(&world.fetch(crate::store::Place::BEGINNING).await);
    world.is(
        all == ["1", "committed"],
        "what is dropped is rolled back, what is committed is there",
    );
    sleep(SHORT * 2).await;
    let lease = world.acquire(SHORT).await;
    world.is(
        lease.done.contains(&position),
        "who takes the lease learns what is done",
    );
    let mut ack = Acknowledgement::at(lease.held, lease.cursor);
    ack.to = fetched.through;
    ack.retries = vec![Retry {
        position,
        key: Some("a".to_owned()),
        attempts: 1,
        wait: Wait::For(Duration::ZERO),
        failures: Vec::new(),
    }];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    sleep(SHORT * 2).await;
    let lease = world.acquire(SHORT).await;
    world.is(
        lease.done.contains(&position),
        "a done row stays as long as its event has a retry",
    );
    let mut ack = Acknowledgement::at(lease.held, fetched.through);
    ack.done = vec![position];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    sleep(SHORT * 2).await;
    let lease = world.acquire(LONG).await;
    world.is(
        lease.done.is_empty(),
        "an acknowledgement removes the done rows that it has passed",
    );
}

pub(super) async fn a_transaction_without_the_token_is_void(store: Arc<dyn Store>) {
    let world = World::new("a transaction without the token is void", store).await;
    let event = world.publish("placed", "a", "1").await;
    let mut held = world.acquire(LONG).await.held;
    held.token = Token::fresh();
    let Ok(mut foreign) = world.store.begin(&held).await else {
        // A store may find out at once.
        return;
    };
    let appended = foreign.append(append("paid", "a", "foreign")).await;
    world.is(appended.is_ok(), "a transaction appends");
    let verdict = foreign.commit(Position(1), event).await;
    world.is(
        verdict.is_ok_and(|it| it == Verdict::Void),
        "a commit under a foreign token is void",
    );
    world.end().await;
    let all = super::world::texts(&world.fetch(crate::store::Place::BEGINNING).await);
    world.is(all == ["1"], "what is void commits nothing");
}

pub(super) async fn dead_letters_are_kept_retried_and_discarded(store: Arc<dyn Store>) {
    let world = World::new("dead letters are kept, retried and discarded", store).await;
    world.publish("placed", "a", "a1").await;
    world.publish("placed", "b", "b1").await;
    let lease = world.acquire(LONG).await;
    let fetched = world.fetch(lease.cursor).await;
    let Ok(now) = world.store.now().await else {
        world.fail("`now` fails")
    };
    let failure = Failure {
        attempt: 3,
        at: now,
        kind: FailureKind::Failed,
        text: "no server".to_owned(),
    };
    let mut ack = Acknowledgement::at(lease.held.clone(), lease.cursor);
    ack.to = fetched.through;
    let letters = fetched.events.iter().map(|event| Dead {
        attempts: 3,
        failures: vec![failure.clone()],
        ..dead(event)
    });
    ack.dead = letters.collect();
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    let letters = world.store.dead_letters(&DeadFilter::default()).await;
    let letters = letters.unwrap_or_default();
    world.is(letters.len() == 2, "dead letters are listed");
    let is_whole = letters
        .iter()
        .all(|it| it.failures == [failure.clone()] && it.attempts == 3);
    world.is(is_whole, "attempts and failures are kept");
    let envelopes: Vec<_> = letters.iter().map(|it| it.envelope.clone()).collect();
    let is_copy = fetched
        .events
        .iter()
        .all(|event| envelopes.contains(&event.envelope));
    world.is(is_copy, "a dead letter has a full copy of the event");
    let of_a = DeadFilter {
        key: Some("a".to_owned()),
        ..DeadFilter::default()
    };
    world.is(
        world.store.retry_dead(&of_a).await.ok() == Some(1),
        "one dead letter is retried",
    );
    world.is(world.due_texts().await == ["a1"], "its retry is due");
    let again = world.store.retry_dead(&of_a).await.ok();
    world.is(
        again == Some(1) && world.due().await.rows.len() == 1,
        "a second time changes nothing",
    );
    let mut ack = Acknowledgement::at(lease.held, fetched.through);
    ack.done = vec![fetched.events[0].place.position];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    let left = world.store.dead_letters(&of_a).await.unwrap_or_default();
    world.is(
        left.is_empty(),
        "a retried dead letter goes when its retry is done",
    );
    let retried = world.store.retry_dead(&DeadFilter::default()).await.ok();
    world.is(retried == Some(1), "another one is retried");
    let discarded = world.store.discard_dead(&DeadFilter::default()).await.ok();
    world.is(discarded == Some(1), "what is left is discarded");
    world.is(
        world.due().await.rows.is_empty(),
        "a retry that stands for it goes with it",
    );
}

pub(super) async fn a_dead_letter_outlives_the_log(store: Arc<dyn Store>) {
    let world = World::new("a dead letter outlives the log", store).await;
    world.publish("placed", "a", "a1").await;
    world.publish("placed", "b", "b1").await;
    world.the_first_dies().await;
    sleep(Duration::from_millis(10)).await;
    let trimmed = world.store.trim(Duration::ZERO, 10).await;
    world.is(
        trimmed.is_ok_and(|trimmed| trimmed.removed == 1),
        "a dead letter keeps no event in the log",
    );
    let retried = world.store.retry_dead(&DeadFilter::default()).await;
    world.is(retried.ok() == Some(1), "it can be retried");
    let promise = "its own copy of the event is used";
    world.is(world.due_texts().await == ["a1"], promise);
}
