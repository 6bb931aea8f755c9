use std::fmt::Debug;

use eventful::{Bus, event, handler};

#[event]
struct Unit;

#[event]
struct Tuple(u64, String);

#[event]
#[derive(Debug, Clone)]
pub(crate) enum Choice {
    First,
    Second { id: u64 },
}

/// An event that is a keyword with `r#`.
#[event]
#[allow(non_camel_case_types)]
struct r#type {
    r#fn: u64,
}

#[event]
struct Changed<T>
where
    T: Debug + Send + Sync + 'static,
{
    to: T,
}

#[event]
struct Wrapped<T: Clone>(T)
where
    T: Debug;

#[event]
struct Matrix<T = f64, const ROWS: usize = 2> {
    rows: [T; ROWS],
}

#[handler(Changed<u8>)]
fn changed(event: &Changed<u8>) -> Result<(), String> {
    Err(format!("{:?}", event.to))
}

#[handler(Matrix<u8, 3>)]
fn matrix(event: &Matrix<u8, 3>) -> Result<(), String> {
    Err(format!("{:?}", event.rows))
}

#[handler(Wrapped<Vec<(u8, u8)>>, order = 1)]
fn wrapped(event: &Wrapped<Vec<(u8, u8)>>) -> Result<(), String> {
    Err(format!("{:?}", event.0))
}

#[handler(r#type)]
fn raw(event: &r#type) -> Result<(), String> {
    Err(event.r#fn.to_string())
}

fn messages(error: eventful::PublishError) -> Vec<String> {
    let messages = error
        .failures()
        .iter()
        .map(|failure| failure.message().to_owned());
    messages.collect()
}

fn main() {
    assert_eq!(Unit.publish().unwrap().handled(), 0);
    assert_eq!(Tuple(1, String::new()).publish().unwrap().handled(), 0);
    Choice::First.publish().unwrap();
    Choice::Second { id: 1 }.clone().publish().unwrap();
    assert_eq!(messages(Changed { to: 7_u8 }.publish().unwrap_err()), ["7"]);
    Changed { to: 7_u16 }.publish().unwrap();
    assert_eq!(
        messages(Matrix { rows: [1_u8, 2, 3] }.publish().unwrap_err()),
        ["[1, 2, 3]"]
    );
    Matrix { rows: [1.0, 2.0] }.publish().unwrap();
    assert_eq!(
        messages(Wrapped(vec![(1_u8, 2_u8)]).publish().unwrap_err()),
        ["[(1, 2)]"]
    );
    assert_eq!(messages(r#type { r#fn: 3 }.publish().unwrap_err()), ["3"]);
    let bus = Bus::isolated().build().unwrap();
    bus.publish(&Unit).unwrap();
}
