//! The wiring of programs and buses as plain data: the handlers of each event, in order, and what each needs and
//! returns.

#[doc(inline)]
pub use eventful_wiring::{
    ProvidedResource, WiredCascade, WiredEvent, WiredFamily, WiredHandler, WiredPosition,
    WiredResource, Wiring,
};
