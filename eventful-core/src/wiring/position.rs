use std::fmt;

use crate::handler::Position;

/// A position in the sources. `Display` gives `src/cache.rs:12:4`.
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
/// fn update_cache(_: &OrderCreated) {}
///
/// let wiring = Bus::isolated().with(update_cache).build()?.wiring();
/// let position = wiring.events()[0].handlers()[0].position();
/// assert_eq!(position.file(), file!());
/// assert!(position.to_string().starts_with(position.file()));
/// # Ok::<(), eventful::WiringError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct WiredPosition {
    pub(crate) module_path: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) file: String,
}

impl WiredPosition {
    /// Returns the path of the module; empty for a closure given to a builder.
    #[must_use]
    pub fn module_path(&self) -> &str {
        &self.module_path
    }

    /// Returns the source file, as the compiler names it.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns the line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// Returns the column, from 1.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }
}

impl From<Position> for WiredPosition {
    fn from(position: Position) -> Self {
        Self {
            module_path: position.module_path.to_owned(),
            line: position.line,
            column: position.column,
            file: position.file.to_owned(),
        }
    }
}

impl fmt::Display for WiredPosition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}
