//! Gates, at which handlers wait until a test lets them go on.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::timeout;

/// Keeps handlers waiting while it is shut.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<watch::Sender<Passage>>);

#[derive(Clone, Copy, Default)]
struct Passage {
    is_shut: bool,
    waiting: u32,
}

impl Gate {
    pub(crate) fn shut(&self) {
        self.0.send_replace(Passage {
            is_shut: true,
            waiting: 0,
        });
    }

    pub(crate) fn open(&self) {
        self.0.send_replace(Passage::default());
    }

    /// Waits until this many handlers have come to the gate since it was shut.
    pub(crate) async fn wait_for(&self, count: u32) {
        let mut passage = self.0.subscribe();
        let came = passage.wait_for(|passage| passage.waiting >= count);
        let came = timeout(Duration::from_mins(1), came).await;
        let _ = came.expect("handlers come to the gate");
    }

    pub(crate) async fn pass(&self) {
        self.0.send_modify(|passage| passage.waiting += 1);
        let mut passage = self.0.subscribe();
        // The sender is in this gate.
        let _ = passage.wait_for(|passage| !passage.is_shut).await;
    }
}

/// The gates of the handlers.
#[derive(Clone, Default)]
pub(crate) struct Gates {
    pub(crate) plain: Gate,
    pub(crate) effects: Gate,
}
