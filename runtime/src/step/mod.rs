//! One step: what one event, or all that is due at one instant, does to one customer (reference §10).
//!
//! A step is pure: it reads the policy, the profile and the event, changes the profile and returns effects. It
//! looks at no clock, file or network, so whatever happened can be replayed.

pub(crate) mod arbitrate;
mod content;
mod crowd;
mod enter;
pub(crate) mod gates;
mod request;
mod room;
mod schedule;
mod segments;

pub(crate) use content::is_personal;
pub use enter::Taken;

use crate::effect::{Decided, Effect, EffectKind, Outcome, Reason};
use crate::explain::Watch;
use crate::intake::Event;
use crate::journey::{Occurred, Settled};
use crate::moment::{Assigned, Moment, Trace};
use crate::policy::{Policy, TriggerRef};
use crate::profile::{Cause, Deferred, Profile, Snapshot};
use crate::record::{ShortText, effect_id};
use crate::state::Carry;
use comity_compiler::ids::*;
use comity_compiler::index::Scan;
use comity_compiler::plan::Trigger;
use room::Room;
use schedule::Occurrence;
use smallvec::SmallVec;
use std::fmt::Write as _;
use std::sync::Arc;

/// Events that are later than this, µs, propose no message.
pub(crate) const TOO_LATE: i64 = 3_600_000_000;

/// How much a step tells.
#[derive(Clone, Copy, Debug, Default)]
pub struct Detail {
    /// Also what was blocked, with each channel's reason.
    pub blocked: bool,
    /// Personal attributes in content are hashed.
    pub redact: bool,
}

/// Decides step by step by one policy. Nothing that it holds of a customer between steps is looked at: it is only memory to
/// work in.
pub struct Stepper {
    policy: Arc<Policy>,
    moment: Moment,
    /// Decisions that are to be explained.
    watch: Option<Box<Watch>>,
    /// By clock of the schedules.
    occurrences: Vec<Occurrence>,
    scan: Scan,
    room: Room,
    detail: Detail,
}

/// One step.
pub(crate) struct Step<'s> {
    pub(crate) policy: &'s Policy,
    pub(crate) moment: &'s mut Moment,
    watch: Option<&'s mut Watch>,
    occurrences: &'s mut [Occurrence],
    scan: &'s mut Scan,
    room: &'s mut Room,
    /// What was proposed at once and is not decided yet.
    crowd: Option<crowd::Proposed<'s>>,
    pub(crate) detail: Detail,
    /// Its place among all that was received.
    pub(crate) order: u64,
    /// What is due later than this is left alone, where that isn't the customer's `now`.
    limit: Option<i64>,
    /// It began with an event that came late.
    pub(crate) late: bool,
    /// Who would be held out is not.
    pub(crate) holds_nobody_out: bool,
    /// What became of the messages that journeys proposed: the instance, which of its proposals, and what.
    pub(crate) settled: Vec<(u32, u32, Settled)>,
    /// The journeys that a send of this step has started.
    pub(crate) started_by_sends: Vec<JourneyId>,
    /// The arm of an experiment mattered for the first time, or could have.
    pub(crate) arm_matters: bool,
    /// Schedules that are due now have had their turn.
    schedules_done: bool,
    /// Journeys have set attributes, or begun or ended, since segments were last compared.
    members_changed: bool,
}

/// A message that something proposed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) message: MessageId,
    /// Which `on`; a placement's request, and a journey, have none.
    pub(crate) trigger: u32,
    pub(crate) cause: Cause,
    pub(crate) late: bool,
    pub(crate) proposed: i64,
    /// It would be proposed in another arm of this experiment: it is tried, for the exposure, and never leaves.
    pub(crate) counterfactual: Option<ExperimentId>,
}

impl From<Deferred> for Candidate {
    fn from(deferred: Deferred) -> Candidate {
        let Deferred { message, trigger, cause, late, proposed, counterfactual, .. } = deferred;
        Candidate { message, trigger, cause, late, proposed, counterfactual }
    }
}

/// A trigger that has no `on` in the message.
pub(crate) const NO_TRIGGER: u32 = u32::MAX;

