//! The service, from start to stop.

use std::error::Error;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use orders::{Database, Mailer};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::failures::FailureWriter;
use crate::http;
use crate::{FolderMailer, Options, Shop, ShopParts, SmtpMailer};

/// A service that is running.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shop: Shop,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
    failures: FailureWriter,
    stop_limit: Duration,
}

impl Server {
    /// Starts the service.
    ///
    /// # Errors
    ///
    /// If the database cannot be opened, the mail folder not be written to, the address not be listened on, or the
    /// handlers lack something.
    pub async fn start(options: &Options) -> Result<Self, StartError> {
        let database = Database::open(&options.database).await.map_err(|error| {
            let what = format!(
                "cannot open the database `{}`; choose another one with --database",
                options.database
            );
            StartError::new(what, error)
        })?;
        let mailer = mailer(options).await?;
        Self::start_with(options, ShopParts { database, mailer }).await
    }

    /// Starts the service with these parts. `options` has the address to listen on, and the time to wait at the end.
    ///
    /// # Errors
    ///
    /// If the address cannot be listened on, or the handlers lack something.
    pub async fn start_with(options: &Options, parts: ShopParts) -> Result<Self, StartError> {
        let cannot_listen = |error| {
            let what = format!(
                "cannot listen on {}; choose another address with --listen",
                options.listen
            );
            StartError::new(what, error)
        };
        let listener = TcpListener::bind(options.listen)
            .await
            .map_err(cannot_listen)?;
        let address = listener.local_addr().map_err(cannot_listen)?;
        let (shop, failures) = Shop::open(parts)
            .map_err(|error| StartError::new("the shop cannot be opened", error))?;
        let (stopping, told) = oneshot::channel();
        let service = axum::serve(listener, http::router(shop.clone()));
        let service = service.with_graceful_shutdown(async {
            told.await.ok();
        });
        Ok(Self {
            address,
            shop,
            stop: stopping,
            task: tokio::spawn(service.into_future()),
            failures,
            stop_limit: options.stop_limit(),
        })
    }

    /// Returns the address that it listens on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns its shop.
    #[must_use]
    pub const fn shop(&self) -> &Shop {
        &self.shop
    }

    /// Accepts nothing any more, and waits until requests have been answered and orders are over: also those whose
    /// clients have gone. Requests, and then orders, may each take as long as the options allow.
    ///
    /// # Errors
    ///
    /// If orders take longer, or the service had failed.
    pub async fn stop(self) -> Result<(), StopError> {
        self.stop.send(()).ok();
        let service = self.task.abort_handle();
        let served = match timeout(self.stop_limit, self.task).await {
            Ok(Ok(served)) => served.map_err(|error| StopError::new("the service failed", error)),
            Ok(Err(error)) => Err(StopError::new("the service failed", error)),
            Err(_) => {
                // A client that holds a connection does not hold back the orders of others.
                tracing::warn!("some requests were not finished in time");
                service.abort();
                Ok(())
            }
        };
        if let Err(error) = timeout(self.stop_limit, self.shop.tasks.finished()).await {
            let what = format!("{} orders were not finished", self.shop.tasks.count());
            return Err(StopError::new(what, error));
        }
        self.failures.finish().await;
        self.shop.database.close().await;
        served
    }
}

async fn mailer(options: &Options) -> Result<Arc<dyn Mailer>, StartError> {
    let from = options.mail_from.clone();
    if let Some(url) = &options.smtp_url {
        // The URL may have a password in it.
        let mailer = SmtpMailer::new(url, from).map_err(|error| {
            StartError::new("cannot send mails through what --smtp-url says", error)
        })?;
        return Ok(Arc::new(mailer));
    }
    let mailer = FolderMailer::open(&options.mail_dir, from);
    let mailer = mailer.await.map_err(|error| {
        let what = format!(
            "cannot write to the mail folder `{}`; choose another one with --mail-dir",
            options.mail_dir.display()
        );
        StartError::new(what, error)
    })?;
    Ok(Arc::new(mailer))
}

/// The error of a service that did not start.
#[derive(Debug)]
pub struct StartError(Failed);

/// The error of a service that stopped with work undone.
#[derive(Debug)]
pub struct StopError(Failed);

#[derive(Debug)]
struct Failed {
    what: String,
    cause: Box<dyn Error + Send + Sync>,
}

impl StartError {
    fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Failed::new(what, cause))
    }
}

impl StopError {
    fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(Failed::new(what, cause))
    }
}

impl Failed {
    fn new(what: impl Into<String>, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            what: what.into(),
            cause: cause.into(),
        }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.what, self.cause)
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl fmt::Display for StopError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0.cause)
    }
}

impl Error for StopError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0.cause)
    }
}
