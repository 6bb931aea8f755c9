//! A flight, leg by leg or as far as it goes.

use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ptr;
use std::task::{self, Poll};

use super::super::call::{Context, Erased};
use super::super::flight_table::{FlightTable, Formation};
use super::{Flight, Running};

/// What may be done with a flight while its context is borrowed. No leg is running when it is dropped.
pub(crate) struct Aboard<'f, 'a, Owner, C: Context + 'static> {
    // As itself, which is never dropped: its block need not be looked up behind a reference.
    pub(super) flight: ManuallyDrop<Flight<'a, Owner, C>>,
    pub(super) borrow: PhantomData<&'f mut Flight<'a, Owner, C>>,
}

impl<'f, Owner, C: Context> Aboard<'f, '_, Owner, C> {
    /// What the calls are given.
    pub(crate) fn subject(&self) -> Erased<'f> {
        // SAFETY: the subject is of the type that the table is for, was `Erased` or `Indexed` and so is `Sync`, and lives as long
        // as the flight, which is borrowed for `'f`.
        unsafe { Erased::from_parts(self.flight.table().subject, self.flight.block().subject) }
    }

    #[inline]
    pub(crate) fn table(&self) -> &FlightTable<C> {
        self.flight.table()
    }

    #[inline]
    pub(crate) fn begun(&self) -> usize {
        self.flight.begun()
    }

    /// Whether a future is under way.
    pub(crate) fn is_waiting(&self) -> bool {
        self.flight.is_waiting()
    }

    pub(crate) fn is_under_way(&self, index: usize) -> bool {
        self.flight.is_under_way(index)
    }

    /// Whether there is a leg that has not begun, and none that it has to wait for.
    pub(crate) fn can_begin(&self) -> bool {
        let (flight, block) = (&*self.flight, self.flight.block());
        block.next.get() != block.end
            && (!flight.is_waiting() || flight.table().formation == Formation::Together)
    }

    /// Runs `body` as if the leg at `index` were running.
    pub(crate) fn while_running<T>(&mut self, index: usize, body: impl FnOnce() -> T) -> T {
        let _running = Running::new(self.flight.context(), &self.table().legs[index].name);
        body()
    }

    /// Says that no leg is running.
    pub(crate) fn rest(&mut self) {
        self.flight.context().slot().set(ptr::null());
    }

    /// Begins the next leg, if it [can](Self::can_begin). It is running until another one is, or until the end.
    pub(crate) fn begin_next(&mut self, waking: &mut task::Context<'_>) {
        if !self.can_begin() {
            return;
        }
        let flight = &mut *self.flight;
        let index = flight.begun();
        if flight.table().formation == Formation::Together {
            // SAFETY: the leg has a flag.
            unsafe { flight.flag(index).write(0) };
        }
        // SAFETY: there is a next leg, and in turn no future is there.
        if unsafe { flight.begin_next(waking) }.is_pending() {
            flight.set_under_way(index, true);
        }
    }

    /// Polls what is under way, and begins one leg after the other, as long as it [can](Self::can_begin) and is not stopped.
    #[inline]
    pub(crate) fn go_on(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waking: &mut task::Context<'_>,
    ) -> Poll<()> {
        let flight = &mut *self.flight;
        match flight.table().formation {
            Formation::InTurn => flight.go_on_in_turn(is_stopped, waking),
            Formation::Together => flight.go_on_together(is_stopped, waking),
        }
    }

    /// Polls the future of the leg at `index`, as [`begin_next`](Self::begin_next) does.
    ///
    /// # Panics
    ///
    /// If it is not under way.
    pub(crate) fn go_on_with(&mut self, index: usize, waking: &mut task::Context<'_>) {
        let flight = &mut *self.flight;
        assert!(flight.is_under_way(index), "a future that is not under way");
        flight.set_under_way(index, false);
        // SAFETY: the future was there, as was noted until now.
        if unsafe { flight.go_on_with(&flight.table().legs[index], waking) }.is_pending() {
            flight.set_under_way(index, true);
        }
    }

    /// Drops the futures that are under way.
    pub(crate) fn cut_off(&mut self) {
        self.flight.cut_off();
    }
}

impl<Owner, C: Context> Drop for Aboard<'_, '_, Owner, C> {
    #[inline]
    fn drop(&mut self) {
        self.rest();
    }
}
