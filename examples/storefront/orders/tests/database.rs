//! Opening the database, and what it says when it cannot do what it is asked to.

use std::path::PathBuf;

use orders::{AuditTrail, Database, OrderId, OrderStore, Status, StepError, advance};

fn file(directory: &tempfile::TempDir) -> PathBuf {
    directory.path().join("shop.db")
}

fn url(directory: &tempfile::TempDir, parameters: &str) -> String {
    format!("sqlite:{}{parameters}", file(directory).display())
}

#[tokio::test]
async fn a_file_is_made_and_found_again_with_what_was_written() {
    let directory = tempfile::tempdir().unwrap();
    for round in 1..=2 {
        let database = Database::open(&url(&directory, "")).await.unwrap();
        let trail = AuditTrail::new(database.clone());
        trail.append(OrderId(7), "event", "line").await.unwrap();
        let lines = trail.lines(Some(OrderId(7)), 0, 10).await.unwrap();
        assert_eq!(lines.len(), round);
        database.close().await;
    }
}

#[tokio::test]
async fn a_database_that_is_only_read_can_be_read_and_says_that_it_cannot_be_written() {
    let directory = tempfile::tempdir().unwrap();
    let error = Database::open(&url(&directory, "?mode=ro"))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unable to open"), "{error}");
    assert!(!file(&directory).exists(), "nothing is made");

    Database::open(&url(&directory, ""))
        .await
        .unwrap()
        .close()
        .await;
    let database = Database::open(&url(&directory, "?mode=ro")).await.unwrap();
    let store = OrderStore::new(database.clone());
    assert!(store.list(OrderId(0), 10).await.unwrap().is_empty());
    let error = database.write().await.unwrap_err();
    assert!(error.is_unavailable());
    assert_eq!(error.to_string(), "the database was opened to be read only");
}

#[tokio::test]
async fn a_file_that_is_no_database_or_not_of_this_shop_is_an_error() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        file(&directory),
        "this is a shopping list, and a long one".repeat(50),
    )
    .unwrap();
    for parameters in ["", "?mode=ro"] {
        let error = Database::open(&url(&directory, parameters))
            .await
            .unwrap_err();
        assert!(
            error.to_string().contains("file is not a database"),
            "{error}"
        );
        assert!(!error.is_unavailable());
    }
    assert!(Database::open("sqlite:shop.db?mode=perhaps").await.is_err());
}

#[tokio::test]
async fn readers_cannot_write() {
    let directory = tempfile::tempdir().unwrap();
    let database = Database::open(&url(&directory, "")).await.unwrap();
    let deleting = sqlx::query("DELETE FROM products").execute(database.readers());
    assert!(deleting.await.is_err());
}

#[tokio::test]
async fn writers_of_two_processes_take_turns() {
    let directory = tempfile::tempdir().unwrap();
    let (first, second) = (
        Database::open(&url(&directory, "")).await.unwrap(),
        Database::open(&url(&directory, "")).await.unwrap(),
    );
    let append = |database: Database| async move {
        let trail = AuditTrail::new(database);
        for number in 0..50 {
            trail
                .append(OrderId(number), "event", "line")
                .await
                .unwrap();
        }
    };
    tokio::join!(append(first.clone()), append(second));
    let lines = AuditTrail::new(first).lines(None, 0, 1000).await.unwrap();
    assert_eq!(lines.len(), 100);
}

#[tokio::test]
async fn a_step_is_taken_once_and_from_where_it_begins() {
    let database = Database::in_memory().await.unwrap();
    let mut transaction = database.write().await.unwrap();
    sqlx::query("INSERT INTO orders (id, customer, total_cents) VALUES (1, 'ada', 1)")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let (placed, reserved) = (Status::Placed, Status::Reserved);
    let id = OrderId(1);
    advance(&mut transaction, id, placed, reserved)
        .await
        .unwrap();
    let error = advance(&mut transaction, id, placed, reserved)
        .await
        .unwrap_err();
    assert!(matches!(error, StepError::OutOfTurn { .. }));
    assert_eq!(
        error.to_string(),
        "order 1 cannot become `reserved`, because it is not `placed`"
    );
}
