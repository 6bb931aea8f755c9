use std::fmt;

use super::WiredPosition;
use crate::type_name::ShortType;

/// A resource that a handler is lent. `Display` gives it as the parameter is written: `&Cache` or `Option<&dyn Mailer>`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredResource {
    pub(crate) written: String,
    pub(crate) type_name: Option<String>,
}

impl WiredResource {
    /// The parameter's type, as it is written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The type that is lent, as [`std::any::type_name`] has it; none where the wiring was read from a program's file, which
    /// does not have it.
    #[must_use]
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// Whether the handler does without it if nothing provides it.
    #[must_use]
    pub fn is_optional(&self) -> bool {
        !self.written.starts_with('&')
    }
}

impl fmt::Display for WiredResource {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.written)
    }
}

/// A resource that a bus provides. `Display` gives `&shop::Cache`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProvidedResource {
    pub(crate) type_name: String,
    pub(crate) position: WiredPosition,
}

impl ProvidedResource {
    /// The type that handlers can ask for, as [`std::any::type_name`] has it.
    #[must_use]
    pub fn type_name(&self) -> &str {
        &self.type_name
    }

    /// The builder call that provides it.
    #[must_use]
    pub const fn position(&self) -> &WiredPosition {
        &self.position
    }

    /// `Arc<T>` goes with `T`.
    pub(super) fn sort_key(&self) -> (&str, bool) {
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
