//! A value that is set once, on purpose or on first use.

use crate::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// Set by whoever comes first: [`set`](Self::set), or [`get_or_try_init`](Self::get_or_try_init) when it succeeds.
///
/// The model in `tests/loom.rs` holds that all callers see the same value, whole.
pub(crate) struct DefaultCell<T> {
    value: OnceLock<T>,
    // Held while a value is made, so that none is made in vain and `set` knows whether it was first.
    setting: Mutex<()>,
}

impl<T> DefaultCell<T> {
    pub(crate) const fn new(value: OnceLock<T>, setting: Mutex<()>) -> Self {
        Self { value, setting }
    }

    #[inline]
    pub(crate) fn get(&self) -> Option<&T> {
        self.value.get()
    }

    /// Sets the value, or gives back the one that was there first.
    ///
    /// A value that came too late is dropped once others may set and use the cell again, also by its own `drop`.
    pub(crate) fn set(&self, value: T) -> Result<(), &T> {
        let _setting = self.lock();
        if let Some(present) = self.get() {
            return Err(present);
        }
        self.value.get_or_init(|| value);
        Ok(())
    }

    /// Returns the value. The first call makes it with `make`, and others wait. If `make` fails, the next call tries.
    pub(crate) fn get_or_try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        match self.get() {
            Some(value) => Ok(value),
            None => self.try_init(make),
        }
    }

    #[cold]
    fn try_init<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<&T, E> {
        let _setting = self.lock();
        match self.get() {
            Some(value) => Ok(value),
            None => make().map(|value| self.value.get_or_init(|| value)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, ()> {
        // A `make` that panicked has set nothing, so poison has nothing to tell.
        self.setting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
#[cfg(not(loom))]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

    use super::*;

    fn empty<T>() -> DefaultCell<T> {
        DefaultCell::new(OnceLock::new(), Mutex::new(()))
    }

    #[test]
    fn a_make_that_panics_leaves_the_cell_open() {
        let cell = empty();
        let make = || cell.get_or_try_init(|| -> Result<u8, ()> { resume_unwind(Box::new(())) });
        catch_unwind(AssertUnwindSafe(make)).expect_err("it panics");
        assert_eq!(cell.get(), None);
        assert_eq!(cell.set(1), Ok(()));
        assert_eq!(cell.get(), Some(&1));
    }

    #[test]
    fn a_value_that_comes_too_late_may_use_the_cell_when_it_is_dropped() {
        static CELL: DefaultCell<UsesCell> = DefaultCell::new(OnceLock::new(), Mutex::new(()));

        #[derive(Debug, PartialEq)]
        struct UsesCell(u8);

        impl Drop for UsesCell {
            fn drop(&mut self) {
                let present = CELL.try_init(|| Err(()));
                assert_eq!(present.map(|present| present.0), Ok(1));
            }
        }

        assert_eq!(CELL.set(UsesCell(1)), Ok(()));
        assert!(CELL.set(UsesCell(2)).is_err_and(|present| present.0 == 1));
    }
}
