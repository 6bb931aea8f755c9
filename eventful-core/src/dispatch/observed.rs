//! The handlers of an asynchronous publish on a bus with observers.

use std::collections::BTreeMap;
use std::mem;
use std::task::{Context, Poll, ready};

use super::handler_futures::Poller;
use crate::delivery::Delivery;
use crate::event::EventInfo;
use crate::observe::{ActiveSpan, HandlerOutcome, Observers, PublishOutcome};
use crate::raw::ColdBox;
use crate::report::{Delivered, Failure, OneOrMany, PublishError};

/// A publish that is observed: its open spans, and its failures.
pub(super) struct Observed {
    event: &'static EventInfo,
    observers: Observers,
    publish: Option<ActiveSpan>,
    /// The handlers that are pending, by their index.
    handlers: BTreeMap<usize, ActiveSpan>,
    failures: OneOrMany<Failure>,
}

impl Observed {
    #[cold]
    pub(super) fn start(
        event: &'static EventInfo,
        observers: &Observers,
        delivery: &Delivery,
    ) -> ColdBox<Self> {
        let publish = delivery.resume(|| observers.publish_started(delivery));
        ColdBox::new(Box::new(Self {
            event,
            observers: observers.clone(),
            publish: Some(publish),
            handlers: BTreeMap::new(),
            failures: OneOrMany::None,
        }))
    }

    #[cold]
    pub(super) fn poll<Owner>(
        &mut self,
        poller: &mut Poller<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        let Some(publish) = self.publish.take() else {
            return Poll::Ready(());
        };
        let progress = publish.within(delivery, || self.advance(poller, delivery, context));
        self.publish = Some(publish);
        ready!(progress);
        delivery.put_failures(mem::take(&mut self.failures));
        Poll::Ready(())
    }

    fn advance<Owner>(
        &mut self,
        poller: &mut Poller<'_, '_, Owner>,
        delivery: &Delivery,
        context: &mut Context<'_>,
    ) -> Poll<()> {
        for index in 0..poller.started() {
            if let Some(watch) = self.handlers.remove(&index) {
                self.within(index, watch, poller, delivery, |poller| {
                    poller.poll_one(index, context);
                });
            }
        }
        let is_stopped =
            |observed: &Self| observed.event.is_fail_fast() && !observed.failures.is_empty();
        while !is_stopped(self) && poller.can_start() {
            let index = poller.started();
            let watch = poller.while_running(index, || self.observers.handler_started(delivery));
            self.within(index, watch, poller, delivery, |poller| {
                poller.start_next(context);
            });
        }
        if poller.has_pending() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Starts or polls one handler, and tells the observers if it is finished.
    fn within<'f, 'a, Owner>(
        &mut self,
        index: usize,
        watch: ActiveSpan,
        poller: &mut Poller<'f, 'a, Owner>,
        delivery: &Delivery,
        body: impl FnOnce(&mut Poller<'f, 'a, Owner>),
    ) {
        let skipped = delivery.skipped();
        watch.within(delivery, || {
            body(poller);
            poller.leave();
        });
        if poller.is_pending(index) {
            self.handlers.insert(index, watch);
            return;
        }
        let failed = delivery.take_failures();
        let outcome = HandlerOutcome::of(&failed, delivery.skipped() > skipped);
        let event = self.event.any(poller.subject());
        poller.while_running(index, || {
            watch.handler_finished(&self.observers, delivery, event, outcome);
        });
        self.failures.extend(failed);
    }

    pub(super) fn finish<Owner>(
        &mut self,
        result: &Result<Delivered, PublishError>,
        poller: &mut Poller<'_, '_, Owner>,
        delivery: &Delivery,
    ) {
        if let Some(publish) = self.publish.take() {
            let event = self.event.any(poller.subject());
            let outcome = PublishOutcome::of(result);
            publish.publish_finished(&self.observers, delivery, event, outcome);
        }
    }

    pub(super) fn cancelled<Owner>(
        mut self,
        poller: &mut Poller<'_, '_, Owner>,
        delivery: &Delivery,
    ) {
        let event = self.event.any(poller.subject());
        for (index, watch) in mem::take(&mut self.handlers) {
            poller.while_running(index, || {
                watch.handler_finished(&self.observers, delivery, event, HandlerOutcome::Cancelled);
            });
        }
        if let Some(publish) = self.publish {
            publish.publish_finished(&self.observers, delivery, event, PublishOutcome::Cancelled);
        }
    }
}
