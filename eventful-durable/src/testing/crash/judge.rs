//! The judge: it compares the ledger and the effects with what was committed.

mod cursors;

use std::collections::{BTreeMap, HashMap, HashSet};

use uuid::Uuid;

use self::cursors::Cursors;
use super::Row;
use super::controller::Counts;
use super::ledger::{Kind, Line};
use super::report::{Effects, Report};
use super::worker::{BATCH, Recorder};
use crate::store::{DeadLetter, FailureKind};

/// The remains of a run, beside the ledger.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    pub(super) subscriptions: Vec<&'static str>,
    pub(super) committed: Vec<Row>,
    /// In the order in which they were written.
    pub(super) effects: Option<Vec<Row>>,
    pub(super) dead: Vec<DeadLetter>,
    pub(super) errors: Vec<String>,
    pub(super) failpoints: Vec<String>,
    pub(super) left_over: usize,
    pub(super) damage: Option<String>,
    /// The transactions that were committed, as publishers have counted them.
    pub(super) transactions: u64,
    pub(super) counts: Counts,
}

/// The ledger of one subscription. The index of a line stands for its time.
#[derive(Default)]
struct Book {
    /// The first start of each event.
    started: HashMap<Uuid, usize>,
    /// The first success of each event.
    succeeded: HashMap<Uuid, usize>,
    /// The first success or death of each event.
    ended: HashMap<Uuid, usize>,
    duplicates: usize,
    run: usize,
    longest_run: usize,
    takeovers: usize,
}

impl Evidence {
    pub(super) fn judge(self, ledger: impl Iterator<Item = String>) -> Report {
        let mut report = Report {
            events: self.committed.len(),
            left_over: self.left_over,
            damage: self.damage.clone(),
            ..Report::default()
        };
        report.count(self.counts);
        for point in &self.failpoints {
            *report.failpoints.entry(point.clone()).or_default() += 1;
        }
        let is_borne = |line: &&String| line.starts_with("worker ") || line.starts_with("trim ");
        let (borne, errors) = self.errors.iter().partition(is_borne);
        let cloned = |lines: Vec<&String>| lines.into_iter().cloned().collect();
        report.worker_errors = cloned(borne);
        report.errors = cloned(errors);

        report.transactions = self.transactions;
        let (books, cursors) = read(ledger, &mut report);
        report.void_taken = cursors.void();
        let keys = self.keys(&mut report);
        let committed: HashSet<_> = self.committed.iter().map(|row| row.id).collect();
        for subscription in &self.subscriptions {
            let nothing = Book::default();
            let book = books.get(*subscription).unwrap_or(&nothing);
            let dead = self
                .dead
                .iter()
                .filter(|it| it.subscription == *subscription);
            let dead: HashSet<_> = dead.map(|it| it.envelope.id).collect();
            let is_lost = |id: &&Uuid| !book.succeeded.contains_key(id) && !dead.contains(id);
            report.lost += committed.iter().filter(is_lost).count();
            let is_phantom = |id: &&Uuid| !committed.contains(id);
            report.phantoms += book.started.keys().filter(is_phantom).count();
            for ids in keys.values() {
                book.check_order(ids, &mut report);
            }
            report.takeovers += book.takeovers;
            report.most_duplicates += book.takeovers * BATCH;
            report.duplicates += book.duplicates;
            report.longest_run = report.longest_run.max(book.longest_run);
        }
        self.check_dead(&mut report);
        report.effects = self.effects.as_ref().map(|rows| self.check_effects(rows));
        report
    }

    /// The events of each key, in the order of their numbers.
    fn keys(&self, report: &mut Report) -> BTreeMap<&str, Vec<Uuid>> {
        let mut numbers: BTreeMap<&str, Vec<(i64, Uuid)>> = BTreeMap::new();
        for row in &self.committed {
            if let Some(key) = &row.key {
                numbers.entry(key).or_default().push((row.number, row.id));
            }
        }
        for (key, numbers) in &mut numbers {
            numbers.sort_unstable();
            if numbers
                .iter()
                .zip(1..)
                .any(|((number, _), expected)| *number != expected)
            {
                let text = format!("the counter of {key} has gaps: `Subject::count` does not lock");
                report.errors.push(text);
            }
        }
        let ids = |numbers: Vec<(i64, Uuid)>| numbers.into_iter().map(|(_, id)| id).collect();
        let keys = numbers.into_iter();
        keys.map(|(key, numbers)| (key, ids(numbers))).collect()
    }

