//! A database of a server of PostgreSQL for one figure.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use eventful::Event as _;
use eventful::store::Postgres;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgPool, Transaction};
use uuid::Uuid;

use crate::database::{Database, Outcome, Placed, Sizes};

/// The events that one transaction appends where they are not published.
const CHUNK: u64 = 100_000;

pub(crate) struct Server {
    pub(crate) pool: PgPool,
    pub(crate) url: String,
    store: Postgres,
    name: String,
}

/// The server, which has a database that nothing is written to.
fn server() -> Outcome<PgConnectOptions> {
    let url = std::env::var("EVENTFUL_POSTGRES_URL");
    let url = url
        .as_deref()
        .unwrap_or("postgres://postgres@127.0.0.1:5432/postgres");
    Ok(url.parse()?)
}

/// The line that figures over PostgreSQL begin with.
pub(crate) async fn describe() -> Outcome<String> {
    let mut server = server()?.connect().await?;
    let (version, memory, autovacuum, fsync): (String, String, String, String) = sqlx::query_as(
        "SELECT current_setting('server_version'), current_setting('shared_buffers'), current_setting('autovacuum'),
             current_setting('fsync')",
    )
    .fetch_one(&mut server)
    .await?;
    server.close().await?;
    Ok(format!(
        "PostgreSQL {version}, shared_buffers {memory}, autovacuum {autovacuum}, fsync {fsync}"
    ))
}

impl Database for Server {
    type Store = Postgres;
    type Synchronous = &'static str;
    type Transaction = Transaction<'static, sqlx::Postgres>;

    const SYNCHRONOUS: &'static [&'static str] = &["on"];
    const SIZES: Sizes = Sizes {
        publishers: &[1, 8, 32],
        drained: 1_000_000,
        waiting: 10_000_000,
        rate: 10_000,
        streams: 8,
    };

    async fn new(synchronous: &'static str) -> Outcome<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "eventful_bench_{}_{}",
            std::process::id(),
            NUMBER.fetch_add(1, Ordering::Relaxed)
        );
        let mut server = server()?.connect().await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut server)
            .await?;
        server.close().await?;
        let options = self::server()?.database(&name);
        let url = options.to_url_lossy().to_string();
        let pool = PgPoolOptions::new()
            .max_connections(34)
            .connect_with(options.options([("synchronous_commit", synchronous)]))
            .await?;
        let store = Postgres::new(pool.clone());
        store.migrate().await?;
        sqlx::raw_sql(
            "CREATE TABLE business (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
             CREATE TABLE second (
                 seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
                 id uuid NOT NULL, name text NOT NULL, version integer NOT NULL, key text, slot smallint NOT NULL,
                 payload bytea NOT NULL, occurred_at timestamptz NOT NULL, headers text NOT NULL,
                 appended_at timestamptz NOT NULL DEFAULT clock_timestamp());
             CREATE INDEX second_by_transaction ON second (xid, seq)",
        )
        .execute(&pool)
        .await?;
        Ok(Self {
            pool,
            url,
            store,
            name,
        })
    }

    fn store(&self) -> &Postgres {
        &self.store
    }

    async fn begin(&self) -> Outcome<Self::Transaction> {
        Ok(self.pool.begin().await?)
    }

    async fn commit(transaction: Self::Transaction) -> Outcome {
        Ok(transaction.commit().await?)
    }

    async fn insert_business(transaction: &mut Self::Transaction) -> Outcome {
        let query = sqlx::query("INSERT INTO business (text) VALUES ($1)").bind("an order");
        query.execute(&mut **transaction).await?;
        Ok(())
    }

    async fn insert_second(transaction: &mut Self::Transaction, payload: &str) -> Outcome {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?;
        sqlx::query(
            "INSERT INTO second (id, name, version, key, slot, payload, occurred_at, headers)
             VALUES ($1, $2, $3, $4, $5, $6, to_timestamp($7), $8)",
        )
        .bind(Uuid::now_v7())
        .bind(Placed::NAME)
        .bind(1_i32)
        .bind("7")
        .bind(7_i16)
        .bind(payload.as_bytes())
        .bind(now.as_secs_f64())
        .bind("{\"published_at\":\"tools/eventful-durable-bench/src/publish.rs:100:19\"}")
        .execute(&mut **transaction)
        .await?;
        Ok(())
    }

    async fn fill(&self, events: u64, keys: u64) -> Outcome {
        let statement = "
            INSERT INTO eventful.log (id, name, version, key, slot, payload, occurred_at, headers)
            SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, $3, 1, (n % $4)::text, n % $4 % 256,
                convert_to('{\"key\":' || n % $4 || ',\"at\":0,\"text\":\"' || $5 || '\"}', 'UTF8'), now(), '{}'
            FROM generate_series($1::bigint, $2::bigint) n";
        let mut first = 1;
        while first <= events {
            let last = events.min(first + CHUNK - 1);
            sqlx::query(statement)
                .bind(i64::try_from(first)?)
                .bind(i64::try_from(last)?)
                .bind(Placed::NAME)
                .bind(i64::try_from(keys)?)
                .bind("x".repeat(160))
                .execute(&self.pool)
                .await?;
            first = last + 1;
        }
        // A backlog that has grown slowly would have been vacuumed meanwhile.
        sqlx::query("VACUUM (ANALYZE) eventful.log")
            .execute(&self.pool)
            .await?;
        sqlx::query("CHECKPOINT").execute(&self.pool).await?;
        Ok(())
    }

    async fn remove(self) -> Outcome {
        self.store.close().await;
        self.pool.close().await;
        let mut server = server()?.connect().await?;
        sqlx::query(AssertSqlSafe(format!(
            "DROP DATABASE {} WITH (FORCE)",
            self.name
        )))
        .execute(&mut server)
        .await?;
        Ok(())
    }
}
