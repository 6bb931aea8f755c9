//! The one block of memory in which the futures of a table fly.

mod aboard;

use std::alloc::{self, Layout};
use std::cell::Cell;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::task::{self, Poll};

pub(crate) use self::aboard::Aboard;
use super::call::{Context, Named};
use super::flight_table::{AimedFlight, BoundLeg, FlightTable, Formation, LegFunction};
use super::top::Link;

/// The calls of a [`FlightTable`] on one subject: one allocation, whatever their number.
///
/// The futures in it borrow the subject and the states, which `'a` or the owner keeps, and the context, which the block keeps.
pub(crate) struct Flight<'a, Owner, C: Context + 'static> {
    block: NonNull<Block<Owner, C>>,
    borrow: PhantomData<AimedFlight<'a, C>>,
}

/// The head of a flight. What else the table's layout has room for follows it in memory.
struct Block<Owner, C: Context + 'static> {
    // The context links to the owner, and is dropped before it.
    context: C,
    owner: Owner,
    table: *const FlightTable<C>,
    subject: *const (),
    /// The first leg that has not begun.
    next: Cell<*const BoundLeg<C>>,
    end: *const BoundLeg<C>,
    /// How many futures are there. In turn, it is one at most, and that of the last leg that has begun.
    under_way: Cell<usize>,
}

// SAFETY: a flight is its block, which is made of the given types, a `Sync` table, a `Sync` subject and what only the flight
// itself changes, and futures, which are `Send`.
unsafe impl<Owner, C> Send for Flight<'_, Owner, C>
where
    Owner: Send + Sync,
    C: Context<Info: Send + Sync> + Send + Sync,
{
}

impl<'a, Owner, C: Context> Flight<'a, Owner, C> {
    /// What a [`FlightTable`] has to know of flights with such an owner.
    pub(crate) const HEAD: Layout = Layout::new::<Block<Owner, C>>();

    /// Allocates the flight; nothing is called yet.
    ///
    /// # Panics
    ///
    /// If the table was made for another type of owner.
    // The owner is made in its place: otherwise it would be moved there.
    #[inline]
    pub(crate) fn new(
        owner: impl FnOnce() -> Owner,
        aimed: AimedFlight<'a, C>,
        make: impl FnOnce(Link<Owner>) -> C,
    ) -> Self {
        let block = Self::allocate(aimed.table);
        // SAFETY: the block's memory is ours, and has room for the owner.
        let owner = unsafe { place_owner(block, owner()) };
        let context = make(Link::new(owner));
        // SAFETY: as above; the owner is in its place.
        unsafe { Self::of(block, aimed, context) }
    }

