//! Evaluation at one moment of one customer: fills the slots that an expression looks at, each at most once, and
//! asks the engine.

use crate::effect::Reason;
use crate::history::Entry;
use crate::policy::Policy;
use crate::policy::crowds::Crowd;
use crate::policy::watches::{HOLDS, Standing, clause_id};
use crate::profile::{Profile, Snapshot, Verdict};
use crate::step::Candidate;
use comity_compiler::engine::{Answer, slots_of};
use comity_compiler::frame::Frame;
use comity_compiler::ids::*;
use comity_compiler::model::Scratch;
use comity_compiler::plan::{
    ChannelKind, Clause, ConsentMode, Experiment, Guard, Literal, Slot, Source, Wake,
};
use comity_compiler::value::Value;
use smallvec::SmallVec;
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::Xxh3;

/// The frame of one customer at one moment.
///
/// It must be told when the customer changes ([`Moment::changed`]), and which event is looked at.
pub(crate) struct Moment {
    frame: Frame,
    /// The event whose fields the event slots hold.
    event: Option<Arc<Snapshot>>,
    /// By atom: whether it holds, where that has been found out.
    atoms: Vec<Option<bool>>,
    /// Those of which it has.
    found: Vec<AtomId>,
    /// What the customer is in, where that is given and not by chance.
    assigned: Option<Assigned>,
    /// What slots are taken to hold, whatever is known.
    pretended: Pretended,
    /// The row of a model that is asked, and room to ask it.
    row: Vec<f64>,
    scratch: Scratch,
    /// What happened on the way, where that is counted.
    trace: Option<Box<Trace>>,
}

/// What slots are taken to hold.
pub(crate) type Pretended = Vec<(SlotId, Option<Value>)>;

/// How often things happened on the way to decisions, for the coverage of tests.
pub type Trace = BTreeMap<Passage, u64>;

/// Something on the way to a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Passage {
    /// An instance came to a step of a journey.
    Step(JourneyId, u32),
    /// It went on by one of the step's ways: of `if`, `wait for` and `send` 0 for what follows, 1 for `else`; of a
    /// `split` the position of the arm.
    Branch(JourneyId, u32, u32),
    /// A gate held a message back on a channel.
    Gate(Reason, ChannelId),
}

/// The arms and holdouts of a customer, as somebody says (reference §12).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// In these, and in no other.
    pub holdouts: Vec<HoldoutId>,
    /// With the position of the arm; in others the customer is in the first arm.
    pub arms: Vec<(ExperimentId, u32)>,
}

/// Whether a guard holds, and until when at least, unless something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Judgement {
    /// Position of the first clause that doesn't.
    pub(crate) blocked_by: Option<usize>,
    /// The instant, µs, at which time alone may change it; [`i64::MAX`] for never.
    pub(crate) until: i64,
}

impl Judgement {
    /// Whether all clauses hold.
    pub(crate) fn holds(self) -> bool {
        self.blocked_by.is_none()
    }

    /// What it says of the guard, as it is kept.
    pub(crate) fn standing(self) -> Standing {
        self.blocked_by.map_or(HOLDS, clause_id)
    }
}

impl Moment {
    pub(crate) fn new(policy: &Policy) -> Moment {
        Moment {
            frame: Frame::new(&policy.plan),
            event: None,
            atoms: vec![None; policy.plan.atoms.len()],
            found: Vec::new(),
            assigned: None,
            pretended: Vec::new(),
            row: Vec::new(),
            scratch: Scratch::default(),
            trace: None,
        }
    }

    /// From now on counts what happens on the way, or does no longer; gives what was counted.
    pub(crate) fn trace(&mut self, on: bool) -> Trace {
        let before = std::mem::replace(&mut self.trace, on.then(Box::default));
        before.map(|trace| *trace).unwrap_or_default()
    }

    /// Whether what happens on the way is counted.
    pub(crate) fn is_tracing(&self) -> bool {
        self.trace.is_some()
    }

