//! Registration of subscriptions and workers.

use std::time::Duration;

use eventful_durable::StartsFrom;
use eventful_durable::store::{Announcement, Place, Registered, Registration, ToRegister};
use sqlx::Row;

use super::columns::{micros, number, place};
use super::session::Session;
use crate::failure::Outcome;
use crate::text::{decoding, json};

/// Has registrations and changes follow each other.
pub(super) async fn lock_names(session: &mut Session<'_>) -> Outcome<()> {
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('eventful.subscription', 0))";
    session.fetch_one(sqlx::query(lock)).await?;
    Ok(())
}

/// Registers in the open transaction.
pub(super) async fn register(
    session: &mut Session<'_>,
    registration: &Registration,
) -> Outcome<Registered> {
    lock_names(session).await?;
    for (name, version) in &registration.events {
        let query = sqlx::query(
            "INSERT INTO eventful.event AS old (name, version) VALUES ($1, $2)
             ON CONFLICT (name) DO UPDATE SET version = excluded.version WHERE old.version < excluded.version",
        );
        session
            .execute(query.bind(name).bind(number(*version)))
            .await?;
    }
    let mut registered = Registered::default();
    for subscription in &registration.subscriptions {
        rename_earlier(session, subscription, &mut registered).await?;
        match renamed_to(session, &subscription.id).await? {
            Some(new) => registered.older.push((subscription.id.clone(), new)),
            None => register_one(session, subscription, &mut registered).await?,
        }
    }
    Ok(registered)
}

