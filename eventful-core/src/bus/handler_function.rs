//! The functions that can name a handler on a builder.

use crate::tuples::for_each_tuple;

/// A function that can be a handler of `E`. It names the handler in
/// [`BusBuilder::replace`](super::BusBuilder::replace).
///
/// Functions over `&E` and up to twelve resources implement it; `Marker` keeps the implementations apart.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[handler(OrderCreated)]
/// fn send_mail(_: &OrderCreated, server: &String) {}
///
/// let bus = Bus::isolated().with(send_mail).replace(send_mail, |_: &OrderCreated| ()).build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a handler",
    note = "name a function with `#[handler(…)]` on it; one with `impl Trait` parameters can only be named by its id"
)]
pub trait HandlerFunction<E: ?Sized, Marker>: 'static {}

macro_rules! handler_functions {
    ($($resource:ident)*) => {
        // One concrete lifetime for the event lets the compiler infer `E` from the function alone.
        impl<F, E, O, $($resource),*> HandlerFunction<E, fn($($resource),*) -> O> for F
        where
            E: ?Sized + 'static,
            F: Fn(&'static E, $($resource),*) -> O + 'static,
        {
        }
    };
}

for_each_tuple!(handler_functions: A B C D F1 G H I J K L M);
