//! The number of handlers that an event asks for with `handlers = …`.

use std::fmt;

/// The least and the most handlers of an event. `Display` gives `1..`, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contract {
    least: u32,
    most: Option<u32>,
}

impl Contract {
    /// Asks for `least` handlers or more, up to `most` if there is a limit.
    #[must_use]
    pub const fn new(least: u32, most: Option<u32>) -> Self {
        Self { least, most }
    }

    /// Tells if an event with `count` handlers has enough of them, and not too many.
    #[must_use]
    pub fn is_met_by(self, count: usize) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        count >= u64::from(self.least) && self.most.is_none_or(|most| count <= u64::from(most))
    }
}

impl fmt::Display for Contract {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (least, None) => write!(formatter, "{least}.."),
            (least, Some(most)) if least == most => write!(formatter, "{least}"),
            (0, Some(most)) => write!(formatter, "..={most}"),
            (least, Some(most)) => write!(formatter, "{least}..={most}"),
        }
    }
}
