//! Changes that people ask for.

use eventful_durable::store::{Change, Position, Slots, StoreError};
use sqlx::{Row, SqliteConnection};

use super::columns::slots;
use super::registration::{number_of, rename, revoke};
use crate::failure::Outcome;

pub(super) async fn change(
    connection: &mut SqliteConnection,
    id: &str,
    change: &Change,
) -> Outcome<()> {
    let Some(number) = number_of(connection, id).await? else {
        return Err(StoreError::refused(format!("there is no subscription `{id}`")).into());
    };
    match change {
        Change::Pause => set_paused(connection, number, 1).await,
        Change::Resume => set_paused(connection, number, 0).await,
        Change::Rename(to) if number_of(connection, to).await?.is_some() => {
            Err(StoreError::refused(format!("`{to}` is the id of another subscription")).into())
        }
        Change::Rename(to) => rename(connection, number, id, to).await,
        Change::Remove => remove(connection, number).await,
        Change::Forget(name) => forget(connection, number, name).await,
        Change::Split(parts) => split(connection, number, id, *parts).await,
        Change::Join => join(connection, number, id).await,
        Change::Replay(from) => replay(connection, number, id, *from).await,
    }
}

async fn set_paused(
    connection: &mut SqliteConnection,
    subscription: i64,
    paused: i64,
) -> Outcome<()> {
    sqlx::query("UPDATE eventful_subscription SET paused = ? WHERE number = ?")
        .bind(paused)
        .bind(subscription)
        .execute(connection)
        .await?;
    Ok(())
}