impl Stepper {
    /// Makes ready to decide by a policy.
    pub fn new(policy: Arc<Policy>, detail: Detail) -> Stepper {
        let occurrences = vec![Occurrence::NONE; policy.watches.clocks.len()];
        let (moment, scan) = (Moment::new(&policy), Scan::default());
        Stepper { moment, watch: None, occurrences, scan, room: Room::default(), policy, detail }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// Takes a customer over from an older version of the policy to the one of this stepper, at an instant (µs): what
    /// has the same name is the same. Journeys go on at the same statement or end, segments are as they are without
    /// an effect, and what the older version didn't keep of the past isn't known.
    pub fn carry_over(
        &mut self,
        carry: &Carry,
        profile: &Profile,
        at: i64,
        effects: &mut Vec<Effect>,
    ) -> Profile {
        let mut carried = profile.carry(carry);
        if carried.now == i64::MIN {
            return carried;
        }
        self.migrate(&mut carried, &carry.old.plan, &carry.journeys, at, effects);
        let mut step = self.step(0);
        step.moment.changed();
        step.plan_schedules(&mut carried);
        step.compare_all_segments(&mut carried);
        step.compare_segments(&mut carried, &mut Vec::new());
        carried.find_due();
        carried
    }

    /// From now on customers are in these arms and holdouts instead of those of their buckets: a test says who its
    /// customer is (reference §12).
    pub fn assign(&mut self, assigned: Option<Assigned>) {
        self.moment.assign(assigned);
    }

    /// From now on counts what happens on the way to decisions, or does no longer; gives what was counted so far.
    pub fn trace(&mut self, on: bool) -> Trace {
        self.moment.trace(on)
    }

    /// Takes an imported profile in: its segment states are set as of an instant (µs), without effects.
    pub fn import(&mut self, profile: &mut Profile, at: i64) {
        self.step(0).import(profile, at);
        profile.find_due();
    }

    /// One event of a customer. `order` tells events of one time apart, as they were received; `merged` is the
    /// customer that a `merge` names, where anything is known of it. Of an event that is accepted the fields are
    /// taken.
    pub fn event(
        &mut self,
        profile: &mut Profile,
        event: &mut Event,
        order: u64,
        merged: Option<Profile>,
        effects: &mut Vec<Effect>,
    ) -> Taken {
        let taken = self.step(order).event(profile, event, merged, effects);
        profile.find_due();
        taken
    }

    /// Everything that is due at an instant (µs) for a customer, together.
    pub fn timers(&mut self, profile: &mut Profile, at: i64, order: u64, effects: &mut Vec<Effect>) {
        self.step(order).timers(profile, at, effects);
        profile.find_due();
    }

    /// What was due at an instant (µs) and is overdue, because nothing ran then: it happens at `now`, the real time
    /// (µs), from which new waits count. The caller takes overdue instants in their order, [`Profile::due`] first.
    pub fn overdue(
        &mut self,
        profile: &mut Profile,
        due: i64,
        now: i64,
        order: u64,
        effects: &mut Vec<Effect>,
    ) {
        let mut step = self.step(order);
        step.limit = Some(due);
        step.timers(profile, now.max(due), effects);
        profile.find_due();
    }

    /// Decides what a placement shows a customer at an instant (µs). What is due before has been done.
    pub fn decide(
        &mut self,
        profile: &mut Profile,
        placement: PlacementId,
        at: i64,
        order: u64,
        effects: &mut Vec<Effect>,
    ) {
        self.step(order).decide(profile, placement, at, effects);
        profile.find_due();
    }

    /// Whether a customer is in a segment at an instant (µs).
    pub fn is_in_segment(&mut self, profile: &Profile, segment: SegmentId, at: i64) -> bool {
        let mut profile = profile.clone();
        profile.now = profile.now.max(at);
        self.moment.changed();
        let condition = &self.policy.plan.segments[segment.index()].condition;
        let holds = self.moment.judge(&self.policy, &mut profile, condition).holds();
        self.moment.changed();
        holds
    }

    /// From now on the decisions about some messages are kept, so that they can be explained.
    pub fn watch(&mut self, watch: Option<Watch>) {
        self.watch = watch.map(Box::new);
    }

    /// The customer whose decisions are kept has become another one.
    pub(crate) fn follow_watched(&mut self, subject: &smol_str::SmolStr) {
        if let Some(watch) = &mut self.watch {
            watch.subject = Some(subject.clone());
        }
    }

    /// What has been kept since.
    pub fn watched(&self) -> Option<&Watch> {
        self.watch.as_deref()
    }

    pub(crate) fn step(&mut self, order: u64) -> Step<'_> {
        let Stepper { policy, moment, watch, occurrences, scan, room, detail } = self;
        Step {
            policy,
            moment,
            watch: watch.as_deref_mut(),
            occurrences,
            scan,
            room,
            crowd: None,
            detail: *detail,
            order,
            limit: None,
            late: false,
            holds_nobody_out: false,
            settled: Vec::new(),
            started_by_sends: Vec::new(),
            arm_matters: false,
            schedules_done: false,
            members_changed: false,
        }
    }
}