    /// As [`new`](Self::new), with a table or a subject that `owner` keeps. It is asked twice, for the same.
    ///
    /// # Panics
    ///
    /// As `new`.
    pub(crate) fn carrying(
        owner: Owner,
        aim: impl for<'o> Fn(&'o Owner) -> AimedFlight<'o, C>,
        make: impl FnOnce(Link<Owner>) -> C,
    ) -> Self
    where
        Owner: 'a,
    {
        let layout = aim(&owner).table.whole;
        let block = Self::allocate(aim(&owner).table);
        // SAFETY: the block's memory is ours, and has room for the owner.
        let owner = unsafe { place_owner(block, owner) };
        let AimedFlight { table, subject, .. } = aim(owner);
        assert!(table.whole == layout, "another table than before");
        let aimed = AimedFlight {
            // SAFETY: the owner lies in the block, is only borrowed shared, and is dropped after all that borrows the table or
            // the subject.
            table: unsafe { &*ptr::from_ref(table) },
            subject,
            borrow: PhantomData,
        };
        let context = make(Link::new(owner));
        // SAFETY: as above; the owner is in its place.
        unsafe { Self::of(block, aimed, context) }
    }

    /// Memory for a flight. Whatever panics before the flight is made leaks it.
    #[inline]
    fn allocate(table: &FlightTable<C>) -> NonNull<Block<Owner, C>> {
        assert!(
            table.head == Self::HEAD,
            "a table for another type of owner"
        );
        // SAFETY: a block is not of size zero.
        let memory = unsafe { alloc::alloc(table.whole) };
        let Some(memory) = NonNull::new(memory) else {
            alloc::handle_alloc_error(table.whole);
        };
        memory.cast()
    }

    /// # Safety
    ///
    /// The block has the layout of the whole of this table, and has its owner; the table and the subject live as long as the
    /// flight.
    #[inline]
    unsafe fn of(block: NonNull<Block<Owner, C>>, aimed: AimedFlight<'a, C>, context: C) -> Self {
        let AimedFlight { table, subject, .. } = aimed;
        let Range { start, end } = table.legs.as_ptr_range();
        let place = block.as_ptr();
        // SAFETY: the caller promises memory that has room for each field. Nothing reads them before all are written.
        unsafe {
            (&raw mut (*place).context).write(context);
            (&raw mut (*place).table).write(table);
            (&raw mut (*place).subject).write(subject);
            (&raw mut (*place).next).write(Cell::new(start));
            (&raw mut (*place).end).write(end);
            (&raw mut (*place).under_way).write(Cell::new(0));
        }
        Self {
            block,
            borrow: PhantomData,
        }
    }

    #[inline]
    pub(crate) fn context(&self) -> &C {
        &self.block().context
    }

    #[inline]
    pub(crate) fn table(&self) -> &FlightTable<C> {
        // SAFETY: whoever made the flight keeps the table for as long.
        unsafe { &*self.block().table }
    }

    /// The context, and the rest of the flight apart from it.
    #[inline]
    pub(crate) fn board(&mut self) -> (&C, Aboard<'_, 'a, Owner, C>) {
        // SAFETY: the block is only borrowed shared while the flight lives, and the flight, which `Aboard` does not give out, is
        // borrowed as long as this reference.
        let context = unsafe { &(*self.block.as_ptr()).context };
        let flight = ManuallyDrop::new(Self {
            block: self.block,
            borrow: PhantomData,
        });
        let borrow = PhantomData;
        (context, Aboard { flight, borrow })
    }

    /// How many legs have begun.
    #[inline]
    pub(crate) fn begun(&self) -> usize {
        let first = self.table().legs.as_ptr();
        // SAFETY: both are legs of one table, or behind its last, and the first one comes first.
        unsafe { self.block().next.get().offset_from_unsigned(first) }
    }

    /// Whether the future of the leg at `index` is there.
    pub(crate) fn is_under_way(&self, index: usize) -> bool {
        match self.table().formation {
            Formation::InTurn => self.is_waiting() && index + 1 == self.begun(),
            Formation::Together => {
                assert!(index < self.begun());
                // SAFETY: the flag of each leg that has begun is written.
                unsafe { self.flag(index).read() != 0 }
            }
        }
    }

    /// Whether a future is there.
    #[inline]
    fn is_waiting(&self) -> bool {
        self.block().under_way.get() > 0
    }

    /// Notes whether the future of the leg at `index` is there. In turn, it is the last one that has begun.
    fn set_under_way(&mut self, index: usize, is_under_way: bool) {
        match self.table().formation {
            Formation::InTurn => self.block().under_way.set(usize::from(is_under_way)),
            // SAFETY: the leg has a flag.
            Formation::Together => unsafe { self.set_flag(index, is_under_way) },
        }
    }

    /// # Safety
    ///
    /// The legs fly together, and there is one at `index`, whose flag is not `is_under_way`.
    #[inline]
    unsafe fn set_flag(&mut self, index: usize, is_under_way: bool) {
        let under_way = &self.block().under_way;
        under_way.set(if is_under_way {
            under_way.get() + 1
        } else {
            under_way.get() - 1
        });
        // SAFETY: the caller promises that there is a flag. Nobody has a reference to it.
        unsafe { self.flag(index).write(u8::from(is_under_way)) };
    }

    /// # Safety
    ///
    /// The legs fly together, and there is one at `index`.
    #[inline]
    unsafe fn flag(&self, index: usize) -> NonNull<u8> {
        // SAFETY: the caller promises that there is a flag.
        unsafe { self.block.cast::<u8>().add(self.table().flags + index) }
    }

    #[inline]
    fn block(&self) -> &Block<Owner, C> {
        // SAFETY: the block lives as long as the flight, and is only borrowed shared.
        unsafe { self.block.as_ref() }
    }

    /// Where the future of `leg` is.
    #[inline]
    fn place(&self, leg: &BoundLeg<C>) -> *mut u8 {
        // SAFETY: the place lies inside of the block's memory.
        unsafe { self.block.cast::<u8>().add(leg.place).as_ptr() }
    }

    #[inline]
    fn go_on_in_turn(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waking: &mut task::Context<'_>,
    ) -> Poll<()> {
        let waits = |flight: &Self| {
            flight.block().under_way.set(1);
            Poll::Pending
        };
        if self.is_waiting() {
            // Should it panic against the rules, no future is there either.
            self.block().under_way.set(0);
            // SAFETY: the future that is there is that of the last leg that has begun.
            let polled = unsafe { self.go_on_with(&*self.block().next.get().sub(1), waking) };
            if polled.is_pending() {
                return waits(self);
            }
        }
        while self.block().next.get() != self.block().end && !is_stopped(self.context()) {
            // SAFETY: there is a next leg, and no future is there.
            if unsafe { self.begin_next(waking) }.is_pending() {
                return waits(self);
            }
        }
        Poll::Ready(())
    }

    #[inline]
    fn go_on_together(
        &mut self,
        is_stopped: impl Fn(&C) -> bool,
        waking: &mut task::Context<'_>,
    ) -> Poll<()> {
        let mut index = self.begun();
        if self.is_waiting() {
            for index in 0..index {
                // SAFETY: the flag of each leg that has begun is written.
                if unsafe { self.flag(index).read() } != 0 {
                    // SAFETY: there is a leg, and it has a flag.
                    unsafe {
                        let leg = &*self.table().legs.as_ptr().add(index);
                        self.set_flag(index, false);
                        if self.go_on_with(leg, waking).is_pending() {
                            self.set_flag(index, true);
                        }
                    }
                }
            }
        }
        while self.block().next.get() != self.block().end && !is_stopped(self.context()) {
            // SAFETY: there is a next leg, which has a flag, and a place of its own.
            unsafe {
                self.flag(index).write(0);
                if self.begin_next(waking).is_pending() {
                    self.set_flag(index, true);
                }
            }
            index += 1;
        }
        if self.is_waiting() {
            Poll::Pending
        } else {
            Poll::Ready(())
        }
    }

    /// Begins a leg. If it is pending, its future is there.
    ///
    /// # Safety
    ///
    /// There is a next leg; in turn, no future is there.
    #[inline]
    unsafe fn begin_next(&mut self, waking: &mut task::Context<'_>) -> Poll<()> {
        let block = self.block();
        // SAFETY: the caller promises a leg of the table, which lives as long as the flight.
        let leg = unsafe { &*block.next.get() };
        // SAFETY: there was a leg, so that this is the next one, or the end.
        block.next.set(unsafe { block.next.get().add(1) });
        block.context.slot().set(&raw const leg.name);
        match leg.function {
            LegFunction::Now(function) => {
                // SAFETY: the types were compared when the table was made and aimed; subject and state live as long as the
                // flight, and the slot is set to who is running.
                unsafe { function(block.subject, &block.context) };
                Poll::Ready(())
            }
            LegFunction::Later(future) => {
                let (context, place) = (&raw const block.context, self.place(leg));
                // SAFETY: as above. No future is in the place, which has the layout of this one: in turn none is there at all,
                // and together each has a place of its own. Futures are dropped before the block, and the flight before what
                // the subject was borrowed from.
                unsafe { (future.begin)(block.subject, leg.name.kept, context, place, waking) }
            }
        }
    }

    /// Polls a future. Only if it is pending, it still is there.
    ///
    /// # Safety
    ///
    /// `leg` is one of the table, and its future is there, which is not noted any longer.
    #[inline]
    unsafe fn go_on_with(&self, leg: &BoundLeg<C>, waking: &mut task::Context<'_>) -> Poll<()> {
        let LegFunction::Later(future) = leg.function else {
            unreachable!("what is under way is a future")
        };
        let block = self.block();
        block.context.slot().set(&raw const leg.name);
        // SAFETY: the caller promises that the future of this leg is in its place.
        unsafe { (future.go_on)(&raw const block.context, self.place(leg), waking) }
    }

    /// Drops the futures that are under way.
    #[cold]
    fn cut_off(&mut self) {
        for index in 0..self.begun() {
            if self.is_under_way(index) {
                self.set_under_way(index, false);
                let leg = &self.table().legs[index];
                if let LegFunction::Later(future) = leg.function {
                    let context = &raw const self.block().context;
                    let _running = Running::new(self.context(), &leg.name);
                    // SAFETY: the future of this leg is in its place, as was noted until now.
                    unsafe { (future.cut_off)(context, self.place(leg)) };
                }
            }
        }
    }
}

