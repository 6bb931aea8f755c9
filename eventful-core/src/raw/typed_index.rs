//! The index of a type, whose address stands for the type, with an info of the type.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use super::erased::{Erased, Indexed, type_id};
use super::index::Index;
use crate::sync::AtomicU32;

/// The number of the tables of `T`. Two static ones have two addresses, so that whoever compares the address of one has
/// compared the type.
// The index comes first, so that its address is that of the whole.
#[repr(C)]
pub struct TypedIndex<T, I> {
    index: Index,
    info: I,
    subject: PhantomData<fn() -> T>,
}

impl<T: 'static, I> TypedIndex<T, I> {
    /// An index that is not assigned yet.
    #[must_use]
    pub(crate) const fn new(info: I) -> Self {
        Self {
            index: Index::new(AtomicU32::new(Index::UNASSIGNED)),
            info,
            subject: PhantomData,
        }
    }

    #[inline]
    #[must_use]
    pub const fn info(&'static self) -> &'static I {
        &self.info
    }

    pub(crate) const fn erase(&'static self) -> ErasedIndex {
        ErasedIndex {
            index: &self.index,
            subject: type_id::<T>,
        }
    }
}

impl<T, I> fmt::Debug for TypedIndex<T, I> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.index.fmt(formatter)
    }
}

/// A [`TypedIndex`] with its type forgotten but still known by its `TypeId`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ErasedIndex {
    index: &'static Index,
    subject: fn() -> TypeId,
}

impl ErasedIndex {
    #[inline]
    pub(crate) const fn index(self) -> &'static Index {
        self.index
    }

    pub(super) fn subject(self) -> TypeId {
        (self.subject)()
    }

    /// Returns a value of the index's type with the index; `None` if it is of another type.
    #[inline]
    pub(crate) fn with(self, value: Erased<'_>) -> Option<Indexed<'_>> {
        value.is_of(self.subject).then(|| {
            // SAFETY: the types are the same, and the value is borrowed as long as the result.
            unsafe { Indexed::from_parts(self.index, value.data()) }
        })
    }
}