impl<'s> Step<'s> {
    /// Nobody keeps what is decided.
    pub(crate) fn unwatch(&mut self) {
        self.watch = None;
    }

    fn timers(&mut self, profile: &mut Profile, at: i64, effects: &mut Vec<Effect>) {
        let before = profile.now;
        self.begin(profile, at);
        let changes = self.compare_segments(profile, effects);
        let mut candidates = Vec::new();
        let limit = self.limit(profile);
        let moved = profile.journeys.due() <= limit;
        if moved {
            self.time_out(profile, limit, &mut candidates, effects);
        }
        let mut starts = Vec::new();
        if moved || !changes.is_empty() {
            self.occur(profile, None, &changes, &mut candidates, effects);
        }
        let sends = self.propose_by_schedules(profile, &mut candidates, &mut starts);
        if !starts.is_empty() {
            self.enter_by_schedules(profile, &starts, effects);
            self.go_on(profile, &mut candidates, effects);
        }
        let due = self.propose_deferred(profile, &mut candidates);
        self.decide_all(profile, candidates, effects);
        if changes.is_empty() && !sends && !due && !moved && !self.arm_matters {
            // An instant at which nothing came of it is as if it had not been looked at.
            profile.now = before;
        }
    }

    /// What is due up to then has its turn in this step.
    pub(crate) fn limit(&self, profile: &Profile) -> i64 {
        self.limit.unwrap_or(profile.now)
    }

    /// Moves the customer's time; the first step of a customer sets up what time alone can bring.
    fn begin(&mut self, profile: &mut Profile, at: i64) {
        if profile.untouched && at < profile.now {
            // Imported as of a later instant than its own first one: nothing has happened in between.
            self.import(profile, at);
        }
        profile.untouched = false;
        let first = profile.now == i64::MIN;
        profile.now = profile.now.max(at);
        self.moment.changed();
        if first {
            self.plan_schedules(profile);
        }
    }

    fn import(&mut self, profile: &mut Profile, at: i64) {
        profile.now = at;
        self.moment.changed();
        self.plan_schedules(profile);
        self.compare_all_segments(profile);
        self.compare_segments(profile, &mut Vec::new());
        profile.untouched = true;
    }

    /// The messages that an event proposes.
    pub(crate) fn propose_by_event(
        &mut self,
        profile: &mut Profile,
        event: &Arc<Snapshot>,
        late: bool,
        candidates: &mut Vec<Candidate>,
    ) {
        let policy = self.policy;
        let crowd = self.may_decide_together(&policy.crowds[event.event.index()], profile);
        let mut on_event = &policy.events[event.event.index()].triggers[..];
        let mut apart = SmallVec::new();
        if let Some(crowd) = crowd {
            on_event = &crowd.loose;
            // What is proposed again while it is deferred replaces the older one, whatever becomes of it.
            let deferred = profile.deferred.iter().map(|deferred| deferred.message);
            apart.extend(deferred.filter(|message| crowd.has(&policy.engine, *message)));
        }
        let at = candidates.len();
        let again = apart.iter().map(|message| TriggerRef { message: *message, trigger: 0 });
        let again: SmallVec<[TriggerRef; 4]> = again.collect();
        for on in on_event.iter().chain(&again) {
            let Trigger::Event { filter, .. } =
                policy.plan.messages[on.message.index()].triggers[on.trigger as usize]
            else {
                continue;
            };
            self.moment.look_at(policy, Some(event));
            if filter.is_none_or(|filter| self.moment.holds(policy, profile, filter, &event.fields)) {
                propose(candidates, profile, *on, Cause::Event(Arc::clone(event)), late);
            }
        }
        if let Some(crowd) = crowd {
            let cause = Cause::Event(Arc::clone(event));
            self.propose_crowd(crowd, (cause, late, profile.now), apart, at);
        }
    }

