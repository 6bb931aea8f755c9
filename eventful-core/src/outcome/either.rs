//! One outcome or another.

use super::Outcome;
use crate::delivery::Delivery;
use crate::report::HandlerResult;

/// One of two outcomes: what a handler returns that decides between two events.
///
/// The wiring knows both. For three, nest them: `Either<Paid, Either<Declined, Postponed>>`. One side may be anything that a
/// handler may return.
///
/// # Examples
///
/// ```
/// # use eventful_core as eventful;
/// use eventful::Either;
///
/// fn reserve<Reserved, Short>(wanted: u32, in_stock: u32, reserved: Reserved, short: Short) -> Either<Reserved, Short> {
///     if wanted <= in_stock { Either::Left(reserved) } else { Either::Right(short) }
/// }
///
/// assert_eq!(reserve(3, 2, "reserved", "short"), Either::Right("short"));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Either<L, R> {
    /// The first.
    Left(L),
    /// The second.
    Right(R),
}

#[diagnostic::do_not_recommend]
impl<M, L: Outcome<M>, R: Outcome<M>> Outcome<M> for Either<L, R> {
    type __Events = (L::__Events, R::__Events);

    #[inline]
    fn __settle(self, delivery: &Delivery) -> HandlerResult {
        match self {
            Self::Left(outcome) => outcome.__settle(delivery),
            Self::Right(outcome) => outcome.__settle(delivery),
        }
    }
}
