//! Paths without `r#`. `module_path!` keeps the `r#` of a module that is named like a
//! keyword, which the names of functions and types lose.

use std::collections::BTreeSet;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use super::Event;

/// The name of an event that has not chosen one: the path of its type.
#[must_use]
pub const fn event_name<E: Event>() -> &'static str {
    plain::<NameOf<E>>(behind_position(E::__KEY))
}

/// Returns `path` without `r#`, at run time. Only a path with one takes memory, and only once.
pub(crate) fn plain_path(path: &'static str) -> &'static str {
    static PATHS: Mutex<BTreeSet<&str>> = Mutex::new(BTreeSet::new());
    if !path.contains("r#") {
        return path;
    }
    let path = path.replace("r#", "");
    let mut paths = PATHS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = paths.get(&*path) {
        return known;
    }
    let path = path.leak();
    paths.insert(path);
    path
}

/// A path as `module_path!` writes it.
trait Path {
    const WRITTEN: &'static str;
}

struct NameOf<E>(PhantomData<E>);

impl<E: Event> Path for NameOf<E> {
    const WRITTEN: &'static str = behind_position(E::__KEY);
}

/// The rest of a key behind its position.
const fn behind_position(key: &'static str) -> &'static str {
    let mut rest = key.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        if *first == b' ' {
            break;
        }
    }
    key.split_at(key.len() - rest.len()).1
}

/// `written` is that of `P`. It is a constant only where it has to be: each one takes the compiler some time.
const fn plain<P: Path>(written: &'static str) -> &'static str {
    if is_raw(written) {
        made_plain::<P>()
    } else {
        written
    }
}

const fn is_raw(path: &str) -> bool {
    let mut rest = path.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        if *first == b'#' {
            return true;
        }
        rest = behind;
    }
    false
}

const fn made_plain<P: Path>() -> &'static str {
    Plain::<P>::TEXT
}

/// The room for a path, whose length no type can have. A longer one stays as it is.
const ROOM: usize = 1024;

struct Plain<P>(PhantomData<P>);

impl<P: Path> Plain<P> {
    const BYTES: &'static [u8; ROOM] = &without_raw(P::WRITTEN).0;
    const TEXT: &'static str = {
        let text = Self::BYTES.split_at(without_raw(P::WRITTEN).1).0;
        match str::from_utf8(text) {
            Ok(text) if P::WRITTEN.len() <= ROOM => text,
            _ => P::WRITTEN,
        }
    };
}

/// The bytes of `path` without `r#`, and their number.
const fn without_raw(path: &str) -> ([u8; ROOM], usize) {
    let bytes = path.as_bytes();
    let mut plain = [0; ROOM];
    let (mut from, mut to) = (0, 0);
    while from < bytes.len() && to < ROOM {
        if bytes[from] == b'r' && from + 1 < bytes.len() && bytes[from + 1] == b'#' {
            from += 2;
        } else {
            plain[to] = bytes[from];
            from += 1;
            to += 1;
        }
    }
    (plain, to)
}

#[cfg(test)]
mod tests {
    use super::{Path, plain, plain_path};

    struct Usual;

    impl Path for Usual {
        const WRITTEN: &'static str = "shop::r::für::Created";
    }

    struct Raw;

    impl Path for Raw {
        const WRITTEN: &'static str = "shop::r#für::other::r#type::Created";
    }

    struct Long;

    impl Path for Long {
        const WRITTEN: &'static str = {
            const TEXT: [u8; 1025] = [b'#'; 1025];
            match str::from_utf8(&TEXT) {
                Ok(text) => text,
                Err(_) => "",
            }
        };
    }

    #[test]
    fn a_path_loses_each_raw_mark() {
        const USUAL: &str = plain::<Usual>(Usual::WRITTEN);
        const RAW: &str = plain::<Raw>(Raw::WRITTEN);
        assert_eq!(USUAL, "shop::r::für::Created");
        assert_eq!(RAW, "shop::für::other::type::Created");
    }

    #[test]
    fn a_path_without_room_stays_as_it_is() {
        const LONG: &str = plain::<Long>(Long::WRITTEN);
        assert_eq!(LONG, "#".repeat(1025));
    }

    #[test]
    fn a_path_takes_memory_only_once() {
        assert_eq!(plain_path("shop::r#type::r#für"), "shop::type::für");
        let (one, other) = (plain_path("r#type"), plain_path("r#type"));
        assert_eq!((one, one.as_ptr()), ("type", other.as_ptr()));
        let usual = "shop::r";
        assert_eq!(plain_path(usual).as_ptr(), usual.as_ptr());
    }
}
