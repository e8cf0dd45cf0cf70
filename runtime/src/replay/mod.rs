//! Deciding over a log of events on a virtual clock.
//!
//! The clock stands at the highest time of the log so far. When it moves on, what became due at customers who had
//! no event of their own happens first, in the order of time. What happens to a customer depends on its own
//! events alone: of an event that is older than the clock, only timers of the same customer that are due before
//! it come first.
//!
//! That is what the records say. It is worked out some thousand events at a time, customer by customer, for what
//! is known of a customer is then at hand, on several threads (`shares`); the records are put in order afterwards
//! (`batch`).

mod batch;
mod shares;
mod summary;
mod worker;

pub use summary::{Count, Summary};

use self::batch::{Batch, Key, NONE, Waiting};
use self::worker::Worker;
use crate::effect::Effect;
use crate::explain::{Sources, Watch, Why};
use crate::intake::{Event, Kind, ProfileLine, Rejected};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::record::write_instant;
use crate::step::{Detail, Stepper, Taken};
use crate::zone;
use comity_compiler::builtin;
use comity_compiler::ids::{MessageId, PlacementId};
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// No event is further ahead of those before it, µs: ten years.
pub const FURTHEST: i64 = 3653 * zone::DAY;

/// So many events are decided together.
const TOGETHER: usize = 16_384;
/// So many at first; and fewer again where their records are more than so many bytes.
const FIRST: usize = 512;
const MANY_RECORDS: usize = 16 << 20;

/// A run over a log.
pub struct Replay {
    worker: Worker,
    /// Those of other threads.
    others: Vec<Worker>,
    customers: Vec<Customer>,
    index: FxHashMap<SmolStr, u32>,
    /// When a customer is due at the earliest. An entry may be too early: what is due then is looked up.
    timers: BinaryHeap<Reverse<(i64, u32)>>,
    /// The highest time so far; `None` before the first event.
    clock: Option<i64>,
    /// Whether two events agree on about when the log takes place: from then on none can be far ahead.
    settled: bool,
    /// Adjacent events of one customer and one time, with their places in the log.
    group: Vec<(u64, Event)>,
    batch: Batch,
    /// At most so many events are decided together, and the next time so many.
    together: usize,
    ahead: usize,
    worth_a_thread: usize,
}

/// A customer of the run.
struct Customer {
    /// `None` where the customer became another one.
    profile: Option<Profile>,
    became: Option<u32>,
    /// The earliest entry among the timers.
    scheduled: i64,
    /// The number of the last step: those of two customers who become one are told apart by it.
    order: u64,
    /// The first and the last of the customer's events in the batch, or [`NONE`].
    waiting: (u32, u32),
}

impl Replay {
    /// Starts with no customers.
    pub fn new(policy: Arc<Policy>, detail: Detail) -> Replay {
        Replay {
            worker: Worker::new(policy, detail),
            others: Vec::new(),
            customers: Vec::new(),
            index: FxHashMap::default(),
            timers: BinaryHeap::new(),
            clock: None,
            settled: false,
            group: Vec::new(),
            batch: Batch::default(),
            together: TOGETHER,
            ahead: FIRST,
            worth_a_thread: shares::WORTH_A_THREAD,
        }
    }

    /// Decides so many events together. The records are the same, whatever the number.
    #[must_use]
    pub fn together(mut self, events: usize) -> Replay {
        self.together = events.clamp(1, TOGETHER);
        self.ahead = self.together.min(FIRST);
        self
    }

    /// From now on what happens to a customer is kept, so that a message can be explained.
    pub fn follow(&mut self, subject: &str, message: MessageId) {
        let subject = SmolStr::new(subject);
        self.worker.stepper.watch(Some(Watch::new(Some(subject.clone()), vec![message])));
        self.worker.followed = Some((subject, Vec::new()));
        // What becomes of each message of everybody else would fill the memory.
        let detail = Detail { blocked: false, ..self.worker.detail };
        self.others = vec![Worker::new(Arc::clone(self.policy()), detail)];
    }

    /// Why a customer that is followed did or didn't get a message, as of an instant (µs) up to which the run has
    /// come; `None` where nothing is known of the customer.
    pub fn why(&mut self, subject: &str, message: MessageId, at: i64, sources: &Sources<'_>) -> Option<Why> {
        let customer = self.find(subject)?;
        let profile = self.customers[customer as usize].profile.as_ref()?;
        let followed = self.worker.followed.take();
        let effects = followed.as_ref().map_or(&[][..], |(_, effects)| effects);
        let why = self.worker.stepper.why(profile, message, at, effects, sources);
        self.worker.followed = followed;
        Some(why)
    }

