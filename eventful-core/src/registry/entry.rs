//! The entry that `#[handler]` leaves in the registry.

mod beside;

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;

use super::registration::Registration;
use crate::delivery::{Delivery, Handling};
use crate::event::mode::{AcceptsAsync, NamesHandlers};
use crate::event::{EventInfo, Events, Listen, Subject};
use crate::handler::{Constraint, HandlerInfo, Position, SeparateOptions, StartedBy};
use crate::outcome::{Containing, Handled, contain};
use crate::raw::{Access, BoundCall, Call, Describe, FutureFunction};
use crate::resource::{Parameters, Requirement, Resources};

/// A handler's shim with its types forgotten.
pub(crate) type HandlerCall = Call<Delivery>;

/// A shim with its handler's parameters.
pub(crate) type BoundHandler = BoundCall<Delivery>;

/// A linked handler as it lies in the program. It is small: a pointer in a static item costs as much as four words.
/// The registry makes a [`BusHandler`](super::BusHandler) of it.
#[doc(hidden)]
pub struct HandlerEntry {
    pub(super) description: fn() -> Description,
    /// The lines that [`HandlerEntry::new`] takes.
    text: &'static str,
    own_id: Option<&'static &'static str>,
    more: Option<&'static dyn More>,
    module_length: u32,
    line: u32,
    column: u32,
    order: i32,
    is_guarded: bool,
    is_in_transaction: bool,
}

/// The constraints of a handler that has a place in an order; or the options of one that runs by itself, which has none.
trait More: Sync {
    fn constraints(&self) -> &[Constraint] {
        &[]
    }

    fn separate(&self) -> Option<&SeparateOptions> {
        None
    }
}

impl<const N: usize> More for [Constraint; N] {
    fn constraints(&self) -> &[Constraint] {
        self
    }
}

impl More for SeparateOptions {
    fn separate(&self) -> Option<&SeparateOptions> {
        Some(self)
    }
}

/// The facts that the types of a handler have.
pub(super) struct Description {
    pub(super) function: TypeId,
    pub(super) call: HandlerCall,
    pub(super) signature: fn() -> Signature,
}

/// The facts that handlers with the same event, parameters and returned events have in common.
#[derive(Clone, Copy)]
pub(super) struct Signature {
    pub(super) subject: Subject,
    pub(super) requirements: fn() -> Vec<Requirement>,
    pub(super) returned: fn(&mut Vec<&'static EventInfo>),
    pub(super) bind: BindLinked,
}

/// Binds a handler to its resources, and to the projection from the event of a table.
pub(super) type BindLinked = fn(HandlerCall, &Resources, &dyn Any) -> Option<BoundHandler>;

impl HandlerEntry {
    /// Makes the entry of a function. `text` has a line each for the default id, which begins with the path of the
    /// module, for the file, and for each resource, as it is written. `position` is the path of the module, the line and
    /// the column. `function` is the user's; `call` is the macro's, which takes the parameters apart.
    #[must_use]
    pub const fn new<E, P, F, C, L>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen<Mode: NamesHandlers> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> Fn(&'a E, &'a P, Handling<'a, E::Mode>) -> Handled<L>
            + Copy
            + Send
            + Sync
            + 'static,
        L: Events,
    {
        let description = describe::<E, P, F, C, L>(call);
        Self::of(text, position, description)
    }

    /// Makes the entry of a function that has an id of its own, or needs none in any mode, from the same arguments.
    #[must_use]
    pub const fn named<E, P, F, C, L>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Registration<E::Mode>
    where
        E: Listen + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> Fn(&'a E, &'a P, Handling<'a, E::Mode>) -> Handled<L>
            + Copy
            + Send
            + Sync
            + 'static,
        L: Events,
    {
        let description = describe::<E, P, F, C, L>(call);
        Registration::new(Self::of(text, position, description))
    }

    /// Makes the entry of an `async fn`, from the same arguments.
    #[must_use]
    pub const fn new_async<E, P, F, C, L>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Self
    where
        E: Listen<Mode: AcceptsAsync + NamesHandlers> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> FutureFunction<'a, E, P, Handling<'a, E::Mode>, Handled<L>>
            + Send
            + Sync
            + 'static,
        L: Events + 'static,
    {
        let description = describe_async::<E, P, F, C, L>(call);
        Self::of(text, position, description)
    }

    /// Makes the entry of an `async fn` that has an id of its own, or needs none in any mode, from the same arguments.
    #[must_use]
    pub const fn named_async<E, P, F, C, L>(
        text: &'static str,
        position: (&'static str, u32, u32),
        _function: &F,
        call: C,
    ) -> Registration<E::Mode>
    where
        E: Listen<Mode: AcceptsAsync> + ?Sized,
        P: Parameters,
        F: 'static,
        C: for<'a> FutureFunction<'a, E, P, Handling<'a, E::Mode>, Handled<L>>
            + Send
            + Sync
            + 'static,
        L: Events + 'static,
    {
        let description = describe_async::<E, P, F, C, L>(call);
        Registration::new(Self::of(text, position, description))
    }

    const fn of(
        text: &'static str,
        (module_path, line, column): (&'static str, u32, u32),
        description: fn() -> Description,
    ) -> Self {
        let module_length = module_path.len();
        assert!(
            module_length <= u32::MAX as usize,
            "a path is not that long"
        );
        Self {
            description,
            text,
            own_id: None,
            more: None,
            #[expect(clippy::cast_possible_truncation, reason = "it was compared")]
            module_length: module_length as u32,
            line,
            column,
            order: 0,
            is_guarded: false,
            is_in_transaction: false,
        }
    }

    #[must_use]
    pub const fn own_id(self, id: &'static &'static str) -> Self {
        Self {
            own_id: Some(id),
            ..self
        }
    }

    #[must_use]
    pub const fn order_at(self, order: i32) -> Self {
        Self { order, ..self }
    }

    #[must_use]
    pub const fn guarded(self) -> Self {
        Self {
            is_guarded: true,
            ..self
        }
    }

    #[must_use]
    pub const fn constrained<const N: usize>(self, constraints: &'static [Constraint; N]) -> Self {
        Self {
            more: Some(constraints),
            ..self
        }
    }

    pub(super) const fn separate(self, options: &'static SeparateOptions) -> Self {
        Self {
            more: Some(options),
            ..self
        }
    }

    pub(super) const fn in_transaction(self) -> Self {
        Self {
            is_in_transaction: true,
            ..self
        }
    }

    pub(super) fn constraints(&self) -> &'static [Constraint] {
        self.more.map_or(&[], More::constraints)
    }

    /// The options of a handler that runs by itself; `None` for one that runs in a publish.
    pub(super) fn separate_options(&self, subject: Subject) -> Option<&'static SeparateOptions> {
        if !subject.is_durable() || self.is_in_transaction {
            return None;
        }
        Some(
            self.more
                .and_then(More::separate)
                .unwrap_or(&SeparateOptions::DEFAULT),
        )
    }

    /// The resources that the handler needs, as they are written.
    pub(super) fn written_requirements(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.text.split('\n').skip(2)
    }

    pub(super) fn info(&self, subject: Subject) -> HandlerInfo {
        let mut lines = self.text.split('\n');
        let mut line = || lines.next().unwrap_or_default();
        let (path, file) = (line(), line());
        let module_path = &path[..self.module_length as usize];
        HandlerInfo {
            id: self.own_id.copied().unwrap_or(path),
            has_own_id: self.own_id.is_some(),
            order: self.order,
            position: Position::new(module_path, file, self.line, self.column),
            is_guarded: self.is_guarded,
            is_catch_all: subject.is_catch_all(),
            started_by: match self.separate_options(subject) {
                Some(_) => StartedBy::Worker,
                None => StartedBy::Publish,
            },
        }
    }
}

impl fmt::Debug for HandlerEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subject = ((self.description)().signature)().subject;
        let info = self.info(subject);
        write!(formatter, "HandlerEntry({info} of {subject})")
    }
}

const fn describe<E, P, F, C, L>(call: C) -> fn() -> Description
where
    E: Listen + ?Sized,
    P: Parameters,
    F: 'static,
    C: for<'a> Fn(&'a E, &'a P, Handling<'a, E::Mode>) -> Handled<L> + Copy + Send + Sync + 'static,
    L: Events,
{
    let call = move |event: &E, parameters: &P, delivery: &Delivery| {
        contain(delivery, || {
            call(event, parameters, Handling::new(delivery)).into_result()
        });
    };
    Call::described::<E, E::__Access, P, _, Types<E, P, F, L>>(call)
}