    fn check_dead(&self, report: &mut Report) {
        report.dead = self.dead.len();
        for letter in &self.dead {
            let last = letter.failures.last().map(|failure| failure.kind);
            if last == Some(FailureKind::KilledTheWorker) {
                report.unlucky += 1;
            } else if letter.subscription != Recorder::Flaky.id() {
                report.wrongly_dead += 1;
            }
        }
    }

    fn check_effects(&self, rows: &[Row]) -> Effects {
        let mut effects = Effects {
            rows: rows.len(),
            ..Effects::default()
        };
        let mut counts: HashMap<Uuid, usize> = HashMap::new();
        let mut last: HashMap<&str, i64> = HashMap::new();
        for row in rows {
            *counts.entry(row.id).or_default() += 1;
            if let Some(key) = &row.key {
                let last = last.entry(key).or_default();
                effects.inverted += usize::from(row.number < *last);
                *last = row.number;
            }
        }
        let dead = self.dead.iter();
        let dead = dead.filter(|it| it.subscription == Recorder::Effects.id());
        let dead: HashSet<_> = dead.map(|it| it.envelope.id).collect();
        for row in &self.committed {
            let wanted = usize::from(!dead.contains(&row.id));
            let found = counts.remove(&row.id).unwrap_or(0);
            effects.missing += wanted.saturating_sub(found);
            effects.doubled += found.saturating_sub(wanted);
        }
        effects.phantoms = counts.values().sum();
        effects
    }
}

/// Reads the ledger.
fn read(
    ledger: impl Iterator<Item = String>,
    report: &mut Report,
) -> (BTreeMap<String, Book>, Cursors) {
    let mut books: BTreeMap<String, Book> = BTreeMap::new();
    let mut cursors = Cursors::default();
    for (time, text) in ledger.enumerate() {
        let line = Line::parse(&text);
        let is_read = line.and_then(|line| match line.kind {
            Kind::Gave => cursors.give(&line),
            Kind::Took => cursors.take(&line),
            kind => {
                let book = books.entry(line.subscription).or_default();
                book.write(kind, line.event, time);
                Some(())
            }
        });
        if is_read.is_none() {
            let text = format!("a line of the ledger is torn: {text}");
            report.errors.push(text);
        }
    }
    (books, cursors)
}

impl Book {
    fn write(&mut self, kind: Kind, event: Uuid, time: usize) {
        match kind {
            Kind::Start => {
                self.started.entry(event).or_insert(time);
            }
            Kind::Ok => {
                self.ended.entry(event).or_insert(time);
                let first = *self.succeeded.entry(event).or_insert(time);
                let is_duplicate = first != time;
                self.duplicates += usize::from(is_duplicate);
                self.run = if is_duplicate { self.run + 1 } else { 0 };
                self.longest_run = self.longest_run.max(self.run);
            }
            Kind::Dead => {
                self.ended.entry(event).or_insert(time);
            }
            // The cursors have theirs.
            Kind::Fail | Kind::Gave | Kind::Took => {}
            Kind::Taken => self.takeovers += 1,
        }
    }

    /// Compares each event of a key with the one before it.
    fn check_order(&self, ids: &[Uuid], report: &mut Report) {
        for pair in ids.windows(2) {
            let [before, after] = pair else {
                continue;
            };
            let is_after = |times: &HashMap<Uuid, usize>| {
                let (before, after) = (times.get(before), times.get(after));
                before.is_some() && after.is_some() && before > after
            };
            report.inverted += usize::from(is_after(&self.started) || is_after(&self.ended));
            if let (Some(started), Some(ended)) = (self.started.get(after), self.ended.get(before))
            {
                report.overtaken += usize::from(started < ended);
            }
        }
    }
}

#[cfg(test)]
mod tests;
