//! The options of a handler of durable events that runs by itself.

use std::time::Duration;

/// The options of a handler of durable events that runs by itself. `None`, or false: its attribute does not say.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of `#[handler]`"
)]
pub struct SeparateOptions {
    /// The options as people write them.
    pub written: &'static str,
    /// `retry(attempts = …)`
    pub attempts: Option<u32>,
    /// `retry(first = …)`
    pub first: Option<Duration>,
    /// `retry(longest = …)`
    pub longest: Option<Duration>,
    /// `retry(for = …)`
    pub keep_trying_for: Option<Duration>,
    pub timeout: Option<Duration>,
    pub concurrency: Option<u32>,
    /// `was = …`
    pub was: &'static [&'static str],
    /// `from = "beginning"`
    pub from_beginning: bool,
    /// `on_dead = "stop"`
    pub stops_when_dead: bool,
    /// `each = "process"`
    pub each_process: bool,
    /// `replay = "refuse"`
    pub refuses_replay: bool,
    /// The id of the handler whose dead letters this one handles: `#[on_dead("…")]`.
    pub dead_letters_of: Option<&'static str>,
}

impl SeparateOptions {
    /// Nothing is written.
    pub const DEFAULT: Self = Self {
        written: "",
        attempts: None,
        first: None,
        longest: None,
        keep_trying_for: None,
        timeout: None,
        concurrency: None,
        was: &[],
        from_beginning: false,
        stops_when_dead: false,
        each_process: false,
        refuses_replay: false,
        dead_letters_of: None,
    };
}
