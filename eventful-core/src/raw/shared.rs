//! A reference into something that is kept alive beside it.

use std::any::Any;
use std::ptr::NonNull;
use std::sync::Arc;

/// A `&T` whose owner comes along: one load to use, whatever `T` is owned by.
pub(crate) struct Shared<T: ?Sized> {
    pointer: NonNull<T>,
    owner: Arc<dyn Any + Send + Sync>,
}

// SAFETY: a `Shared` gives out `&T` only, which other threads may hold as `T: Sync`; what it drops is the owner, which is
// `Send + Sync` whatever `T` is.
unsafe impl<T: ?Sized + Sync> Send for Shared<T> {}
// SAFETY: as above.
unsafe impl<T: ?Sized + Sync> Sync for Shared<T> {}

impl<T: ?Sized> Shared<T> {
    /// Keeps `owner` and refers to the part of it that `part` returns.
    pub(crate) fn new<Owner: Send + Sync + 'static>(
        owner: Arc<Owner>,
        part: impl FnOnce(&Owner) -> &T,
    ) -> Self {
        let pointer = NonNull::from(part(&owner));
        Self { pointer, owner }
    }

    #[inline]
    pub(crate) fn get(&self) -> &T {
        // SAFETY: the pointer was a reference borrowed from the owner's contents, which live as long as `self.owner` does
        // and are never borrowed mutably: the `Arc` gives out shared references only.
        unsafe { self.pointer.as_ref() }
    }
}

impl<T: ?Sized> Clone for Shared<T> {
    fn clone(&self) -> Self {
        Self {
            pointer: self.pointer,
            owner: Arc::clone(&self.owner),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_lives_as_long_as_the_last_reference() {
        let owner = Arc::new((String::from("kept"), 1));
        let watch = Arc::downgrade(&owner);
        let first: Shared<str> = Shared::new(owner, |owner| owner.0.as_str());
        let second = first.clone();
        drop(first);
        assert_eq!(second.get(), "kept");
        drop(second);
        assert!(watch.upgrade().is_none());
    }
}
