//! Older versions of events, and the functions that lift them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use eventful_core::__private::parts;
use serde_json::Value;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A function that makes the next version of an event: `#[upcast("…", from = …)]`.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Upcast {
    name: &'static str,
    from: u32,
    function: fn(Value) -> Result<Value, BoxError>,
    defined_at: &'static str,
}

impl Upcast {
    #[must_use]
    pub const fn new(
        name: &'static str,
        from: u32,
        defined_at: &'static str,
        function: fn(Value) -> Result<Value, BoxError>,
    ) -> Self {
        Self {
            name,
            from,
            function,
            defined_at,
        }
    }

    /// Turns the error of the user's function into a boxed one.
    ///
    /// # Errors
    ///
    /// With the error that it was given.
    pub fn boxed<E: Into<BoxError>>(result: Result<Value, E>) -> Result<Value, BoxError> {
        result.map_err(Into::into)
    }
}

impl fmt::Debug for Upcast {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Upcast({} from {})", self.name, self.from)
    }
}

/// The linked upcasts of one event, each from the version of its place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Chain(BTreeMap<u32, Upcast>);

/// The chains of upcasts that are linked.
pub(crate) struct Chains(BTreeMap<&'static str, Chain>);

impl Chains {
    /// Collects the linked upcasts. `versions` has the version of each linked event by its name, and `handled` the
    /// names of those that have handlers. A mistake is added to `faults`.
    pub(crate) fn linked(
        versions: &BTreeMap<&'static str, u32>,
        handled: &BTreeSet<&'static str>,
        faults: &mut Vec<String>,
    ) -> Self {
        let mut linked = parts::<Upcast>();
        linked.sort_by_key(|upcast| (upcast.name, upcast.from, upcast.defined_at));
        let mut chains = BTreeMap::<_, Chain>::new();
        for upcast in linked {
            let Upcast {
                name,
                from,
                defined_at,
                ..
            } = *upcast;
            match versions.get(name) {
                None => faults.push(format!(
                    "the upcast at {defined_at} is for `{name}`, and no durable event with that name is linked"
                )),
                Some(version) if from >= *version => faults.push(format!(
                    "the upcast of `{name}` at {defined_at} makes version {} of version {from}, and the event is of version \
                     {version}: write `version = {}` on it, or remove the upcast",
                    from + 1,
                    from + 1
                )),
                Some(_) => {
                    if let Some(earlier) = chains.entry(name).or_default().0.insert(from, *upcast) {
                        faults.push(format!(
                            "`{name}` has two upcasts from version {from}, at {} and at {defined_at}; remove one",
                            earlier.defined_at
                        ));
                    }
                }
            }
        }
        for (name, version) in versions.iter().filter(|(name, _)| handled.contains(*name)) {
            let chain = chains.entry(name).or_default();
            for missing in (1..*version).filter(|from| !chain.0.contains_key(from)) {
                faults.push(format!(
                    "`{name}` is of version {version}, and nothing lifts its version {missing}: write `#[upcast(\"{name}\", from = \
                     {missing})] fn … (old: serde_json::Value) -> Result<serde_json::Value, E>`"
                ));
            }
        }
        Self(chains)
    }

    /// The chain of the event `name`.
    pub(crate) fn of(&self, name: &str) -> Chain {
        self.0.get(name).cloned().unwrap_or_default()
    }
}

impl Chain {
    /// Lifts a value of the version `from` to the version `to`.
    ///
    /// # Errors
    ///
    /// With the reason, if an upcast is missing, fails or panics.
    pub(crate) fn lift(&self, mut value: Value, from: u32, to: u32) -> Result<Value, String> {
        for version in from..to {
            let Some(upcast) = self.0.get(&version) else {
                return Err(format!("there is no upcast from version {version}"));
            };
            let lifted = catch_unwind(AssertUnwindSafe(|| (upcast.function)(value)));
            let at = upcast.defined_at;
            value = match lifted {
                Ok(Ok(value)) => value,
                Ok(Err(error)) => {
                    let text = crate::registered::text_of(&error);
                    return Err(format!(
                        "the upcast from version {version}, at {at}, failed: {text}"
                    ));
                }
                Err(payload) => {
                    let text = crate::registered::panic_text(payload);
                    return Err(format!(
                        "the upcast from version {version}, at {at}, panicked: {text}"
                    ));
                }
            };
        }
        Ok(value)
    }
}
