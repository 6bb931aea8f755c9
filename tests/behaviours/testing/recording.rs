//! The record: which publishes are in it, with which values.

use std::cell::RefCell;
use std::fmt;
use std::thread;

use eventful::testing::Recorder;
use eventful::{Bus, BusBuilder, event};
use expect_test::expect;

use super::{Created, Of, Paid, Reserved, Shipped, notify, panic_of, reserve, stock};
use crate::trace::Trace;

fn all(trace: &Trace) -> BusBuilder {
    Bus::isolated()
        .with(reserve)
        .with(stock)
        .with(notify)
        .provide(trace.clone())
}

#[test]
fn an_event_is_recorded_before_what_its_handlers_publish() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .capture::<Reserved>(&recorder)
        .capture::<Created>(&recorder)
        .build()
        .unwrap();
    assert_eq!(bus.publish(&Created { id: 1 }).unwrap().handled(), 1);
    bus.scope(|| Created { id: 2 }.publish()).unwrap();

    expect!["Recorder[behaviours::testing::Created: Created { id: 1 }, behaviours::testing::Reserved: Reserved, behaviours::testing::Created: Created { id: 2 }, behaviours::testing::Reserved: Reserved]"]
        .assert_eq(&format!("{recorder:?}"));
    assert_eq!(
        recorder.names(),
        [
            "behaviours::testing::Created",
            "behaviours::testing::Reserved",
            "behaviours::testing::Created",
            "behaviours::testing::Reserved"
        ]
    );
    assert_eq!(
        recorder.events::<Created>(),
        [Created { id: 1 }, Created { id: 2 }]
    );
    assert_eq!(recorder.count::<Reserved>(), 2);
    assert_eq!(trace.take(), "reserve 1\nstock\nreserve 2\nstock");
}

#[test]
fn an_event_is_there_when_its_first_handler_runs() {
    let recorder = Recorder::new();
    let trace = Trace::default();
    let (seen, log) = (recorder.clone(), trace.clone());
    let bus = Bus::isolated()
        .subscribe("look", move |_: &Created| {
            log.add(format!("{:?}", seen.events::<Created>()));
        })
        .capture::<Created>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Created { id: 3 }).unwrap();
    assert_eq!(trace.take(), "[Created { id: 3 }]");
}

#[test]
fn an_event_without_handlers_is_recorded() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Created>(&recorder)
        .capture::<Shipped>(&recorder)
        .capture::<Of<u64>>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Of(1_u64)).unwrap();
    bus.publish(&Of("other")).unwrap();
    smol::block_on(bus.publish(&Shipped { id: 2 })).unwrap();
    bus.publish(&Created { id: 3 }).unwrap();
    expect!["Recorder[behaviours::testing::Of<u64>: Of(1), behaviours::testing::Shipped: Shipped { id: 2 }, behaviours::testing::Created: Created { id: 3 }]"]
        .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn generic_and_asynchronous_events_are_recorded() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .capture::<Shipped>(&recorder)
        .capture::<Of<u64>>(&recorder)
        .build()
        .unwrap();
    smol::block_on(bus.publish(&Shipped { id: 4 })).unwrap();
    smol::block_on(bus.scope_async(async { Shipped { id: 5 }.publish().await })).unwrap();
    expect!["Recorder[behaviours::testing::Shipped: Shipped { id: 4 }, behaviours::testing::Of<u64>: Of(4), behaviours::testing::Shipped: Shipped { id: 5 }, behaviours::testing::Of<u64>: Of(5)]"]
        .assert_eq(&format!("{recorder:?}"));
    assert_eq!(trace.take(), "notify 4\nnotify 5");
}

#[test]
fn an_asynchronous_event_is_recorded_once_however_often_it_is_polled_and_not_before() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .subscribe("slow", |_: &Shipped| async {
            for _ in 0..3 {
                tokio::task::yield_now().await;
            }
        })
        .capture::<Shipped>(&recorder)
        .build()
        .unwrap();
    let event = Shipped { id: 1 };
    let publishing = bus.publish(&event);
    recorder.assert_empty();
    smol::block_on(publishing).unwrap();
    recorder.assert_count::<Shipped>(1);
}

#[test]
fn what_is_handed_over_is_recorded() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .spawner(smol::block_on)
        .capture::<Shipped>(&recorder)
        .build()
        .unwrap();
    bus.hand_over(Shipped { id: 6 }).unwrap();
    assert_eq!(recorder.events::<Shipped>(), [Shipped { id: 6 }]);
}

