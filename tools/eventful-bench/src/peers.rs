//! The peers of `eventful`.

mod textbook;

use std::any::{Any, TypeId};

use eventful::Bus;
use linkme::distributed_slice;

pub use self::textbook::{AsyncTextbook, FallibleTextbook, ResourcefulTextbook, Textbook};
use crate::work::{Counter, Tally};

/// The names of the peers, as they stand in the tables.
pub mod name {
    pub const BARE_LOOP: &str = "bare loop";
    pub const OWN_BUS: &str = "own bus";
    pub const DEFAULT_BUS: &str = "default bus";
    pub const SCOPE: &str = "bus in scope";
    pub const TEXTBOOK: &str = "textbook bus";
    pub const BEVY: &str = "bevy_ecs";
    pub const EVENIO: &str = "evenio";
    pub const BROADCAST: &str = "tokio broadcast";
    pub const SCAN_ONE: &str = "scan of own slice";
    pub const SCAN_ALL: &str = "scan of one slice";
}

/// A handler in a slice that the linker puts together, found by looking at each.
pub struct Scanned {
    event: TypeId,
    call: fn(&dyn Any),
}

impl Scanned {
    #[must_use]
    pub const fn new<E: 'static>(call: fn(&dyn Any)) -> Self {
        Self {
            event: TypeId::of::<E>(),
            call,
        }
    }
}

/// The handlers of all events.
#[distributed_slice]
pub static SCANNED: [Scanned];

/// Calls those of `slice` that are of `E`.
#[inline]
pub fn scan<E: 'static>(slice: &[Scanned], event: &E) {
    for scanned in slice {
        if scanned.event == TypeId::of::<E>() {
            (scanned.call)(event);
        }
    }
}

/// The resource in which handlers count, on every peer.
#[must_use]
pub fn counter() -> Counter {
    static TALLY: std::sync::OnceLock<Tally> = std::sync::OnceLock::new();
    Counter(TALLY.get_or_init(Tally::default))
}

/// A bus with every linked handler.
///
/// # Panics
///
/// If the wiring is wrong.
#[must_use]
pub fn own_bus() -> Bus {
    let builder = Bus::builder().provide(counter());
    builder.build().expect("the wiring is right")
}

/// Makes sure that there is a default bus.
pub fn install() {
    // It is there already, if this was called before.
    own_bus().install().ok();
}
