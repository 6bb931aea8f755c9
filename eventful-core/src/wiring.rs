//! The wiring of programs and buses as plain data: the handlers of each event, in order, and what each needs and
//! returns.

use std::fmt;
use std::ops::Deref;

#[doc(inline)]
pub use eventful_wiring::{
    ProvidedResource, WiredCascade, WiredEvent, WiredFamily, WiredHandler, WiredPosition,
    WiredResource,
};

/// The wiring of the program or of a bus. It is plain data, and dereferences to what it shares with tools.
///
/// [`Wiring::current`] describes the program, and [`Bus::wiring`](crate::Bus::wiring) one bus.
///
/// `Display` is a table for people, with a line for each fact, so that a difference between two of them is easy to
/// read. It is the same for every build, profile and machine. The alternate form, `{:#}`, has the file and line of
/// everything. With the feature `serde` it can be serialized, in the [shape](eventful_wiring::Wiring#json) that
/// `eventful-wiring` documents.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event(name = "order.created")]
/// struct OrderCreated;
///
/// #[handler(OrderCreated, id = "shop.cache")]
/// fn update_cache(_: &OrderCreated) {}
///
/// #[handler(OrderCreated, id = "shop.mail", after = update_cache)]
/// fn send_mail(_: &OrderCreated) {}
///
/// let wiring = Bus::isolated().with(update_cache).with(send_mail).build()?.wiring();
/// let handlers: Vec<&str> = wiring.events()[0].handlers().iter().map(|handler| handler.id()).collect();
/// assert_eq!(handlers, ["shop.cache", "shop.mail"]);
/// assert!(wiring.to_string().contains("shop.cache"));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wiring(pub(crate) eventful_wiring::Wiring);

impl Deref for Wiring {
    type Target = eventful_wiring::Wiring;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl fmt::Display for Wiring {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

#[cfg(feature = "serde")]
impl serde_core::Serialize for Wiring {
    fn serialize<S: serde_core::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