async fn remove(connection: &mut SqliteConnection, subscription: i64) -> Outcome<()> {
    for statement in [
        "DELETE FROM eventful_retry WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?)",
        "DELETE FROM eventful_done WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?)",
        "DELETE FROM eventful_note WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?)",
        "DELETE FROM eventful_partition WHERE subscription = ?",
        "DELETE FROM eventful_dead WHERE subscription = ?",
        "DELETE FROM eventful_name WHERE subscription = ?",
        "DELETE FROM eventful_earlier WHERE subscription = ?",
        "DELETE FROM eventful_subscription WHERE number = ?",
    ] {
        sqlx::query(statement)
            .bind(subscription)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

async fn forget(connection: &mut SqliteConnection, subscription: i64, name: &str) -> Outcome<()> {
    sqlx::query("DELETE FROM eventful_name WHERE subscription = ? AND name = ?")
        .bind(subscription)
        .bind(name)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM eventful_retry
         WHERE name = ? AND partition IN (SELECT id FROM eventful_partition WHERE subscription = ?)",
    )
    .bind(name)
    .bind(subscription)
    .execute(&mut *connection)
    .await?;
    revoke(connection, subscription).await
}

async fn split(
    connection: &mut SqliteConnection,
    subscription: i64,
    id: &str,
    parts: u32,
) -> Outcome<()> {
    let rows = sqlx::query(
        "SELECT id, first_slot, last_slot FROM eventful_partition WHERE subscription = ? ORDER BY number",
    )
    .bind(subscription)
    .fetch_all(&mut *connection)
    .await?;
    // Numbers are unique: they are given anew from the first on.
    sqlx::query(
        "UPDATE eventful_partition SET number = -1 - number, token = NULL WHERE subscription = ?",
    )
    .bind(subscription)
    .execute(&mut *connection)
    .await?;
    let mut number = 0_i64;
    for row in rows {
        let whole: i64 = row.try_get(0)?;
        let slots = slots(&row, 1)?;
        let Some(parts) = slots.split(parts) else {
            let text = format!("a partition of `{id}` does not have {parts} slots");
            return Err(StoreError::refused(text).into());
        };
        for (index, slots) in parts.into_iter().enumerate() {
            if index == 0 {
                narrow(connection, whole, number, slots).await?;
            } else {
                cut(connection, whole, number, slots).await?;
            }
            number += 1;
        }
    }
    Ok(())
}

/// Leaves a partition its first slots.
async fn narrow(
    connection: &mut SqliteConnection,
    id: i64,
    number: i64,
    slots: Slots,
) -> Outcome<()> {
    sqlx::query(
        "UPDATE eventful_partition SET number = ?, first_slot = ?, last_slot = ? WHERE id = ?",
    )
    .bind(number)
    .bind(i64::from(slots.first))
    .bind(i64::from(slots.last))
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes a partition of some slots of another one, with its cursor and the exceptions of these slots.
///
/// *Done* rows and notes have no slot of their own: each part gets all of them, and ignores those of others.
async fn cut(
    connection: &mut SqliteConnection,
    whole: i64,
    number: i64,
    slots: Slots,
) -> Outcome<()> {
    let part: i64 = sqlx::query_scalar(
        "INSERT INTO eventful_partition (subscription, number, first_slot, last_slot, cursor, replayed_through, failing)
         SELECT subscription, ?, ?, ?, cursor, replayed_through, failing FROM eventful_partition WHERE id = ?
         RETURNING id",
    )
    .bind(number)
    .bind(i64::from(slots.first))
    .bind(i64::from(slots.last))
    .bind(whole)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE eventful_retry SET partition = ? WHERE partition = ? AND slot BETWEEN ? AND ?",
    )
    .bind(part)
    .bind(whole)
    .bind(i64::from(slots.first))
    .bind(i64::from(slots.last))
    .execute(&mut *connection)
    .await?;
    for statement in [
        "INSERT INTO eventful_done (partition, position) SELECT ?, position FROM eventful_done WHERE partition = ?",
        "INSERT INTO eventful_note (partition, position, alone, deaths)
         SELECT ?, position, alone, deaths FROM eventful_note WHERE partition = ?",
    ] {
        sqlx::query(statement)
            .bind(part)
            .bind(whole)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// The events that a partition `p` of the subscription has come past, and another one has not.
macro_rules! passed {
    () => {
        " FROM eventful_partition p
          JOIN eventful_log l ON l.position <= p.cursor AND l.slot BETWEEN p.first_slot AND p.last_slot
          WHERE p.subscription = ?1
              AND l.position > (SELECT min(cursor) FROM eventful_partition WHERE subscription = ?1)"
    };
}

/// The number of events that partitions are apart.
const APART: &str = concat!("SELECT count(*)", passed!());

/// The steps of a join: the first partition gets all that belongs to the others, and the least cursor.
const JOIN: [&str; 8] = [
    concat!(
        "INSERT INTO eventful_done (partition, position)
         SELECT (SELECT id FROM eventful_partition WHERE subscription = ?1 AND number = 0), l.position",
        passed!(),
        " AND NOT EXISTS (SELECT 1 FROM eventful_retry r WHERE r.partition = p.id AND r.position = l.position)
         ON CONFLICT DO NOTHING"
    ),
    "INSERT INTO eventful_done (partition, position)
     SELECT first.id, d.position FROM eventful_partition first JOIN eventful_partition p USING (subscription)
     JOIN eventful_done d ON d.partition = p.id
     WHERE first.subscription = ?1 AND first.number = 0 ON CONFLICT DO NOTHING",
    "INSERT INTO eventful_note (partition, position, alone, deaths)
     SELECT first.id, n.position, n.alone, n.deaths
     FROM eventful_partition first JOIN eventful_partition p USING (subscription)
     JOIN eventful_note n ON n.partition = p.id
     WHERE first.subscription = ?1 AND first.number = 0
     ON CONFLICT DO UPDATE SET alone = max(alone, excluded.alone), deaths = max(deaths, excluded.deaths)",
    "UPDATE eventful_retry
     SET partition = (SELECT id FROM eventful_partition WHERE subscription = ?1 AND number = 0)
     WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?1)",
    "UPDATE eventful_partition SET first_slot = 0, last_slot = 255, cursor = parts.cursor,
         replayed_through = parts.replayed_through, handled = parts.handled, failing = parts.failing
     FROM (SELECT min(cursor) AS cursor, max(replayed_through) AS replayed_through, sum(handled) AS handled,
               max(failing) AS failing
           FROM eventful_partition WHERE subscription = ?1) AS parts
     WHERE subscription = ?1 AND number = 0",
    "DELETE FROM eventful_done
     WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?1 AND number > 0)",
    "DELETE FROM eventful_note
     WHERE partition IN (SELECT id FROM eventful_partition WHERE subscription = ?1 AND number > 0)",
    "DELETE FROM eventful_partition WHERE subscription = ?1 AND number > 0",
];

/// Makes one partition of all.
async fn join(connection: &mut SqliteConnection, subscription: i64, id: &str) -> Outcome<()> {
    revoke(connection, subscription).await?;
    let ahead: i64 = sqlx::query_scalar(APART)
        .bind(subscription)
        .fetch_one(&mut *connection)
        .await?;
    Change::require_close(id, ahead.unsigned_abs())?;
    for statement in JOIN {
        sqlx::query(statement)
            .bind(subscription)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Sets every cursor back that is behind the last event at or before a position.
async fn replay(
    connection: &mut SqliteConnection,
    subscription: i64,
    id: &str,
    from: Position,
) -> Outcome<()> {
    let accepted: bool =
        sqlx::query_scalar("SELECT replay FROM eventful_subscription WHERE number = ?")
            .bind(subscription)
            .fetch_one(&mut *connection)
            .await?;
    if !accepted {
        let text = format!("`{id}` refuses replays: its handler says `replay = \"refuse\"`");
        return Err(StoreError::refused(text).into());
    }
    let to: i64 = sqlx::query_scalar(
        "SELECT coalesce(max(position), 0) FROM eventful_log WHERE position <= ?",
    )
    .bind(from.0)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM eventful_done WHERE position > ?1
             AND partition IN (SELECT id FROM eventful_partition WHERE subscription = ?2 AND cursor > ?1)
             AND NOT EXISTS (SELECT 1 FROM eventful_retry r
                 WHERE r.partition = eventful_done.partition AND r.position = eventful_done.position)",
    )
    .bind(to)
    .bind(subscription)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "UPDATE eventful_partition
         SET cursor = ?1, replayed_through = max(coalesce(replayed_through, 0), cursor), token = NULL
         WHERE subscription = ?2 AND cursor > ?1",
    )
    .bind(to)
    .bind(subscription)
    .execute(connection)
    .await?;
    Ok(())
}