    /// Notes something on the way, where that is counted.
    pub(crate) fn passes(&mut self, passage: Passage) {
        if let Some(trace) = &mut self.trace {
            *trace.entry(passage).or_default() += 1;
        }
    }

    /// From now on customers are in these arms and holdouts, or in those of their buckets.
    pub(crate) fn assign(&mut self, assigned: Option<Assigned>) {
        self.changed();
        self.assigned = assigned;
    }

    /// The arm of an experiment that the customer is in: arms share [0, 1) in their order.
    pub(crate) fn arm(&self, policy: &Policy, profile: &Profile, experiment: ExperimentId) -> u32 {
        if let Some(assigned) = &self.assigned {
            return assigned.arms.iter().find(|(id, _)| *id == experiment).map_or(0, |(_, arm)| *arm);
        }
        arm_of(&policy.plan.experiments[experiment.index()], &profile.subject)
    }

    /// Whether the customer is in a holdout.
    pub(crate) fn is_in(&self, policy: &Policy, profile: &Profile, holdout: HoldoutId) -> bool {
        match &self.assigned {
            Some(assigned) => assigned.holdouts.contains(&holdout),
            None => {
                let holdout = &policy.plan.holdouts[holdout.index()];
                bucket(&holdout.salt, &profile.subject) < holdout.share
            }
        }
    }

    /// From now on these slots are taken to hold this.
    pub(crate) fn pretend(&mut self, slots: Pretended) {
        self.pretended = slots;
        self.changed();
    }

    fn fill_pretended(&mut self) {
        for (slot, value) in &self.pretended {
            self.frame.set(*slot, value.as_ref());
        }
    }

    /// Another customer, another time, or something about the customer is not as it was.
    pub(crate) fn changed(&mut self) {
        self.frame.clear();
        self.event = None;
        self.found.drain(..).for_each(|atom| self.atoms[atom.index()] = None);
        self.fill_pretended();
    }

    /// From now on `event.x` looks at this event, or at none.
    pub(crate) fn look_at(&mut self, policy: &Policy, event: Option<&Arc<Snapshot>>) {
        let same = match (&self.event, event) {
            (None, None) => true,
            (Some(mine), Some(other)) => Arc::ptr_eq(mine, other),
            _ => false,
        };
        if !same {
            policy.event_slots.iter().for_each(|slot| self.frame.unset(*slot));
            self.event = event.cloned();
            self.fill_pretended();
        }
    }

    /// Whether a condition holds; `fields` are those of the event that a filter looks at.
    pub(crate) fn holds(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        expr: ExprId,
        fields: &[Option<Value>],
    ) -> bool {
        self.fill(policy, profile, policy.engine.slots(expr), fields);
        policy.engine.holds(expr, &mut self.frame)
    }

    /// Whether a message's `when` holds and its `unless` doesn't.
    pub(crate) fn guard(&mut self, policy: &Policy, profile: &mut Profile, message: MessageId) -> bool {
        if policy.costly[message.index()] {
            let guard = &policy.plan.messages[message.index()].guard;
            return guard.clauses.iter().all(|clause| self.satisfies(policy, profile, clause).is_some());
        }
        self.fill(policy, profile, policy.engine.guard_slots(message), &[]);
        policy.engine.guard(message, &mut self.frame)
    }

    /// Whether a guard that looks at no event holds, and how long it will.
    pub(crate) fn judge(&mut self, policy: &Policy, profile: &mut Profile, guard: &Guard) -> Judgement {
        let mut until = i64::MAX;
        for (index, clause) in guard.clauses.iter().enumerate() {
            let Some(literal) = self.satisfies(policy, profile, clause) else {
                let changes = clause.literals.iter().map(|literal| next_wake(policy, profile, literal.atom));
                return Judgement { blocked_by: Some(index), until: changes.min().unwrap_or(i64::MAX) };
            };
            until = until.min(next_wake(policy, profile, literal.atom));
        }
        Judgement { blocked_by: None, until }
    }

