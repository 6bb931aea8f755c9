//! The collection of linked entries, which `build.rs` chooses for the target. Each one defines `events`, `handlers`,
//! `__register_event!` and `__register_handler!`, and exports what the two macros name.

#[cfg(eventful_backend = "inventory")]
#[path = "backend/inventory.rs"]
mod chosen;
#[cfg(eventful_backend = "linkme")]
#[path = "backend/linkme.rs"]
mod chosen;

pub use self::chosen::*;

// A registry that finds nothing would look like a program without handlers.
#[cfg(not(any(eventful_backend = "inventory", eventful_backend = "linkme")))]
compile_error!(
    "eventful cannot collect handlers on this target: linkme does not support it, or the feature `inventory` is on, and \
     inventory does not support it"
);
