//! Resources in a wiring: those that handlers need, and those that a bus provides.

use std::fmt;

use crate::{ShortType, WiredPosition};

/// A resource that a handler needs. `Display` gives it as the parameter is written: `&Cache` or `Option<&dyn Mailer>`.
///
/// # Examples
///
/// ```
/// use eventful::{Bus, event, handler};
///
/// #[event]
/// struct OrderCreated;
///
/// struct Cache;
///
/// #[handler(OrderCreated)]
/// fn update_cache(_: &OrderCreated, _: Option<&Cache>) {}
///
/// let wiring = Bus::isolated().with(update_cache).build()?.wiring();
/// let resource = &wiring.events()[0].handlers()[0].resources()[0];
/// assert_eq!(resource.written(), "Option<&Cache>");
/// assert!(resource.is_optional());
/// assert!(resource.is_absent()); // nothing provides it
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredResource {
    pub(crate) written: String,
    pub(crate) type_name: Option<String>,
    pub(crate) is_absent: bool,
}

impl WiredResource {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(written: String, type_name: Option<String>) -> Self {
        Self {
            written,
            type_name,
            is_absent: false,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn absent(self, is_absent: bool) -> Self {
        Self { is_absent, ..self }
    }

    /// The parameter's type, as it is written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The type, as [`std::any::type_name`] has it; `None` if the wiring was read from a program's file, which does not
    /// have it.
    #[must_use]
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// Returns true if the handler does without it if nothing provides it.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        !self.written.starts_with('&')
    }

    /// Returns true if the bus does not provide it, so that the handler is given `None`. Only the wiring of a bus that
    /// was built has this: for that of a builder or of a program's file it returns false.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        self.is_absent
    }
}

impl fmt::Display for WiredResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

/// A resource that a bus provides. `Display` gives `&shop::Cache`.
///
/// # Examples
///
/// ```
/// use eventful::Bus;
///
/// struct Cache;
///
/// let wiring = Bus::isolated().provide(Cache).build()?.wiring();
/// let resource = &wiring.resources()[0];
/// assert!(resource.type_name().ends_with("Cache"));
/// assert_eq!(resource.position().file(), file!());
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvidedResource {
    pub(crate) type_name: String,
    pub(crate) position: WiredPosition,
}

impl ProvidedResource {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(type_name: String, position: WiredPosition) -> Self {
        Self {
            type_name,
            position,
        }
    }

    /// The type that handlers can ask for, as [`std::any::type_name`] has it.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The position of the builder call that provides it.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// Sorts `Arc<T>` behind `T`.
    pub(crate) fn sort_key(&self) -> (&str, bool) {
        let shared = self.type_name.strip_prefix("alloc::sync::Arc<");
        let shared = shared.and_then(|rest| rest.strip_suffix('>'));
        (shared.unwrap_or(&self.type_name), shared.is_some())
    }
}

impl fmt::Display for ProvidedResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "&{}", ShortType(&self.type_name))
    }
}