    /// The first literal of a clause that holds.
    fn satisfies<'c>(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        clause: &'c Clause,
    ) -> Option<&'c Literal> {
        clause.literals.iter().find(|literal| self.atom(policy, profile, literal.atom) != literal.negated)
    }

    /// Whether an atom holds.
    fn atom(&mut self, policy: &Policy, profile: &mut Profile, atom: AtomId) -> bool {
        if let Some(holds) = self.atoms[atom.index()] {
            return holds;
        }
        let holds = self.holds(policy, profile, policy.plan.atoms[atom.index()].expr, &[]);
        if policy.lasting[atom.index()] {
            self.atoms[atom.index()] = Some(holds);
            self.found.push(atom);
        }
        holds
    }

    /// The value of an expression.
    pub(crate) fn evaluate(&mut self, policy: &Policy, profile: &mut Profile, expr: ExprId) -> Answer {
        self.fill(policy, profile, policy.engine.slots(expr), &[]);
        policy.engine.evaluate(expr, &mut self.frame)
    }

    /// The value of an expression that need not be a root: a part of one.
    pub(crate) fn evaluate_part(&mut self, policy: &Policy, profile: &mut Profile, expr: ExprId) -> Answer {
        self.fill(policy, profile, &slots_of(&policy.plan, expr), &[]);
        policy.engine.evaluate(expr, &mut self.frame)
    }

    /// The same, where it looks at the fields of an event.
    pub(crate) fn evaluate_of(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        expr: ExprId,
        fields: &[Option<Value>],
    ) -> Answer {
        self.fill(policy, profile, &slots_of(&policy.plan, expr), fields);
        policy.engine.evaluate(expr, &mut self.frame)
    }

    /// What a slot holds.
    pub(crate) fn slot(&mut self, policy: &Policy, profile: &mut Profile, slot: SlotId) -> Answer {
        self.fill(policy, profile, &[slot], &[]);
        self.frame.get(slot)
    }

    /// Whether somebody asks what became of each message, or what would.
    pub(crate) fn asks_for_each(&self) -> bool {
        self.trace.is_some() || !self.pretended.is_empty()
    }

    /// The frame, whose slots have been filled.
    pub(crate) fn frame_mut(&mut self) -> &mut Frame {
        &mut self.frame
    }

    /// The frame, for printing what [`Moment::evaluate`] answered.
    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Fills what an index of a crowd looks at, where the event that proposes it is looked at.
    pub(crate) fn fill_crowd(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        crowd: &Crowd,
        fields: &[Option<Value>],
    ) {
        profile.fill(&crowd.attributes, &mut self.frame);
        profile.history.fill(&crowd.aggregates, profile.now, profile.zone, &mut self.frame);
        if let Some(event) = &self.event {
            for (slot, field) in &policy.events[event.event.index()].slots {
                if !self.frame.is_filled(*slot) {
                    self.frame.set(*slot, event.fields.get(*field as usize).and_then(Option::as_ref));
                }
            }
        }
        self.fill(policy, profile, &crowd.others, fields);
    }

    pub(crate) fn fill(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        slots: &[SlotId],
        fields: &[Option<Value>],
    ) {
        for id in slots {
            let slot = &policy.plan.slots[id.index()];
            if !matches!(slot.source, Source::Field(_)) && !self.frame.is_filled(*id) {
                self.fill_one(policy, profile, *id, slot);
            }
        }
        // At last, since filling others may look at other events.
        for id in slots {
            if let Source::Field(field) = policy.plan.slots[id.index()].source {
                let value = fields.get(field as usize).and_then(Option::as_ref);
                self.frame.set(*id, value);
            }
        }
    }

    /// What a model answers about the customer (reference §11).
    fn predict(&mut self, policy: &Policy, profile: &mut Profile, model: ModelId) -> f64 {
        // A feature may ask another model, which then has a row of its own.
        let mut row = std::mem::take(&mut self.row);
        row.clear();
        for feature in &policy.plan.models[model.index()].row {
            row.push(feature.map_or(f64::NAN, |expr| {
                self.fill(policy, profile, policy.engine.slots(expr), &[]);
                policy.engine.feature(expr, &mut self.frame)
            }));
        }
        let answer = policy.engine.predict(model, &row, &mut self.scratch);
        self.row = row;
        answer
    }

    fn fill_one(&mut self, policy: &Policy, profile: &mut Profile, id: SlotId, slot: &Slot) {
        let now = profile.now;
        let cell = match slot.source {
            Source::Attribute(attribute) => return profile.fill(&[(id, attribute)], &mut self.frame),
            Source::Event(_) => {
                let value = self.event.as_ref().and_then(|event| {
                    let slots = &policy.events[event.event.index()].slots;
                    let field = slots.iter().find(|(slot, _)| *slot == id)?.1;
                    event.fields.get(field as usize)?.as_ref()
                });
                return self.frame.set(id, value);
            }
            // Filled for each event that a filter looks at.
            Source::Field(_) | Source::Nothing => return self.frame.set(id, None),
            Source::Window(window) => return self.fill_window(policy, profile, id, window),
            Source::Now => now as u64,
            Source::LocalDate => profile.zone.local(now).date as u64,
            Source::LocalTime => profile.zone.local(now).time as u64,
            Source::LocalHour => profile.zone.local(now).hour() as u64,
            Source::LocalWeekday => u64::from(profile.zone.local(now).weekday()),
            Source::LocalMonth => profile.zone.local(now).month() as u64,
            Source::LocalDay => profile.zone.local(now).day() as u64,
            Source::Consent(purpose, channel) => {
                u64::from(self.consent(policy, profile, purpose, channel).is_some())
            }
            Source::Reachable(channel) => u64::from(reachable(policy, profile, channel)),
            Source::Bucket(salt) => bucket(&policy.plan.texts[salt.index()], &profile.subject).to_bits(),
            Source::Arm(experiment) => u64::from(self.arm(policy, profile, experiment)),
            Source::InJourney(journey) => u64::from(profile.journeys.is_in(journey)),
            Source::Predict(model) => self.predict(policy, profile, model).to_bits(),
        };
        self.frame.set_cell(id, cell);
    }

    fn fill_window(&mut self, policy: &Policy, profile: &mut Profile, id: SlotId, window: WindowId) {
        let plan = &policy.plan;
        let (now, zone) = (profile.now, profile.zone);
        let Some(filter) = plan.windows[window.index()].filter else {
            let answer = profile.history.window(&policy.history, window, now, zone);
            return self.frame.set(id, answer.as_ref());
        };
        if let Some(answer) = profile.history.known(&policy.history, window, now, zone) {
            return self.frame.set_cells([(id, answer.known.then_some(answer.cell))]);
        }
        // What the filter looks at besides the entry; a filter holds no aggregate, so this ends.
        let slots = policy.engine.slots(filter);
        self.fill(policy, profile, slots, &[]);
        let frame = &mut self.frame;
        let answer = profile.history.window_filtered(&policy.history, window, now, zone, |entry| {
            for slot in slots {
                if let Source::Field(field) = plan.slots[slot.index()].source {
                    frame.set(*slot, entry.field(field).as_ref());
                }
            }
            policy.engine.holds(filter, frame)
        });
        self.frame.set(id, answer.as_ref());
    }

    /// Whether an entry that a window counts passes a test.
    pub(crate) fn any_entry(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        window: WindowId,
        test: impl Fn(&Entry<'_>) -> bool,
    ) -> bool {
        let plan = &policy.plan;
        let filter = plan.windows[window.index()].filter;
        let slots = filter.map_or(&[][..], |filter| policy.engine.slots(filter));
        self.fill(policy, profile, slots, &[]);
        let frame = &mut self.frame;
        let (now, zone) = (profile.now, profile.zone);
        let answer = profile.history.window_where(&policy.history, window, now, zone, |entry| {
            if !test(entry) {
                return false;
            }
            for slot in slots {
                if let Source::Field(field) = plan.slots[slot.index()].source {
                    frame.set(*slot, entry.field(field).as_ref());
                }
            }
            filter.is_none_or(|filter| policy.engine.holds(filter, frame))
        });
        matches!(answer, Some(Value::Cell(count)) if count > 0)
    }

    /// The arms of an experiment in which a message's guard holds, whichever the customer is in; `is_plain` says that it
    /// asks for nothing that asks for the arm in its turn.
    pub(crate) fn passing_arms(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        candidate: &Candidate,
        experiment: ExperimentId,
        is_plain: bool,
    ) -> SmallVec<[u32; 4]> {
        let (message, event) = (candidate.message, candidate.cause.event());
        let Some(slot) = arm_slot(policy, experiment).filter(|_| is_plain) else {
            return self.arms_where(policy, experiment, |moment| {
                moment.look_at(policy, event);
                moment.guard(policy, profile, message)
            });
        };
        self.look_at(policy, event);
        self.fill(policy, profile, policy.engine.guard_slots(message), &[]);
        let mine = self.frame.get(slot).cell;
        let arms = 0..policy.plan.experiments[experiment.index()].arms.len() as u32;
        let passes = |arm: &u32| {
            self.frame.set_cell(slot, (*arm).into());
            policy.engine.guard(message, &mut self.frame)
        };
        let passing = arms.filter(passes).collect();
        self.frame.set_cell(slot, mine);
        passing
    }

    /// The arms of an experiment in which something holds; afterwards no event is looked at.
    pub(crate) fn arms_where(
        &mut self,
        policy: &Policy,
        experiment: ExperimentId,
        mut holds: impl FnMut(&mut Moment) -> bool,
    ) -> SmallVec<[u32; 4]> {
        let arms = 0..policy.plan.experiments[experiment.index()].arms.len() as u32;
        let is_one = |arm: &u32| {
            let before = self.pretend_arm(policy, experiment, *arm);
            let holds = holds(self);
            self.pretend(before);
            holds
        };
        arms.filter(is_one).collect()
    }

    /// From now on the customer is taken to be in an arm; gives what was pretended before.
    pub(crate) fn pretend_arm(&mut self, policy: &Policy, experiment: ExperimentId, arm: u32) -> Pretended {
        let before = std::mem::take(&mut self.pretended);
        let slot = arm_slot(policy, experiment).map(|slot| (slot, Some(Value::Cell(arm.into()))));
        self.pretend(before.iter().cloned().chain(slot).collect());
        before
    }

    /// What allows a purpose on a channel: the mode of the rule that decides and the receipt, where it asks for one.
    pub(crate) fn consent(
        &mut self,
        policy: &Policy,
        profile: &mut Profile,
        purpose: PurposeId,
        channel: ChannelId,
    ) -> Option<(ConsentMode, Option<smol_str::SmolStr>)> {
        let rules = &policy.plan.purposes[purpose.index()].channels[channel.index()];
        let rule =
            rules.iter().find(|rule| rule.when.is_none_or(|when| self.holds(policy, profile, when, &[])))?;
        let kind = policy.plan.channels[channel.index()].kind;
        let address = address(policy, profile, kind);
        match profile.ledger.verdict(rule.mode, purpose, channel, kind, address) {
            Verdict::Allowed(grant) => Some((rule.mode, grant.map(|grant| grant.receipt.clone()))),
            Verdict::Refused => None,
        }
    }
}