const fn describe_async<E, P, F, C, L>(call: C) -> fn() -> Description
where
    E: Listen + ?Sized,
    P: Parameters,
    F: 'static,
    C: for<'a> FutureFunction<'a, E, P, Handling<'a, E::Mode>, Handled<L>> + Send + Sync + 'static,
    L: Events + 'static,
{
    let call = Containing::<_, E::Mode, _>::new(call);
    Call::described_async::<E, E::__Access, P, _, Types<E, P, F, L>>(call)
}

/// The types of a handler.
struct Types<E: ?Sized, P, F, L>(PhantomData<(P, F, L, E)>);

impl<E, P, F, L> Describe<Delivery> for Types<E, P, F, L>
where
    E: Listen + ?Sized,
    P: Parameters,
    F: 'static,
    L: Events,
{
    type Description = Description;

    fn describe(call: HandlerCall) -> Description {
        Description {
            function: TypeId::of::<F>(),
            call,
            signature: signature::<E, P, L>,
        }
    }
}

// Out of line, so that there is one in a program and not one in each of its parts.
#[inline(never)]
fn signature<E: Listen + ?Sized, P: Parameters, L: Events>() -> Signature {
    Signature {
        subject: Subject::of::<E>(),
        requirements: P::requirements::<E::Mode>,
        returned: L::add_to,
        bind: |call, resources, projection| {
            Some(bind::<E, P>(
                call,
                projection,
                P::bind::<E::Mode>(resources)?,
            ))
        },
    }
}

/// Gives a call its state, and the projection from the event to `E`.
///
/// # Panics
///
/// If `projection` is not one to `E`.
pub(super) fn bind<E: Listen + ?Sized, S: Send + Sync + 'static>(
    call: HandlerCall,
    projection: &dyn Any,
    state: S,
) -> BoundHandler {
    type Projection<E> = <<E as Listen>::__Access as Access<E>>::Projection;
    let projection = projection
        .downcast_ref::<Projection<E>>()
        .expect("the projection leads to what the handler handles");
    BoundCall::new::<E, E::__Access, S>(call, projection.clone(), state)
}

#[cfg(test)]
mod tests {
    use super::HandlerEntry;

    #[test]
    fn it_is_small() {
        assert_eq!(size_of::<HandlerEntry>(), 9 * size_of::<usize>());
    }

    #[test]
    fn its_debug_names_the_handler_and_what_it_handles() {
        let entry = HandlerEntry::sentinel();
        let info = entry.info(((entry.description)().signature)().subject);
        let text = format!("HandlerEntry({info} of eventful::Sentinel)");
        assert_eq!(format!("{entry:?}"), text);
    }
}
