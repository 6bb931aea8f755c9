//! `storefront`: see `--help`.

use std::error::Error;
use std::io;
use std::process::ExitCode;

use clap::Parser;
use storefront::{Options, Server, demo};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(io::stderr))
        .with(options.log.clone())
        .init();
    let ended = if options.demo {
        demo(&options, &mut io::stdout()).await
    } else {
        serve(&options).await
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("storefront: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves until a signal stops it, and then until all requests and orders are over. A second signal ends it at once.
async fn serve(options: &Options) -> Result<(), Box<dyn Error + Send + Sync>> {
    let server = Server::start(options).await?;
    println!("listening on http://{}", server.address());
    interrupt().await?;
    tracing::info!("stopping: no new requests, and what has begun is finished");
    tokio::select! {
        stopped = server.stop() => Ok(stopped?),
        interrupted = interrupt() => {
            interrupted?;
            Err("stopped before everything was finished".into())
        }
    }
}

/// Waits for a signal to end the process.
async fn interrupt() -> io::Result<()> {
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        terminated = terminate() => terminated,
    }
}

#[cfg(unix)]
async fn terminate() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    signal(SignalKind::terminate())?.recv().await;
    Ok(())
}

#[cfg(not(unix))]
async fn terminate() -> io::Result<()> {
    std::future::pending().await
}
