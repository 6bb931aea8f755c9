//! A handler on a builder, as a role chooses by it.

use std::any::TypeId;

use crate::event::Listen;
use crate::handler::HandlerInfo;
use crate::registry::BusHandler;

/// One handler of one event, for the choice that [`BusBuilder::retain`](crate::BusBuilder::retain) makes.
///
/// A function that handles several events has a subscription for each.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, Subscription, event};
///
/// #[event]
/// struct OrderCreated;
///
/// fn is_cheap(subscription: Subscription<'_>) -> bool {
///     subscription.handles::<OrderCreated>() && subscription.id() != "mail"
/// }
///
/// let bus = Bus::isolated()
///     .subscribe("mail", |_: &OrderCreated| ())
///     .subscribe("count", |_: &OrderCreated| ())
///     .retain(is_cheap)
///     .build()?;
/// assert_eq!(bus.handlers::<OrderCreated>()[0].id(), "count");
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, Copy)]
pub struct Subscription<'a>(pub(super) &'a BusHandler);

impl Subscription<'_> {
    /// Returns the handler's id.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.0.info.id()
    }

    /// Returns the handler's id, position and order.
    #[must_use]
    pub const fn handler(&self) -> &HandlerInfo {
        &self.0.info
    }

    /// Returns the name of the crate with the handler, as paths have it; empty for a closure.
    #[must_use]
    pub fn crate_name(&self) -> &'static str {
        let module_path = self.0.info.module_path();
        module_path.split("::").next().unwrap_or_default()
    }

    /// Returns the name of the event that is handled; of a family `dyn` and the path of its trait.
    #[must_use]
    pub fn event_name(&self) -> String {
        self.0.subject.to_string()
    }

    /// Returns true if the handler is one of `E`, which may be a `dyn Trait` of a family. A handler of a family is not
    /// one of each member.
    #[must_use]
    pub fn handles<E: Listen + ?Sized>(&self) -> bool {
        self.0.subject.type_id() == TypeId::of::<E>()
    }
}

impl std::fmt::Debug for Subscription<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            formatter,
            "Subscription({} of {})",
            self.0.info, self.0.subject
        )
    }
}
