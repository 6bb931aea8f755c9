//! One outcome or another.

use super::Outcome;
use crate::delivery::Delivery;
use crate::raw::InPlace;
use crate::report::HandlerResult;

/// One of two outcomes, for a handler that decides between two events.
///
/// The wiring knows both. For three, nest them: `Either<Paid, Either<Declined, Postponed>>`. One side may be anything
/// that a handler may return.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Either, event, handler};
///
/// #[event]
/// struct OrderCreated {
///     wanted: u32,
/// }
///
/// #[event]
/// struct StockReserved;
///
/// #[event]
/// struct StockShort;
///
/// #[handler(OrderCreated)]
/// fn reserve(event: &OrderCreated) -> Either<StockReserved, StockShort> {
///     if event.wanted <= 2 { Either::Left(StockReserved) } else { Either::Right(StockShort) }
/// }
///
/// let bus = Bus::isolated()
///     .with(reserve)
///     .subscribe("short", |_: &StockShort| Err::<(), _>("out of stock"))
///     .build()?;
/// assert!(bus.publish(&OrderCreated { wanted: 2 }).is_ok());
/// assert!(bus.publish(&OrderCreated { wanted: 3 }).is_err());
/// # Ok::<(), eventful::WiringError>(())
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
    fn __settle(outcome: InPlace<'_, Self>, delivery: &Delivery) -> HandlerResult {
        match &*outcome {
            Self::Left(_) => L::__settle(outcome.part(Self::left), delivery),
            Self::Right(_) => R::__settle(outcome.part(Self::right), delivery),
        }
    }
}

impl<L, R> Either<L, R> {
    #[inline]
    fn left(&mut self) -> &mut L {
        match self {
            Self::Left(value) => value,
            Self::Right(_) => unreachable!("it is the first"),
        }
    }

    #[inline]
    fn right(&mut self) -> &mut R {
        match self {
            Self::Left(_) => unreachable!("it is the second"),
            Self::Right(value) => value,
        }
    }
}
