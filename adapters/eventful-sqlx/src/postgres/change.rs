//! Changes that people ask for.

use eventful_durable::store::{Change, Position, Slots, StoreError};
use sqlx::Row;

use super::columns::slots;
use super::registration::{lock_names, number_of, rename, revoke};
use super::session::Session;
use super::trim;
use crate::failure::Outcome;

/// Makes a change in the open transaction. Leases are revoked first: an acknowledgement locks its lease, and then its
/// partition, too.
pub(super) async fn change(session: &mut Session<'_>, id: &str, change: &Change) -> Outcome<()> {
    lock_names(session).await?;
    let Some(number) = number_of(session, id).await? else {
        return Err(StoreError::refused(format!("there is no subscription `{id}`")).into());
    };
    match change {
        Change::Pause => set_paused(session, number, true).await,
        Change::Resume => set_paused(session, number, false).await,
        Change::Rename(to) if number_of(session, to).await?.is_some() => {
            Err(StoreError::refused(format!("`{to}` is the id of another subscription")).into())
        }
        Change::Rename(to) => rename(session, number, id, to).await,
        Change::Remove => remove(session, number).await,
        Change::Forget(name) => forget(session, number, name).await,
        Change::Split(parts) => split(session, number, id, *parts).await,
        Change::Join => join(session, number, id).await,
        Change::Replay(from) => replay(session, number, id, *from).await,
    }
}

async fn set_paused(session: &mut Session<'_>, subscription: i64, paused: bool) -> Outcome<()> {
    let query = sqlx::query("UPDATE eventful.subscription SET paused = $1 WHERE number = $2");
    session
        .execute(query.bind(paused).bind(subscription))
        .await?;
    Ok(())
}

async fn remove(session: &mut Session<'_>, subscription: i64) -> Outcome<()> {
    revoke(session, subscription).await?;
    for statement in [
        "DELETE FROM eventful.retry WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
        "DELETE FROM eventful.done WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
        "DELETE FROM eventful.note WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
        "DELETE FROM eventful.lease WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
        "DELETE FROM eventful.partition WHERE subscription = $1",
        "DELETE FROM eventful.dead WHERE subscription = $1",
        "DELETE FROM eventful.name WHERE subscription = $1",
        "DELETE FROM eventful.earlier WHERE subscription = $1",
        "DELETE FROM eventful.subscription WHERE number = $1",
    ] {
        session
            .execute(sqlx::query(statement).bind(subscription))
            .await?;
    }
    Ok(())
}

async fn forget(session: &mut Session<'_>, subscription: i64, name: &str) -> Outcome<()> {
    revoke(session, subscription).await?;
    for statement in [
        "DELETE FROM eventful.name WHERE subscription = $1 AND name = $2",
        "DELETE FROM eventful.retry
         WHERE name = $2 AND partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
    ] {
        session.execute(sqlx::query(statement).bind(subscription).bind(name)).await?;
    }
    Ok(())
}

async fn split(session: &mut Session<'_>, subscription: i64, id: &str, parts: u32) -> Outcome<()> {
    revoke(session, subscription).await?;
    // Numbers are unique: they are given anew from the first on.
    let query = sqlx::query(
        "UPDATE eventful.partition SET number = -1 - number WHERE subscription = $1
         RETURNING id, first_slot, last_slot",
    );
    let mut wholes = Vec::new();
    for row in session.fetch_all(query.bind(subscription)).await? {
        wholes.push((slots(&row, 1)?, row.try_get::<i64, _>(0)?));
    }
    wholes.sort_by_key(|(slots, _)| slots.first);
    let mut number = 0;
    for (slots, whole) in wholes {
        let Some(parts) = slots.split(parts) else {
            let text = format!("a partition of `{id}` does not have {parts} slots");
            return Err(StoreError::refused(text).into());
        };
        for (index, slots) in parts.into_iter().enumerate() {
            if index == 0 {
                narrow(session, whole, number, slots).await?;
            } else {
                cut(session, whole, number, slots).await?;
            }
            number += 1;
        }
    }
    Ok(())
}

/// Leaves a partition its first slots.
async fn narrow(session: &mut Session<'_>, id: i64, number: i32, slots: Slots) -> Outcome<()> {
    let query = sqlx::query(
        "UPDATE eventful.partition SET number = $1, first_slot = $2, last_slot = $3 WHERE id = $4",
    );
    let query = query
        .bind(number)
        .bind(i16::from(slots.first))
        .bind(i16::from(slots.last));
    session.execute(query.bind(id)).await?;
    Ok(())
}

/// Makes a partition of some slots of another one, with its cursor and the exceptions of these slots.
///
/// *Done* rows and notes have no slot of their own: each part gets all of them, and ignores those of others.
async fn cut(session: &mut Session<'_>, whole: i64, number: i32, slots: Slots) -> Outcome<()> {
    let query = sqlx::query(
        "INSERT INTO eventful.partition (subscription, number, first_slot, last_slot, cursor, step, replayed_through,
             failing)
         SELECT subscription, $1, $2, $3, cursor, step, replayed_through, failing FROM eventful.partition WHERE id = $4
         RETURNING id",
    );
    let query = query
        .bind(number)
        .bind(i16::from(slots.first))
        .bind(i16::from(slots.last));
    let part: i64 = session.fetch_one(query.bind(whole)).await?.try_get(0)?;
    let query = sqlx::query(
        "UPDATE eventful.retry SET partition = $1 WHERE partition = $2 AND slot BETWEEN $3 AND $4",
    );
    let query = query.bind(part).bind(whole).bind(i16::from(slots.first));
    session.execute(query.bind(i16::from(slots.last))).await?;
    session
        .execute(sqlx::query("INSERT INTO eventful.lease (partition) VALUES ($1)").bind(part))
        .await?;
    for statement in [
        "INSERT INTO eventful.done (partition, position) SELECT $1, position FROM eventful.done WHERE partition = $2",
        "INSERT INTO eventful.note (partition, position, alone, deaths)
         SELECT $1, position, alone, deaths FROM eventful.note WHERE partition = $2",
    ] {
        session
            .execute(sqlx::query(statement).bind(part).bind(whole))
            .await?;
    }
    Ok(())
}

