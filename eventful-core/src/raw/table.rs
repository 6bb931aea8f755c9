//! The parts that synchronous and asynchronous tables have in common.

use std::any::TypeId;
use std::sync::Arc;

use super::call::{BoundCall, CallFunction, CallInfo, State};

/// The things that a table owns beside its entries, which point to the infos and states, and the type of its subjects.
// Behind `Arc`s, because a `Box` that moves would claim its contents for itself.
pub(super) struct Owned<I> {
    pub(super) subject: fn() -> TypeId,
    pub(super) infos: Arc<[I]>,
    _states: Box<[State]>,
}

/// The function of a call, and who it is.
pub(super) type Part<I, C> = (CallFunction<C>, CallInfo<I>);

impl<I> Owned<I> {
    /// Takes bound calls apart, whose subjects must be `subject`. The parts must go with the result.
    ///
    /// # Panics
    ///
    /// If one is for another type of subject.
    pub(super) fn take_apart<C>(
        subject: fn() -> TypeId,
        calls: Vec<(I, BoundCall<C>)>,
    ) -> (Self, Vec<Part<I, C>>) {
        let of_table = subject();
        let mut infos = Vec::with_capacity(calls.len());
        let mut states = Vec::with_capacity(calls.len());
        let mut functions = Vec::with_capacity(calls.len());
        for (info, bound) in calls {
            assert!(
                bound.subject == of_table,
                "a call for another type of subject"
            );
            functions.push(bound.call.function);
            infos.push(info);
            states.push(bound.state);
        }
        let infos: Arc<[I]> = infos.into();
        let who = infos.iter().zip(&states).map(|(info, state)| {
            // SAFETY: the caller keeps infos and states, which never move, beside the parts.
            unsafe { CallInfo::new(info, state) }
        });
        let parts = functions.into_iter().zip(who).collect();
        let owned = Self {
            subject,
            infos,
            _states: states.into(),
        };
        (owned, parts)
    }
}
