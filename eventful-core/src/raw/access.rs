//! The access of a call to its subject: the one that the table is for, or a part or a view of it.

use std::any::{Any, TypeId};
use std::ptr::{self, NonNull};

use super::erased::{Erased, type_id};

/// A way to a `Subject` from what a table is for.
pub trait Access<Subject: ?Sized>: 'static {
    /// The knowledge of the table's type that the way needs.
    type Projection: Clone + Send + Sync + 'static;

    /// The type that the table is for.
    fn subject(projection: &Self::Projection) -> TypeId;

    /// # Safety
    ///
    /// `subject` leads to a value of the type that [`Access::subject`] gives, which lives for `'a`.
    unsafe fn get<'a>(projection: &Self::Projection, subject: *const ()) -> &'a Subject;
}

/// The table's own subject.
#[derive(Debug)]
pub enum Direct {}

impl<Subject: 'static> Access<Subject> for Direct {
    type Projection = ();

    fn subject((): &()) -> TypeId {
        TypeId::of::<Subject>()
    }

    #[inline]
    unsafe fn get<'a>((): &(), subject: *const ()) -> &'a Subject {
        // SAFETY: the caller promises a live `Subject`.
        unsafe { &*subject.cast() }
    }
}

/// A projection of the table's subject.
#[derive(Debug)]
pub enum Projected {}

impl<Subject: ?Sized + 'static> Access<Subject> for Projected {
    type Projection = Projection<Subject>;

    fn subject(projection: &Projection<Subject>) -> TypeId {
        (projection.subject)()
    }

    #[inline]
    unsafe fn get<'a>(projection: &Projection<Subject>, subject: *const ()) -> &'a Subject {
        // SAFETY: the caller promises a live value of the type that the projection was made for.
        let subject = unsafe { (projection.project)(subject) };
        // SAFETY: the projection has made it from a reference to that value, and so it lives as long.
        unsafe { &*subject }
    }
}

/// A function from some `&T` to `&Subject`, with the type `T` forgotten.
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub struct Projection<Subject: ?Sized> {
    subject: fn() -> TypeId,
    /// Must be given a pointer to a live value of the type that `subject` names.
    project: unsafe fn(*const ()) -> *const Subject,
}

impl<Subject: ?Sized> Clone for Projection<Subject> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Subject: ?Sized> Copy for Projection<Subject> {}

impl<Subject: ?Sized + 'static> Projection<Subject> {
    /// Takes a function that captures nothing.
    pub(crate) const fn new<T, F>(_function: F) -> Self
    where
        T: 'static,
        F: Fn(&T) -> &Subject + Copy + Send + Sync + 'static,
    {
        Self::with::<T, F>()
    }

    /// Takes a function that captures nothing. Returns a function that makes the projection, with its type forgotten.
    pub(crate) const fn erased<T, F>(_function: F) -> fn() -> Box<dyn Any + Send + Sync>
    where
        T: 'static,
        F: Fn(&T) -> &Subject + Copy + Send + Sync + 'static,
    {
        || Box::new(Self::with::<T, F>())
    }

    /// To be called only where an `F` was given.
    const fn with<T, F>() -> Self
    where
        T: 'static,
        F: Fn(&T) -> &Subject + Copy + Send + Sync + 'static,
    {
        const {
            assert!(
                size_of::<F>() == 0,
                "the function must not capture anything"
            );
        };
        Self {
            subject: type_id::<T>,
            project: project::<T, Subject, F>,
        }
    }

    /// Returns what the projection makes of `subject`; `None` if it was made for another type.
    pub(crate) fn of<'a>(&self, subject: Erased<'a>) -> Option<&'a Subject> {
        if !subject.is_of(self.subject) {
            return None;
        }
        // SAFETY: the types are the same, and the subject is borrowed for `'a`.
        let projected = unsafe { (self.project)(subject.data()) };
        // SAFETY: it was made from a reference to the subject.
        Some(unsafe { &*projected })
    }
}

unsafe fn project<T, Subject, F>(subject: *const ()) -> *const Subject
where
    Subject: ?Sized,
    F: Fn(&T) -> &Subject + Copy,
{
    // SAFETY: whoever made the projection was given an `F`, which is `Copy` and of size zero: another one is made of no bytes.
    let function = unsafe { NonNull::<F>::dangling().read() };
    // SAFETY: the caller promises a live `T`.
    ptr::from_ref(function(unsafe { &*subject.cast::<T>() }))
}
