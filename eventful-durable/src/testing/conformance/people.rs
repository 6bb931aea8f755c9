//! The changes that people and their programs make.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::world::{LONG, SHORT, World, append, texts};
use crate::store::{
    Acknowledgement, Change, DeadFilter, Partition, Place, Position, Retry, Slots, Store, Verdict,
    Wait,
};
use crate::{Append, StartsFrom};

pub(super) async fn a_paused_subscription_is_not_leased(store: Arc<dyn Store>) {
    let world = World::new("a paused subscription is not leased", store).await;
    change(&world, &Change::Pause).await;
    world.is(
        world.try_acquire("mail", LONG).await.is_none(),
        "no lease is given while it is paused",
    );
    change(&world, &Change::Resume).await;
    world.is(
        world.try_acquire("mail", LONG).await.is_some(),
        "a lease is given when it is resumed",
    );
    let unknown = world.store.change("nobody", &Change::Pause).await;
    let is_refused = unknown.is_err_and(|error| error.is_refused());
    world.is(is_refused, "a change of an unknown subscription is refused");
}

pub(super) async fn was_renames(store: Arc<dyn Store>) {
    let world = World::new("`was` renames", store).await;
    world.publish("placed", "a", "1").await;
    world.publish("placed", "a", "2").await;
    let lease = world.acquire(LONG).await;
    let wait = Wait::For(Duration::ZERO);
    let fetched = world.all_wait(&lease.held, lease.cursor, wait).await;
    world
        .register_as("post", &["mail"], &["placed"], StartsFrom::Now)
        .await;
    world.is(
        world.state("mail").await.is_empty(),
        "the earlier id is gone",
    );
    let verdict = world
        .acknowledge(&Acknowledgement::at(lease.held, fetched.through))
        .await;
    world.is(
        verdict == Verdict::Void,
        "leases under the earlier id are void",
    );
    let post = world.try_acquire("post", LONG).await;
    let Some(post) = post else {
        world.fail("the new id has no free lease")
    };
    world.is(post.cursor == fetched.through, "the new id has the cursor");
    world.is(post.outstanding.len() == 2, "the new id has the retries");
    world.is(
        !post.ended_without_release,
        "a revoked lease is not told of as a crash",
    );
    world
        .register_as("mail", &[], &["placed"], StartsFrom::Now)
        .await;
    let promise = "an older program does not bring the earlier id back";
    world.is(world.state("mail").await.is_empty(), promise);
}

pub(super) async fn a_split_moves_retries_by_slot(store: Arc<dyn Store>) {
    let world = World::new("a split moves retries by slot", store).await;
    for number in 0..20 {
        world
            .publish("placed", &format!("key {number}"), &number.to_string())
            .await;
    }
    let lease = world.acquire(LONG).await;
    let wait = Wait::For(Duration::ZERO);
    let fetched = world.all_wait(&lease.held, lease.cursor, wait).await;
    change(&world, &Change::Split(4)).await;
    let verdict = world
        .acknowledge(&Acknowledgement::at(lease.held, fetched.through))
        .await;
    world.is(verdict == Verdict::Void, "the lease of the whole is void");
    let mut seen = Vec::new();
    for number in 0..4 {
        let partition = Partition {
            subscription: "mail".to_owned(),
            number,
        };
        let Some(part) = world.try_acquire_part(partition.clone(), LONG).await else {
            world.fail("a part has no free lease")
        };
        world.is(part.cursor == fetched.through, "each part has the cursor");
        let due = world.store.due(&partition, super::world::EVERYTHING).await;
        let Ok(due) = due else {
            world.fail("`due` fails")
        };
        let fits = due
            .rows
            .iter()
            .all(|row| part.slots.contains(row.envelope.slot));
        world.is(fits, "a part has the retries of its slots");
        seen.extend(due.rows.iter().map(|row| row.position));
    }
    seen.sort_unstable();
    let all: Vec<_> = fetched
        .events
        .iter()
        .map(|event| event.place.position)
        .collect();
    world.is(seen == all, "each retry is in one part");
    let too_many = world.store.change("mail", &Change::Split(200)).await;
    let is_refused = too_many.is_err_and(|error| error.is_refused());
    world.is(is_refused, "a split into more parts than slots is refused");
}

