//! How far a publish may lead.

/// The limits of one bus.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// How many handlers that publish may be nested.
    pub(super) nesting: u32,
    /// How many events that handlers return are delivered within one publish.
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
