//! Leases, notes and announcements.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::sleep;
use uuid::Uuid;

use super::world::{LONG, SHORT, World};
use crate::store::{Acknowledgement, Announcement, Company, Position, Store, Verdict};

pub(super) async fn one_holder_at_a_time(store: Arc<dyn Store>) {
    let world = World::new("one holder at a time", store).await;
    let lease = world.acquire(LONG).await;
    let second = world.try_acquire("mail", LONG).await;
    world.is(second.is_none(), "a lease that is held is not given");
    let unknown = world.try_acquire("nobody", LONG).await;
    world.is(
        unknown.is_none(),
        "there is no lease of an unknown subscription",
    );
    let renewed = world
        .store
        .renew(std::slice::from_ref(&lease.held), LONG)
        .await;
    let renewed = renewed.unwrap_or_default();
    world.is(renewed == [lease.held], "the holder can renew");
}

pub(super) async fn a_lease_that_ran_out_is_taken(store: Arc<dyn Store>) {
    let world = World::new("a lease that ran out is taken", store).await;
    let first = world.acquire(SHORT).await;
    world.is(
        !first.ended_without_release,
        "the first lease follows no other",
    );
    sleep(SHORT * 2).await;
    let late = Acknowledgement::at(first.held.clone(), first.cursor);
    let verdict = world.acknowledge(&late).await;
    world.is(
        verdict == Verdict::Accepted,
        "the token holds until somebody else has taken the lease",
    );
    let second = world.acquire(LONG).await;
    world.is(
        second.ended_without_release,
        "a lease that ran out is told of",
    );
    let verdict = world.acknowledge(&late).await;
    world.is(
        verdict == Verdict::Void,
        "the token of the one before is void",
    );
    let held = [first.held.clone(), second.held.clone()];
    let renewed = world.store.renew(&held, LONG).await.unwrap_or_default();
    world.is(renewed == [second.held], "only the holder can renew");
    let released = world.store.release(&[first.held]).await;
    world.is(released.is_ok(), "a lease that is lost may be released");
    let third = world.try_acquire("mail", LONG).await;
    world.is(
        third.is_none(),
        "who has lost a lease does not release another's",
    );
}

pub(super) async fn a_released_lease_is_no_crash(store: Arc<dyn Store>) {
    let world = World::new("a released lease is no crash", store).await;
    let first = world.acquire(LONG).await;
    let released = world.store.release(&[first.held]).await;
    world.is(released.is_ok(), "the holder can release");
    let second = world.acquire(LONG).await;
    world.is(
        !second.ended_without_release,
        "a released lease is not told of as a crash",
    );
}

pub(super) async fn only_deaths_alone_count(store: Arc<dyn Store>) {
    let world = World::new("only deaths alone count", store).await;
    let (one, two) = (Position(1), Position(2));
    let first = world.acquire(SHORT).await;
    note(&world, &first.held, &[one], Company::Alone).await;
    note(&world, &first.held, &[two], Company::Others).await;
    sleep(SHORT * 2).await;
    let second = world.acquire(SHORT).await;
    let deaths = |suspects: &[crate::store::Suspect]| {
        suspects
            .iter()
            .map(|it| (it.position, it.deaths))
            .collect::<Vec<_>>()
    };
    let seen = deaths(&second.suspects);
    world.is(
        seen == [(one, 1), (two, 0)],
        "a death counts for what ran alone, and for nothing else",
    );
    sleep(SHORT * 2).await;
    let third = world.acquire(LONG).await;
    let seen = deaths(&third.suspects);
    world.is(
        seen == [(one, 1), (two, 0)],
        "a note that was alone once is so no longer",
    );
    let mut ended = Acknowledgement::at(third.held.clone(), third.cursor);
    ended.ended = vec![one, two];
    let verdict = world.acknowledge(&ended).await;
    world.is(verdict == Verdict::Accepted, "the holder can acknowledge");
    let released = world.store.release(&[third.held]).await;
    world.is(released.is_ok(), "the holder can release");
    let fourth = world.acquire(LONG).await;
    world.is(
        fourth.suspects.is_empty(),
        "an acknowledgement removes the notes of what has ended",
    );
}

async fn note(world: &World, held: &crate::store::Held, positions: &[Position], company: Company) {
    let noted = world.store.note(held, positions, company).await;
    world.is(
        noted.is_ok_and(|it| it == Verdict::Accepted),
        "the holder can note",
    );
}

pub(super) async fn workers_see_each_other(store: Arc<dyn Store>) {
    let world = World::new("workers see each other", store).await;
    let announcement = |label: &str| Announcement {
        worker: Uuid::new_v4(),
        label: label.to_owned(),
        knows: BTreeMap::from([(
            "mail".to_owned(),
            BTreeMap::from([("placed".to_owned(), 2)]),
        )]),
        holds: Vec::new(),
    };
    let (one, two) = (announcement("one"), announcement("two"));
    let others = world.store.announce(&one, LONG).await.unwrap_or_default();
    world.is(others.is_empty(), "a worker does not see itself");
    let others = world.store.announce(&two, SHORT).await.unwrap_or_default();
    world.is(
        others == [one.clone()],
        "a worker sees the others as they are",
    );
    sleep(SHORT * 2).await;
    let others = world.store.announce(&one, LONG).await.unwrap_or_default();
    world.is(others.is_empty(), "an announcement ends");
}