/// # Safety
///
/// The block has memory of its own.
#[inline]
unsafe fn place_owner<'b, Owner, C: Context>(
    block: NonNull<Block<Owner, C>>,
    owner: Owner,
) -> &'b Owner {
    // SAFETY: the caller promises memory that nobody uses.
    unsafe {
        let place = &raw mut (*block.as_ptr()).owner;
        place.write(owner);
        &*place
    }
}

impl<Owner, C: Context> Drop for Flight<'_, Owner, C> {
    #[inline(never)]
    fn drop(&mut self) {
        if self.is_waiting() {
            self.cut_off();
        }
        // The owner may keep the table.
        let layout = self.table().whole;
        let block = self.block.as_ptr();
        // SAFETY: no future is left that borrows from the block, and nothing uses it after this.
        unsafe { block.drop_in_place() };
        // SAFETY: it was allocated with this layout.
        unsafe { alloc::dealloc(block.cast(), layout) };
    }
}

/// Says which leg is running, until it is dropped.
struct Running<'a, C: Context>(&'a C);

impl<'a, C: Context> Running<'a, C> {
    fn new(context: &'a C, name: &Named<C::Info>) -> Self {
        context.slot().set(name);
        Self(context)
    }
}

impl<C: Context> Drop for Running<'_, C> {
    fn drop(&mut self) {
        self.0.slot().set(ptr::null());
    }
}

#[cfg(test)]
mod tests;
