use super::handler::CATCH_ALL;
use super::{WiredHandler, WiredPosition};

/// Events with one trait, which handlers name together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WiredFamily {
    pub(crate) name: String,
    pub(crate) position: Option<WiredPosition>,
    pub(crate) is_async: bool,
    pub(crate) members: Vec<String>,
    pub(crate) handlers: Vec<WiredHandler>,
}

impl WiredFamily {
    /// The trait, `dyn shop::audit::Auditable`; or `dyn eventful::AnyEvent`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is declared; none of `dyn AnyEvent`.
    #[must_use]
    pub const fn position(&self) -> Option<&WiredPosition> {
        self.position.as_ref()
    }

    /// Whether it is `dyn AnyEvent`, to which every event belongs.
    #[must_use]
    pub fn is_catch_all(&self) -> bool {
        self.name == CATCH_ALL
    }

    /// Whether its handlers may be asynchronous: `#[family(async)]`.
    #[must_use]
    pub const fn is_async(&self) -> bool {
        self.is_async
    }

    /// The names of the events that say they belong to it, sorted. Of `dyn AnyEvent` there are none, since all do.
    #[must_use]
    pub fn members(&self) -> &[String] {
        &self.members
    }

    /// Who handles the family, in the order in which they run, unless what a member's other handlers say changes it.
    #[must_use]
    pub fn handlers(&self) -> &[WiredHandler] {
        &self.handlers
    }
}
