//! Deciding over a log of events on a virtual clock.
//!
//! The clock stands at the highest time of the log so far. When it moves on, what became due at customers who had
//! no event of their own happens first, in the order of time. What happens to a customer depends on its own
//! events alone: of an event that is older than the clock, only timers of the same customer that are due before
//! it come first.

mod summary;

pub use summary::{Count, Summary};

use self::summary::Tally;
use crate::effect::Effect;
use crate::intake::{ConsentLine, Event, Kind, ProfileLine, Rejected};
use crate::policy::Policy;
use crate::profile::{Grant, Profile, Withdrawal};
use crate::publish::Publisher;
use crate::record::write_instant;
use crate::step::{Detail, Stepper, Taken};
use crate::zone;
use comity_compiler::builtin;
use comity_compiler::ids::PlacementId;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// No event is further ahead of those before it, µs: ten years.
const FURTHEST: i64 = 3653 * zone::DAY;

/// A run over a log.
pub struct Replay {
    stepper: Stepper,
    publisher: Publisher,
    customers: Vec<Customer>,
    index: FxHashMap<SmolStr, u32>,
    /// When a customer is due at the earliest. An entry may be too early: what is due then is looked up.
    timers: BinaryHeap<Reverse<(i64, u32)>>,
    /// The highest time so far; `None` before the first event.
    clock: Option<i64>,
    /// Whether two events agree on about when the log takes place: from then on none can be far ahead.
    settled: bool,
    /// How many steps there were: events of one time are told apart by it.
    order: u64,
    /// Adjacent events of one customer and one time, with their places in the log.
    group: Vec<(u64, Event)>,
    effects: Vec<Effect>,
    summary: Summary,
    tally: Tally,
}

struct Customer {
    /// `None` where the customer became another one.
    profile: Option<Profile>,
    became: Option<u32>,
    /// The earliest entry among the timers.
    scheduled: i64,
}

impl Replay {
    /// Starts with no customers.
    pub fn new(policy: Arc<Policy>, detail: Detail) -> Replay {
        Replay {
            publisher: Publisher::new(Arc::clone(&policy)),
            summary: Summary::default(),
            tally: Tally::default(),
            stepper: Stepper::new(policy, detail),
            customers: Vec::new(),
            index: FxHashMap::default(),
            timers: BinaryHeap::new(),
            clock: None,
            settled: false,
            order: 0,
            group: Vec::new(),
            effects: Vec::new(),
        }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        self.stepper.policy()
    }

    /// What happened so far, in figures; what became of messages and segments, up to the last [`Replay::finish`].
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    /// The highest time so far, µs; `None` before the first event.
    pub fn clock(&self) -> Option<i64> {
        self.clock
    }

    /// The profile of a customer.
    pub fn profile(&self, subject: &str) -> Option<&Profile> {
        self.customers[self.find(subject)? as usize].profile.as_ref()
    }

    /// Takes a profile in, before the first event. A later line of the same customer adds to the first.
    pub fn import(&mut self, line: ProfileLine) {
        let policy = Arc::clone(self.stepper.policy());
        let customer = self.customer(&line.subject);
        let Some(profile) = &mut self.customers[customer as usize].profile else { return };
        for (attribute, value) in line.attributes {
            profile.set_attribute(&policy, attribute, value, i64::MIN);
        }
        for (at, consent) in line.consents.into_iter().enumerate() {
            import_consent(profile, consent, at);
        }
    }

    /// Takes the next event of the log; `place` is its number in the log, from 1. Records are appended to `out`.
    pub fn event(&mut self, place: u64, event: Event, out: &mut Vec<u8>) {
        let together = self
            .group
            .last()
            .is_none_or(|(_, last)| last.subject == event.subject && last.time == event.time);
        if !together {
            self.flush(out);
        }
        self.group.push((place, event));
    }

