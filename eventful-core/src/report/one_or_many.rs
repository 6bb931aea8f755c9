//! A list that seldom has more than one element.

use std::{mem, slice, vec};

/// Elements in their order. One, which is what there is most often, needs no allocation of its own.
#[derive(Debug, Default)]
pub(crate) enum OneOrMany<T> {
    #[default]
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    #[inline]
    pub(crate) fn as_slice(&self) -> &[T] {
        match self {
            Self::None => &[],
            Self::One(element) => slice::from_ref(element),
            Self::Many(elements) => elements,
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, element: T) {
        match self {
            Self::None => *self = Self::One(element),
            Self::One(_) | Self::Many(_) => self.push_many(element),
        }
    }

    #[cold]
    fn push_many(&mut self, element: T) {
        let mut elements = mem::take(self).into_vec();
        elements.push(element);
        *self = Self::Many(elements);
    }

    pub(crate) fn into_vec(self) -> Vec<T> {
        match self {
            Self::None => Vec::new(),
            Self::One(element) => vec![element],
            Self::Many(elements) => elements,
        }
    }
}

impl<T> Extend<T> for OneOrMany<T> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, elements: I) {
        elements.into_iter().for_each(|element| self.push(element));
    }
}

impl<T> FromIterator<T> for OneOrMany<T> {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        let mut collected = Self::None;
        collected.extend(elements);
        collected
    }
}

impl<T> IntoIterator for OneOrMany<T> {
    type Item = T;
    type IntoIter = std::iter::Chain<std::option::IntoIter<T>, vec::IntoIter<T>>;

    fn into_iter(self) -> Self::IntoIter {
        let (one, many) = match self {
            Self::None => (None, Vec::new()),
            Self::One(element) => (Some(element), Vec::new()),
            Self::Many(elements) => (None, elements),
        };
        one.into_iter().chain(many)
    }
}
