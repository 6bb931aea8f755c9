//! The methods of the builder that give a recorder to a bus.

use std::fmt::Debug;
use std::sync::Arc;

use super::Recorder;
use super::coverage::Why;
use super::event_types::{EventType, EventTypes, written};
use super::rules::{Rule, Rules};
use crate::BusBuilder;
use crate::bus::Tap;
use crate::event::Event;

/// For tests: see [`testing`](crate::testing).
impl BusBuilder {
    /// Records every event of type `E` that is published on this bus, as a clone, and delivers it.
    ///
    /// The thread and the task that publish it do not matter, and neither does the way: nested in a handler, or
    /// returned by one. It is recorded when its delivery begins, before the first of its handlers runs. An event that
    /// a handler publishes comes after the event that the handler was given.
    ///
    /// An event that is not `Clone` or not `Debug` is captured through a [projection](BusBuilder::capture_with).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().capture::<OrderCreated>(&recorder).build()?;
    /// bus.publish(&OrderCreated { order_id: 3 })?;
    /// assert_eq!(recorder.events::<OrderCreated>(), [OrderCreated { order_id: 3 }]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn capture<E: Event + Clone + Debug>(self, recorder: &Recorder) -> Self {
        recorder.cover(|coverage| coverage.add_clones::<E>(Why::Captured));
        self.change_rule::<E>(recorder, |rule| {
            rule.is_captured = true;
            rule.keep_clones::<E>();
        })
    }

    /// Records the output of `projection` for every event of type `E` that is published on this bus, instead of a
    /// clone, and delivers the event.
    ///
    /// An event may be captured as itself and as several projections, each to another type. It counts as one event.
    ///
    /// # Panics
    ///
    /// If this bus already projects `E` to a `T` for this recorder: the two could not be told apart.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated()
    ///     .capture_with(&recorder, |event: &OrderCreated| event.order_id)
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 3 })?;
    /// assert_eq!(recorder.projections::<OrderCreated, u64>(), [3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn capture_with<E, T>(
        self,
        recorder: &Recorder,
        projection: impl Fn(&E) -> T + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        T: Clone + Debug + Send + Sync + 'static,
    {
        self.project(recorder, Why::Captured, projection)
    }

    /// Records every event that is published on this bus, without its values, and delivers it:
    /// [`names`](Recorder::names) then has all of them, in order. Events that are also [captured](BusBuilder::capture)
    /// are recorded with their values.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event(name = "order.created")]
    /// struct OrderCreated;
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().capture_all(&recorder).build()?;
    /// bus.publish(&OrderCreated)?;
    /// assert_eq!(recorder.names(), ["order.created"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn capture_all(self, recorder: &Recorder) -> Self {
        recorder.cover(|coverage| coverage.add_all_but(Why::Captured, Vec::new()));
        self.change_rules(recorder, |rules| rules.captures_all = true)
    }

    /// Records every event of type `E` that is published on this bus, as a clone, instead of delivering it: none of its
    /// handlers runs, catch-alls included, and the publish succeeds with an empty [`Delivered`](crate::Delivered).
    ///
    /// Other events are delivered.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event, handler};
    ///
    /// #[event]
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// #[handler(OrderCreated)]
    /// fn send_mail(_: &OrderCreated) {
    ///     panic!("not in a test");
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().with(send_mail).fake::<OrderCreated>(&recorder).build()?;
    /// let delivered = bus.publish(&OrderCreated { order_id: 3 })?;
    /// assert_eq!(delivered.handled(), 0);
    /// recorder.assert_count::<OrderCreated>(1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fake<E: Event + Clone + Debug>(self, recorder: &Recorder) -> Self {
        self.fake_if(recorder, |_: &E| true)
    }

    /// [Fakes](BusBuilder::fake) the events of type `E` for which `condition` returns `true`. The others are
    /// delivered, and recorded only if they are also [captured](BusBuilder::capture).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// #[derive(Clone, Debug, PartialEq)]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated()
    ///     .fake_if(&recorder, |event: &OrderCreated| event.order_id > 1)
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 1 })?; // delivered
    /// bus.publish(&OrderCreated { order_id: 2 })?; // faked
    /// assert_eq!(recorder.events::<OrderCreated>(), [OrderCreated { order_id: 2 }]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fake_if<E: Event + Clone + Debug>(
        self,
        recorder: &Recorder,
        condition: impl Fn(&E) -> bool + Send + Sync + 'static,
    ) -> Self {
        recorder.cover(|coverage| coverage.add_clones::<E>(Why::Faked));
        self.change_rule::<E>(recorder, |rule| {
            rule.fake_if(condition);
            rule.keep_clones::<E>();
        })
    }

    /// [Fakes](BusBuilder::fake) every event of type `E`, and records the output of `projection` instead of a clone.
    ///
    /// # Panics
    ///
    /// If this bus already projects `E` to a `T` for this recorder: the two could not be told apart.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated {
    ///     order_id: u64,
    /// }
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated()
    ///     .fake_with(&recorder, |event: &OrderCreated| event.order_id)
    ///     .build()?;
    /// bus.publish(&OrderCreated { order_id: 3 })?;
    /// assert_eq!(recorder.projections::<OrderCreated, u64>(), [3]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[track_caller]
    pub fn fake_with<E, T>(
        self,
        recorder: &Recorder,
        projection: impl Fn(&E) -> T + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        T: Clone + Debug + Send + Sync + 'static,
    {
        self.project(recorder, Why::Faked, projection)
    }

    /// Fakes every event that is published on this bus. Each is recorded without its values, except those that are also
    /// [captured](BusBuilder::capture).
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event(name = "order.created")]
    /// struct OrderCreated;
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().fake_all(&recorder).build()?;
    /// bus.publish(&OrderCreated)?;
    /// assert_eq!(recorder.names(), ["order.created"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fake_all(self, recorder: &Recorder) -> Self {
        self.fake_but(recorder, Vec::new())
    }

    /// Fakes every event that is published on this bus but `E`, an event or a tuple of events. These are delivered
    /// with real results, and recorded only if they are also [captured](BusBuilder::capture).
    ///
    /// If one builder has several calls of this and of [`fake_all`](BusBuilder::fake_all) with one recorder, the last
    /// counts.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::testing::Recorder;
    /// use eventful::{Bus, event};
    ///
    /// #[event]
    /// struct OrderCreated;
    ///
    /// #[event(name = "order.paid")]
    /// struct OrderPaid;
    ///
    /// let recorder = Recorder::new();
    /// let bus = Bus::isolated().fake_all_but::<OrderCreated>(&recorder).build()?;
    /// bus.publish(&OrderCreated)?; // delivered
    /// bus.publish(&OrderPaid)?; // faked
    /// assert_eq!(recorder.names(), ["order.paid"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fake_all_but<E: EventTypes>(self, recorder: &Recorder) -> Self {
        self.fake_but(recorder, E::__event_types())
    }

    #[track_caller]
    fn project<E, T>(
        self,
        recorder: &Recorder,
        why: Why,
        projection: impl Fn(&E) -> T + Send + Sync + 'static,
    ) -> Self
    where
        E: Event,
        T: Clone + Debug + Send + Sync + 'static,
    {
        let mut is_new = true;
        let builder = self.change_rule::<E>(recorder, |rule| {
            match why {
                Why::Captured => rule.is_captured = true,
                Why::Faked => rule.fake_if(|_: &E| true),
            }
            is_new = rule.project(projection);
        });
        assert!(
            is_new,
            "`{event}` is projected to `{projection}` for this recorder already\n\
             project it to another type, such as a tuple of both, or give the bus a second recorder",
            event = EventType::of::<E>().name,
            projection = written::<T>(),
        );
        recorder.cover(|coverage| coverage.add_projection::<E, T>(why));
        builder
    }

    fn fake_but(self, recorder: &Recorder, events: Vec<EventType>) -> Self {
        recorder.cover(|coverage| coverage.add_all_but(Why::Faked, events.clone()));
        self.change_rules(recorder, |rules| rules.fakes_all_but = Some(events))
    }

    fn change_rule<E: Event>(self, recorder: &Recorder, change: impl FnOnce(&mut Rule)) -> Self {
        self.change_rules(recorder, |rules| change(rules.event::<E>()))
    }

    /// Changes the one tap of the recorder on this bus. So an event that several calls name is one record.
    fn change_rules(mut self, recorder: &Recorder, change: impl FnOnce(&mut Rules)) -> Self {
        let taps = self.taps();
        let index = taps
            .iter()
            .position(|tap| Rules::of(recorder, tap).is_some());
        let known = index.and_then(|index| Rules::of(recorder, &taps[index]));
        let mut rules = known.map_or_else(|| Rules::none(recorder), Rules::clone);
        change(&mut rules);
        let rules: Arc<dyn Tap> = Arc::new(rules);
        match index {
            Some(index) => taps[index] = rules,
            None => taps.push(rules),
        }
        self
    }
}
