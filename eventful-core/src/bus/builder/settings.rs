//! The limits of a bus, its observers, and its spawner.

use std::sync::Arc;

use super::BusBuilder;
use crate::bus::hand_over::{HandOverTask, WhenFull};
use crate::bus::semaphore::Semaphore;
use crate::observe::Observer;

impl BusBuilder {
    /// Sets how deep handlers that publish may be nested before a publish is refused. The default is 128.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn publish_again(event: &OrderCreated, bus: &Bus) -> Result<(), eventful::PublishError> {
    ///     bus.publish(event)?; // never ends by itself
    ///     Ok(())
    /// }
    ///
    /// let bus = Bus::isolated().with(publish_again).nesting_limit(3).build()?;
    /// assert!(bus.publish(&OrderCreated).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn nesting_limit(mut self, limit: u32) -> Self {
        self.limits.nesting = limit;
        self
    }

    /// Sets how many events that handlers return are published within one publish before the rest is refused. The
    /// default is 1000. A publish that a handler calls itself has a count of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn create_again(_: &OrderCreated) -> OrderCreated {
    ///     OrderCreated // never ends by itself
    /// }
    ///
    /// let bus = Bus::isolated().with(create_again).cascade_limit(3).build()?;
    /// let error = bus.publish(&OrderCreated).unwrap_err();
    /// assert!(error.refusal().unwrap().is_cascade_limit());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cascade_limit(mut self, limit: u32) -> Self {
        self.limits.cascade = limit;
        self
    }

    /// Adds an observer, which sees every publish on the bus, after those that were added before.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::observe::{HandlerEnd, Observer};
    /// use eventful::{Bus, Delivery, event, handler};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// fn update_cache(_: &OrderCreated) {}
    ///
    /// struct Timing;
    ///
    /// impl Observer for Timing {
    ///     fn handler_finished(&self, delivery: &Delivery, end: &HandlerEnd<'_>) {
    ///         println!("{} took {:?}", delivery.handler(), end.elapsed());
    ///     }
    /// }
    ///
    /// let bus = Bus::isolated().with(update_cache).observe(Timing).build()?;
    /// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn observe(mut self, observer: impl Observer) -> Self {
        self.observers.add(observer);
        self
    }

    /// Sets the closure that runs what is [handed over](crate::Bus::hand_over). It polls each task to its end.
    ///
    /// If the spawner drops a task before it returns, `hand_over` returns an error; if it does later, the publish ends
    /// there, which is logged.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// async fn send_mail(_: &OrderCreated) {}
    ///
    /// # futures_lite::future::block_on(async {
    /// let bus = Bus::isolated()
    ///     .with(send_mail)
    ///     // On tokio: `.spawner(|task| drop(tokio::spawn(task)))`.
    ///     .spawner(|task| drop(std::thread::spawn(|| futures_lite::future::block_on(task))))
    ///     .build()?;
    /// bus.hand_over(OrderCreated)?;
    /// bus.drained().await;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub fn spawner(mut self, spawn: impl Fn(HandOverTask) + Send + Sync + 'static) -> Self {
        self.hand_overs.spawner = Some(Arc::new(spawn));
        self
    }

    /// Runs what is [handed over](crate::Bus::hand_over) on a tokio runtime.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// #[handler(OrderCreated)]
    /// async fn send_mail(_: &OrderCreated) {}
    ///
    /// let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    /// let bus = Bus::isolated().with(send_mail).spawn_on(runtime.handle().clone()).build()?;
    /// bus.hand_over(OrderCreated)?;
    /// runtime.block_on(bus.drained());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "tokio")]
    pub fn spawn_on(self, runtime: tokio::runtime::Handle) -> Self {
        self.spawner(move |task| drop(runtime.spawn(task)))
    }

    /// Sets how many [hand-overs](crate::Bus::hand_over) may be under way, and what happens to one more. The default is 1024,
    /// and an error.
    ///
    /// A handler that was itself handed over needs no place for what it hands over: it could wait for the place that it
    /// has itself. A task or a thread that it spawns does need one.
    ///
    /// Buses that are [derived](crate::Bus::derive) from one share its limit and its count. A derived bus whose builder calls
    /// this has its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::{Bus, WhenFull, event};
    ///
    /// #[event(async)]
    /// struct OrderCreated;
    ///
    /// let bus = Bus::isolated()
    ///     .spawner(|task| std::mem::forget(task)) // never runs it
    ///     .hand_over_limit(2, WhenFull::Reject)
    ///     .build()?;
    /// bus.hand_over(OrderCreated)?;
    /// bus.hand_over(OrderCreated)?;
    /// assert!(bus.hand_over(OrderCreated).unwrap_err().is_full());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn hand_over_limit(mut self, limit: usize, when_full: WhenFull) -> Self {
        self.hand_overs.semaphore = Semaphore::new(limit);
        self.hand_overs.when_full = when_full;
        self
    }
}
