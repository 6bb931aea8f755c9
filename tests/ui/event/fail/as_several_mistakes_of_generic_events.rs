use eventful::{event, family};

trait Plain {}

#[family(async)]
trait Tracked {}

#[event(as(dyn Plain))]
struct Created<T>(T);

#[event(as(dyn Tracked))]
struct Removed<T>(T);

impl<T> Plain for Created<T> {}

impl<T: Send + Sync + 'static> Tracked for Removed<T> {}

fn main() {
    let _ = (Created(1), Removed(1));
}