/// The events that a partition `p` of the subscription has come past, and another one has not.
macro_rules! passed {
    () => {
        " FROM eventful.partition p
          JOIN eventful.position l ON l.position <= p.cursor JOIN eventful.log e ON e.seq = l.seq AND e.slot BETWEEN p.first_slot AND p.last_slot
          WHERE p.subscription = $1
              AND l.position > (SELECT min(cursor) FROM eventful.partition WHERE subscription = $1)"
    };
}

/// The number of events that partitions are apart.
const APART: &str = concat!("SELECT count(*)", passed!());

/// The steps of a join: the first partition gets all that belongs to the others, and the least cursor.
const JOIN: [&str; 9] = [
    concat!(
        "INSERT INTO eventful.done (partition, position)
         SELECT (SELECT id FROM eventful.partition WHERE subscription = $1 AND number = 0), l.position",
        passed!(),
        " AND NOT EXISTS (SELECT 1 FROM eventful.retry r WHERE r.partition = p.id AND r.position = l.position)
         ON CONFLICT DO NOTHING"
    ),
    "INSERT INTO eventful.done (partition, position)
     SELECT first.id, d.position FROM eventful.partition first JOIN eventful.partition p USING (subscription)
     JOIN eventful.done d ON d.partition = p.id
     WHERE first.subscription = $1 AND first.number = 0 ON CONFLICT DO NOTHING",
    "INSERT INTO eventful.note AS note (partition, position, alone, deaths)
     SELECT first.id, n.position, n.alone, n.deaths
     FROM eventful.partition first JOIN eventful.partition p USING (subscription)
     JOIN eventful.note n ON n.partition = p.id
     WHERE first.subscription = $1 AND first.number = 0
     ON CONFLICT (partition, position) DO UPDATE SET alone = note.alone OR excluded.alone,
         deaths = greatest(note.deaths, excluded.deaths)",
    "UPDATE eventful.retry
     SET partition = (SELECT id FROM eventful.partition WHERE subscription = $1 AND number = 0)
     WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1)",
    "UPDATE eventful.partition SET first_slot = 0, last_slot = 255, cursor = behind.cursor, step = behind.step,
         replayed_through = parts.replayed_through, handled = parts.handled, failing = parts.failing
     FROM (SELECT max(replayed_through) AS replayed_through, sum(handled)::bigint AS handled,
               bool_or(failing) AS failing
           FROM eventful.partition WHERE subscription = $1) AS parts,
         (SELECT cursor, step FROM eventful.partition WHERE subscription = $1 ORDER BY cursor LIMIT 1) AS behind
     WHERE subscription = $1 AND number = 0",
    "DELETE FROM eventful.done
     WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1 AND number > 0)",
    "DELETE FROM eventful.note
     WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1 AND number > 0)",
    "DELETE FROM eventful.lease
     WHERE partition IN (SELECT id FROM eventful.partition WHERE subscription = $1 AND number > 0)",
    "DELETE FROM eventful.partition WHERE subscription = $1 AND number > 0",
];

/// Makes one partition of all.
async fn join(session: &mut Session<'_>, subscription: i64, id: &str) -> Outcome<()> {
    revoke(session, subscription).await?;
    let row = session
        .fetch_one(sqlx::query(APART).bind(subscription))
        .await?;
    let ahead: i64 = row.try_get(0)?;
    Change::require_close(id, ahead.unsigned_abs())?;
    for statement in JOIN {
        session
            .execute(sqlx::query(statement).bind(subscription))
            .await?;
    }
    Ok(())
}

/// Sets every cursor back that is behind the last event at or before a position.
async fn replay(
    session: &mut Session<'_>,
    subscription: i64,
    id: &str,
    from: Position,
) -> Outcome<()> {
    let query = sqlx::query("SELECT replay FROM eventful.subscription WHERE number = $1");
    let accepts: bool = session
        .fetch_one(query.bind(subscription))
        .await?
        .try_get(0)?;
    if !accepts {
        let text = format!("`{id}` refuses replays: its handler says `replay = \"refuse\"`");
        return Err(StoreError::refused(text).into());
    }
    revoke(session, subscription).await?;
    trim::exclude(session).await?;
    let query = sqlx::query(
        "SELECT position, step
         FROM ((SELECT position, step FROM eventful.position WHERE position <= $1 ORDER BY position DESC LIMIT 1)
             UNION ALL SELECT 0, 0) places
         ORDER BY position DESC LIMIT 1",
    );
    let row = session.fetch_one(query.bind(from.0)).await?;
    let (to, step): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
    let query = sqlx::query(
        "DELETE FROM eventful.done d USING eventful.partition p
         WHERE d.partition = p.id AND p.subscription = $2 AND p.cursor > $1 AND d.position > $1
             AND NOT EXISTS (SELECT FROM eventful.retry r WHERE r.partition = p.id AND r.position = d.position)",
    );
    session.execute(query.bind(to).bind(subscription)).await?;
    let query = sqlx::query(
        "UPDATE eventful.partition SET cursor = $1, step = $3, replayed_through = greatest(replayed_through, cursor)
         WHERE subscription = $2 AND cursor > $1",
    );
    session
        .execute(query.bind(to).bind(subscription).bind(step))
        .await?;
    Ok(())
}
