//! Registration of subscriptions and workers.

use std::time::Duration;

use eventful_durable::store::{Announcement, Registered, Registration, ToRegister};
use eventful_durable::{StartsFrom, Timestamp};
use sqlx::{Row, SqliteConnection};

use super::columns::{later, micros};
use crate::failure::Outcome;
use crate::text::{decoding, json};

pub(super) async fn register(
    connection: &mut SqliteConnection,
    registration: &Registration,
    now: Timestamp,
) -> Outcome<Registered> {
    for (name, version) in &registration.events {
        sqlx::query(
            "INSERT INTO eventful_event (name, version) VALUES (?, ?)
             ON CONFLICT DO UPDATE SET version = max(version, excluded.version)",
        )
        .bind(name)
        .bind(i64::from(*version))
        .execute(&mut *connection)
        .await?;
    }
    let mut registered = Registered::default();
    for subscription in &registration.subscriptions {
        rename_earlier(connection, subscription, &mut registered).await?;
        match renamed_to(connection, &subscription.id).await? {
            Some(new) => registered.older.push((subscription.id.clone(), new)),
            None => register_one(connection, subscription, now, &mut registered).await?,
        }
    }
    Ok(registered)
}

/// The number of a subscription, if there is one with this id.
pub(super) async fn number_of(connection: &mut SqliteConnection, id: &str) -> Outcome<Option<i64>> {
    let number =
        sqlx::query_scalar("SELECT number FROM eventful_subscription WHERE id = ?").bind(id);
    Ok(number.fetch_optional(connection).await?)
}

/// Gives a subscription that is known by an earlier id the new one.
async fn rename_earlier(
    connection: &mut SqliteConnection,
    subscription: &ToRegister,
    registered: &mut Registered,
) -> Outcome<()> {
    if number_of(connection, &subscription.id).await?.is_some() {
        return Ok(());
    }
    for earlier in &subscription.was {
        if let Some(number) = number_of(connection, earlier).await? {
            rename(connection, number, earlier, &subscription.id).await?;
            let renamed = (earlier.clone(), subscription.id.clone());
            registered.renamed.push(renamed);
            break;
        }
    }
    Ok(())
}

/// The id that a subscription has now which had this one before.
async fn renamed_to(connection: &mut SqliteConnection, id: &str) -> Outcome<Option<String>> {
    let new = sqlx::query_scalar(
        "SELECT s.id FROM eventful_earlier e JOIN eventful_subscription s ON s.number = e.subscription WHERE e.id = ?",
    );
    Ok(new.bind(id).fetch_optional(connection).await?)
}

/// Gives a subscription another id, which is free.
pub(super) async fn rename(
    connection: &mut SqliteConnection,
    number: i64,
    from: &str,
    to: &str,
) -> Outcome<()> {
    sqlx::query("UPDATE eventful_subscription SET id = ? WHERE number = ?")
        .bind(to)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM eventful_earlier WHERE id = ?")
        .bind(to)
        .execute(&mut *connection)
        .await?;
    sqlx::query("INSERT OR REPLACE INTO eventful_earlier (id, subscription) VALUES (?, ?)")
        .bind(from)
        .bind(number)
        .execute(&mut *connection)
        .await?;
    revoke(connection, number).await
}

/// Makes every write under a lease of the subscription void.
pub(super) async fn revoke(connection: &mut SqliteConnection, subscription: i64) -> Outcome<()> {
    sqlx::query("UPDATE eventful_partition SET token = NULL WHERE subscription = ?")
        .bind(subscription)
        .execute(connection)
        .await?;
    Ok(())
}

async fn register_one(
    connection: &mut SqliteConnection,
    subscription: &ToRegister,
    now: Timestamp,
    registered: &mut Registered,
) -> Outcome<()> {
    let end = end(connection).await?;
    let id = &subscription.id;
    let known = number_of(connection, id).await?;
    let number: i64 = sqlx::query_scalar(
        "INSERT INTO eventful_subscription (id, replay, registered_at) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET replay = excluded.replay, registered_at = excluded.registered_at
         RETURNING number",
    )
    .bind(id)
    .bind(subscription.replay)
    .bind(micros(now))
    .fetch_one(&mut *connection)
    .await?;
    let mut since = end;
    if known.is_none() {
        if subscription.from == StartsFrom::Beginning {
            since = 0;
        }
        sqlx::query(
            "INSERT INTO eventful_partition (subscription, number, first_slot, last_slot, cursor)
             VALUES (?, 0, 0, 255, ?)",
        )
        .bind(number)
        .bind(since)
        .execute(&mut *connection)
        .await?;
        registered.added.push(id.clone());
    }
    for (name, version) in &subscription.names {
        let heard = sqlx::query(
            "UPDATE eventful_name SET version = max(version, ?) WHERE subscription = ? AND name = ?",
        );
        let heard = heard.bind(i64::from(*version)).bind(number).bind(name);
        if heard.execute(&mut *connection).await?.rows_affected() > 0 {
            continue;
        }
        sqlx::query(
            "INSERT INTO eventful_name (subscription, name, since, version) VALUES (?, ?, ?, ?)",
        )
        .bind(number)
        .bind(name)
        .bind(since)
        .bind(i64::from(*version))
        .execute(&mut *connection)
        .await?;
        if known.is_some() {
            registered.grown.push((id.clone(), name.clone()));
        }
    }
    Ok(())
}

/// The position of the last event. It is never removed, so that this is that of the last one ever.
pub(super) async fn end(connection: &mut SqliteConnection) -> Outcome<i64> {
    let end = sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM eventful_log");
    Ok(end.fetch_one(connection).await?)
}

pub(super) async fn announce(
    connection: &mut SqliteConnection,
    worker: &Announcement,
    ttl: Duration,
    now: Timestamp,
) -> Outcome<Vec<Announcement>> {
    sqlx::query("DELETE FROM eventful_worker WHERE id = ? OR until <= ?")
        .bind(worker.worker.to_string())
        .bind(micros(now))
        .execute(&mut *connection)
        .await?;
    let rows = sqlx::query("SELECT id, label, knows, holds FROM eventful_worker")
        .fetch_all(&mut *connection)
        .await?;
    let mut others = Vec::with_capacity(rows.len());
    for row in rows {
        others.push(Announcement {
            worker: row.try_get::<&str, _>(0)?.parse().map_err(decoding)?,
            label: row.try_get(1)?,
            knows: serde_json::from_str(row.try_get(2)?).map_err(decoding)?,
            holds: serde_json::from_str(row.try_get(3)?).map_err(decoding)?,
        });
    }
    if !ttl.is_zero() {
        sqlx::query(
            "INSERT INTO eventful_worker (id, label, knows, holds, until) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(worker.worker.to_string())
        .bind(&worker.label)
        .bind(json(&worker.knows)?)
        .bind(json(&worker.holds)?)
        .bind(later(now, ttl))
        .execute(connection)
        .await?;
    }
    Ok(others)
}
