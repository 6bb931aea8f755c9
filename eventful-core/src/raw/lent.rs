//! Values that are lent for a while: shared, or to one borrower at a time.

use std::any::{Any, TypeId};
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicPtr, Ordering};

/// A borrow of a value, with its type forgotten. It is held for as long as its [`LentSlot`] is seen.
#[doc(hidden)]
#[derive(Debug)]
pub struct Lent<'a> {
    slot: LentSlot,
    lifetime: PhantomData<&'a mut ()>,
}

/// A type that may be lent, as a `&T` or as a `&mut T`: threads may share it, or hand it on.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct LentType {
    target: fn() -> TypeId,
    /// The type of the borrow: `&'static T` or `&'static mut T`.
    borrow: fn() -> TypeId,
    is_mutable: bool,
}

impl LentType {
    pub(crate) const fn shared<T: Sync + 'static>() -> Self {
        Self {
            target: TypeId::of::<T>,
            borrow: TypeId::of::<&'static T>,
            is_mutable: false,
        }
    }

    pub(crate) const fn exclusive<T: Send + 'static>() -> Self {
        Self {
            target: TypeId::of::<T>,
            borrow: TypeId::of::<&'static mut T>,
            is_mutable: true,
        }
    }

    pub(crate) const fn is_mutable(&self) -> bool {
        self.is_mutable
    }

    /// Returns the type of what is borrowed.
    pub(crate) fn target(&self) -> TypeId {
        (self.target)()
    }
}

/// The type of the `&mut T` that a borrower wants of a value whose type is not known where it is lent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WantedType {
    target: fn() -> TypeId,
    /// The type of the borrow, as in [`LentType`].
    borrow: fn() -> TypeId,
}

impl WantedType {
    pub(crate) const fn of<T: 'static>() -> Self {
        Self {
            target: TypeId::of::<T>,
            borrow: TypeId::of::<&'static mut T>,
        }
    }

    /// Returns the type of what is borrowed.
    pub(crate) fn target(&self) -> TypeId {
        (self.target)()
    }
}

/// The value of a [`Lent`], without the lifetime. It is seen there, and never moved out.
#[doc(hidden)]
#[derive(Debug)]
pub struct LentSlot {
    /// Null while a [`LentMut`] has it.
    value: AtomicPtr<()>,
    /// The type of the borrow, as in [`LentType`].
    borrow: fn() -> TypeId,
}

// SAFETY: it is a `&T` of a `T: Sync`, or a `&mut T` of a `T: Send`: `Lent::new` was given the `LentType` of it, and `Lent::any` a
// value that is `Send`.
unsafe impl Send for LentSlot {}
// SAFETY: it gives out a `&T` of a `T: Sync`, or a `&mut T` of a `T: Send` to one borrower at a time, as a `Mutex` does.
unsafe impl Sync for LentSlot {}

// Each borrow is compared with a `LentType`, which says that its type may be lent.
impl<'a> Lent<'a> {
    /// # Panics
    ///
    /// If `lent` is not about a `&T`.
    pub(crate) fn shared<T: 'static>(value: &'a T, lent: LentType) -> Self {
        Self::new::<&'static T>(ptr::from_ref(value).cast_mut().cast(), lent)
    }

    /// # Panics
    ///
    /// If `lent` is not about a `&mut T`.
    pub(crate) fn exclusive<T: 'static>(value: &'a mut T, lent: LentType) -> Self {
        Self::new::<&'static mut T>(ptr::from_mut(value).cast(), lent)
    }

    /// Lends a value that is a `T`, as its type says, as the `&mut T` that is wanted. `None` if it is of another type.
    pub(crate) fn any(value: &'a mut (dyn Any + Send), wanted: WantedType) -> Option<Self> {
        if (*value).type_id() != wanted.target() {
            return None;
        }
        Some(Self {
            slot: LentSlot {
                value: AtomicPtr::new(ptr::from_mut(value).cast()),
                borrow: wanted.borrow,
            },
            lifetime: PhantomData,
        })
    }

    fn new<Borrow: 'static>(value: *mut (), lent: LentType) -> Self {
        assert!(
            (lent.borrow)() == TypeId::of::<Borrow>(),
            "another type of borrow"
        );
        Self {
            slot: LentSlot {
                value: AtomicPtr::new(value),
                borrow: lent.borrow,
            },
            lifetime: PhantomData,
        }
    }

    pub(crate) fn slot(&self) -> &LentSlot {
        &self.slot
    }
}

impl LentSlot {
    /// Returns the value, if it is lent as a `&T`.
    pub(crate) fn get<T: 'static>(&self) -> Option<&T> {
        if (self.borrow)() != TypeId::of::<&'static T>() {
            return None;
        }
        let value = self.value.load(Ordering::Relaxed);
        // SAFETY: it was a `&T`, as the types say, and nobody takes that out. The `Lent`, which is borrowed, holds the borrow.
        unsafe { value.cast::<T>().as_ref() }
    }

    /// Borrows the value, if it is lent as a `&mut T`, and nobody has borrowed it now.
    pub(crate) fn borrow_mut<T: 'static>(&self) -> Option<LentMut<'_, T>> {
        if (self.borrow)() != TypeId::of::<&'static mut T>() {
            return None;
        }
        // What the last borrower has written is seen.
        let value = self.value.swap(ptr::null_mut(), Ordering::Acquire);
        NonNull::new(value.cast()).map(|value| LentMut { slot: self, value })
    }
}