/// The next instant after now at which an atom can change although nothing happens; [`i64::MAX`] for never.
fn next_wake(policy: &Policy, profile: &mut Profile, atom: AtomId) -> i64 {
    next_of(policy, profile, &policy.plan.atoms[atom.index()].wakes)
}

/// The next of some wakes after now; [`i64::MAX`] for never.
pub(crate) fn next_of(policy: &Policy, profile: &mut Profile, wakes: &[Wake]) -> i64 {
    let (now, zone) = (profile.now, profile.zone);
    let mut next = i64::MAX;
    let mut consider = |at: i64| {
        if at > now {
            next = next.min(at);
        }
    };
    for wake in wakes {
        match *wake {
            Wake::Window(window) => {
                let change = profile.history.next_change(&policy.history, window, now, zone);
                change.into_iter().for_each(&mut consider);
            }
            Wake::Crosses(window, comparison, value) => {
                let crossing =
                    profile.history.next_crossing(&policy.history, window, (comparison, value), now, zone);
                crossing.into_iter().for_each(&mut consider);
            }
            Wake::Since(window, length) => {
                if let Some(Value::Cell(since)) = profile.history.window(&policy.history, window, now, zone) {
                    let at = (since as i64).saturating_add(length);
                    consider(at);
                    consider(at.saturating_add(1));
                }
            }
            Wake::LocalDate => consider(zone.next_date_change(now)),
            Wake::OnDate(slot, days) => {
                let date = match slot.map(|slot| &policy.plan.slots[slot.index()].source) {
                    Some(&Source::Window(window)) => {
                        profile.history.window(&policy.history, window, now, zone)
                    }
                    Some(&Source::Attribute(attribute)) => profile.attribute(attribute),
                    _ => Some(Value::Cell(0)),
                };
                let Some(Value::Cell(date)) = date else { continue };
                for date in [0, 1].map(|later| (date as i64).saturating_add(days).saturating_add(later)) {
                    let begins = zone.first(date, 0);
                    consider(begins);
                    // Clocks that go back over midnight bring the day before back.
                    if begins <= now && now.saturating_sub(begins) < 2 * crate::zone::DAY {
                        consider(zone.next_date_change(now));
                    }
                }
            }
            Wake::LocalTime(time) => consider(zone.next_reading(now, time)),
            Wake::At(at) => {
                consider(at);
                consider(at.saturating_add(1));
            }
        }
    }
    next
}

