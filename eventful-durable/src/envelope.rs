//! An event as it is stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most bytes that a payload may have, unless configured otherwise: 256 KiB.
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// A durable event as it is stored: its payload as bytes, and what is known of it without decoding them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// The id, a UUID of version 7.
    pub id: Uuid,
    /// The written name of the event.
    pub name: String,
    /// The version of the event's shape, from 1.
    pub version: u32,
    /// The value that order is kept by, if the event has one.
    pub key: Option<String>,
    /// The slot of the key, or of the id if there is no key: see [`slot_of`].
    pub slot: u8,
    /// The event, as JSON.
    pub payload: Vec<u8>,
    /// The instant at which it was published, by the publisher's clock.
    pub occurred_at: Timestamp,
    /// The facts beside its content.
    pub headers: Headers,
}

/// The facts about an event beside its content. Each is `None` if it is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Headers {
    /// The [W3C trace context](https://www.w3.org/TR/trace-context/) `traceparent` of the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// The `tracestate` of the publisher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
    /// The id of the event whose handler has published this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Uuid>,
    /// The id of the first event of the chain of causes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlation: Option<Uuid>,
    /// The line that has published it, `src/orders.rs:12:5`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_at: Option<String>,
}

/// Returns the slot of a key: the 32-bit [FNV-1a] hash of its bytes, folded to 8 bits by XOR. Stores keep it, so it
/// never changes.
///
/// [FNV-1a]: https://datatracker.ietf.org/doc/draft-eastlake-fnv/
#[must_use]
pub fn slot_of(key: &str) -> u8 {
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.to_le_bytes()
        .into_iter()
        .fold(0, |slot, byte| slot ^ byte)
}
