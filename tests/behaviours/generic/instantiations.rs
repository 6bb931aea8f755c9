//! Each instantiation of a generic event is an event of its own.

use std::fmt::Debug;

use eventful::{Bus, event, handler};

use crate::Trace;

#[event]
struct Created<T> {
    entity: T,
}

#[event(name = "pair")]
enum Pair<A, B = u8>
where
    A: Clone,
{
    Both(A, B),
}

#[event]
struct Sized<const N: usize>([u8; N]);

#[derive(Debug)]
struct User;

#[handler(Created<User>)]
fn user_created(event: &Created<User>, trace: &Trace) {
    trace.add(format!("user {:?}", event.entity));
}

#[handler(Created<u32>)]
fn number_created(event: &Created<u32>, trace: &Trace) {
    trace.add(format!("number {}", event.entity));
}

#[handler]
fn pair(event: &Pair<i8>, trace: &Trace) {
    let Pair::Both(first, second) = event;
    trace.add(format!("pair {first} {second}"));
}

#[handler(Sized<3>)]
fn three(_: &Sized<3>, trace: &Trace) {
    trace.add("three");
}

fn bus(trace: &Trace) -> Bus {
    Bus::isolated()
        .provide(trace.clone())
        .with(user_created)
        .with(number_created)
        .with(pair)
        .with(three)
        .build()
        .unwrap()
}

#[test]
fn each_instantiation_reaches_its_own_handlers() {
    let trace = Trace::default();
    let bus = bus(&trace);
    bus.publish(&Created { entity: User }).unwrap();
    bus.scope(|| Created { entity: 4_u32 }.publish()).unwrap();
    bus.publish(&Pair::<i8>::Both(-1, 2)).unwrap();
    bus.publish(&Sized([0; 3])).unwrap();
    assert_eq!(
        bus.publish(&Created {
            entity: "nobody listens"
        })
        .unwrap()
        .handled(),
        0
    );
    assert_eq!(bus.publish(&Sized([0; 4])).unwrap().handled(), 0);
    assert_eq!(trace.take(), "user User\nnumber 4\npair -1 2\nthree");
    assert_eq!(bus.handlers::<Created<User>>().len(), 1);
    assert!(bus.handlers::<Created<String>>().is_empty());
}

#[test]
fn generic_code_publishes_what_it_does_not_know() {
    fn create<T: Debug + Send + Sync + 'static>(bus: &Bus, entity: T) -> usize {
        bus.scope(|| Created { entity }.publish())
            .unwrap()
            .handled()
    }

    let trace = Trace::default();
    let bus = bus(&trace);
    assert_eq!(create(&bus, User), 1);
    assert_eq!(create(&bus, 'c'), 0);
}

#[test]
fn a_failure_names_the_instantiation() {
    let bus = Bus::isolated()
        .subscribe("fail", |_: &Created<char>| Err::<(), _>("no"))
        .build()
        .unwrap();
    let error = bus.publish(&Created { entity: 'c' }).unwrap_err();
    assert_eq!(
        error.failures()[0].event_name(),
        "behaviours::generic::instantiations::Created<char>"
    );
}
