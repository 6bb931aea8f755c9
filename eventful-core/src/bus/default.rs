//! The bus of an ambient publish that is in no scope: the installed one, or one that is built on first use.

use std::error::Error;
use std::fmt;
use std::panic::Location;

use super::Bus;
use super::default_cell::DefaultCell;
use crate::report::WiringError;
use crate::sync::{Mutex, OnceLock};

static DEFAULT: DefaultCell<Default> = DefaultCell::new(OnceLock::new(), Mutex::new(()));

struct Default {
    bus: Bus,
    origin: Origin,
}

#[derive(Clone, Copy)]
enum Origin {
    Installed(&'static Location<'static>),
    FirstUse(&'static Location<'static>),
}

/// The default bus, if there is one.
#[inline]
pub(super) fn get() -> Option<&'static Bus> {
    DEFAULT.get().map(|default| &default.bus)
}

/// The default bus, built now if nobody has installed or used one.
pub(super) fn get_or_build(
    used_at: &'static Location<'static>,
) -> Result<&'static Bus, WiringError> {
    let make = || {
        let bus = Bus::builder().build()?;
        Ok(Default {
            bus,
            origin: Origin::FirstUse(used_at),
        })
    };
    DEFAULT.get_or_try_init(make).map(|default| &default.bus)
}

pub(super) fn install(bus: Bus, at: &'static Location<'static>) -> Result<(), InstallError> {
    let default = Default {
        bus,
        origin: Origin::Installed(at),
    };
    DEFAULT.set(default).map_err(|present| InstallError {
        present: present.origin,
    })
}

/// The error of [`Bus::install`]: the process already has a default bus.
///
/// # Examples
///
/// ```
/// use eventful::Bus;
///
/// Bus::isolated().build()?.install()?;
/// let error = Bus::isolated().build()?.install().unwrap_err();
/// assert_eq!(error.present_since().file(), file!());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct InstallError {
    present: Origin,
}

impl InstallError {
    /// Returns the line that installed the present default, or whose publish built it.
    #[must_use]
    pub const fn present_since(&self) -> &'static Location<'static> {
        match self.present {
            Origin::Installed(location) | Origin::FirstUse(location) => location,
        }
    }

    /// Returns true if nobody installed the present default: an ambient publish, or [`Bus::current`], came before
    /// `install`.
    #[must_use]
    pub const fn is_after_first_use(&self) -> bool {
        matches!(self.present, Origin::FirstUse(_))
    }
}

impl fmt::Display for InstallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.present {
            Origin::Installed(location) => write!(
                formatter,
                "a bus is already installed, at {location}; install one per process, and use `Bus::scope` for others"
            ),
            Origin::FirstUse(location) => write!(
                formatter,
                "the default bus is already in use, since {location}; install yours before the first publish"
            ),
        }
    }
}

/// Writes the same text as `Display`, because a `main` that returns the error prints it.
impl fmt::Debug for InstallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

impl Error for InstallError {}