#[test]
fn a_projection_needs_neither_clone_nor_debug_of_the_event() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture_with(&recorder, |event: &Paid| event.amount)
        .capture_with(&recorder, |event: &Paid| format!("{} coins", event.amount))
        .build()
        .unwrap();
    for amount in [3, 4] {
        bus.publish(&Paid { amount }).unwrap();
    }
    assert_eq!(recorder.projections::<Paid, u64>(), [3, 4]);
    let texts: Vec<String> = recorder.projections::<Paid, _>();
    assert_eq!(texts, ["3 coins", "4 coins"]);
    // Two projections, one event.
    assert_eq!(recorder.count::<Paid>(), 2);
    expect![[
        r#"Recorder[behaviours::testing::Paid: 3, "3 coins", behaviours::testing::Paid: 4, "4 coins"]"#
    ]]
    .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn one_event_that_several_calls_are_about_is_one_record() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture_with(&recorder, |event: &Created| event.id)
        .capture::<Created>(&recorder)
        .capture::<Created>(&recorder)
        .capture_all(&recorder)
        .fake::<Created>(&recorder)
        .build()
        .unwrap();
    let bus = bus.derive().capture::<Created>(&recorder).build().unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    expect!["Recorder[behaviours::testing::Created: Created { id: 1 }, 1]"]
        .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn everything_can_be_captured_without_values() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace)
        .capture_all(&recorder)
        .capture::<Reserved>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    bus.publish(&Of('x')).unwrap();
    expect!["Recorder[behaviours::testing::Created, behaviours::testing::Reserved: Reserved, behaviours::testing::Of<char>]"]
        .assert_eq(&format!("{recorder:?}"));
    recorder.assert_count::<Of<char>>(1);
    recorder.assert_none::<Shipped>();
    assert_eq!(trace.take(), "reserve 1\nstock");
}

#[test]
fn only_what_is_captured_is_recorded() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let bus = all(&trace).capture::<Reserved>(&recorder).build().unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    bus.publish(&Paid { amount: 1 }).unwrap();
    assert_eq!(recorder.names(), ["behaviours::testing::Reserved"]);
}

#[test]
fn what_is_refused_is_not_recorded() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .subscribe("again", |_: &Reserved| Reserved.publish().map(drop))
        .subscribe("and again", |event: &Shipped| {
            let event = event.clone();
            async move { event.publish().await.map(drop) }
        })
        .nesting_limit(3)
        .capture::<Reserved>(&recorder)
        .capture::<Shipped>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Reserved).unwrap_err();
    recorder.assert_count::<Reserved>(3);
    smol::block_on(bus.publish(&Shipped { id: 1 })).unwrap_err();
    recorder.assert_count::<Shipped>(3);
}

#[test]
fn one_recorder_on_two_buses_is_one_record_and_each_bus_has_its_own_rules() {
    let (recorder, trace) = (Recorder::new(), Trace::default());
    let first = all(&trace).capture::<Created>(&recorder).build().unwrap();
    let second = all(&trace).fake::<Created>(&recorder).build().unwrap();
    first.publish(&Created { id: 1 }).unwrap();
    second.publish(&Created { id: 2 }).unwrap();
    first.publish(&Created { id: 3 }).unwrap();
    second.publish(&Reserved).unwrap();
    let ids: Vec<_> = recorder
        .events::<Created>()
        .iter()
        .map(|event| event.id)
        .collect();
    assert_eq!(ids, [1, 2, 3]);
    assert_eq!(recorder.names().len(), 3);
    assert_eq!(trace.take(), "reserve 1\nstock\nreserve 3\nstock\nstock");
}

#[test]
fn a_derived_bus_records_too_and_what_it_adds_stays_with_it() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Created>(&recorder)
        .build()
        .unwrap();
    let derived = bus.derive().capture::<Reserved>(&recorder).build().unwrap();
    bus.publish(&Reserved).unwrap();
    recorder.assert_empty();
    derived.publish(&Reserved).unwrap();
    derived.publish(&Created { id: 1 }).unwrap();
    bus.publish(&Created { id: 2 }).unwrap();
    expect!["Recorder[behaviours::testing::Reserved: Reserved, behaviours::testing::Created: Created { id: 1 }, behaviours::testing::Created: Created { id: 2 }]"]
        .assert_eq(&format!("{recorder:?}"));
}

