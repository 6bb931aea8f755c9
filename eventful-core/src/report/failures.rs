//! The failures of a publish.

use std::slice;

use super::Failure;

/// Failures in their order. One, which is what there is most often, needs no allocation.
#[derive(Debug, Default)]
pub(crate) enum Failures {
    #[default]
    None,
    One(Failure),
    Many(Vec<Failure>),
}

impl Failures {
    pub(crate) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    pub(crate) fn as_slice(&self) -> &[Failure] {
        match self {
            Self::None => &[],
            Self::One(failure) => slice::from_ref(failure),
            Self::Many(failures) => failures,
        }
    }

    pub(crate) fn push(&mut self, failure: Failure) {
        match self {
            Self::None => *self = Self::One(failure),
            Self::One(_) => {
                let mut failures = std::mem::take(self).into_vec();
                failures.push(failure);
                *self = Self::Many(failures);
            }
            Self::Many(failures) => failures.push(failure),
        }
    }

    /// Adds `others` behind these.
    pub(crate) fn append(&mut self, others: Self) {
        match others {
            Self::None => {}
            Self::One(failure) => self.push(failure),
            Self::Many(others) => others.into_iter().for_each(|failure| self.push(failure)),
        }
    }

    pub(crate) fn into_vec(self) -> Vec<Failure> {
        match self {
            Self::None => Vec::new(),
            Self::One(failure) => vec![failure],
            Self::Many(failures) => failures,
        }
    }
}

impl FromIterator<Failure> for Failures {
    fn from_iter<I: IntoIterator<Item = Failure>>(failures: I) -> Self {
        let mut collected = Self::None;
        failures
            .into_iter()
            .for_each(|failure| collected.push(failure));
        collected
    }
}