pub(super) async fn parts_and_replays_know_what_is_done(store: Arc<dyn Store>) {
    let world = World::new("parts and replays know what is done", store).await;
    for number in 0..20 {
        world
            .publish("placed", &format!("key {number}"), &number.to_string())
            .await;
    }
    let lease = world.acquire(LONG).await;
    let fetched = world.fetch(lease.cursor).await;
    for event in &fetched.events {
        let Ok(transaction) = world.store.begin(&lease.held).await else {
            world.fail("`begin` fails")
        };
        let committed = transaction
            .commit(event.place.position, event.envelope.id)
            .await;
        world.is(
            committed.is_ok_and(|it| it == Verdict::Accepted),
            "the holder can commit",
        );
    }
    let mut ack = Acknowledgement::at(lease.held, lease.cursor);
    ack.to = fetched.events[9].place;
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    change(&world, &Change::Split(2)).await;
    for number in 0..2 {
        let partition = Partition {
            subscription: "mail".to_owned(),
            number,
        };
        let Some(part) = world.try_acquire_part(partition, LONG).await else {
            world.fail("a part has no free lease")
        };
        let mut own = fetched.events[10..]
            .iter()
            .filter(|event| part.slots.contains(event.envelope.slot));
        let knows = own.all(|event| part.done.contains(&event.place.position));
        world.is(knows, "a part knows what was done in its slots");
    }
    change(&world, &Change::Join).await;
    change(&world, &Change::Replay(Position(0))).await;
    let whole = world.acquire(LONG).await;
    world.is(
        whole.done.is_empty(),
        "a replay delivers what was done, too",
    );
}

pub(super) async fn joined_partitions_skip_what_is_done(store: Arc<dyn Store>) {
    let world = World::new("joined partitions skip what is done", store).await;
    for number in 0..20 {
        world
            .publish("placed", &format!("key {number}"), &number.to_string())
            .await;
    }
    change(&world, &Change::Split(2)).await;
    let second = Partition {
        subscription: "mail".to_owned(),
        number: 1,
    };
    let Some(ahead) = world.try_acquire_part(second, LONG).await else {
        world.fail("a part has no free lease")
    };
    // The second part has come to the end, and its first event waits.
    let fetched = world.fetch(ahead.cursor).await;
    let events = fetched.events.iter();
    let (own, others): (Vec<_>, Vec<_>) =
        events.partition(|event| ahead.slots.contains(event.envelope.slot));
    world.is(
        !own.is_empty() && !others.is_empty(),
        "keys are in both parts",
    );
    let mut ack = Acknowledgement::at(ahead.held.clone(), ahead.cursor);
    ack.to = fetched.through;
    ack.handled = own.len() as u64;
    ack.retries = vec![Retry {
        position: own[0].place.position,
        key: own[0].envelope.key.clone(),
        attempts: 1,
        wait: Wait::For(Duration::ZERO),
        failures: Vec::new(),
    }];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    change(&world, &Change::Join).await;
    let verdict = world
        .acknowledge(&Acknowledgement::at(ahead.held, fetched.through))
        .await;
    world.is(verdict == Verdict::Void, "the lease of the part is void");
    let state = world.state("mail").await;
    let is_whole =
        state.len() == 1 && state[0].slots == Slots::ALL && state[0].handled == own.len() as u64;
    world.is(is_whole, "there is one partition of all slots");
    let whole = world.acquire(LONG).await;
    world.is(
        whole.cursor == Place::BEGINNING,
        "it stands where the part that was behind stood",
    );
    let done: Vec<_> = own[1..].iter().map(|event| event.place.position).collect();
    let is_done = whole.done.iter().eq(&done);
    world.is(
        is_done,
        "what the part that was ahead has handled is done, and nothing else",
    );
    let outstanding: Vec<_> = whole
        .outstanding
        .iter()
        .map(|retry| retry.position)
        .collect();
    world.is(
        outstanding == [own[0].place.position],
        "what waits still does",
    );
}

pub(super) async fn a_replay_revokes_and_goes_back(store: Arc<dyn Store>) {
    let world = World::new("a replay revokes and goes back", store).await;
    for number in 1..=3 {
        world.publish("placed", "a", &number.to_string()).await;
    }
    let lease = world.acquire(LONG).await;
    let fetched = world.fetch(lease.cursor).await;
    let mut ack = Acknowledgement::at(lease.held.clone(), lease.cursor);
    ack.to = fetched.through;
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    let first = fetched.events[0].place;
    change(&world, &Change::Replay(first.position)).await;
    let verdict = world
        .acknowledge(&Acknowledgement::at(lease.held, fetched.through))
        .await;
    world.is(verdict == Verdict::Void, "the lease is void");
    let lease = world.acquire(LONG).await;
    world.is(
        lease.cursor == first,
        "the cursor is at the place that was asked for",
    );
    let through = Some(fetched.through.position);
    world.is(
        lease.replayed_through == through,
        "who takes the lease learns what is a replay",
    );
    let again = texts(&world.fetch(lease.cursor).await);
    world.is(
        again == ["2", "3"],
        "what lies behind the place comes again",
    );
    let released = world.store.release(&[lease.held]).await;
    world.is(released.is_ok(), "the holder can release");
    change(&world, &Change::Replay(Position(0))).await;
    let lease = world.acquire(LONG).await;
    world.is(
        lease.cursor == Place::BEGINNING,
        "a replay may begin at the beginning",
    );
}