    /// Calls with each customer after each of its steps: so tests put the state to use as it would be elsewhere.
    #[must_use]
    pub fn after_each_step(mut self, call: fn(&Policy, &mut Profile)) -> Replay {
        self.worker.after = Some(call);
        self.others.iter_mut().for_each(|other| other.after = Some(call));
        self
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        self.worker.stepper.policy()
    }

    /// What happened so far, in figures, up to the last records; what became of messages and segments, up to the
    /// last [`Replay::finish`].
    pub fn summary(&self) -> &Summary {
        &self.worker.summary
    }

    /// The highest time so far, µs; `None` before the first event.
    pub fn clock(&self) -> Option<i64> {
        self.clock
    }

    /// The ids of all customers that were met, in no order.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.index.keys().map(SmolStr::as_str)
    }

    /// The profile of a customer, as of the last [`Replay::finish`].
    pub fn profile(&self, subject: &str) -> Option<&Profile> {
        self.customers[self.find(subject)? as usize].profile.as_ref()
    }

    /// Takes a profile in, before the first event. A later line of the same customer adds to the first. Gives the
    /// customer's number: they are counted from 0 as they are met.
    pub fn import(&mut self, line: ProfileLine) -> u32 {
        let policy = Arc::clone(self.policy());
        let Some(customer) = self.find(&line.subject) else {
            return self.meet(Profile::imported(&policy, line));
        };
        if let Some(profile) = &mut self.customers[customer as usize].profile {
            profile.import(&policy, line);
        }
        customer
    }

    /// Takes the next event of the log; `place` is its number in the log, from 1. Records are appended to `out`
    /// when enough events have come together.
    pub fn event(&mut self, place: u64, event: Event, out: &mut Vec<u8>) {
        let together = self
            .group
            .last()
            .is_none_or(|(_, last)| last.subject == event.subject && last.time == event.time);
        if !together {
            self.take_group(out);
        }
        self.group.push((place, event));
    }

    /// A line of the log that could not be read as an event.
    pub fn reject(&mut self, place: u64, rejected: &Rejected, out: &mut Vec<u8>) {
        self.take_group(out);
        let position = self.batch.position(self.clock.unwrap_or(i64::MIN));
        self.worker.rejected(Key::of_event(position), place, rejected);
        self.decide_if_full(out);
    }

    /// What a placement shows a customer at an instant (µs).
    pub fn decide(
        &mut self,
        subject: &str,
        placement: PlacementId,
        at: i64,
        out: &mut Vec<u8>,
    ) -> Vec<Effect> {
        self.take_group(out);
        self.decide_batch(out);
        self.start(at);
        self.pass(at, out);
        let customer = self.customer(subject);
        let (key, mut effects) = (Key::of_event(0), Vec::new());
        let Customer { profile, order, .. } = &mut self.customers[customer as usize];
        if let Some(profile) = profile {
            self.worker.catch_up(profile, order, key, at.saturating_add(1));
            profile.timers_done = self.clock.unwrap_or(at);
            *order += 1;
            let order = *order;
            self.worker.step(
                profile,
                || key,
                |stepper, profile, published| {
                    stepper.decide(profile, placement, at, order, published);
                    effects.clone_from(published);
                },
            );
        }
        self.schedule(customer);
        self.write(out);
        effects
    }

    /// Ends the run: what is due up to an instant (µs), it included; without one, up to the last event's time.
    pub fn finish(&mut self, until: Option<i64>, out: &mut Vec<u8>) {
        self.take_group(out);
        self.decide_batch(out);
        if let Some(until) = until {
            self.start(until);
        }
        if let Some(end) = until.or(self.clock) {
            self.pass(end, out);
        }
        self.worker.settle();
    }

    /// Takes the events that were given together: withdrawals first, then as they came. The last ones wait for others
    /// until this is called, or [`Replay::finish`].
    pub fn take_group(&mut self, out: &mut Vec<u8>) {
        if self.group.len() > 1 {
            let policy = Arc::clone(self.policy());
            self.group.sort_by_key(|(_, event)| rank(&policy, &event.kind));
        }
        let mut group = std::mem::take(&mut self.group);
        for (place, event) in group.drain(..) {
            self.take(place, event, out);
        }
        self.group = group;
    }

    fn take(&mut self, place: u64, event: Event, out: &mut Vec<u8>) {
        self.worker.summary.events += 1;
        if let Some(reason) = self.far_ahead(event.time) {
            let position = self.batch.position(self.clock.unwrap_or(i64::MIN));
            self.worker.refused(Key::of_event(position), place, &event, &reason);
            return self.decide_if_full(out);
        }
        let summary = &mut self.worker.summary;
        summary.unknown += u64::from(event.kind == Kind::Unknown);
        summary.unknown_fields += u64::from(event.unknown_fields);
        let is_behind = |clock: i64| clock.saturating_sub(event.time) > FURTHEST;
        summary.far_behind += u64::from(self.clock.is_some_and(is_behind));
        self.start(event.time);
        if let Kind::Merge { from } = &event.kind {
            // Two customers become one: what was before is decided before.
            let from = from.clone();
            self.decide_batch(out);
            let customer = self.wait(place, event);
            self.merge(customer, &from);
            return self.conclude_batch(out);
        }
        self.wait(place, event);
        self.decide_if_full(out);
    }

    /// Puts an event, which moves the clock, behind those that wait; says whose it is.
    fn wait(&mut self, place: u64, event: Event) -> u32 {
        self.clock = self.clock.max(Some(event.time));
        let position = self.batch.position(self.clock.unwrap_or(event.time));
        let customer = self.customer(&event.subject);
        let index = self.batch.events.len() as u32;
        let waiting = &mut self.customers[customer as usize].waiting;
        match waiting.1 {
            NONE => {
                waiting.0 = index;
                self.batch.customers.push(customer);
            }
            last => self.batch.events[last as usize].iter_mut().for_each(|last| last.next = index),
        }
        waiting.1 = index;
        self.batch.events.push(Some(Waiting { position, place, event, next: NONE }));
        customer
    }

    /// Says why an event is too far in the future of the log to move its clock (docs/decisions/0011).
    fn far_ahead(&mut self, time: i64) -> Option<String> {
        let clock = self.clock?;
        let ahead = time.saturating_sub(clock);
        if self.settled && ahead > FURTHEST {
            let [time, clock] = [time, clock].map(|instant| {
                let mut text = Vec::new();
                write_instant(&mut text, instant);
                String::from_utf8_lossy(&text).into_owned()
            });
            return Some(format!(
                "`time`: {time} is more than ten years after all events before it, the latest at {clock}"
            ));
        }
        self.settled |= (-FURTHEST..=FURTHEST).contains(&ahead);
        None
    }

    /// The first instant of the run: what was imported is looked at as of then.
    fn start(&mut self, at: i64) {
        if self.clock.is_some() {
            return;
        }
        self.clock = Some(at);
        self.batch.before = at;
        for (index, customer) in self.customers.iter_mut().enumerate() {
            let Some(profile) = &mut customer.profile else { continue };
            self.worker.stepper.import(profile, at);
            customer.scheduled = profile.due();
            if customer.scheduled < i64::MAX {
                self.timers.push(Reverse((customer.scheduled, index as u32)));
            }
        }
    }

    fn decide_if_full(&mut self, out: &mut Vec<u8>) {
        if self.batch.clocks.len() >= self.ahead {
            self.decide_batch(out);
        }
    }

    /// Appends the records, in the order of the log.
    fn write(&mut self, out: &mut Vec<u8>) {
        let before = out.len();
        worker::write(std::iter::once(&mut self.worker).chain(&mut self.others), out);
        match out.len() - before {
            bytes if bytes > MANY_RECORDS => self.ahead = (self.ahead / 2).max(1),
            bytes if bytes < MANY_RECORDS / 4 => self.ahead = (self.ahead * 2).min(self.together),
            _ => {}
        }
    }

    /// Decides all events that wait.
    fn decide_batch(&mut self, out: &mut Vec<u8>) {
        let whose = std::mem::take(&mut self.batch.customers);
        self.decide_on(whose);
        self.conclude_batch(out);
    }

    /// The clock goes through the batch for all who have no events in it; then the records are in order.
    fn conclude_batch(&mut self, out: &mut Vec<u8>) {
        self.pass_others();
        self.write(out);
        self.batch.clear(self.clock);
    }

    /// The customer of the only event of the batch takes over all of another.
    fn merge(&mut self, customer: u32, from: &SmolStr) {
        let other = self.find(from);
        let Replay { worker, batch, customers, .. } = self;
        let Some(Waiting { position, place, mut event, .. }) = batch.events.pop().flatten() else { return };
        let (key, clock) = (Key::of_event(position), self.clock);
        customers[customer as usize].waiting = (NONE, NONE);
        for concerned in [Some(customer), other.filter(|other| *other != customer)].into_iter().flatten() {
            let Customer { profile, order, .. } = &mut customers[concerned as usize];
            let Some(profile) = profile else { continue };
            let mut turn = batch.begin(profile);
            worker.timers(batch, (concerned, profile, order), &mut turn, batch.clock());
            worker.catch_up(profile, order, key, event.time);
            profile.timers_done = clock.unwrap_or(event.time);
        }
        if other == Some(customer) {
            let reason = format!("`merge`: \"{from}\" is this customer already");
            worker.refused(key, place, &event, &reason);
            return self.schedule(customer);
        }
        let merged = other.and_then(|other| customers[other as usize].profile.take());
        let kept = merged.clone();
        let Customer { profile, order, .. } = &mut customers[customer as usize];
        let Some(profile) = profile else { return };
        *order = batch.order(position);
        let behind = profile.now.saturating_sub(event.time);
        let (number, mut taken) = (*order, Taken::Accepted);
        let step = |stepper: &mut Stepper, profile: &mut Profile, effects: &mut Vec<Effect>| {
            taken = stepper.event(profile, &mut event, number, merged, effects);
        };
        worker.step(profile, || key, step);
        match (&taken, other) {
            (Taken::Accepted, Some(other)) => {
                customers[other as usize].became = Some(customer);
                worker.follow_merge(from, &event.subject);
            }
            (Taken::Accepted, None) => _ = self.index.insert(from.clone(), customer),
            (_, Some(other)) => customers[other as usize].profile = kept,
            (_, None) => {}
        }
        worker.taken(key, place, &event, &taken, behind);
        self.schedule(customer);
    }

    /// Lets the clock run up to an instant, it included, without events.
    fn pass(&mut self, to: i64, out: &mut Vec<u8>) {
        self.clock = self.clock.max(Some(to));
        self.batch.before = i64::MIN;
        self.batch.position(to.saturating_add(1));
        self.conclude_batch(out);
    }

    /// What is due, up to the last position, at customers who have no events in the batch.
    fn pass_others(&mut self) {
        let before = self.batch.clock();
        let mut whose = Vec::new();
        while let Some(Reverse((at, customer))) = self.timers.peek().copied()
            && at < before
        {
            self.timers.pop();
            let scheduled = &mut self.customers[customer as usize].scheduled;
            if *scheduled == at {
                *scheduled = i64::MAX;
                whose.push(customer);
            }
        }
        self.decide_on(whose);
    }

    /// Notes when a customer is due next.
    fn schedule(&mut self, customer: u32) {
        let entry = &mut self.customers[customer as usize];
        let due = entry.profile.as_ref().map_or(i64::MAX, Profile::due);
        if due < entry.scheduled && due > i64::MIN {
            entry.scheduled = due;
            self.timers.push(Reverse((due, customer)));
        }
    }

    fn find(&self, subject: &str) -> Option<u32> {
        let mut customer = *self.index.get(subject)?;
        while let Some(other) = self.customers[customer as usize].became {
            customer = other;
        }
        Some(customer)
    }

    /// The customer of an id, who from now on is known.
    fn customer(&mut self, subject: &str) -> u32 {
        match self.find(subject) {
            Some(customer) => customer,
            None => self.meet(Profile::new(self.policy(), SmolStr::new(subject))),
        }
    }

    /// A customer who wasn't known so far.
    fn meet(&mut self, profile: Profile) -> u32 {
        let customer = self.customers.len() as u32;
        let subject = profile.subject.clone();
        self.customers.push(Customer {
            profile: Some(profile),
            became: None,
            scheduled: i64::MAX,
            order: 0,
            waiting: (NONE, NONE),
        });
        self.index.insert(subject, customer);
        customer
    }
}

/// Of events given together withdrawals come first, then those that can stop a journey (reference §10).
fn rank(policy: &Policy, kind: &Kind) -> u8 {
    let event = match kind {
        Kind::ConsentWithdrawn { .. } | Kind::Delivery { event: builtin::UNSUBSCRIBED, .. } => return 0,
        Kind::Known { event, .. } | Kind::Delivery { event, .. } => *event,
        Kind::Identify(_) => builtin::IDENTIFY,
        Kind::ConsentGranted { .. } => builtin::CONSENT_GRANTED,
        Kind::Merge { .. } => builtin::MERGE,
        Kind::Unknown => return 2,
    };
    if policy.events[event.index()].stops_journeys { 1 } else { 2 }
}
