//! An address that leads to one server, and later to another one, as the name of a database does after a failover.

use std::net::{Ipv4Addr, SocketAddr};

use sqlx::postgres::PgConnectOptions;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes connections on. While it leads nowhere, new ones wait, so that a worker that asks for little sees no error.
pub(crate) struct Forwarder {
    address: SocketAddr,
    target: watch::Sender<Option<u16>>,
    task: JoinHandle<()>,
}

impl Forwarder {
    pub(crate) async fn to(server: &PgConnectOptions) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("there is a free port");
        let address = listener.local_addr().expect("it has an address");
        let target = watch::Sender::new(Some(server.get_port()));
        let task = tokio::spawn(accept(listener, target.subscribe()));
        Self {
            address,
            target,
            task,
        }
    }

    /// For connections through it, to what it leads to.
    pub(crate) fn options(&self, server: &PgConnectOptions) -> PgConnectOptions {
        server.clone().port(self.address.port())
    }

    /// Cuts all connections off.
    pub(crate) fn cut(&self) {
        self.target.send_replace(None);
    }

    /// Cuts all connections off, and leads to this server from now on.
    pub(crate) fn lead_to(&self, server: &PgConnectOptions) {
        self.target.send_replace(Some(server.get_port()));
    }
}

impl Drop for Forwarder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, target: watch::Receiver<Option<u16>>) {
    loop {
        let (client, _) = listener.accept().await.expect("it listens");
        tokio::spawn(pass_on(client, target.clone()));
    }
}

async fn pass_on(mut client: TcpStream, mut target: watch::Receiver<Option<u16>>) {
    let Ok(Some(port)) = target.wait_for(Option::is_some).await.map(|port| *port) else {
        return;
    };
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = target.changed() => {}
    }
}