    /// The messages that changes of segments propose.
    pub(crate) fn propose_by_segments(
        &mut self,
        profile: &Profile,
        changes: &[(SegmentId, bool)],
        late: bool,
        candidates: &mut Vec<Candidate>,
    ) {
        let policy = self.policy;
        for (segment, entered) in changes {
            let on = if *entered { &policy.enter } else { &policy.leave };
            for on in &on[segment.index()] {
                let cause = if *entered { Cause::Entered } else { Cause::Left };
                propose(candidates, profile, *on, cause(*segment, profile.now), late);
            }
        }
    }

    /// The deferred messages that are due; says whether there are any.
    fn propose_deferred(&mut self, profile: &mut Profile, candidates: &mut Vec<Candidate>) -> bool {
        let limit = self.limit(profile);
        // What is proposed anew at this very instant stays where it is, to be superseded.
        let anew = |deferred: &Deferred, candidates: &[Candidate]| {
            candidates.iter().any(|candidate| is_again(candidate, deferred))
        };
        let mut due = Vec::new();
        for deferred in profile.deferred.extract_if(.., |d| d.due <= limit && !anew(d, candidates)) {
            due.push(Candidate::from(deferred));
        }
        let any = !due.is_empty();
        candidates.extend(due);
        any
    }

    /// (6) and (7) of a step: puts all that was proposed through the gates, lets journeys go on, and does what
    /// follows at the same instant.
    ///
    /// A send is itself an event (`sent`), which can change segments, move journeys and propose messages; what
    /// journeys set can change segments, too. Those are further steps at the same instant. Nothing is triggered
    /// twice in such a chain, and journeys only go forward, so it ends.
    pub(crate) fn decide_all(
        &mut self,
        profile: &mut Profile,
        mut candidates: Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let mut proposed: Vec<MessageId> = Vec::new();
        let mut picked = arbitrate::Picked::default();
        let mut further = 0;
        self.part_crowd(profile, &mut candidates);
        loop {
            self.drop_ended(profile, &mut candidates, effects);
            if candidates.is_empty() && self.crowd.is_none() {
                // What journeys did can have changed segments: a further step at the same instant.
                let changed = std::mem::take(&mut self.members_changed);
                if !changed || further == FURTHER_STEPS {
                    break;
                }
                further += 1;
                self.moment.changed();
                let changes = self.compare_segments(profile, effects);
                if !changes.is_empty() {
                    self.occur(profile, None, &changes, &mut candidates, effects);
                }
                candidates.retain(|candidate| may_propose(&proposed, candidate));
                continue;
            }
            let triggered = candidates.iter().filter(|c| !matches!(c.cause, Cause::Journey(_)));
            proposed.extend(triggered.map(|candidate| candidate.message));
            self.supersede(profile, &candidates, effects);
            let sent = self.arbitrate(profile, std::mem::take(&mut candidates), &mut picked, effects);
            self.settle(profile, effects);
            for event in sent {
                self.moment.changed();
                self.enter_history(profile, &event, profile.now);
                let changes = self.compare_segments(profile, effects);
                let now = profile.now;
                let occurred = Occurred { event: &event, time: now, late: false, too_late: false };
                self.occur(profile, Some(&occurred), &changes, &mut candidates, effects);
            }
            self.go_on(profile, &mut candidates, effects);
            candidates.retain(|candidate| may_propose(&proposed, candidate));
        }
    }

    /// The customer is in other journeys than before: segments can ask for that.
    pub(crate) fn members_changed(&mut self, profile: &mut Profile) {
        self.members_changed = true;
        self.moment.changed();
        self.touch(profile, &self.policy.watches.of_journeys);
    }

