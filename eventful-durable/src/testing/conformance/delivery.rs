//! The log, and who hears what of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::world::{LONG, World, append, texts};
use crate::store::{Acknowledgement, Fetch, Limit, Place, Position, Slots, Store, Token, Verdict};
use crate::{Append, StartsFrom};

pub(super) async fn an_empty_store_begins_at_the_beginning(store: Arc<dyn Store>) {
    let world = World::new("an empty store begins at the beginning", store).await;
    world.publish("placed", "ada", "1").await;
    let lease = world.acquire(LONG).await;
    world.is(
        lease.cursor == Place::BEGINNING,
        "the cursor is before the first event",
    );
    let fetched = world.fetch(lease.cursor).await;
    world.is(
        texts(&fetched) == ["1"],
        "what is published before a worker runs is kept for it",
    );
}

pub(super) async fn a_store_in_use_begins_at_its_end(store: Arc<dyn Store>) {
    let world = World::new("a store in use begins at its end", store).await;
    world.publish("placed", "ada", "1").await;
    let end = world.end().await;
    world
        .register_as("new", &[], &["placed"], StartsFrom::Now)
        .await;
    world
        .register_as("all", &[], &["placed"], StartsFrom::Beginning)
        .await;
    let new = world
        .try_acquire("new", LONG)
        .await
        .map(|lease| lease.cursor);
    world.is(
        new == Some(end),
        "a new subscription begins with what is published from now on",
    );
    let all = world
        .try_acquire("all", LONG)
        .await
        .map(|lease| lease.cursor);
    world.is(
        all == Some(Place::BEGINNING),
        "unless it says that it begins at the beginning",
    );
}

pub(super) async fn a_name_is_heard_since_it_was_registered(store: Arc<dyn Store>) {
    let world = World::new("a name is heard since it was registered", store).await;
    world.publish("placed", "ada", "1").await;
    let end = world.end().await;
    world.register(&["placed", "paid"]).await;
    world.register(&["placed"]).await;
    let lease = world.acquire(LONG).await;
    let since = |name: &str| lease.names.get(name).map(|heard| heard.since);
    world.is(
        since("placed") == Some(Position(0)),
        "a known name is left as it is",
    );
    let promise =
        "a new name is heard since the end of the log, and an older program does not remove it";
    world.is(since("paid") == Some(end.position), promise);
}

pub(super) async fn a_fetch_is_bounded_and_misses_nothing(store: Arc<dyn Store>) {
    let world = World::new("a fetch is bounded and misses nothing", store).await;
    for number in 0..10 {
        let name = if number % 3 == 0 { "paid" } else { "placed" };
        world
            .publish(name, &format!("key {number}"), &format!("payload {number}"))
            .await;
    }
    let all = texts(&world.fetch(Place::BEGINNING).await);
    let expected: Vec<_> = (0..10).map(|number| format!("payload {number}")).collect();
    world.is(all == expected, "events come in the order of their commits");
    for limit in [
        Limit {
            events: 2,
            bytes: 1 << 20,
        },
        Limit {
            events: 100,
            bytes: 1,
        },
    ] {
        let mut fetch = Fetch {
            after: Place::BEGINNING,
            slots: Slots::ALL,
            names: Some(std::iter::once("placed".to_owned()).collect()),
            limit,
        };
        let mut seen = Vec::new();
        loop {
            let fetched = world.store.fetch(&fetch).await;
            let Ok(fetched) = fetched else {
                world.fail("`fetch` fails")
            };
            world.is(
                fetched.events.len() <= limit.events.min(2),
                "a fetch is bounded",
            );
            seen.extend(texts(&fetched));
            if fetched.through == fetch.after {
                break;
            }
            fetch.after = fetched.through;
        }
        let placed: Vec<_> = (0..10).filter(|number| number % 3 != 0).collect();
        let placed: Vec<_> = placed
            .iter()
            .map(|number| format!("payload {number}"))
            .collect();
        world.is(
            seen == placed,
            "nothing that fits is missing, and nothing comes twice",
        );
        let end = world.end().await;
        world.is(
            fetch.after == end,
            "a fetch moves on over events that do not fit",
        );
    }
    let [low, high] = [
        Slots { first: 0, last: 99 },
        Slots {
            first: 100,
            last: 255,
        },
    ];
    let mut of_slots = 0;
    for slots in [low, high] {
        let fetch = Fetch {
            after: Place::BEGINNING,
            slots,
            names: None,
            limit: super::world::EVERYTHING,
        };
        let Ok(fetched) = world.store.fetch(&fetch).await else {
            world.fail("`fetch` fails")
        };
        let fits = fetched
            .events
            .iter()
            .all(|event| slots.contains(event.envelope.slot));
        world.is(fits, "only events of the slots come");
        of_slots += fetched.events.len();
    }
    world.is(of_slots == 10, "each event is in one of the slots");
}

