//! The index of a type, whose address stands for the type.

use std::any::TypeId;
use std::fmt;
use std::marker::PhantomData;

use super::index::Index;
use crate::sync::AtomicU32;

/// The number of the tables of `T`. Two of them that are static have two addresses, so that whoever compares the address of one has
/// compared the type.
pub struct TypedIndex<T> {
    index: Index,
    subject: PhantomData<fn() -> T>,
}

impl<T: 'static> TypedIndex<T> {
    #[expect(
        clippy::new_without_default,
        reason = "for the initialiser of a static item"
    )]
    /// An index that is not assigned yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            index: Index::new(AtomicU32::new(Index::UNASSIGNED)),
            subject: PhantomData,
        }
    }

    pub(crate) const fn erase(&'static self) -> ErasedIndex {
        ErasedIndex {
            index: &self.index,
            subject: TypeId::of::<T>,
        }
    }
}

impl<T> fmt::Debug for TypedIndex<T> {
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
}