#[test]
fn every_thread_and_task_that_publishes_on_the_bus_is_recorded() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Created>(&recorder)
        .capture::<Shipped>(&recorder)
        .build()
        .unwrap();
    thread::scope(|scope| {
        for thread in 0..4 {
            let bus = bus.clone();
            scope.spawn(move || {
                for id in 0..100 {
                    let id = thread * 100 + id;
                    bus.publish(&Created { id }).unwrap();
                    smol::block_on(bus.publish(&Shipped { id })).unwrap();
                }
            });
        }
    });
    let mut ids: Vec<_> = recorder
        .events::<Created>()
        .iter()
        .map(|event| event.id)
        .collect();
    for thread in 0..4 {
        // Of each thread in the order in which it published.
        let of_thread: Vec<_> = ids
            .iter()
            .copied()
            .filter(|id| id / 100 == thread)
            .collect();
        assert_eq!(
            of_thread,
            (thread * 100..thread * 100 + 100).collect::<Vec<_>>()
        );
    }
    ids.sort_unstable();
    assert_eq!(ids, (0..400).collect::<Vec<_>>());
    recorder.assert_count::<Shipped>(400);
    assert_eq!(recorder.names().len(), 800);
}

#[test]
fn taking_and_clearing_forget_what_was_recorded_and_nothing_else() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Created>(&recorder)
        .capture::<Reserved>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Created { id: 1 }).unwrap();
    bus.publish(&Reserved).unwrap();
    bus.publish(&Created { id: 2 }).unwrap();
    assert_eq!(
        recorder.take::<Created>(),
        [Created { id: 1 }, Created { id: 2 }]
    );
    assert_eq!(recorder.take::<Created>(), []);
    assert_eq!(recorder.names(), ["behaviours::testing::Reserved"]);
    recorder.clear();
    recorder.assert_empty();
    bus.publish(&Created { id: 3 }).unwrap();
    assert_eq!(recorder.events::<Created>(), [Created { id: 3 }]);
}

/// Its `Clone`, `Debug` and `Drop` ask the recorder, as a user's may.
#[event]
struct Asking(Recorder);

impl Clone for Asking {
    fn clone(&self) -> Self {
        assert!(self.0.count::<Asking>() < 100);
        Self(self.0.clone())
    }
}

impl fmt::Debug for Asking {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} recorded", self.0.count::<Asking>())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        assert!(self.0.count::<Asking>() < 100);
    }
}

#[test]
fn what_the_events_own_code_asks_the_recorder_is_answered() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture::<Asking>(&recorder)
        .build()
        .unwrap();
    bus.publish(&Asking(recorder.clone())).unwrap();
    bus.publish(&Asking(recorder.clone())).unwrap();
    recorder.assert_any::<Asking>(|_| recorder.count::<Asking>() == 2);
    recorder
        .assert_in_order()
        .then::<Asking>(|_| recorder.count::<Asking>() == 2);
    recorder.wait_for::<Asking>(std::time::Duration::ZERO, |event| {
        event.0.count::<Asking>() == 2
    });
    expect!["Recorder[behaviours::testing::recording::Asking: 2 recorded, behaviours::testing::recording::Asking: 2 recorded]"]
        .assert_eq(&format!("{recorder:?}"));
    assert_eq!(recorder.take::<Asking>().len(), 2);
    bus.publish(&Asking(recorder.clone())).unwrap();
    recorder.clear();
    recorder.assert_empty();
}

#[test]
fn a_projection_may_publish() {
    thread_local! {
        static BUS: RefCell<Option<Bus>> = const { RefCell::new(None) };
    }
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture_with(&recorder, |event: &Created| {
            let bus = BUS.with_borrow(Clone::clone);
            bus.unwrap().publish(&Reserved).unwrap();
            event.id
        })
        .capture::<Reserved>(&recorder)
        .build()
        .unwrap();
    BUS.set(Some(bus.clone()));
    bus.publish(&Created { id: 1 }).unwrap();
    // It publishes before the event around it is recorded.
    assert_eq!(
        recorder.names(),
        [
            "behaviours::testing::Reserved",
            "behaviours::testing::Created"
        ]
    );
    BUS.set(None);
}

#[test]
fn a_projection_that_panics_does_so_where_the_event_is_published() {
    let recorder = Recorder::new();
    let bus = Bus::isolated()
        .capture_with(&recorder, |event: &Created| {
            assert!(event.id != 0, "no id");
            event.id
        })
        .build()
        .unwrap();
    assert_eq!(panic_of(|| bus.publish(&Created { id: 0 })), "no id");
    bus.publish(&Created { id: 1 }).unwrap();
    assert_eq!(recorder.projections::<Created, u64>(), [1]);
}
