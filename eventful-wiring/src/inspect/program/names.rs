//! The names of events, families and functions, and the keys by which they are found.

use crate::WiredPosition;
use crate::inspect::record::RecordedName;
use crate::resolve::Subject;

/// The key of an event or a family: its name and the line and column of its declaration. Of a function it is the path.
pub(super) type Key<'a> = (&'a str, u32, u32);

pub(super) fn key(name: &RecordedName) -> Key<'_> {
    (&name.name, name.line, name.column)
}

/// The key of the event or family that is declared under this name, in this place.
pub(super) fn declared_key<'a>(name: &'a str, position: &WiredPosition) -> Key<'a> {
    (name, position.line(), position.column())
}

pub(super) fn function_key(path: &str) -> Key<'_> {
    (path, 0, 0)
}

pub(super) fn subject(name: &RecordedName) -> Subject<'_, Key<'_>> {
    let family = name.name.strip_prefix("dyn ").filter(|_| name.is_family);
    Subject {
        key: key(name),
        name: family.unwrap_or(&name.name),
        is_family: name.is_family,
    }
}

/// The name with the arguments of a generic event. `written` is the type as it is written.
pub(super) fn instance(name: &RecordedName, written: Option<&str>) -> RecordedName {
    let mut instance = name.clone();
    if name.is_generic {
        let arguments = written.and_then(|written| written.find('<').map(|at| &written[at..]));
        instance.name.push_str(arguments.unwrap_or("<_>"));
    }
    instance
}
