//! The one block of memory in which the futures of a table fly.

use std::alloc::{self, Layout};
use std::any::TypeId;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::sync::Arc;
use std::task::{self, Poll, ready};

use super::call::{Bound, Call, Context, Erased, ErasedFunction, Named, State, take_apart};
use super::future_call::{FutureCall, FutureType};
use super::shared::Shared;
use super::top::Link;

/// What is called at one place of a [`FlightTable`].
#[expect(
    missing_debug_implementations,
    reason = "hidden behind a private module; function pointers tell nothing"
)]
pub enum Leg<C: 'static, R: 'static> {
    Now(Call<C>),
    Later(FutureCall<C, R>),
}

impl<C, R> Clone for Leg<C, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<C, R> Copy for Leg<C, R> {}

/// Whether the futures of a table fly one after the other or at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Formation {
    InTurn,
    Together,
}

/// As [`Table`](super::Table), of calls of which some make futures.
pub(crate) struct FlightTable<I, C: 'static, R: 'static> {
    subject: fn() -> TypeId,
    bound: Box<[BoundLeg<I, C, R>]>,
    _states: Box<[State]>,
    infos: Arc<[I]>,
    formation: Formation,
    /// Of what follows a flight's [`Block`]: a byte for each leg, and the futures.
    luggage: Layout,
}

struct BoundLeg<I, C: 'static, R: 'static> {
    function: LegFunction<C, R>,
    name: Named<I>,
}

enum LegFunction<C: 'static, R: 'static> {
    Now(ErasedFunction<C>),
    /// With the future's place from the start of the luggage.
    Later(&'static FutureType<C, R>, usize),
}

// SAFETY: as `Table`: function pointers, states that are `Send + Sync`, and infos.
unsafe impl<I: Send + Sync, C, R> Send for FlightTable<I, C, R> {}
// SAFETY: as above; nothing in a table changes after `FlightTable::new`.
unsafe impl<I: Send + Sync, C, R> Sync for FlightTable<I, C, R> {}

impl<I, C, R> FlightTable<I, C, R> {
    /// # Panics
    ///
    /// If a leg is for another type of subject, or if the futures together are larger than memory can be.
    pub(crate) fn new(
        subject: fn() -> TypeId,
        formation: Formation,
        legs: Vec<(I, Bound<C, R>)>,
    ) -> Self {
        let mut luggage = Layout::array::<u8>(legs.len()).expect("a byte for each leg fits");
        let flags = luggage;
        let (infos, states, entries) = take_apart(subject(), legs, |leg| match leg {
            Leg::Now(call) => LegFunction::Now(call.function),
            Leg::Later(FutureCall { future, .. }) => {
                // In turn, they all use the same place, behind the flags.
                let before = if formation == Formation::Together {
                    luggage
                } else {
                    flags
                };
                let (with_this, place) = before
                    .extend(future.layout)
                    .expect("the futures fit into memory");
                luggage = union(luggage, with_this);
                LegFunction::Later(future, place)
            }
        });
        let bound = entries
            .into_iter()
            .map(|(function, name)| BoundLeg { function, name })
            .collect();
        Self {
            subject,
            bound,
            _states: states,
            infos,
            formation,
            luggage,
        }
    }

    pub(crate) fn infos(&self) -> &[I] {
        &self.infos
    }

    pub(crate) fn formation(&self) -> Formation {
        self.formation
    }
}

/// A layout that has room for either.
fn union(first: Layout, second: Layout) -> Layout {
    let size = first.size().max(second.size());
    let align = first.align().max(second.align());
    Layout::from_size_align(size, align).expect("both fit into memory, aligned")
}

impl<I: fmt::Debug, C, R> fmt::Debug for FlightTable<I, C, R> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.infos()).finish()
    }
}

/// The calls of a [`FlightTable`] on one subject: one allocation, whatever their number.
///
/// The futures in it borrow the subject, which `'a` keeps, and the context and the states, which the block keeps.
pub(crate) struct Flight<'a, Owner, I, C: Context<Info = I> + 'static, R: 'static> {
    block: NonNull<Block<Owner, I, C, R>>,
    /// In the block's memory: the flags come first.
    luggage: NonNull<u8>,
    /// How many flags are set.
    under_way: Cell<usize>,
    subject: PhantomData<Erased<'a>>,
}

