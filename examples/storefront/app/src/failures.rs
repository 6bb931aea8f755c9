//! Handlers that fail: an event of its own for the order that they failed, which the audit writes down like any other.

use eventful::observe::{HandlerEnd, HandlerOutcome, Observer};
use eventful::{Bus, Delivery};
use orders::events::{HandlerFailed, OrderEvent};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

/// Failures that are not published yet: an observer is called within the publish that it observes, and cannot wait.
pub(crate) struct FailureQueue {
    sender: mpsc::UnboundedSender<HandlerFailed>,
    receiver: mpsc::UnboundedReceiver<HandlerFailed>,
}

impl FailureQueue {
    pub(crate) fn new() -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        Self { sender, receiver }
    }

    /// Returns an observer that puts failures into the queue.
    pub(crate) fn observer(&self) -> impl Observer + use<> {
        Failures {
            queue: self.sender.clone(),
        }
    }

    /// Publishes the failures in the queue, and those that come.
    pub(crate) fn write_on(self, bus: Bus) -> FailureWriter {
        let Self { mut receiver, .. } = self;
        let (stop, mut stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            loop {
                let failed = tokio::select! {
                    biased;
                    failed = receiver.recv() => failed,
                    _ = &mut stopped => {
                        // The bus, and so its observer, may live on. Only the queue must become empty.
                        receiver.close();
                        receiver.recv().await
                    }
                };
                let Some(failed) = failed else { break };
                // A failure of this publish is logged, and not observed.
                bus.publish(&failed).await.ok();
            }
        });
        FailureWriter { stop, task }
    }
}

/// The task that publishes failures.
#[derive(Debug)]
pub(crate) struct FailureWriter {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl FailureWriter {
    /// Waits until all that have been observed are published.
    pub(crate) async fn finish(self) {
        self.stop.send(()).ok();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "failures of handlers were not published");
        }
    }
}

struct Failures {
    queue: mpsc::UnboundedSender<HandlerFailed>,
}

impl Observer for Failures {
    fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
        let HandlerOutcome::Failed(failure) = end.outcome() else {
            return;
        };
        // A handler that fails to write down a failure would fail again.
        if end.event().is::<HandlerFailed>() {
            return;
        }
        if let Some(event) = end.event().as_member::<dyn OrderEvent>() {
            let failed = HandlerFailed {
                order_id: event.order_id(),
                event: delivery.event_name(),
                handler: failure.handler().id(),
                message: failure.message().to_owned(),
            };
            // The queue is closed when the shop is, and then the log has the failure.
            self.queue.send(failed).ok();
        }
    }
}