/// A `&mut T` that nobody else has. The slot has it again when this is dropped.
#[doc(hidden)]
#[derive(Debug)]
pub struct LentMut<'a, T> {
    slot: &'a LentSlot,
    value: NonNull<T>,
}

// SAFETY: it is a `&mut T` of a slot, whose `T` is `Send`.
unsafe impl<T> Send for LentMut<'_, T> {}
// SAFETY: a `&LentMut` gives out a `&T` only where `T: Sync`.
unsafe impl<T: Sync> Sync for LentMut<'_, T> {}

impl<T> Deref for LentMut<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: it was a `&mut T`, which the `Lent` holds, as the types say; whoever took it out of the slot has it alone.
        unsafe { self.value.as_ref() }
    }
}

impl<T> DerefMut for LentMut<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: as above.
        unsafe { self.value.as_mut() }
    }
}

impl<T> Drop for LentMut<'_, T> {
    fn drop(&mut self) {
        self.slot
            .value
            .store(self.value.as_ptr().cast(), Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn a_shared_value_is_given_to_all_who_ask_for_its_type() {
        let text = String::from("kept");
        let lent = Lent::shared(&text, LentType::shared::<String>());
        let slot = lent.slot();
        let (first, second) = (slot.get::<String>(), slot.get::<String>());
        assert_eq!((first, second), (Some(&text), Some(&text)));
        assert_eq!(slot.get::<Vec<u8>>(), None, "another type");
        assert!(slot.borrow_mut::<String>().is_none(), "it is only shared");
    }

    #[test]
    fn an_exclusive_value_has_one_borrower_at_a_time() {
        let mut numbers = vec![1];
        let lent = Lent::exclusive(&mut numbers, LentType::exclusive::<Vec<i32>>());
        let slot = lent.slot();
        assert!(slot.get::<Vec<i32>>().is_none(), "it is not shared");
        assert!(slot.borrow_mut::<Vec<u8>>().is_none(), "another type");
        let mut first = slot.borrow_mut::<Vec<i32>>().expect("nobody has it");
        first.push(2);
        assert!(slot.borrow_mut::<Vec<i32>>().is_none(), "it is taken");
        first.push(3);
        drop(first);
        let mut second = slot.borrow_mut::<Vec<i32>>().expect("it is back");
        second.push(4);
        assert_eq!(*second, [1, 2, 3, 4]);
        drop(second);
        assert_eq!(numbers, [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_borrowed_can_be_lent_again() {
        let mut number = 1;
        let outer = Lent::exclusive(&mut number, LentType::exclusive::<i32>());
        let mut borrowed = outer.slot().borrow_mut::<i32>().expect("nobody has it");
        {
            let inner = Lent::exclusive(&mut *borrowed, LentType::exclusive::<i32>());
            *inner.slot().borrow_mut::<i32>().expect("nobody has it") += 1;
        }
        *borrowed += 1;
        drop(borrowed);
        assert_eq!(number, 3);
    }

    #[test]
    fn a_value_of_any_type_is_lent_as_its_own_type_alone() {
        let mut number = 1_i32;
        assert!(Lent::any(&mut number, WantedType::of::<u32>()).is_none());
        let lent = Lent::any(&mut number, WantedType::of::<i32>()).expect("it is one");
        assert!(lent.slot().borrow_mut::<u32>().is_none(), "another type");
        assert!(lent.slot().get::<i32>().is_none(), "it is not shared");
        *lent.slot().borrow_mut::<i32>().expect("nobody has it") += 1;
        assert_eq!(number, 2);
    }

    #[test]
    fn a_borrower_that_is_forgotten_keeps_it() {
        let mut number = 1;
        let lent = Lent::exclusive(&mut number, LentType::exclusive::<i32>());
        std::mem::forget(lent.slot().borrow_mut::<i32>());
        assert!(lent.slot().borrow_mut::<i32>().is_none());
    }

    #[test]
    fn threads_borrow_it_one_after_the_other() {
        let mut number = 0;
        let lent = Lent::exclusive(&mut number, LentType::exclusive::<i32>());
        let add = || {
            for _ in 0..100 {
                while lent
                    .slot()
                    .borrow_mut::<i32>()
                    .map(|mut it| *it += 1)
                    .is_none()
                {
                    thread::yield_now();
                }
            }
        };
        thread::scope(|scope| {
            scope.spawn(add);
            scope.spawn(add);
        });
        assert_eq!(number, 200);
    }

    #[test]
    #[should_panic(expected = "another type of borrow")]
    fn a_type_that_may_be_shared_may_not_be_handed_on_for_that() {
        let _ = Lent::exclusive(&mut 1_u8, LentType::shared::<u8>());
    }

    #[test]
    #[should_panic(expected = "another type of borrow")]
    fn a_value_of_another_type_is_not_lent() {
        let _ = Lent::shared(&1_u8, LentType::shared::<i8>());
    }
}
