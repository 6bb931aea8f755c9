//! The bytes that a publish adds to the write-ahead log of PostgreSQL.

use std::sync::Arc;

use crate::database::{Database, Outcome};
use crate::publish::{ALL, rate};
use crate::server::Server;

const TRANSACTIONS: u64 = 5_000;

pub(crate) async fn run() -> Outcome {
    println!("WAL bytes a transaction, mean of {TRANSACTIONS}, without images of pages");
    println!("| business row | + a second insert | + publish |");
    println!("|---:|---:|---:|");
    let server = Arc::new(Server::new("on").await?);
    let mut bytes = [0.0; 3];
    for (beside, bytes) in ALL.into_iter().zip(&mut bytes) {
        // The images of the pages that come after a checkpoint are written.
        rate(&server, beside, 1, TRANSACTIONS).await?;
        let before = written(&server).await?;
        rate(&server, beside, 1, TRANSACTIONS).await?;
        *bytes = (written(&server).await? - before) / TRANSACTIONS as f64;
    }
    println!("| {:.0} | {:.0} | {:.0} |", bytes[0], bytes[1], bytes[2]);
    Arc::into_inner(server)
        .ok_or("the database is in use")?
        .remove()
        .await
}

/// The bytes that the whole server has written.
pub(crate) async fn written(server: &Server) -> Outcome<f64> {
    let bytes = sqlx::query_scalar("SELECT (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::float8");
    Ok(bytes.fetch_one(&server.pool).await?)
}
