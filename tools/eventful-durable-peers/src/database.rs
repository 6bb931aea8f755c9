//! A database for one figure.

use std::error::Error;

use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgPool, Transaction};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// A job of 200 bytes as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Placed {
    pub(crate) key: u64,
    pub(crate) at: u64,
    pub(crate) text: String,
}

impl Placed {
    pub(crate) fn new(key: u64) -> Self {
        Self {
            key,
            at: 0,
            text: "x".repeat(160),
        }
    }
}

pub(crate) struct Database {
    pub(crate) pool: PgPool,
    pub(crate) url: String,
    name: String,
}

fn server() -> Outcome<PgConnectOptions> {
    let url = std::env::var("EVENTFUL_POSTGRES_URL");
    Ok(url
        .as_deref()
        .unwrap_or("postgres://postgres@127.0.0.1:5432/postgres")
        .parse()?)
}

impl Database {
    /// Creates a database for the peer.
    pub(crate) async fn new(peer: &str) -> Outcome<Self> {
        let name = format!("peers_{}_{}", peer.replace('-', "_"), std::process::id());
        let mut server = server()?.connect().await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut server)
            .await?;
        server.close().await?;
        let options = self::server()?.database(&name);
        let url = options.to_url_lossy().to_string();
        let pool = PgPoolOptions::new()
            .max_connections(50)
            .connect_with(options)
            .await?;
        sqlx::query("CREATE TABLE business (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)")
            .execute(&pool)
            .await?;
        Ok(Self { pool, url, name })
    }

    pub(crate) async fn drop(self) -> Outcome {
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

pub(crate) const BUSINESS: &str = "INSERT INTO business (text) VALUES ($1)";

/// Begins a transaction with a business row.
pub(crate) async fn begin(pool: &PgPool) -> Outcome<Transaction<'static, sqlx::Postgres>> {
    let mut transaction = pool.begin().await?;
    sqlx::query(BUSINESS)
        .bind("an order")
        .execute(&mut *transaction)
        .await?;
    Ok(transaction)
}
