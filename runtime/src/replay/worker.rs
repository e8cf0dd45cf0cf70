//! Does the steps of customers one after the other and keeps their records until these can be put in order.

use super::batch::{Batch, Key, Turn};
use super::summary::{Summary, Tally};
use crate::effect::Effect;
use crate::intake::{Event, Rejected};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::publish::Publisher;
use crate::step::{Detail, Stepper, TOO_LATE, Taken};
use smol_str::SmolStr;
use std::ops::Range;
use std::sync::Arc;

pub(super) struct Worker {
    pub(super) detail: Detail,
    pub(super) stepper: Stepper,
    pub(super) summary: Summary,
    /// Called with a customer after each step.
    pub(super) after: Option<fn(&Policy, &mut Profile)>,
    publisher: Publisher,
    tally: Tally,
    effects: Vec<Effect>,
    /// The customer of whom something is to be explained, and what was brought about there.
    pub(super) followed: Option<(SmolStr, Vec<Effect>)>,
    /// Records that wait to be put in order.
    records: Vec<u8>,
    pieces: Vec<(Key, Range<usize>)>,
    /// How many of them are refusals: they are counted when they are told.
    refused: u64,
}

impl Worker {
    pub(super) fn new(policy: Arc<Policy>, detail: Detail) -> Worker {
        Worker {
            detail,
            publisher: Publisher::new(Arc::clone(&policy)),
            stepper: Stepper::new(policy, detail),
            summary: Summary::default(),
            after: None,
            tally: Tally::default(),
            effects: Vec::new(),
            followed: None,
            records: Vec::new(),
            pieces: Vec::new(),
            refused: 0,
        }
    }

    /// Does one step of a customer and writes its records, which belong at `key`.
    pub(super) fn step(
        &mut self,
        profile: &mut Profile,
        key: impl FnOnce() -> Key,
        step: impl FnOnce(&mut Stepper, &mut Profile, &mut Vec<Effect>),
    ) {
        self.effects.clear();
        step(&mut self.stepper, profile, &mut self.effects);
        if let Some(after) = self.after {
            after(self.stepper.policy(), profile);
        }
        if self.effects.is_empty() {
            return;
        }
        let start = self.records.len();
        for effect in &self.effects {
            self.tally.count(effect);
            self.publisher.effect(profile, effect, &mut self.records);
        }
        self.pieces.push((key(), start..self.records.len()));
        if let Some((subject, effects)) = &mut self.followed
            && *subject == profile.subject
        {
            effects.extend_from_slice(&self.effects);
        }
    }

    /// A customer that is followed may have become another one.
    pub(super) fn follow_merge(&mut self, from: &str, to: &SmolStr) {
        if let Some((subject, _)) = &mut self.followed
            && *subject == from
        {
            subject.clone_from(to);
            self.stepper.follow_watched(to);
        }
    }

    /// What the clock brings a customer by time alone, on its way to `clock`.
    pub(super) fn timers(
        &mut self,
        batch: &Batch,
        (customer, profile, order): (u32, &mut Profile, &mut u64),
        turn: &mut Turn,
        clock: i64,
    ) {
        while profile.due() > i64::MIN && profile.due() < i64::MAX && turn.takes(profile.due(), clock) {
            self.fire(profile, order, || turn.key(&batch.clocks, customer));
        }
    }

    /// What is due at a customer before an instant, at the position of the customer's own event.
    pub(super) fn catch_up(&mut self, profile: &mut Profile, order: &mut u64, key: Key, before: i64) {
        while profile.now > i64::MIN && profile.due() < before {
            self.fire(profile, order, || key);
        }
    }

    fn fire(&mut self, profile: &mut Profile, order: &mut u64, key: impl FnOnce() -> Key) {
        *order += 1;
        self.summary.timers += 1;
        let (at, order) = (profile.due(), *order);
        self.step(profile, key, |stepper, profile, effects| stepper.timers(profile, at, order, effects));
    }

    /// A line that could not be read.
    pub(super) fn rejected(&mut self, key: Key, place: u64, rejected: &Rejected) {
        let start = self.records.len();
        self.publisher.rejected(place, rejected, &mut self.records);
        self.pieces.push((key, start..self.records.len()));
        self.refused += 1;
    }

    /// What became of an event that came so far behind the customer's time, µs.
    pub(super) fn taken(&mut self, key: Key, place: u64, event: &Event, taken: &Taken, behind: i64) {
        match taken {
            Taken::Accepted => {
                self.summary.accepted += 1;
                self.summary.late += u64::from(behind > 0);
                self.summary.too_late += u64::from(behind > TOO_LATE);
            }
            Taken::Duplicate => self.summary.duplicate += 1,
            Taken::Rejected(reason) => self.refused(key, place, event, reason),
        }
    }

    /// An event that could not be taken.
    pub(super) fn refused(&mut self, key: Key, place: u64, event: &Event, reason: &str) {
        let start = self.records.len();
        self.publisher.refused(place, event, reason, &mut self.records);
        self.pieces.push((key, start..self.records.len()));
        self.refused += 1;
    }

    /// Takes over what another worker has counted.
    pub(super) fn add(&mut self, other: &mut Worker) {
        self.summary.add(std::mem::take(&mut other.summary));
        self.tally.add(&mut other.tally);
        self.refused += std::mem::take(&mut other.refused);
    }

    /// Brings the summary up to date.
    pub(super) fn settle(&mut self) {
        self.tally.settle(&self.stepper.policy().plan, &mut self.summary);
    }
}

/// Appends the records of all workers in the order of the log.
pub(super) fn write<'w>(workers: impl Iterator<Item = &'w mut Worker>, out: &mut Vec<u8>) {
    let mut workers: Vec<&mut Worker> = workers.collect();
    let mut pieces: Vec<(Key, usize, Range<usize>)> = Vec::new();
    for (at, worker) in workers.iter_mut().enumerate() {
        pieces.extend(worker.pieces.drain(..).map(|(key, range)| (key, at, range)));
    }
    // Those of one key are of one worker, and came in their order.
    pieces.sort_unstable_by_key(|(key, _, range)| (*key, range.start));
    out.reserve(workers.iter().map(|worker| worker.records.len()).sum());
    for (_, at, range) in pieces {
        out.extend_from_slice(&workers[at].records[range]);
    }
    for worker in workers {
        worker.records.clear();
        worker.summary.rejected += std::mem::take(&mut worker.refused);
    }
}
