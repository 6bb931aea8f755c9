//! References between two type parameters that are the same type.

use std::any::TypeId;
use std::mem;

/// Returns the value of `make` as a `&B` if `A` is `B`. The compiler knows whether it is.
#[inline]
pub(crate) fn as_same_type<'a, A: 'static, B: ?Sized + 'static>(
    make: impl FnOnce() -> &'a A,
) -> Option<&'a B> {
    (TypeId::of::<A>() == TypeId::of::<B>()).then(|| {
        let value = make();
        // SAFETY: both are one type, so that this copies a reference.
        unsafe { mem::transmute_copy::<&A, &B>(&value) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_type_is() {
        let value = 7_u8;
        assert_eq!(as_same_type::<u8, u8>(|| &value), Some(&7));
        assert_eq!(
            as_same_type::<u8, i8>(|| unreachable!("it is not asked for")),
            None
        );
        assert!(as_same_type::<u8, dyn Send>(|| unreachable!("nor here")).is_none());
    }
}
