//! Borrowed values whose types are forgotten, and how each is still told from others.

use std::any::TypeId;
use std::marker::PhantomData;
use std::ptr;

use super::index::Index;
use super::typed_index::TypedIndex;

/// A borrowed value with its type forgotten but still known by its `TypeId`.
#[derive(Clone, Copy)]
pub(crate) struct Erased<'a> {
    type_id: fn() -> TypeId,
    data: *const (),
    borrow: PhantomData<&'a ()>,
}

impl<'a> Erased<'a> {
    #[inline]
    pub(crate) fn new<T: Sync + 'static>(value: &'a T) -> Self {
        Self {
            type_id: type_id::<T>,
            data: ptr::from_ref(value).cast(),
            borrow: PhantomData,
        }
    }
}

/// The id of a type, of which there is one function in a crate. `TypeId::of` may be another one in each of its codegen units,
/// and two that differ have to be called to be compared.
#[inline(never)]
pub(crate) fn type_id<T: 'static>() -> TypeId {
    TypeId::of::<T>()
}

impl Erased<'_> {
    /// # Safety
    ///
    /// `data` leads to a value of this type, which is `Sync`, and which nobody changes while the result is used.
    #[inline]
    pub(super) unsafe fn from_parts(type_id: fn() -> TypeId, data: *const ()) -> Self {
        Self {
            type_id,
            data,
            borrow: PhantomData,
        }
    }

    /// Compares the value's type with another one.
    #[inline]
    pub(super) fn is_of(&self, type_id: fn() -> TypeId) -> bool {
        // One function names one type; one type may have several.
        ptr::fn_addr_eq(self.type_id, type_id) || (self.type_id)() == type_id()
    }

    #[inline]
    pub(super) fn data(&self) -> *const () {
        self.data
    }
}

// SAFETY: it is a `&T`, and `Erased::new` asks for `T: Sync`.
unsafe impl Send for Erased<'_> {}
// SAFETY: as above.
unsafe impl Sync for Erased<'_> {}

/// A borrowed value with its type forgotten but still known by the address of its index.
#[derive(Clone, Copy)]
pub(crate) struct Indexed<'a> {
    index: &'static Index,
    data: *const (),
    borrow: PhantomData<&'a ()>,
}

impl<'a> Indexed<'a> {
    #[inline]
    pub(crate) fn new<T: Sync + 'static, I>(
        index: &'static TypedIndex<T, I>,
        value: &'a T,
    ) -> Self {
        Self {
            index: index.erase().index(),
            data: ptr::from_ref(value).cast(),
            borrow: PhantomData,
        }
    }

    /// # Safety
    ///
    /// `data` leads to a value of the type of `index`, which is `Sync`, and which nobody changes while the result is used.
    #[inline]
    pub(super) unsafe fn from_parts(index: &'static Index, data: *const ()) -> Self {
        Self {
            index,
            data,
            borrow: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn index(&self) -> &'static Index {
        self.index
    }

    #[inline]
    pub(super) fn data(&self) -> *const () {
        self.data
    }
}

// SAFETY: it is a `&T`, and `Indexed::new` asks for `T: Sync`.
unsafe impl Send for Indexed<'_> {}
// SAFETY: as above.
unsafe impl Sync for Indexed<'_> {}