/// The head of a flight; the table's luggage follows it in memory.
struct Block<Owner, I, C: 'static, R: 'static> {
    // The context links to the owner, and is dropped before it.
    context: C,
    owner: Owner,
    table: Shared<FlightTable<I, C, R>>,
    subject: *const (),
}

// SAFETY: a flight is its block, which is made of the given types and `Sync` subjects, and futures, which are `Send`.
unsafe impl<Owner, I, C, R> Send for Flight<'_, Owner, I, C, R>
where
    Owner: Send + Sync,
    I: Send + Sync,
    C: Context<Info = I> + Send + Sync,
    R: Send,
{
}

impl<'a, Owner, I, C: Context<Info = I>, R> Flight<'a, Owner, I, C, R> {
    /// Allocates the flight; nothing is called yet.
    ///
    /// # Panics
    ///
    /// If `subject` is of another type than the table, or if the flight is larger than memory can be.
    pub(crate) fn new(
        owner: Owner,
        table: Shared<FlightTable<I, C, R>>,
        subject: Erased<'a>,
        make: impl FnOnce(Link<Owner>) -> C,
    ) -> Self {
        Self::allocate(owner, table, |_| subject, make)
    }

    fn allocate(
        owner: Owner,
        table: Shared<FlightTable<I, C, R>>,
        subject: impl for<'o> FnOnce(&'o Owner) -> Erased<'a>,
        make: impl FnOnce(Link<Owner>) -> C,
    ) -> Self {
        let (layout, offset) = Self::layout(table.get());
        // SAFETY: a block is not of size zero.
        let memory = unsafe { alloc::alloc(layout) };
        let Some(block) = NonNull::new(memory.cast::<Block<Owner, I, C, R>>()) else {
            alloc::handle_alloc_error(layout);
        };
        // SAFETY: the offset lies inside of the block's memory.
        let luggage = unsafe { block.cast::<u8>().add(offset) };
        // SAFETY: the flags are the first bytes of the luggage.
        unsafe { luggage.write_bytes(0, table.get().bound.len()) };
        let place = block.as_ptr();
        // SAFETY: the block's memory is ours and has room for each field, which is written before anything reads it. If
        // `make` or `subject` panics, or the assertion fails, the block is leaked.
        unsafe {
            (&raw mut (*place).owner).write(owner);
            let subject = subject(&(*place).owner);
            assert!(
                (table.get().subject)() == subject.type_id(),
                "a table for another type of subject"
            );
            (&raw mut (*place).table).write(table);
            (&raw mut (*place).subject).write(subject.data());
            let context = make(Link::new(&(*place).owner));
            (&raw mut (*place).context).write(context);
        }
        Self {
            block,
            luggage,
            under_way: Cell::new(0),
            subject: PhantomData,
        }
    }

    pub(crate) fn context(&self) -> &C {
        &self.block().context
    }

    pub(crate) fn table(&self) -> &FlightTable<I, C, R> {
        self.block().table.get()
    }

    /// The context, and the rest of the flight apart from it.
    pub(crate) fn board(&mut self) -> (&C, Aboard<'_, 'a, Owner, I, C, R>) {
        // SAFETY: the block's head is only borrowed shared while the flight lives, and the flight, which `Aboard` does not
        // give out, is borrowed as long as this reference.
        let context = unsafe { &(*self.block.as_ptr()).context };
        (context, Aboard(self))
    }

    /// Whether the future of the leg at `index` has been made and is not finished.
    pub(crate) fn is_under_way(&self, index: usize) -> bool {
        assert!(index < self.table().bound.len());
        // SAFETY: there is a flag for each leg.
        unsafe { self.luggage.add(index).read() != 0 }
    }

    /// Drops the futures that are under way.
    fn cut_off(&mut self) {
        if self.under_way.get() == 0 {
            return;
        }
        for index in 0..self.table().bound.len() {
            if self.is_under_way(index) {
                self.cut_off_one(index);
            }
        }
    }

    fn cut_off_one(&mut self, index: usize) {
        let leg = &self.block().table.get().bound[index];
        if let LegFunction::Later(future, place) = leg.function {
            self.set_under_way(index, false);
            let _running = Running::new(&self.block().context, &leg.name);
            // SAFETY: the future of this leg is in its place, as its flag said until now.
            unsafe { (future.drop)(self.luggage.add(place).as_ptr()) };
        }
    }

    /// Runs the leg at `index`, whose name is in the slot, or makes its future and polls it.
    #[inline]
    fn start(
        &self,
        index: usize,
        leg: &BoundLeg<I, C, R>,
        task: &mut task::Context<'_>,
    ) -> Poll<()> {
        let block = self.block();
        match leg.function {
            LegFunction::Now(function) => {
                // SAFETY: the types were compared when the table and the flight were made; subject and state live as long as
                // the flight, and the slot is set to who is running.
                unsafe { function(block.subject, &block.context) };
                Poll::Ready(())
            }
            LegFunction::Later(future, place) => {
                // SAFETY: as above, and no future is in the place, which has the layout of this one. The futures are
                // dropped before the block is, and the flight before what the subject was borrowed from.
                let polled = unsafe {
                    (future.start)(
                        block.subject,
                        leg.name.kept,
                        &raw const block.context,
                        self.luggage.add(place).as_ptr(),
                        task,
                    )
                };
                if polled.is_pending() {
                    self.set_under_way(index, true);
                }
                polled.map(|_| ())
            }
        }
    }

    /// Polls the future of the leg at `index`, which is under way, and whose name is in the slot.
    #[inline]
    fn poll(
        &self,
        index: usize,
        leg: &BoundLeg<I, C, R>,
        task: &mut task::Context<'_>,
    ) -> Poll<()> {
        let LegFunction::Later(future, place) = leg.function else {
            unreachable!("what is under way is a future")
        };
        self.set_under_way(index, false);
        // SAFETY: the future of this leg is in its place, as its flag said until now.
        let polled = unsafe { (future.poll)(self.luggage.add(place).as_ptr(), task) };
        if polled.is_pending() {
            self.set_under_way(index, true);
        }
        polled.map(|_| ())
    }

    fn block(&self) -> &Block<Owner, I, C, R> {
        // SAFETY: the block lives as long as the flight, and its head is only borrowed shared.
        unsafe { self.block.as_ref() }
    }

    /// Turns the flag of the leg at `index`.
    fn set_under_way(&self, index: usize, is_under_way: bool) {
        assert!(self.is_under_way(index) != is_under_way);
        let under_way = self.under_way.get();
        self.under_way.set(if is_under_way {
            under_way + 1
        } else {
            under_way - 1
        });
        // SAFETY: there is a flag for each leg, and no reference to it.
        unsafe { self.luggage.add(index).write(u8::from(is_under_way)) };
    }

    fn layout(table: &FlightTable<I, C, R>) -> (Layout, usize) {
        Layout::new::<Block<Owner, I, C, R>>()
            .extend(table.luggage)
            .expect("the flight fits into memory")
    }
}

