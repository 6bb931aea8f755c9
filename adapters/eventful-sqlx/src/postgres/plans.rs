//! The plans of the statements over a large log, without knowledge of their parameters, as a connection uses them from
//! the sixth time on.

#[expect(dead_code, unused_imports, reason = "other tests use more of it")]
#[path = "../../tests/postgres_support/server.rs"]
mod server;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

use self::server::TestDatabase;
use super::{
    Postgres, acknowledge, append, delivery, due, lease, sequence, settle, state, transaction, trim,
};

/// 500,000 events with positions, of which one in a thousand is a retry and a dead letter of one subscription.
const FILL: &str = "
    INSERT INTO eventful.log (xid, id, name, version, key, slot, payload, occurred_at, headers)
    SELECT (n / 3 + 3)::text::xid8, gen_random_uuid(), 'order.placed', 1, 'key ' || n % 1000, n % 256, 'x', now(), '{}'
    FROM generate_series(1, 500000) n;
    INSERT INTO eventful.position SELECT seq, seq, 7 FROM eventful.log;
    INSERT INTO eventful.subscription (id, replay, registered_at)
    SELECT 'subscription ' || n, true, now() FROM generate_series(1, 20) n;
    INSERT INTO eventful.partition (subscription, number, first_slot, last_slot, cursor, step)
    SELECT number, 0, 0, 255, 499000, 7 FROM eventful.subscription;
    INSERT INTO eventful.lease SELECT id, gen_random_uuid(), gen_random_uuid() FROM eventful.partition;
    INSERT INTO eventful.retry
    SELECT 1, seq, id, name, key, slot, 1, now(), now(), NULL, '[]' FROM eventful.log WHERE seq % 1000 = 0;
    INSERT INTO eventful.dead
    SELECT 1, id, seq, name, version, key, slot, payload, now(), headers, 1, '[]', '', now()
    FROM eventful.log WHERE seq % 1000 = 1;
    INSERT INTO eventful.done SELECT 1, seq FROM eventful.log WHERE seq % 1000 = 2;
    UPDATE eventful.sequencer SET lo = '400000:400000:', last = 500000;
    VACUUM ANALYZE;";

/// The tables that no statement of a worker reads as a whole, as plans name them.
const LARGE: [&str; 2] = ["log", "\"position\""];

/// The statements that publishers and workers send again and again.
fn statements() -> Vec<(&'static str, &'static str)> {
    vec![
        ("append", append::APPEND),
        ("schedule", append::SCHEDULE),
        ("say a word", append::SAY),
        ("look", sequence::LOOK),
        ("step", sequence::STEP),
        ("open a window", sequence::OPEN),
        ("walk through a window", sequence::WALK),
        ("append what is due", delivery::APPEND_DUE),
        ("fetch", delivery::FETCH),
        ("look for retries", due::WAITING),
        ("read retries", due::EVENTS_OF_RETRIES),
        ("acknowledge", acknowledge::MOVE),
        ("settle", settle::SETTLE),
        ("take a lease", lease::TAKE),
        ("look for a lease", lease::IS_FREE),
        ("renew leases", lease::RENEW),
        ("commit a handler", transaction::WRITE_DONE),
        ("forget words", trim::FORGET_WORDS),
        ("find what is needed", trim::LEAST_NEEDED),
        ("find what is old", trim::OLDEST),
        ("remove positions", trim::REMOVE_POSITIONS),
        ("remove events", trim::REMOVE_EVENTS),
        ("find what has no position", trim::MEND),
        ("read the partitions", state::PARTITIONS),
    ]
}

#[tokio::test]
async fn no_statement_reads_or_sorts_the_log() {
    let Some(database) = TestDatabase::create().await else {
        return;
    };
    let store = Postgres::new(database.pool.clone());
    store.migrate().await.expect("the database can be migrated");
    let options = super::own_settings(database.options());
    let mut connection = PgConnection::connect_with(&options)
        .await
        .expect("the server answers");
    for statement in FILL
        .split(';')
        .filter(|statement| !statement.trim().is_empty())
    {
        let filled = connection
            .execute(AssertSqlSafe(statement.to_owned()))
            .await;
        filled.expect("the log can be filled");
    }
    let generic = "SET plan_cache_mode = force_generic_plan";
    connection.execute(generic).await.expect("it is a setting");
    let mut faults = Vec::new();
    for (name, statement) in statements() {
        let plan = plan(&mut connection, statement).await;
        faults.extend(
            faults_of(&plan)
                .iter()
                .map(|line| format!("{name}: {line}\n{plan}")),
        );
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    // It finds what it looks for: a step without its order, and a fetch without its fence.
    for naive in [
        "SELECT seq FROM eventful.log WHERE xid >= $1::text::xid8 ORDER BY seq",
        "SELECT * FROM eventful.log WHERE key = $1",
        "SELECT step FROM eventful.position WHERE step = $1",
    ] {
        let plan = plan(&mut connection, naive).await;
        assert!(!faults_of(&plan).is_empty(), "{plan}");
    }
}

/// The plan of a statement for any parameters.
async fn plan(connection: &mut PgConnection, statement: &str) -> String {
    let count = (1..100)
        .take_while(|number| statement.contains(&format!("${number}")))
        .count();
    let nulls = vec!["NULL"; count].join(", ");
    let arguments = if count == 0 {
        String::new()
    } else {
        format!("({nulls})")
    };
    for text in [
        "DEALLOCATE ALL".to_owned(),
        format!("PREPARE statement AS {statement}"),
    ] {
        let prepared = sqlx::raw_sql(AssertSqlSafe(text))
            .execute(&mut *connection)
            .await;
        prepared.unwrap_or_else(|error| panic!("{error}: {statement}"));
    }
    let explain = AssertSqlSafe(format!("EXPLAIN EXECUTE statement{arguments}"));
    let rows = sqlx::raw_sql(explain)
        .fetch_all(connection)
        .await
        .expect("it has a plan");
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    lines.join("\n")
}

/// The lines of a plan that read a large table from end to end, or sort what comes from one.
fn faults_of(plan: &str) -> Vec<&str> {
    let lines: Vec<_> = plan.lines().collect();
    let is_fault = |number: &usize| {
        let line = lines[*number];
        let is_large = |line: &&str| {
            LARGE
                .iter()
                .any(|table| line.contains(&format!(" on {table} ")))
        };
        let below = lines[number + 1..]
            .iter()
            .take_while(|below| depth(below) > depth(line));
        // What is below a limit is not all that there is, and one row is looked up by its key.
        let mut below = below.take_while(|line| !line.contains("Limit  ("));
        let scans = line.contains("Seq Scan") || line.contains("Bitmap Heap Scan");
        let sorts = line.contains("Sort  (") || line.contains("Hash  (");
        (scans && is_large(&line))
            || (sorts && below.any(|line| is_large(line) && !line.contains(" rows=1 ")))
    };
    (0..lines.len())
        .filter(is_fault)
        .map(|number| lines[number].trim())
        .collect()
}

/// The depth of a node, or of what is said about it.
fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
