//! The limits of nested publishes and of returned events.

/// The limits of one bus.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// The most handlers that publish within each other.
    pub(super) nesting: u32,
    /// The most returned events that one publish delivers.
    pub(super) cascade: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Enough for any chain that was meant, and far from the end of a 2 MiB stack.
            nesting: 128,
            // Returned events take no stack: this only ends what would go on for ever.
            cascade: 1000,
        }
    }
}
