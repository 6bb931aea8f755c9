//! The forms in which a handler takes what is lent.

use eventful::{Bus, event, handler, handlers};

use super::Lines;
use crate::executor::{block_on, yield_now};

#[event(with = mut Lines)]
struct Opened;

#[event(with = mut Lines)]
struct Closed;

#[event(with = mut Vec<T>)]
struct Changed<T: Clone + Send + Sync + 'static>(T);

#[event(async, with = mut Lines)]
struct Moved;

struct Door(&'static str);

#[handlers]
impl Door {
    #[handler(Opened, when = |_| true)]
    fn on_opened(&self, _: &Opened, lines: &mut Lines) {
        lines.push(format!("{} opened", self.0));
    }

    #[handler(Moved)]
    async fn on_moved(&self, _: &Moved, lines: &mut Lines) {
        yield_now().await;
        lines.push(format!("{} moved", self.0));
    }
}

trait Named {
    fn name(&self) -> &'static str;
}

impl Named for Opened {
    fn name(&self) -> &'static str {
        "opened"
    }
}

impl Named for Closed {
    fn name(&self) -> &'static str {
        "closed"
    }
}

#[handler(Opened, Closed, order = 1)]
fn write_name<E: Named>(event: &E, lines: &mut Lines, bus: &Bus) {
    lines.push(format!("{} {}", event.name(), bus.has_handlers::<Closed>()));
}

#[handler(Moved, order = 1)]
async fn generic_and_async<E: Send + Sync>(_: &E, lines: &mut Lines) {
    yield_now().await;
    lines.push(String::from("generic"));
}

#[handler(Moved, when = |_| false)]
async fn skipped(_: &Moved, lines: &mut Lines) {
    lines.push(String::from("never"));
}

#[handler(Changed<u8>)]
fn keep(event: &Changed<u8>, values: &mut Vec<u8>) {
    values.push(event.0);
}

#[test]
fn methods_generic_functions_guards_and_instantiations_take_it() {
    let bus = Bus::isolated()
        .provide(Door("front"))
        .with(Door::on_opened)
        .with(Door::on_moved)
        .with(write_name::<Opened>)
        .with(write_name::<Closed>)
        .with(generic_and_async::<Moved>)
        .with(skipped)
        .with(keep)
        .build()
        .unwrap();
    let mut lines = Lines::new();
    bus.publish_with(&Opened, &mut lines).unwrap();
    bus.publish_with(&Closed, &mut lines).unwrap();
    let delivered = block_on(bus.publish_with(&Moved, &mut lines)).unwrap();
    assert_eq!((delivered.handled(), delivered.skipped()), (2, 1));
    assert_eq!(
        lines,
        [
            "front opened",
            "opened true",
            "closed true",
            "front moved",
            "generic"
        ]
    );
    let mut values = vec![1];
    bus.publish_with(&Changed(2), &mut values).unwrap();
    bus.scope(|| Changed(3_u8).publish(&mut values)).unwrap();
    assert_eq!(values, [1, 2, 3]);
}

#[test]
fn the_function_is_called_as_it_is_written() {
    let mut lines = Lines::new();
    Door("back").on_opened(&Opened, &mut lines);
    assert_eq!(lines, ["back opened"]);
}