    /// A line of the log that could not be read as an event.
    pub fn reject(&mut self, place: u64, rejected: &Rejected, out: &mut Vec<u8>) {
        self.flush(out);
        self.summary.rejected += 1;
        self.publisher.rejected(place, rejected, out);
    }

    /// What a placement shows a customer at an instant (µs).
    pub fn decide(
        &mut self,
        subject: &str,
        placement: PlacementId,
        at: i64,
        out: &mut Vec<u8>,
    ) -> Vec<Effect> {
        self.flush(out);
        self.start(at, out);
        self.advance(at, true, out);
        let customer = self.customer(subject);
        self.catch_up(customer, at.saturating_add(1), out);
        self.order += 1;
        let order = self.order;
        let mut effects = Vec::new();
        self.with_profile(customer, out, |stepper, profile, published| {
            stepper.decide(profile, placement, at, order, published);
            effects.clone_from(published);
        });
        effects
    }

    /// Ends the run: what is due up to an instant (µs), it included; without one, up to the last event's time.
    pub fn finish(&mut self, until: Option<i64>, out: &mut Vec<u8>) {
        self.flush(out);
        if let Some(until) = until {
            self.start(until, out);
        }
        if let Some(end) = until.or(self.clock) {
            self.advance(end, true, out);
        }
        self.tally.settle(&self.stepper.policy().plan, &mut self.summary);
    }

    /// Takes the events that were given together: withdrawals first, then as they came.
    fn flush(&mut self, out: &mut Vec<u8>) {
        if self.group.len() > 1 {
            let policy = Arc::clone(self.stepper.policy());
            self.group.sort_by_key(|(_, event)| rank(&policy, &event.kind));
        }
        let mut group = std::mem::take(&mut self.group);
        for (place, mut event) in group.drain(..) {
            self.take(place, &mut event, out);
        }
        self.group = group;
    }

