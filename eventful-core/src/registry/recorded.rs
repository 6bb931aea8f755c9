//! The names of the types in an expansion, for its record.

use std::marker::PhantomData;

use crate::event::mode::Any;
use crate::event::{Events, Listen, Listened};
use crate::outcome::Outcome;
use crate::record::RecordedNames;

/// The names of a type in records. A type that is no event, or cannot be returned, has none: that is a compile error
/// already, and [`Unrecorded`] keeps it the only one.
#[doc(hidden)]
#[derive(Debug)]
pub struct Recorded<T: ?Sized>(PhantomData<T>);

impl<L: Listen + ?Sized> Recorded<L> {
    pub const NAME: &'static str = L::__KEY;
    pub const LISTENED: fn() -> Listened = L::__listened;
}

impl<O: Outcome<Any>> Recorded<O> {
    pub const RETURNED: RecordedNames = <O::__Events as Events>::NAMES;
}

#[doc(hidden)]
pub trait Unrecorded {
    const NAME: &'static str = "";
    const LISTENED: fn() -> Listened = || unreachable!("it is a compile error");
    const RETURNED: RecordedNames = RecordedNames::None;
}

impl<T: ?Sized> Unrecorded for Recorded<T> {}
