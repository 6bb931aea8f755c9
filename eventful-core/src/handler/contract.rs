//! `handlers = …`: how many handlers an event says it must have.

use std::fmt;

/// From how many handlers, and to how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Contract {
    least: u32,
    most: Option<u32>,
}

impl Contract {
    pub(crate) const fn new(least: u32, most: Option<u32>) -> Self {
        Self { least, most }
    }

    pub(crate) fn is_met_by(self, count: usize) -> bool {
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        count >= u64::from(self.least) && self.most.is_none_or(|most| count <= u64::from(most))
    }
}

/// As it is written.
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
