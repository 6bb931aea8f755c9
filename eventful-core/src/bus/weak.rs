//! A handle to a bus that does not keep it alive.

use std::fmt;
use std::sync::{Arc, Weak};

use super::{Bus, Inner};

/// A handle to a [`Bus`] that does not keep it alive: for a service that publishes on the bus of which it is a
/// resource.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, WeakBus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// #[event]
/// struct MailSent;
///
/// struct Mailer {
///     bus: WeakBus,
/// }
///
/// impl Mailer {
///     fn send(&self) {
///         let bus = self.bus.upgrade().expect("the bus that calls this is alive");
///         bus.publish(&MailSent).ok();
///     }
/// }
///
/// #[handler(OrderCreated)]
/// fn send_mail(_: &OrderCreated, mailer: &Mailer) {
///     mailer.send();
/// }
///
/// let bus = Bus::isolated().with(send_mail).provide_with(|bus| Mailer { bus }).build()?;
/// assert_eq!(bus.publish(&OrderCreated)?.handled(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct WeakBus(pub(super) Weak<Inner>);

impl Bus {
    /// Returns a handle that does not keep this bus alive.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::Bus;
    ///
    /// let bus = Bus::isolated().build()?;
    /// let weak = bus.downgrade();
    /// assert!(weak.upgrade().is_some());
    /// drop(bus);
    /// assert!(weak.upgrade().is_none());
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn downgrade(&self) -> WeakBus {
        WeakBus(Arc::downgrade(&self.0))
    }
}

impl WeakBus {
    /// Returns the bus; `None` while it is being built and when it is gone.
    ///
    /// # Examples
    ///
    /// ```
    /// use eventful::Bus;
    ///
    /// let weak = Bus::isolated().build()?.downgrade();
    /// assert!(weak.upgrade().is_none(), "nobody has kept the bus");
    /// # Ok::<(), eventful::WiringError>(())
    /// ```
    #[must_use]
    pub fn upgrade(&self) -> Option<Bus> {
        self.0.upgrade().map(Bus)
    }
}

impl fmt::Debug for WeakBus {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_tuple("WeakBus")
            .field(&self.upgrade())
            .finish()
    }
}
