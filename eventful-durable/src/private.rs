//! The items that expanded macros name. Nobody else may name them: they change without notice.

pub use crate::append::{Appending, Appends};
pub use crate::codec::{Codec, DurableEvent, Kept, key_of};
pub use crate::publish::{publish, publish_at};
pub use crate::upcast::Upcast;
pub use std::string::String;