/// Whether a channel's address is known; an inbound one needs none.
pub(crate) fn reachable(policy: &Policy, profile: &Profile, channel: ChannelId) -> bool {
    let kind = policy.plan.channels[channel.index()].kind;
    kind == ChannelKind::Inbound || address(policy, profile, kind).is_some()
}

pub(crate) fn address<'a>(policy: &'a Policy, profile: &'a Profile, kind: ChannelKind) -> Option<&'a str> {
    let (ChannelKind::Address(attribute) | ChannelKind::Device(attribute)) = kind else { return None };
    profile.attribute_text(policy, attribute)
}

/// The slot that holds the customer's arm of an experiment, where something asks for it.
fn arm_slot(policy: &Policy, experiment: ExperimentId) -> Option<SlotId> {
    policy.plan.slots.iter().position(|slot| slot.source == Source::Arm(experiment)).map(SlotId::at)
}

/// The arm of an experiment that a customer's bucket is in.
pub(crate) fn arm_of(experiment: &Experiment, subject: &str) -> u32 {
    let place = bucket(&experiment.salt, subject);
    let mut end = 0.0;
    let below = experiment.arms.iter().position(|(_, share)| {
        end += share;
        place < end
    });
    below.unwrap_or(experiment.arms.len().saturating_sub(1)) as u32
}

/// The customer's place in [0, 1) under a salt (reference §11): XXH3-64 of the salt, a zero byte and the id, as the
/// top 53 bits over 2^53.
pub fn bucket(salt: &str, subject: &str) -> f64 {
    let mut hash = Xxh3::new();
    hash.update(salt.as_bytes());
    hash.update(&[0]);
    hash.update(subject.as_bytes());
    (hash.digest() >> 11) as f64 / (1_u64 << 53) as f64
}