/// The number of a subscription, if there is one with this id.
pub(super) async fn number_of(session: &mut Session<'_>, id: &str) -> Outcome<Option<i64>> {
    let query = sqlx::query("SELECT number FROM eventful.subscription WHERE id = $1");
    let row = session.fetch_optional(query.bind(id)).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Gives a subscription that is known by an earlier id the new one.
async fn rename_earlier(
    session: &mut Session<'_>,
    subscription: &ToRegister,
    registered: &mut Registered,
) -> Outcome<()> {
    if number_of(session, &subscription.id).await?.is_some() {
        return Ok(());
    }
    for earlier in &subscription.was {
        if let Some(number) = number_of(session, earlier).await? {
            rename(session, number, earlier, &subscription.id).await?;
            let renamed = (earlier.clone(), subscription.id.clone());
            registered.renamed.push(renamed);
            break;
        }
    }
    Ok(())
}

/// The id that a subscription has now which had this one before.
async fn renamed_to(session: &mut Session<'_>, id: &str) -> Outcome<Option<String>> {
    let query = sqlx::query(
        "SELECT s.id FROM eventful.earlier e JOIN eventful.subscription s ON s.number = e.subscription WHERE e.id = $1",
    );
    let row = session.fetch_optional(query.bind(id)).await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Gives a subscription another id, which is free.
pub(super) async fn rename(
    session: &mut Session<'_>,
    number: i64,
    from: &str,
    to: &str,
) -> Outcome<()> {
    revoke(session, number).await?;
    let query = sqlx::query("UPDATE eventful.subscription SET id = $1 WHERE number = $2");
    session.execute(query.bind(to).bind(number)).await?;
    session
        .execute(sqlx::query("DELETE FROM eventful.earlier WHERE id = $1").bind(to))
        .await?;
    let query = sqlx::query(
        "INSERT INTO eventful.earlier (id, subscription) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET subscription = excluded.subscription",
    );
    session.execute(query.bind(from).bind(number)).await?;
    Ok(())
}

/// Makes every write under a lease of the subscription void. It waits for those that are being written.
pub(super) async fn revoke(session: &mut Session<'_>, subscription: i64) -> Outcome<()> {
    let query = sqlx::query(
        "UPDATE eventful.lease SET token = NULL
         WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
    );
    session.execute(query.bind(subscription)).await?;
    Ok(())
}

async fn register_one(
    session: &mut Session<'_>,
    subscription: &ToRegister,
    registered: &mut Registered,
) -> Outcome<()> {
    let end = end(session).await?;
    let id = &subscription.id;
    let known = number_of(session, id).await?;
    let query = sqlx::query(
        "INSERT INTO eventful.subscription (id, replay, registered_at) VALUES ($1, $2, statement_timestamp())
         ON CONFLICT (id) DO UPDATE SET replay = excluded.replay, registered_at = excluded.registered_at
         RETURNING number",
    );
    let row = session
        .fetch_one(query.bind(id).bind(subscription.replay))
        .await?;
    let subscribed: i64 = row.try_get(0)?;
    let mut since = end;
    if known.is_none() {
        if subscription.from == StartsFrom::Beginning {
            since = Place::BEGINNING;
        }
        let query = sqlx::query(
            "WITH part AS (
                 INSERT INTO eventful.partition (subscription, number, first_slot, last_slot, cursor, step)
                 VALUES ($1, 0, 0, 255, $2, $3) RETURNING id)
             INSERT INTO eventful.lease (partition) SELECT id FROM part",
        );
        let query = query
            .bind(subscribed)
            .bind(since.position.0)
            .bind(since.step);
        session.execute(query).await?;
        registered.added.push(id.clone());
    }
    for (name, version) in &subscription.names {
        let query = sqlx::query(
            "UPDATE eventful.name SET version = greatest(version, $1) WHERE subscription = $2 AND name = $3",
        );
        let heard = query.bind(number(*version)).bind(subscribed).bind(name);
        if session.execute(heard).await? > 0 {
            continue;
        }
        let query = sqlx::query(
            "INSERT INTO eventful.name (subscription, name, since, version) VALUES ($1, $2, $3, $4)",
        );
        let query = query.bind(subscribed).bind(name).bind(since.position.0);
        session.execute(query.bind(number(*version))).await?;
        if known.is_some() {
            registered.grown.push((id.clone(), name.clone()));
        }
    }
    Ok(())
}

/// The place of the last event. It is never removed, so that this is that of the last one ever.
pub(super) async fn end(session: &mut Session<'_>) -> Outcome<Place> {
    let query = sqlx::query(
        "SELECT position, step FROM ((SELECT position, step FROM eventful.position ORDER BY position DESC LIMIT 1)
         UNION ALL SELECT 0, 0) ends ORDER BY position DESC LIMIT 1",
    );
    place(&session.fetch_one(query).await?, 0)
}

pub(super) const ANNOUNCE: &str = "
    WITH gone AS (
        DELETE FROM eventful.worker WHERE until <= statement_timestamp() AND id <> $1 OR id = $1 AND $5 = 0),
    here AS (
        INSERT INTO eventful.worker (id, label, knows, holds, until)
        SELECT $1, $2, $3, $4, statement_timestamp() + $5 * interval '1 microsecond' WHERE $5 > 0
        ON CONFLICT (id) DO UPDATE SET label = excluded.label, knows = excluded.knows, holds = excluded.holds,
            until = excluded.until)
    SELECT id, label, knows, holds FROM eventful.worker WHERE id <> $1 AND until > statement_timestamp()";

pub(super) async fn announce(
    session: &mut Session<'_>,
    worker: &Announcement,
    ttl: Duration,
) -> Outcome<Vec<Announcement>> {
    let query = sqlx::query(ANNOUNCE)
        .bind(worker.worker)
        .bind(&worker.label)
        .bind(json(&worker.knows)?)
        .bind(json(&worker.holds)?)
        .bind(micros(ttl));
    let rows = session.fetch_all(query).await?;
    rows.iter()
        .map(|row| {
            Ok(Announcement {
                worker: row.try_get(0)?,
                label: row.try_get(1)?,
                knows: serde_json::from_str(row.try_get(2)?).map_err(decoding)?,
                holds: serde_json::from_str(row.try_get(3)?).map_err(decoding)?,
            })
        })
        .collect()
}