pub(super) async fn trimming_stops_at_what_is_needed(store: Arc<dyn Store>) {
    let world = World::new("trimming stops at what is needed", store).await;
    for number in 1..=4 {
        world
            .publish("placed", &format!("key {number}"), &number.to_string())
            .await;
    }
    let lease = world.acquire(LONG).await;
    sleep(SHORT).await;
    let trim = async || {
        let trimmed = world.store.trim(Duration::ZERO, 100).await;
        trimmed.unwrap_or_else(|error| world.fail(&format!("`trim` fails: {error}")))
    };
    let trimmed = trim().await;
    world.is(
        trimmed.removed == 0,
        "nothing is trimmed that a cursor has not passed",
    );
    let held_by = trimmed.held_by.map(|(partition, _)| partition.subscription);
    world.is(
        held_by.as_deref() == Some("mail"),
        "who holds the log is told",
    );
    let fetched = world.fetch(lease.cursor).await;
    let mut ack = Acknowledgement::at(lease.held.clone(), lease.cursor);
    ack.to = fetched.through;
    let second = &fetched.events[1];
    ack.retries = vec![Retry {
        position: second.place.position,
        key: second.envelope.key.clone(),
        attempts: 1,
        wait: Wait::For(Duration::ZERO),
        failures: Vec::new(),
    }];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    trim().await;
    world.is(
        world.due_texts().await == ["2"],
        "nothing is trimmed that a retry needs",
    );
    let mut ack = Acknowledgement::at(lease.held.clone(), fetched.through);
    ack.done = vec![second.place.position];
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    let young = world.store.trim(LONG, 100).await;
    world.is(
        young.is_ok_and(|trimmed| trimmed.removed == 0 && trimmed.held_by.is_none()),
        "nothing is trimmed that is younger than the retention, and nobody holds it",
    );
    trim().await;
    let left = texts(&world.fetch(Place::BEGINNING).await);
    world.is(
        left == ["4"],
        "the event on which a cursor stands stays, and no other",
    );
    let id = world.publish("placed", "a", "5").await;
    let next = world.fetch(fetched.through).await;
    let found = next.events.first().map(|event| event.envelope.id);
    world.is(found == Some(id), "positions go on after trimming");
    let verdict = world
        .acknowledge(&Acknowledgement::at(lease.held, fetched.through))
        .await;
    world.is(
        verdict == Verdict::Accepted,
        "the place of a cursor outlives trimming",
    );
    change(&world, &Change::Remove).await;
    sleep(SHORT).await;
    trim().await;
    let left = texts(&world.fetch(Place::BEGINNING).await);
    world.is(
        left == ["5"],
        "the last event stays, though nobody needs it",
    );
}

pub(super) async fn erasing_empties_payloads(store: Arc<dyn Store>) {
    let world = World::new("erasing empties payloads", store).await;
    world.publish("placed", "ada", "secret").await;
    world.publish("placed", "bob", "public").await;
    world.the_first_dies().await;
    let Ok(now) = world.store.now().await else {
        world.fail("`now` fails")
    };
    let scheduled = Append {
        due_at: Some(now + SHORT),
        ..append("placed", "ada", "scheduled secret")
    };
    world.append(scheduled).await;
    world.is(
        world.store.erase("ada").await.ok() == Some(3),
        "the events of the key are counted, in the log, among those that are scheduled, and among dead letters",
    );
    let letters = world.store.dead_letters(&DeadFilter::default()).await;
    let is_erased = letters.is_ok_and(|letters| letters[0].envelope.payload.is_empty());
    world.is(is_erased, "a dead letter is erased, too");
    sleep(SHORT * 2).await;
    world.end().await;
    let all = world.fetch(Place::BEGINNING).await;
    world.is(
        texts(&all) == ["", "public", ""],
        "only the payloads of the key are empty",
    );
    world.is(all.events[0].is_erased(), "an erased event is known as one");
}

async fn change(world: &World, change: &Change) {
    let changed = world.store.change("mail", change).await;
    changed.unwrap_or_else(|error| world.fail(&format!("`change` fails: {error}")));
}
