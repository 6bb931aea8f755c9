//! Positions in sources.

use std::fmt;

/// A position in the sources. `Display` gives `src/cache.rs:12:4`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position<Text = &'static str> {
    // The order of the fields is the order in which handlers of equal `order` run.
    module_path: Text,
    line: u32,
    column: u32,
    file: Text,
}

/// A position that owns its texts. `Display` gives `src/cache.rs:12:4`.
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
pub type WiredPosition = Position<String>;

impl<Text> Position<Text> {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(module_path: Text, file: Text, line: u32, column: u32) -> Self {
        Self {
            module_path,
            line,
            column,
            file,
        }
    }

    /// The line, from 1.
    #[must_use]
    pub const fn line(&self) -> u32 {
        self.line
    }

    /// The column, from 1.
    #[must_use]
    pub const fn column(&self) -> u32 {
        self.column
    }
}

impl Position {
    /// The texts, for constant evaluation: the path of the module and the file.
    #[doc(hidden)]
    #[must_use]
    pub const fn texts(&self) -> (&'static str, &'static str) {
        (self.module_path, self.file)
    }
}

impl<Text> Position<Text> {
    /// The same position with another path of its module.
    #[doc(hidden)]
    #[must_use]
    pub fn in_module(self, path: impl FnOnce(Text) -> Text) -> Self {
        Self::new(path(self.module_path), self.file, self.line, self.column)
    }
}

impl<Text: AsRef<str>> Position<Text> {
    /// The path of the module; empty for a closure that a builder was given.
    #[must_use]
    pub fn module_path(&self) -> &str {
        self.module_path.as_ref()
    }

    /// The source file, as the compiler names it.
    #[must_use]
    pub fn file(&self) -> &str {
        self.file.as_ref()
    }

    /// The same position with borrowed texts.
    #[doc(hidden)]
    #[must_use]
    pub fn borrowed(&self) -> Position<&str> {
        Position::new(self.module_path(), self.file(), self.line, self.column)
    }

    /// The same position with texts of its own.
    #[doc(hidden)]
    #[must_use]
    pub fn owned(&self) -> WiredPosition {
        let (module_path, file) = (self.module_path(), self.file());
        Position::new(module_path.into(), file.into(), self.line, self.column)
    }
}

impl<Text: fmt::Display> fmt::Display for Position<Text> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
    }
}

impl<Text: fmt::Display> fmt::Debug for Position<Text> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}
