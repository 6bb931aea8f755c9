//! A box in one word: a head of a known type, and behind it a value whose type is forgotten.

use std::marker::PhantomData;
use std::mem::{self, ManuallyDrop};
use std::ptr::NonNull;

use super::in_place::InPlace;

/// A box whose pointer is one word, so that it has room in an atomic one.
pub(crate) struct ThinBox<H: Head>(NonNull<WithTable<H>>);

/// The known part of a [`ThinBox`].
pub(crate) trait Head: Send + Sync + 'static {
    /// A view of the value, which is all that can be seen of it.
    type View<'a>;
}

/// The values that a [`ThinBox`] keeps behind a head `H`.
pub(crate) trait ThinValue<H: Head>: Send + Sync + 'static {
    fn view(&self) -> H::View<'_>;

    /// Drops the value.
    fn dispose(value: InPlace<'_, Self>)
    where
        Self: Sized,
    {
        drop(value);
    }
}

#[repr(C)]
struct WithTable<H: Head> {
    table: &'static Table<H>,
    head: H,
}

/// The functions that still know the type of the value.
struct Table<H: Head> {
    view: for<'a> unsafe fn(NonNull<WithTable<H>>, PhantomData<&'a ()>) -> H::View<'a>,
    drop: unsafe fn(NonNull<WithTable<H>>),
}

// The part that is known comes first, so that its address is that of the whole.
#[repr(C)]
struct Whole<H: Head, T> {
    known: WithTable<H>,
    value: ManuallyDrop<T>,
}

impl<H: Head> ThinBox<H> {
    #[inline]
    pub(crate) fn new<T: ThinValue<H>>(head: H, value: InPlace<'_, T>) -> Self {
        let known = WithTable {
            table: const {
                &Table {
                    view: view::<H, T>,
                    drop: drop_whole::<H, T>,
                }
            },
            head,
        };
        let mut whole = Box::<Whole<H, T>>::new_uninit();
        let place = whole.as_mut_ptr();
        // SAFETY: the box has room for both parts.
        unsafe {
            (&raw mut (*place).known).write(known);
            value.move_to((&raw mut (*place).value).cast());
        }
        // The pointer is made from the whole, and may be used for all of it.
        Self(NonNull::from(Box::leak(whole)).cast())
    }

    #[inline]
    pub(crate) fn head(&self) -> &H {
        &self.known().head
    }

    #[inline]
    pub(crate) fn head_mut(&mut self) -> &mut H {
        // SAFETY: the box is ours, and borrowed as long as the reference.
        unsafe { &mut self.0.as_mut().head }
    }

    #[inline]
    pub(crate) fn view(&self) -> H::View<'_> {
        let table = self.known().table;
        // SAFETY: the table was made for the value of this box, which is borrowed as long as the view.
        unsafe { (table.view)(self.0, PhantomData) }
    }

    #[inline]
    fn known(&self) -> &WithTable<H> {
        // SAFETY: the box is ours, and borrowed as long as the reference.
        unsafe { self.0.as_ref() }
    }

    #[inline]
    pub(super) fn into_raw(self) -> *mut () {
        let pointer = self.0;
        mem::forget(self);
        pointer.as_ptr().cast()
    }

    /// # Safety
    ///
    /// The pointer must come from `into_raw` of a box with the same type of head, and is used up.
    #[inline]
    pub(super) unsafe fn from_raw(pointer: *mut ()) -> Self {
        // SAFETY: the caller promises a pointer that was not null.
        Self(unsafe { NonNull::new_unchecked(pointer.cast()) })
    }
}

/// # Safety
///
/// The pointer must lead to a `Whole<H, T>` that is borrowed as long as the view.
unsafe fn view<H: Head, T: ThinValue<H>>(
    known: NonNull<WithTable<H>>,
    _: PhantomData<&()>,
) -> H::View<'_> {
    // SAFETY: the caller promises it.
    unsafe { &known.cast::<Whole<H, T>>().as_ref().value }.view()
}

/// # Safety
///
/// The pointer must come from a `Box<Whole<H, T>>`, and is used up.
unsafe fn drop_whole<H: Head, T: ThinValue<H>>(known: NonNull<WithTable<H>>) {
    // SAFETY: the caller promises it.
    let mut whole = unsafe { Box::from_raw(known.cast::<Whole<H, T>>().as_ptr()) };
    // SAFETY: the value is not dropped with the box.
    T::dispose(unsafe { InPlace::new(&mut *whole.value) });
}

impl<H: Head> Drop for ThinBox<H> {
    #[inline]
    fn drop(&mut self) {
        let drop = self.known().table.drop;
        // SAFETY: the table was made for the value of this box, which nobody uses after this.
        unsafe { drop(self.0) };
    }
}

// SAFETY: it is a box of a head and a value that are `Send`.
unsafe impl<H: Head> Send for ThinBox<H> {}
// SAFETY: it is a box of a head and a value that are `Sync`.
unsafe impl<H: Head> Sync for ThinBox<H> {}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    struct Number(u32);

    impl Head for Number {
        type View<'a> = &'a str;
    }

    impl ThinValue<Number> for (u8, Arc<String>) {
        fn view(&self) -> &str {
            &self.1
        }
    }

    #[repr(align(64))]
    struct Aligned(&'static str);

    impl ThinValue<Number> for Aligned {
        fn view(&self) -> &str {
            assert_eq!(std::ptr::from_ref(self).addr() % 64, 0);
            self.0
        }
    }

    fn thin<T: ThinValue<Number>>(head: Number, value: T) -> ThinBox<Number> {
        InPlace::with(|| value, |value| ThinBox::new(head, value))
    }

    #[test]
    fn it_has_a_head_and_a_view_of_its_value() {
        let text = Arc::new("text".to_owned());
        let mut boxed = thin(Number(1), (2, Arc::clone(&text)));
        assert_eq!((boxed.head().0, boxed.view()), (1, "text"));
        boxed.head_mut().0 = 3;
        assert_eq!((boxed.head().0, boxed.view()), (3, "text"));
        assert_eq!(Arc::strong_count(&text), 2);
        drop(boxed);
        assert_eq!(Arc::strong_count(&text), 1);
        assert_eq!(thin(Number(4), Aligned("aligned")).view(), "aligned");
    }

    #[test]
    fn a_raw_one_is_the_same_box() {
        let text = Arc::new("text".to_owned());
        let raw = thin(Number(1), (2, Arc::clone(&text))).into_raw();
        assert_eq!(Arc::strong_count(&text), 2);
        // SAFETY: it comes from `into_raw`, and is used once.
        let boxed = unsafe { ThinBox::<Number>::from_raw(raw) };
        assert_eq!((boxed.head().0, boxed.view()), (1, "text"));
        drop(boxed);
        assert_eq!(Arc::strong_count(&text), 1);
    }
}
