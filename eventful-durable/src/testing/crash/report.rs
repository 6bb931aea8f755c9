//! The result of a run.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use super::controller::Counts;

/// The result of a run: what the judge has counted. Its `Display` is one line.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// The seed of the run.
    pub seed: u64,
    /// The directory with database and ledger. It is gone if nothing was found.
    pub directory: PathBuf,
    /// The transactions that publishers have committed, except those whose publisher was killed just then.
    pub transactions: u64,
    /// The events that were committed.
    pub events: usize,
    /// The processes that were killed.
    pub kills: u64,
    /// The processes that were stopped for longer than a lease.
    pub stops: u64,
    /// The failpoints at which processes have aborted, with the number of times.
    pub failpoints: BTreeMap<String, usize>,
    /// The leases that were taken.
    pub takeovers: usize,
    /// Committed events that a subscription has neither handled nor given up.
    pub lost: usize,
    /// Events that were delivered although they were rolled back.
    pub phantoms: usize,
    /// Pairs of a key whose first attempts, or ends, were in the wrong order.
    pub inverted: usize,
    /// Events that began before the event before them, of their key, had succeeded or died.
    pub overtaken: usize,
    /// Successes beyond the first one of an event. Handlers without a transaction may have some.
    pub duplicates: usize,
    /// The most duplicates that are no fault: a batch for each lease that was taken.
    pub most_duplicates: usize,
    /// The longest series of duplicates of a subscription.
    pub longest_run: usize,
    /// Acknowledgements that the store has taken although somebody else had the lease, or the cursor had moved.
    pub void_taken: usize,
    /// The effects that were written in the transactions of a handler. `None` if the store has none to lend.
    pub effects: Option<Effects>,
    /// The dead letters.
    pub dead: usize,
    /// The dead letters of events that died alone with their worker three times, because it was killed just then.
    pub unlucky: usize,
    /// The dead letters that should not be there.
    pub wrongly_dead: usize,
    /// Notes, *done* rows and retries that are left although everything is done.
    pub left_over: usize,
    /// Errors that publishers have met, and children that have ended by themselves.
    pub errors: Vec<String>,
    /// Errors that workers have met and borne.
    pub worker_errors: Vec<String>,
    /// The fault that the database has found in itself.
    pub damage: Option<String>,
}

/// The effects of the handler with a transaction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effects {
    /// The number of rows.
    pub rows: usize,
    /// Committed events without an effect, unless they are dead.
    pub missing: usize,
    /// Effects beyond the first one of an event, and those of dead letters.
    pub doubled: usize,
    /// Effects of events that were never committed.
    pub phantoms: usize,
    /// Effects that come before one of an earlier event of their key.
    pub inverted: usize,
}

impl Report {
    pub(super) fn count(&mut self, counts: Counts) {
        self.kills = counts.kills;
        self.stops = counts.stops;
    }

    /// Returns what is wrong, a line each.
    #[must_use]
    pub fn faults(&self) -> Vec<String> {
        let effects = self.effects.unwrap_or_default();
        let none = [
            ("events are lost", self.lost),
            ("events are phantoms", self.phantoms),
            ("pairs are inverted", self.inverted),
            ("events are overtaken", self.overtaken),
            ("void acknowledgements are taken", self.void_taken),
            ("effects are missing", effects.missing),
            ("effects are doubled", effects.doubled),
            ("effects are phantoms", effects.phantoms),
            ("effects are inverted", effects.inverted),
            ("events are dead for no reason", self.wrongly_dead),
            ("exceptions are left over", self.left_over),
        ];
        let none = none.into_iter().filter(|(_, count)| *count > 0);
        let mut faults: Vec<_> = none
            .map(|(what, count)| format!("{count} {what}"))
            .collect();
        if self.duplicates > self.most_duplicates {
            let (count, most) = (self.duplicates, self.most_duplicates);
            faults.push(format!("{count} duplicates are more than {most}"));
        }
        if self.events == 0 {
            faults.push("nothing was published".to_owned());
        }
        if let Some(damage) = &self.damage {
            faults.push(format!("the database is damaged: {damage}"));
        }
        faults.extend(self.errors.iter().cloned());
        faults
    }

    /// Returns true if nothing is wrong.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.faults().is_empty()
    }

    /// Asserts that nothing is wrong.
    ///
    /// # Panics
    ///
    /// If something is. The panic says what, and where the database and the ledger are.
    pub fn assert_sound(&self) {
        let faults = self.faults();
        assert!(
            faults.is_empty(),
            "{self}\n{}\nin {}, seed {}",
            faults.join("\n"),
            self.directory.display(),
            self.seed
        );
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let aborts: usize = self.failpoints.values().sum();
        write!(
            formatter,
            "crash: {} transactions, {} events, {} kills, {} stops, {aborts} aborts at {} failpoints, {} takeovers; \
             lost {}, phantom {}, inverted {}, overtaken {}, duplicates {} of at most {} (longest run {}), \
             void taken {}; ",
            self.transactions,
            self.events,
            self.kills,
            self.stops,
            self.failpoints.len(),
            self.takeovers,
            self.lost,
            self.phantoms,
            self.inverted,
            self.overtaken,
            self.duplicates,
            self.most_duplicates,
            self.longest_run,
            self.void_taken,
        )?;
        if let Some(effects) = self.effects {
            write!(
                formatter,
                "effects {}: missing {}, doubled {}, phantom {}, inverted {}; ",
                effects.rows, effects.missing, effects.doubled, effects.phantoms, effects.inverted
            )?;
        }
        write!(
            formatter,
            "dead {} ({} unlucky, {} wrongly); left over {}, errors {}, borne {}; database {}",
            self.dead,
            self.unlucky,
            self.wrongly_dead,
            self.left_over,
            self.errors.len(),
            self.worker_errors.len(),
            self.damage.as_deref().unwrap_or("ok"),
        )
    }
}
