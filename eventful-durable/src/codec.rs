//! A durable event as bytes, and back.

use std::any::Any;
use std::fmt::{self, Display};

use eventful_core::__private::{DecodedEvent, Durability};
use eventful_core::{Event, mode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// A durable event: `#[event(durable, name = "…")]`. The attribute implements it.
///
/// # Examples
///
/// ```
/// use eventful::durable::{AppendError, Appends, DurableEvent};
/// use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed", version = 2, key = order_id)]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: u64,
/// }
///
/// fn describe<E: DurableEvent>(event: &E) -> String {
///     format!("{} version {}, key {}", E::NAME, E::VERSION, event.key().unwrap_or_default())
/// }
///
/// assert_eq!(describe(&OrderPlaced { order_id: 7 }), "order.placed version 2, key 7");
/// ```
pub trait DurableEvent: Event<Mode = mode::Durable> {
    /// The version of its shape, from 1.
    const VERSION: u32;

    #[doc(hidden)]
    const __HAS_KEY: bool;

    /// Returns the key by which order is kept, if the event has one.
    fn key(&self) -> Option<String>;
}

/// A type that can be stored, and read again in another process. Only the codec asks for it, so that it is one error.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "the durable event `{Self}` cannot be stored",
    label = "`Serialize` or `Deserialize` of serde is missing",
    note = "write `#[derive(serde::Serialize, serde::Deserialize)]` on `{Self}`, with `serde = {{ version = \"1\", features = [\"derive\"] }}` in \
            Cargo.toml"
)]
pub trait Kept: Serialize + DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Kept for T {}

/// Returns the key of an event as text.
#[doc(hidden)]
pub fn key_of<'a, E, K: Display>(event: &'a E, key: impl FnOnce(&'a E) -> K) -> Option<String> {
    Some(key(event).to_string())
}

/// The functions that make bytes of an event and an event of bytes, with its type forgotten.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Codec {
    version: u32,
    has_key: bool,
    encode: fn(&dyn Any) -> Option<Encoded>,
    decode: fn(&[u8]) -> Result<DecodedEvent, serde_json::Error>,
    decode_value: fn(Value) -> Result<DecodedEvent, serde_json::Error>,
}

/// The bytes of an event, and its key.
#[derive(Debug)]
pub(crate) struct Encoded {
    pub(crate) payload: Result<Vec<u8>, serde_json::Error>,
    pub(crate) key: Option<String>,
}

impl Codec {
    /// The codec of `E`.
    #[must_use]
    pub const fn of<E: DurableEvent + Kept>() -> Self {
        Self {
            version: E::VERSION,
            has_key: E::__HAS_KEY,
            encode: encode::<E>,
            decode: |bytes| serde_json::from_slice::<E>(bytes).map(DecodedEvent::new),
            decode_value: |value| serde_json::from_value::<E>(value).map(DecodedEvent::new),
        }
    }

    /// The codec of `E`, with which its attribute declares it.
    pub(crate) fn of_event<E: DurableEvent>() -> &'static Self {
        Self::from_core(E::__DURABLE.expect("the attribute that makes it durable gives it a codec"))
    }

    /// The codec that an event has in the core.
    pub(crate) fn from_core(durability: &'static dyn Durability) -> &'static Self {
        let any: &dyn Any = durability;
        any.downcast_ref()
            .expect("there is one engine: its codec is the only one")
    }

    /// Returns the bytes and the key of an event, which is of the type of this codec.
    pub(crate) fn encode(&self, event: &dyn Any) -> Encoded {
        (self.encode)(event).expect("the event is of the type of its codec")
    }

    pub(crate) fn decode(&self, payload: &[u8]) -> Result<DecodedEvent, serde_json::Error> {
        (self.decode)(payload)
    }

    pub(crate) fn decode_value(&self, value: Value) -> Result<DecodedEvent, serde_json::Error> {
        (self.decode_value)(value)
    }
}

fn encode<E: DurableEvent + Kept>(event: &dyn Any) -> Option<Encoded> {
    event.downcast_ref::<E>().map(|event| Encoded {
        payload: serde_json::to_vec(event),
        key: event.key(),
    })
}

impl Durability for Codec {
    fn version(&self) -> u32 {
        self.version
    }

    fn has_key(&self) -> bool {
        self.has_key
    }
}

impl fmt::Debug for Codec {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Codec(version {})", self.version)
    }
}