    fn take(&mut self, place: u64, event: &mut Event, out: &mut Vec<u8>) {
        self.summary.events += 1;
        if let Some(reason) = self.far_ahead(event.time) {
            return self.refuse(place, event, reason, out);
        }
        if event.kind == Kind::Unknown {
            self.summary.unknown += 1;
        }
        self.summary.unknown_fields += u64::from(event.unknown_fields);
        self.start(event.time, out);
        self.advance(event.time, false, out);
        let customer = self.customer(&event.subject);
        self.catch_up(customer, event.time, out);
        let merged = match &event.kind {
            Kind::Merge { from } => match self.find(from) {
                Some(other) if other == customer => {
                    let reason = format!("`merge`: \"{from}\" is this customer already");
                    return self.refuse(place, event, reason, out);
                }
                Some(other) => {
                    self.catch_up(other, event.time, out);
                    self.customers[other as usize].profile.take().map(|profile| (other, profile))
                }
                None => None,
            },
            _ => None,
        };
        self.order += 1;
        let order = self.order;
        let other = merged.as_ref().map(|(other, profile)| (*other, profile.clone()));
        let mut taken = Taken::Accepted;
        self.with_profile(customer, out, |stepper, profile, effects| {
            taken = stepper.event(profile, event, order, merged.map(|(_, profile)| profile), effects);
        });
        match (taken, &event.kind) {
            (Taken::Accepted, Kind::Merge { from }) => {
                match other {
                    Some((other, _)) => self.customers[other as usize].became = Some(customer),
                    None => _ = self.index.insert(from.clone(), customer),
                }
                self.summary.accepted += 1;
            }
            (Taken::Accepted, _) => self.summary.accepted += 1,
            (refused, _) => {
                if let Some((other, profile)) = other {
                    self.customers[other as usize].profile = Some(profile);
                }
                match refused {
                    Taken::Rejected(reason) => self.refuse(place, event, reason, out),
                    _ => self.summary.duplicate += 1,
                }
            }
        }
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

    fn refuse(&mut self, place: u64, event: &Event, reason: String, out: &mut Vec<u8>) {
        self.summary.rejected += 1;
        self.publisher.refused(place, event, &reason, out);
    }

    /// The first instant of the run: what was imported is looked at as of then.
    fn start(&mut self, at: i64, _out: &mut Vec<u8>) {
        if self.clock.is_some() {
            return;
        }
        self.clock = Some(at);
        for (index, customer) in self.customers.iter_mut().enumerate() {
            let Some(profile) = &mut customer.profile else { continue };
            self.stepper.import(profile, at);
            customer.scheduled = profile.due();
            if customer.scheduled < i64::MAX {
                self.timers.push(Reverse((customer.scheduled, index as u32)));
            }
        }
    }

    /// Moves the clock: what is due before an instant, or up to it, happens at all customers, in order of time.
    fn advance(&mut self, to: i64, included: bool, out: &mut Vec<u8>) {
        if !included && self.clock.is_some_and(|clock| to <= clock) {
            return;
        }
        self.clock = self.clock.max(Some(to));
        let before = if included { to.saturating_add(1) } else { to };
        while let Some(Reverse((at, customer))) = self.timers.peek().copied()
            && at < before
        {
            self.timers.pop();
            let entry = &mut self.customers[customer as usize];
            if entry.scheduled == at {
                entry.scheduled = i64::MAX;
            }
            match entry.profile.as_ref().map(Profile::due) {
                Some(due) if due <= at => self.fire(customer, due, out),
                Some(_) => self.schedule(customer),
                None => {}
            }
        }
    }

    /// What is due at one customer before an instant, to which the clock has moved.
    fn catch_up(&mut self, customer: u32, before: i64, out: &mut Vec<u8>) {
        while let Some(profile) = &self.customers[customer as usize].profile
            && profile.now > i64::MIN
            && profile.due() < before
        {
            let due = profile.due();
            self.fire(customer, due, out);
        }
        if let (Some(profile), Some(clock)) = (&mut self.customers[customer as usize].profile, self.clock) {
            profile.timers_done = clock;
        }
    }

    fn fire(&mut self, customer: u32, at: i64, out: &mut Vec<u8>) {
        self.order += 1;
        let order = self.order;
        self.summary.timers += 1;
        self.with_profile(customer, out, |stepper, profile, effects| {
            stepper.timers(profile, at, order, effects)
        });
    }

    /// Does one step of a customer, writes its records and notes when the customer is due next.
    fn with_profile(
        &mut self,
        customer: u32,
        out: &mut Vec<u8>,
        step: impl FnOnce(&mut Stepper, &mut Profile, &mut Vec<Effect>),
    ) {
        let Some(profile) = &mut self.customers[customer as usize].profile else { return };
        self.effects.clear();
        step(&mut self.stepper, profile, &mut self.effects);
        for effect in &self.effects {
            self.tally.count(effect);
            self.publisher.effect(profile, effect, out);
        }
        self.schedule(customer);
    }

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
        if let Some(customer) = self.find(subject) {
            return customer;
        }
        let customer = self.customers.len() as u32;
        let subject = SmolStr::new(subject);
        let profile = Profile::new(self.stepper.policy(), subject.clone());
        self.customers.push(Customer { profile: Some(profile), became: None, scheduled: i64::MAX });
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

fn import_consent(profile: &mut Profile, consent: ConsentLine, at: usize) {
    let time = consent.time.unwrap_or(i64::MIN);
    match (consent.withdrawn, consent.purpose) {
        (false, Some(purpose)) => profile.ledger.grant(Grant {
            receipt: consent.receipt.unwrap_or_else(|| SmolStr::new(format!("imported-{}", at + 1))),
            purpose,
            channel: consent.channel,
            time,
            source: consent.source,
            confirmed: consent.confirmed,
        }),
        (_, purpose) => profile.ledger.withdraw(Withdrawal { purpose, channel: consent.channel, time }),
    }
}
