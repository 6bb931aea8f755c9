//! When an event is tried again, and when it is given up.

use std::time::Duration;

use uuid::Uuid;

use crate::handler_error::Advice;
use crate::{RetryPolicy, Settings, WhenDead};

/// The settings under which a subscription runs: its own, those of the worker, and the defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Policy {
    /// The most attempts. The time is the bound, unless it is given.
    pub(super) attempts: u32,
    pub(super) first: Duration,
    pub(super) longest: Duration,
    pub(super) keep_trying_for: Duration,
    pub(super) timeout: Duration,
    pub(super) concurrency: usize,
    pub(super) when_dead: WhenDead,
}

/// The next step for an event whose attempt has failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    RetryIn(Duration),
    GiveUp(String),
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const TIMEOUT: Duration = Duration::from_secs(60);
/// A transaction that is held starves others. It is below the time for which a connection of SQLite waits for the lock,
/// 5 seconds with sqlx.
const TIMEOUT_IN_TRANSACTION: Duration = Duration::from_secs(2);

impl Policy {
    /// The defaults of a handler.
    pub(super) fn of(settings: &Settings) -> Self {
        Self::with_timeout(settings, TIMEOUT)
    }

    /// The defaults of a handler with a transaction, of which the store has `transactions` at once. No event waits for
    /// one that has none.
    pub(super) fn of_transactional(settings: &Settings, transactions: usize) -> Self {
        let policy = Self::with_timeout(settings, TIMEOUT_IN_TRANSACTION);
        Self {
            concurrency: policy.concurrency.min(transactions),
            ..policy
        }
    }

    fn with_timeout(settings: &Settings, timeout: Duration) -> Self {
        let RetryPolicy {
            attempts,
            first,
            longest,
            keep_trying_for,
        } = settings.retry;
        Self {
            attempts: attempts.unwrap_or(u32::MAX),
            first: first.unwrap_or(Duration::from_secs(1)),
            longest: longest.unwrap_or(Duration::from_secs(60 * 60)),
            keep_trying_for: keep_trying_for.unwrap_or(match attempts {
                Some(_) => Duration::MAX,
                None => DAY,
            }),
            timeout: settings.timeout.unwrap_or(timeout),
            concurrency: settings.concurrency.unwrap_or(16),
            when_dead: settings.when_dead.unwrap_or(WhenDead::GoOn),
        }
    }

    /// Decides after `attempts` attempts, of which the first ended `tried_for` ago.
    pub(super) fn next(&self, attempts: u32, tried_for: Duration, advice: Advice) -> Next {
        if advice == Advice::Permanent {
            return Next::GiveUp("the handler says that no retry can cure it".to_owned());
        }
        if attempts >= self.attempts {
            return Next::GiveUp(format!("all {attempts} attempts have failed"));
        }
        let pause = match advice {
            Advice::RetryIn(pause) => pause,
            Advice::Policy | Advice::Permanent => with_jitter(self.pause(attempts)),
        };
        if tried_for.saturating_add(pause) > self.keep_trying_for {
            let hours = tried_for.as_secs_f64() / 3600.0;
            return Next::GiveUp(format!(
                "{attempts} attempts in {hours:.1} hours have failed"
            ));
        }
        Next::RetryIn(pause)
    }

    /// Returns true if no attempt follows the one with this number, unless the handler asks for one that is sooner.
    pub(super) fn is_last(&self, number: u32, tried_for: Duration) -> bool {
        let pause = self.pause(number);
        number >= self.attempts || tried_for.saturating_add(pause) > self.keep_trying_for
    }

    /// The longest pause after this many attempts.
    fn pause(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1).min(30);
        self.first.saturating_mul(1 << doublings).min(self.longest)
    }
}

/// Returns three quarters of the pause to all of it: those that failed together do not come together again.
fn with_jitter(pause: Duration) -> Duration {
    let random = Uuid::new_v4().as_bytes()[0];
    pause.mul_f64(0.75 + f64::from(random) / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_doubles_from_a_second_to_an_hour_for_a_day() {
        let policy = Policy::of(&Settings::default());
        let (mut attempts, mut tried_for) = (1, Duration::ZERO);
        let mut pauses = Vec::new();
        while let Next::RetryIn(pause) = policy.next(attempts, tried_for, Advice::Policy) {
            let longest = Duration::from_secs(1 << (attempts - 1).min(12)).min(policy.longest);
            assert!(
                pause <= longest && pause >= longest.mul_f64(0.75),
                "{attempts}: {pause:?}"
            );
            tried_for += pause;
            attempts += 1;
            pauses.push(pause);
        }
        assert!(
            tried_for > Duration::from_secs(22 * 3600) && tried_for <= DAY,
            "{tried_for:?}"
        );
        assert!((30..60).contains(&attempts), "{attempts} attempts");
    }

    #[test]
    fn attempts_alone_are_the_bound_if_they_are_given() {
        let settings = Settings {
            retry: RetryPolicy {
                attempts: Some(3),
                ..RetryPolicy::default()
            },
            ..Settings::default()
        };
        let policy = Policy::of(&settings);
        let week = 7 * DAY;
        assert!(matches!(
            policy.next(2, week, Advice::Policy),
            Next::RetryIn(_)
        ));
        assert!(!policy.is_last(2, week));
        assert!(policy.is_last(3, Duration::ZERO));
        let given_up = Next::GiveUp("all 3 attempts have failed".to_owned());
        assert_eq!(policy.next(3, Duration::ZERO, Advice::Policy), given_up);
    }

    #[test]
    fn those_that_failed_together_do_not_come_together_again() {
        let policy = Policy::of(&Settings::default());
        let next = |_| format!("{:?}", policy.next(5, Duration::ZERO, Advice::Policy));
        let pauses: std::collections::BTreeSet<_> = (0..100).map(next).collect();
        assert!(pauses.len() > 10, "{pauses:?}");
    }

    #[test]
    fn a_transactional_handler_has_as_many_at_once_as_the_store() {
        let settings = Settings::default();
        for (transactions, concurrency) in [(1, 1), (5, 5), (64, 16)] {
            let policy = Policy::of_transactional(&settings, transactions);
            assert_eq!(policy.concurrency, concurrency);
        }
    }
}