impl<Owner, I, C: Context<Info = I>, R> Flight<'static, Owner, I, C, R> {
    /// As [`new`](Self::new), on a subject that `owner` keeps.
    ///
    /// # Panics
    ///
    /// As `new`.
    pub(crate) fn carrying(
        owner: Owner,
        table: Shared<FlightTable<I, C, R>>,
        subject: impl for<'o> FnOnce(&'o Owner) -> Erased<'o>,
        make: impl FnOnce(Link<Owner>) -> C,
    ) -> Self {
        // The owner lies in the block, is only borrowed shared, and is dropped after all that borrows the subject.
        Self::allocate(owner, table, |owner| subject(owner).forget_borrow(), make)
    }
}

/// What may be done with a flight while its context is borrowed.
pub(crate) struct Aboard<'f, 'a, Owner, I, C: Context<Info = I> + 'static, R: 'static>(
    &'f mut Flight<'a, Owner, I, C, R>,
);

impl<'f, Owner, I, C: Context<Info = I>, R> Aboard<'f, '_, Owner, I, C, R> {
    /// What the calls are given.
    pub(crate) fn subject(&self) -> Erased<'f> {
        let block = self.0.block();
        // SAFETY: the subject was `Erased`, of the type that the table is for, and lives as long as the flight, which is
        // borrowed for `'f`.
        unsafe { Erased::from_parts(block.table.get().subject, block.subject) }
    }

    pub(crate) fn table(&self) -> &FlightTable<I, C, R> {
        self.0.table()
    }

    pub(crate) fn is_under_way(&self, index: usize) -> bool {
        self.0.is_under_way(index)
    }

    pub(crate) fn has_any_under_way(&self) -> bool {
        self.0.under_way.get() > 0
    }

    /// Runs `body` as if the leg at `index` were running.
    pub(crate) fn while_running<T>(&mut self, index: usize, body: impl FnOnce() -> T) -> T {
        let block = self.0.block();
        let _running = Running::new(&block.context, &block.table.get().bound[index].name);
        body()
    }

    /// Runs the leg at `index`, or starts its future, or polls that if it is under way: whether the leg is finished.
    ///
    /// # Panics
    ///
    /// If a future of another leg is in the place of its future.
    pub(crate) fn go_on(&mut self, index: usize, task: &mut task::Context<'_>) -> Poll<()> {
        let flight = &*self.0;
        let block = flight.block();
        let table = block.table.get();
        let leg = &table.bound[index];
        let _running = Running::new(&block.context, &leg.name);
        if flight.is_under_way(index) {
            return flight.poll(index, leg, task);
        }
        let is_taken = match table.formation {
            Formation::InTurn => flight.under_way.get() > 0,
            Formation::Together => false,
        };
        assert!(!is_taken, "a future is in this place");
        flight.start(index, leg, task)
    }

    /// Runs the legs of a table that flies [in turn](Formation::InTurn) one after the other, from where it is: until one waits, or
    /// until it is told to stop. `next` is the first leg that has not started.
    ///
    /// # Panics
    ///
    /// If the table does not fly in turn.
    pub(crate) fn run_in_turn(
        &mut self,
        next: &mut usize,
        is_stopped: impl Fn(&C) -> bool,
        task: &mut task::Context<'_>,
    ) -> Poll<()> {
        let flight = &*self.0;
        let block = flight.block();
        let table = block.table.get();
        assert!(table.formation == Formation::InTurn);
        let running = Running::of(&block.context);
        if flight.under_way.get() > 0 {
            // It is the last one that has started.
            let index = *next - 1;
            let leg = &table.bound[index];
            running.is(&leg.name);
            ready!(flight.poll(index, leg, task));
        }
        while let Some(leg) = table.bound.get(*next)
            && !is_stopped(&block.context)
        {
            let index = *next;
            *next += 1;
            running.is(&leg.name);
            ready!(flight.start(index, leg, task));
        }
        Poll::Ready(())
    }

    /// Drops the futures that are under way.
    pub(crate) fn cut_off(&mut self) {
        self.0.cut_off();
    }
}

impl<Owner, I, C: Context<Info = I>, R> Drop for Flight<'_, Owner, I, C, R> {
    fn drop(&mut self) {
        self.cut_off();
        let (layout, _) = Self::layout(self.table());
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
    #[inline]
    fn of(context: &'a C) -> Self {
        Self(context)
    }

    #[inline]
    fn new(context: &'a C, name: &Named<C::Info>) -> Self {
        let running = Self::of(context);
        running.is(name);
        running
    }

    #[inline]
    fn is(&self, name: &Named<C::Info>) {
        self.0.slot().set(name);
    }
}

impl<C: Context> Drop for Running<'_, C> {
    #[inline]
    fn drop(&mut self) {
        self.0.slot().set(ptr::null());
    }
}