    /// A journey has set an attribute.
    pub(crate) fn attribute_changed(&mut self, profile: &mut Profile, attribute: AttributeId) {
        self.members_changed = true;
        self.moment.changed();
        self.touch(profile, &self.policy.watches.of_attribute[attribute.index()]);
    }

    /// What is proposed again by the same cause while it is deferred replaces the older one.
    fn supersede(&mut self, profile: &mut Profile, candidates: &[Candidate], effects: &mut Vec<Effect>) {
        if profile.deferred.is_empty() {
            return;
        }
        let again =
            |deferred: &mut Deferred| candidates.iter().any(|candidate| is_again(candidate, deferred));
        let older: Vec<_> = profile.deferred.extract_if(.., again).collect();
        for deferred in older {
            if deferred.counterfactual.is_some() {
                continue;
            }
            self.settled(&deferred.cause, Settled::Blocked);
            if !self.detail.blocked {
                continue;
            }
            let channel = deferred.channel;
            let candidate = Candidate::from(deferred);
            let outcome = Outcome::Blocked(Reason::Superseded);
            effects.push(self.decided(profile, &candidate, outcome, Some(channel)));
        }
    }

    /// An effect about a message, without score, basis and content.
    pub(crate) fn decided(
        &self,
        profile: &Profile,
        candidate: &Candidate,
        outcome: Outcome,
        channel: Option<ChannelId>,
    ) -> Effect {
        let plan = &self.policy.plan;
        let cause = match &candidate.cause {
            Cause::Schedule(date) => {
                let mut text = ShortText::default();
                // What is written to memory doesn't fail.
                let _ = write!(text, "every:{}:{date}", candidate.trigger);
                text
            }
            cause => cause.text(plan),
        };
        let name = &plan.messages[candidate.message.index()].name;
        // The send of a message happens once for its cause; that it is held back or blocked can happen again.
        let (prefix, at) = match outcome {
            Outcome::Sent | Outcome::Shown | Outcome::HeldOut(_) => ("s_", String::new()),
            Outcome::Deferred(_) => ("d_", profile.now.to_string()),
            Outcome::Blocked(_) => ("b_", profile.now.to_string()),
        };
        let id = effect_id(prefix, &[&plan.policy, name, &profile.subject, cause.as_str(), &at]);
        let placement = match candidate.cause {
            Cause::Placement(placement, _) => Some(placement),
            _ => None,
        };
        let decided = Decided {
            outcome,
            message: candidate.message,
            channel,
            placement,
            cause: candidate.cause.clone(),
            late: candidate.late,
            score: None,
            basis: SmallVec::new(),
            content: SmallVec::new(),
            channels: Vec::new(),
        };
        Effect { id, time: profile.now, kind: EffectKind::Message(Box::new(decided)) }
    }
}

/// More steps at one instant than this follow from none.
const FURTHER_STEPS: u32 = 64;

/// What a trigger proposes is proposed once in a chain of steps; what journeys do comes to an end by itself.
fn may_propose(proposed: &[MessageId], candidate: &Candidate) -> bool {
    matches!(candidate.cause, Cause::Journey(_)) || !proposed.contains(&candidate.message)
}

/// Whether the same cause has proposed the message again: the same `on`, or the same instance of a journey.
fn is_again(candidate: &Candidate, deferred: &Deferred) -> bool {
    let same = match (&candidate.cause, &deferred.cause) {
        (Cause::Journey(new), Cause::Journey(old)) => new.number == old.number,
        (Cause::Journey(_), _) | (_, Cause::Journey(_)) => false,
        _ => candidate.trigger == deferred.trigger,
    };
    candidate.message == deferred.message && same
}

/// Proposes a message, once however many of its `on`s say so.
fn propose(candidates: &mut Vec<Candidate>, profile: &Profile, on: TriggerRef, cause: Cause, late: bool) {
    let is_same = |candidate: &Candidate| {
        candidate.message == on.message && !matches!(candidate.cause, Cause::Journey(_))
    };
    if !candidates.iter().any(is_same) {
        let TriggerRef { message, trigger } = on;
        let proposed = profile.now;
        candidates.push(Candidate { message, trigger, cause, late, proposed, counterfactual: None });
    }
}
