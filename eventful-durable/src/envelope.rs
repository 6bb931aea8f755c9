//! An event as it is stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most bytes that a payload may have, unless configured otherwise: 256 KiB.
///
/// # Examples
///
/// ```
/// use eventful::durable::{MAX_PAYLOAD, Memory};
/// use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "page.scanned")]
/// #[derive(Serialize, Deserialize)]
/// struct PageScanned {
///     image: String,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let mut transaction = Memory::new().begin();
/// let scanned = PageScanned { image: "x".repeat(MAX_PAYLOAD) }; // store it elsewhere, and publish its name
/// assert!(scanned.publish(&mut transaction).await.is_err());
/// # }
/// ```
pub const MAX_PAYLOAD: usize = 256 * 1024;

/// A durable event as it is stored: its payload as bytes, and what is known of it without decoding them.
///
/// # Examples
///
/// ```
/// use eventful::durable::testing::Expect;
/// use eventful::durable::{Envelope, Memory};
/// use eventful::event;
/// # use serde::{Deserialize, Serialize};
///
/// #[event(durable, name = "order.placed", key = customer_id)]
/// #[derive(Serialize, Deserialize)]
/// struct OrderPlaced {
///     order_id: u64,
///     customer_id: u64,
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let store = Memory::new();
/// let mut transaction = store.begin();
/// OrderPlaced { order_id: 1, customer_id: 7 }.publish(&mut transaction).await?;
/// transaction.commit();
///
/// let stored: &Envelope = &Expect::of(&store).published("order.placed", 1).await[0];
/// assert_eq!(stored.key.as_deref(), Some("7"));
/// assert_eq!(stored.payload, br#"{"order_id":1,"customer_id":7}"#);
/// # Ok(())
/// # }
/// ```
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
///
/// # Examples
///
/// ```
/// use eventful::durable::{self, Headers};
///
/// /// The words that a handler adds to each line of its log.
/// fn origin() -> Option<String> {
///     let Headers { published_at, cause, .. } = durable::current()?.headers;
///     Some(format!("published at {published_at:?}, because of {cause:?}"))
/// }
///
/// assert_eq!(origin(), None, "no handler is running");
/// ```
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
///
/// # Examples
///
/// ```
/// use eventful::durable::slot_of;
///
/// assert_eq!(slot_of("customer 7"), slot_of("customer 7"));
/// assert_eq!(slot_of(""), 0xc5 ^ 0x9d ^ 0x1c ^ 0x81);
/// ```
#[must_use]
pub fn slot_of(key: &str) -> u8 {
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    hash.to_le_bytes()
        .into_iter()
        .fold(0, |slot, byte| slot ^ byte)
}
