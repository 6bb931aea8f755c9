//! The notice that there may be something to do.

use std::fmt;

use tokio::sync::watch;

/// A bell. What was rung before a [`Listener`] waits is not lost on it.
///
/// # Examples
///
/// ```
/// use eventful::durable::Memory;
/// use eventful::durable::store::{Bell, Store};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bell = Bell::new();
/// let mut listener = bell.listen();
/// bell.ring();
/// listener.rung().await; // at once
///
/// // A store rings its own.
/// let store = Memory::new();
/// let mut listener = store.bell().listen();
/// store.begin().commit();
/// listener.rung().await;
/// # }
/// ```
pub struct Bell {
    rung: watch::Sender<u64>,
}

/// Somebody who waits for a [`Bell`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use eventful::durable::store::{Bell, Listener};
///
/// /// Waits until there is something to do, and at most for a pause.
/// async fn wait(listener: &mut Listener, pause: Duration) -> bool {
///     tokio::time::timeout(pause, listener.rung()).await.is_ok()
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let bell = Bell::new();
/// let mut listener = bell.listen();
/// assert!(!wait(&mut listener, Duration::from_millis(1)).await);
/// bell.ring();
/// assert!(wait(&mut listener, Duration::from_secs(60)).await);
/// # }
/// ```
pub struct Listener {
    rung: watch::Receiver<u64>,
}

impl Bell {
    /// Makes a bell.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rung: watch::Sender::new(0),
        }
    }

    /// Wakes everybody who listens.
    pub fn ring(&self) {
        self.rung
            .send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Listens from now on.
    #[must_use]
    pub fn listen(&self) -> Listener {
        Listener {
            rung: self.rung.subscribe(),
        }
    }
}

impl Default for Bell {
    fn default() -> Self {
        Self::new()
    }
}

impl Listener {
    /// Waits until the bell is rung, or returns at once if it was since the last call. Never returns if the bell is
    /// gone.
    pub async fn rung(&mut self) {
        if self.rung.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl fmt::Debug for Bell {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bell").finish_non_exhaustive()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Listener").finish_non_exhaustive()
    }
}