pub(super) async fn once_is_once(store: Arc<dyn Store>) {
    let world = World::new("once is once", store).await;
    for (name, payload) in [("placed", "first"), ("placed", "second"), ("paid", "other")] {
        let once = Some("word".to_owned());
        world
            .append(Append {
                once,
                ..append(name, "ada", payload)
            })
            .await;
    }
    let all = texts(&world.fetch(Place::BEGINNING).await);
    world.is(
        all == ["first", "other"],
        "a second event of a name and word is not appended",
    );
}

pub(super) async fn what_is_scheduled_comes_when_it_is_due(store: Arc<dyn Store>) {
    let world = World::new("what is scheduled comes when it is due", store).await;
    let Ok(now) = world.store.now().await else {
        world.fail("`now` fails")
    };
    let due_at = Some(now + Duration::from_millis(600));
    world
        .append(Append {
            due_at,
            ..append("placed", "ada", "later")
        })
        .await;
    world.publish("placed", "ada", "now").await;
    let all = texts(&world.fetch(Place::BEGINNING).await);
    world.is(all == ["now"], "what is scheduled holds nobody up");
    let advanced = world
        .store
        .advance()
        .await
        .ok()
        .and_then(|it| it.next_scheduled_in);
    let is_known = advanced.is_some_and(|time| time <= Duration::from_millis(600));
    world.is(is_known, "`advance` tells when the next one is due");
    sleep(Duration::from_millis(900)).await;
    world.end().await;
    let all = texts(&world.fetch(Place::BEGINNING).await);
    world.is(all == ["now", "later"], "it is appended when it is due");
    world.end().await;
    let all = texts(&world.fetch(Place::BEGINNING).await);
    world.is(all == ["now", "later"], "it is appended once");
}

pub(super) async fn acknowledgements_are_guarded(store: Arc<dyn Store>) {
    let world = World::new("acknowledgements are guarded", store).await;
    world.publish("placed", "ada", "1").await;
    world.publish("placed", "ada", "2").await;
    let lease = world.acquire(LONG).await;
    let fetched = world.fetch(lease.cursor).await;
    let mut ack = Acknowledgement::at(lease.held.clone(), lease.cursor);
    ack.to = fetched.events[0].place;
    let mut once = append("paid", "ada", "once");
    once.once = Some("word".to_owned());
    let returned = ["first", "second", "third"].map(|text| append("paid", "ada", text));
    ack.append = returned.into_iter().chain([once.clone(), once]).collect();
    let mut foreign = ack.clone();
    foreign.held.token = Token::fresh();
    let verdict = world.acknowledge(&foreign).await;
    world.is(verdict == Verdict::Void, "a foreign token is void");
    let verdict = world.acknowledge(&ack).await;
    world.is(verdict == Verdict::Accepted, "the token of the lease holds");
    let verdict = world.acknowledge(&ack).await;
    world.is(
        verdict == Verdict::Void,
        "an acknowledgement from another place is void",
    );
    world.end().await;
    let all = world.fetch(Place::BEGINNING).await;
    let returned: Vec<_> = texts(&all).split_off(2);
    world.is(
        returned == ["first", "second", "third", "once"],
        "what is returned is appended once, in its order, and what is void appends nothing",
    );
    let mut gone = Acknowledgement::at(lease.held.clone(), ack.to);
    gone.from.step = gone.from.step.wrapping_add(1);
    let verdict = world.acknowledge(&gone).await;
    world.is(
        verdict == Verdict::Void,
        "a place that is not in the log is void",
    );
    let mut ahead = Acknowledgement::at(lease.held.clone(), ack.to);
    ahead.to = fetched.events[1].place;
    ahead.to.step = ahead.to.step.wrapping_add(1);
    let verdict = world.acknowledge(&ahead).await;
    world.is(
        verdict == Verdict::Void,
        "a cursor does not move to a place that is not in the log",
    );
    let state = world.state("mail").await;
    world.is(state[0].cursor == ack.to, "the cursor has moved once");
}
