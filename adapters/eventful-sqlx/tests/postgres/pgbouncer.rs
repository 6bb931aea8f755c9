//! The store behind PgBouncer in its transaction mode: each transaction may be on another connection of the server.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use eventful::durable::store::{Fetch, Limit, Place, Slots, Store};
use eventful::event;
use eventful::store::{Postgres, Unnamed};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;
use tempfile::TempDir;

use crate::conformance;
use crate::server::{self, TestDatabase};

#[event(durable, name = "pgbouncer.placed", key = order_id)]
#[derive(Serialize, Deserialize)]
struct OrderPlaced {
    order_id: i64,
}

/// A PgBouncer of a test's own, before the shared server.
struct PgBouncer {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl PgBouncer {
    /// `None` if there is no PgBouncer, or no server: then the test has to return.
    async fn start() -> Option<Self> {
        let server = server::shared().await?;
        if Command::new("pgbouncer").arg("--version").output().is_err() {
            server::skip("no program pgbouncer; install the package of that name");
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").and_then(|port| port.local_addr());
        let port = free.expect("there is a free port").port();
        let folder = tempfile::tempdir().expect("a temporary directory can be made");
        let file = folder.path().join("pgbouncer.ini");
        let settings = format!(
            "[databases]\n* = host={} port={} user={}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = any\npool_mode = transaction\n\
             ignore_startup_parameters = extra_float_digits\nmax_client_conn = 200\ndefault_pool_size = 5\n",
            server.get_host(),
            server.get_port(),
            server.get_username(),
        );
        fs::write(&file, settings).expect("the folder is writable");
        let mut command = Command::new("pgbouncer");
        let own = fs::metadata("/proc/self").expect("it is Linux").uid();
        if own == 0 {
            // It does not run as root.
            let nobody = Some(65_534);
            for path in [folder.path(), &file] {
                chown(path, nobody, nobody).expect("root gives files away");
            }
            command.args(["-u", "nobody"]);
        }
        let process = command
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let bouncer = Self {
            process: process.expect("it is there"),
            port,
            _folder: folder,
        };
        for _ in 0..250 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(bouncer);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("PgBouncer does not answer");
    }

    /// A pool of connections through it.
    fn pool(&self, database: &TestDatabase) -> PgPool {
        let options = database.options().port(self.port);
        PgPoolOptions::new()
            .max_connections(4)
            .connect_lazy_with(options)
    }
}

impl Drop for PgBouncer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_keeps_what_stores_promise() {
    let Some(bouncer) = PgBouncer::start().await else {
        return;
    };
    conformance::check(|database| Postgres::new(bouncer.pool(database)).behind_pgbouncer()).await;
}

/// Each statement without a name is prepared anew, so that it is there whichever connection it comes to.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_publish_at_once() {
    let Some(bouncer) = PgBouncer::start().await else {
        return;
    };
    let database = TestDatabase::create().await.expect("there is a server");
    let pool = bouncer.pool(&database);
    let store = Postgres::new(pool.clone()).behind_pgbouncer();
    store.migrate().await.expect("the database can be migrated");
    let publishers = (0..4).map(|publisher| {
        let pool = pool.clone();
        tokio::spawn(async move {
            for number in 0..50 {
                let event = OrderPlaced {
                    order_id: publisher * 1_000 + number,
                };
                let mut transaction = pool.begin().await.expect("a transaction begins");
                let published = event.publish(&mut Unnamed(&mut transaction)).await;
                published.expect("it is published");
                transaction.commit().await.expect("it commits");
            }
        })
    });
    for publisher in publishers.collect::<Vec<_>>() {
        publisher.await.expect("it does not panic");
    }
    store
        .publish(&OrderPlaced { order_id: 7 })
        .await
        .expect("it is published");
    store.advance().await.expect("it looks at the log");
    let limit = Limit {
        events: 1_000,
        bytes: usize::MAX,
    };
    let fetch = Fetch {
        after: Place::BEGINNING,
        slots: Slots::ALL,
        names: None,
        limit,
    };
    let fetched = store.fetch(&fetch).await.expect("the log can be read");
    assert_eq!(fetched.events.len(), 201);
}

/// The advice that is given without the switch is what a user sees first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_switch_it_says_what_to_do() {
    let Some(bouncer) = PgBouncer::start().await else {
        return;
    };
    let database = TestDatabase::create().await.expect("there is a server");
    let store = Postgres::new(bouncer.pool(&database));
    let refused = store
        .migrate()
        .await
        .expect_err("PgBouncer refuses the settings of a session");
    let text = refused.to_string();
    assert!(text.contains("behind_pgbouncer()"), "{text}: {refused:?}");
}
