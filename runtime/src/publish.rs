//! Effects become records (interfaces §3).

use crate::effect::{Decided, Effect, EffectKind, GoalEffect, GoalOf, Outcome, Reason};
use crate::intake::{Event, Rejected};
use crate::journey::Origin;
use crate::policy::Policy;
use crate::profile::{Cause, Profile};
use crate::record::{Object, digest, effect_id, push_hex};
use comity_compiler::plan::{ConsentMode, Plan};
use comity_compiler::value::Value;
use std::sync::Arc;

/// Writes records, and chains those of each customer.
pub struct Publisher {
    policy: Arc<Policy>,
    line: Vec<u8>,
}

impl Publisher {
    /// Writes the records of a policy.
    pub fn new(policy: Arc<Policy>) -> Publisher {
        Publisher { policy, line: Vec::new() }
    }

    /// Appends the record of an effect, with its line break.
    pub fn effect(&mut self, profile: &mut Profile, effect: &Effect, out: &mut Vec<u8>) {
        let plan = &self.policy.plan;
        let prev = profile.last_record.map(|hash| {
            let mut hex = String::with_capacity(64);
            push_hex(&mut hex, &hash);
            hex
        });
        let about =
            About { id: &effect.id, prev: prev.as_deref(), subject: &profile.subject, time: effect.time };
        self.line.clear();
        let mut record = Object::begin(&mut self.line);
        match &effect.kind {
            EffectKind::Message(decided) => message(&self.policy, &mut record, decided, &about),
            EffectKind::Segment { segment, entered } => {
                record.text("id", about.id);
                record.text("kind", "segment");
                record.text("policy", &self.policy.version);
                record.optional("prev", about.prev);
                record.text("segment", &plan.segments[segment.index()].name);
                record.text("state", if *entered { "entered" } else { "left" });
                record.text("subject", about.subject);
                record.instant("time", about.time);
            }
            EffectKind::Journey(effect) => {
                record.object("cause", |object| cause(plan, object, &effect.origin.cause));
                record.text("id", about.id);
                record.text("instance", &effect.instance);
                record.text("journey", &effect.journey);
                record.text("kind", "journey");
                record.text("policy", &self.policy.version);
                record.optional("prev", about.prev);
                record.optional("reason", effect.reason.as_deref());
                record.text("state", effect.state.word());
                record.text("subject", about.subject);
                record.instant("time", about.time);
            }
            EffectKind::Goal(effect) => goal(&self.policy, &mut record, effect, &about),
            EffectKind::Exposed(effect) => {
                let experiment = &plan.experiments[effect.experiment.index()];
                let arm = experiment.arms.get(effect.arm as usize).map(|(arm, _)| arm.as_str());
                record.optional("arm", arm);
                // What a report checks the exposed against: the shares that held when they were drawn.
                record.list("arms", |list| {
                    for (arm, share) in &experiment.arms {
                        list.object(|entry| {
                            entry.text("arm", arm);
                            entry.number("share", *share);
                        });
                    }
                });
                record.object("cause", |object| cause(plan, object, &effect.cause));
                record.text("experiment", &experiment.name);
                record.text("id", about.id);
                record.text("kind", "exposed");
                record.text("policy", &self.policy.version);
                record.optional("prev", about.prev);
                record.text("subject", about.subject);
                record.instant("time", about.time);
            }
            EffectKind::Set(effect) => {
                record.text("attribute", &plan.attributes[effect.attribute.index()].name);
                record.object("cause", |object| of_journey(plan, object, &effect.origin));
                record.text("id", about.id);
                record.text("instance", &effect.instance);
                record.text("kind", "set");
                record.text("policy", &self.policy.version);
                record.optional("prev", about.prev);
                record.text("subject", about.subject);
                record.instant("time", about.time);
                record.value("value", &effect.value);
            }
            EffectKind::Emit(effect) => {
                record.object("cause", |object| of_journey(plan, object, &effect.origin));
                record.values("data", effect.data.iter().map(|(name, value)| (name.as_str(), value)));
                record.text("event", &effect.event);
                record.text("id", about.id);
                record.text("instance", &effect.instance);
                record.text("kind", "emit");
                record.text("policy", &self.policy.version);
                record.optional("prev", about.prev);
                record.text("subject", about.subject);
                record.instant("time", about.time);
            }
        }
        record.end();
        profile.last_record = Some(digest(&self.line));
        out.extend_from_slice(&self.line);
        out.push(b'\n');
    }

    /// Appends the record of a line that could not be read.
    pub fn rejected(&mut self, place: u64, rejected: &Rejected, out: &mut Vec<u8>) {
        let (id, subject) = (rejected.id.as_deref(), rejected.subject.as_deref());
        self.refusal(place, id, subject, rejected.time, &rejected.to_string(), out);
    }

    /// Appends the record of an event that could not be taken.
    pub fn refused(&mut self, place: u64, event: &Event, reason: &str, out: &mut Vec<u8>) {
        self.refusal(place, Some(&event.id), Some(&event.subject), Some(event.time), reason, out);
    }

    fn refusal(
        &mut self,
        place: u64,
        event: Option<&str>,
        subject: Option<&str>,
        time: Option<i64>,
        reason: &str,
        out: &mut Vec<u8>,
    ) {
        let place_text = place.to_string();
        let parts = [&self.policy.plan.policy, "rejected", event.unwrap_or_default(), &place_text];
        let mut record = Object::begin(out);
        record.optional("event", event);
        record.text("id", &effect_id("r_", &parts));
        record.count("index", place);
        record.text("kind", "rejected");
        record.text("policy", &self.policy.version);
        record.text("reason", reason);
        record.optional("subject", subject);
        if let Some(time) = time {
            record.instant("time", time);
        }
        record.end();
        out.push(b'\n');
    }
}

/// What every record of a customer says.
struct About<'a> {
    id: &'a str,
    prev: Option<&'a str>,
    subject: &'a str,
    time: i64,
}

fn message(policy: &Policy, record: &mut Object<'_>, decided: &Decided, about: &About<'_>) {
    let plan = &policy.plan;
    let message = &plan.messages[decided.message.index()];
    let (kind, reason) = match &decided.outcome {
        Outcome::Sent => ("sent", None),
        Outcome::Shown => ("shown", None),
        Outcome::Deferred(_) => ("deferred", Some("quiet".to_owned())),
        Outcome::HeldOut(holdout) => {
            ("held_out", Some(format!("held_out:{}", plan.holdouts[holdout.index()].name)))
        }
        Outcome::Blocked(reason) => ("blocked", Some(reason_word(plan, *reason))),
    };
    if !decided.basis.is_empty() {
        record.list("basis", |list| {
            for basis in &decided.basis {
                list.object(|entry| {
                    entry.text("mode", mode_word(basis.mode));
                    entry.text("purpose", &plan.purposes[basis.purpose.index()].name);
                    entry.optional("receipt", basis.receipt.as_deref());
                });
            }
        });
    }
    record.object("cause", |object| cause(plan, object, &decided.cause));
    record.optional("channel", decided.channel.map(|channel| plan.channels[channel.index()].name.as_str()));
    if !decided.channels.is_empty() {
        record.list("channels", |list| {
            for (channel, reason) in &decided.channels {
                list.object(|entry| {
                    entry.text("channel", &plan.channels[channel.index()].name);
                    if let Reason::Capped(_, frees) = reason {
                        entry.instant("frees", *frees);
                    }
                    entry.text("reason", &reason_word(plan, *reason));
                });
            }
        });
    }
    record.text("class", &plan.classes[message.class.index()].name);
    if matches!(decided.outcome, Outcome::Sent | Outcome::Shown | Outcome::HeldOut(_)) {
        let fields = decided.content.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        record.texts("content", fields);
    }
    if matches!(decided.outcome, Outcome::Sent)
        && let Some(cost) = decided.channel.and_then(|channel| plan.channels[channel.index()].cost)
    {
        record.text("cost", &format!("{} {}", decimal(cost.nanos), cost.currency.code()));
    }
    if let Outcome::Blocked(Reason::Capped(_, frees)) = decided.outcome {
        record.instant("frees", frees);
    }
    record.text("id", about.id);
    record.text("kind", kind);
    if decided.late {
        record.bool("late", true);
    }
    record.text("message", &message.name);
    let placement = decided.placement.map(|placement| plan.placements[placement.index()].name.as_str());
    record.optional("placement", placement);
    record.text("policy", &policy.version);
    record.optional("prev", about.prev);
    record.optional("reason", reason.as_deref());
    if let Some(score) = decided.score {
        record.number("score", score);
    }
    if let Outcome::HeldOut(holdout) = decided.outcome {
        record.number("share", plan.holdouts[holdout.index()].share);
    }
    record.text("subject", about.subject);
    record.instant("time", about.time);
    if let Outcome::Deferred(until) = decided.outcome {
        record.instant("until", until);
    }
}

fn cause(plan: &Plan, object: &mut Object<'_>, cause: &Cause) {
    write_cause(plan, object, cause, None);
}

/// The cause of what a journey brings about: the journey, and what started it.
fn of_journey(plan: &Plan, object: &mut Object<'_>, origin: &Origin) {
    let journey = plan.journeys.get(origin.journey.index()).map(|journey| journey.name.as_str());
    write_cause(plan, object, &origin.cause, journey);
}

fn write_cause(plan: &Plan, object: &mut Object<'_>, cause: &Cause, journey: Option<&str>) {
    match cause {
        Cause::Event(event) => {
            object.text("event", &event.id);
            object.optional("journey", journey);
        }
        Cause::Entered(segment, _) | Cause::Left(segment, _) => {
            object.optional("journey", journey);
            object.text("segment", &plan.segments[segment.index()].name);
            object.text("state", if matches!(cause, Cause::Entered(..)) { "entered" } else { "left" });
        }
        Cause::Schedule(date) => {
            let date = crate::zone::civil::Civil::of(*date);
            object.optional("journey", journey);
            object.text("schedule", &format!("{:04}-{:02}-{:02}", date.year, date.month, date.day));
        }
        Cause::Placement(placement, _) => {
            object.optional("journey", journey);
            object.text("placement", &plan.placements[placement.index()].name);
        }
        Cause::Journey(proposal) => of_journey(plan, object, &proposal.origin),
    }
}

fn goal(policy: &Policy, record: &mut Object<'_>, effect: &GoalEffect, about: &About<'_>) {
    let plan = &policy.plan;
    if let GoalOf::Experiment(id, arm) = effect.of {
        let arm = plan.experiments[id.index()].arms.get(arm as usize).map(|(arm, _)| arm.as_str());
        record.optional("arm", arm);
    }
    record.object("cause", |object| cause(plan, object, &effect.cause));
    if let Cause::Event(event) = &effect.cause {
        record.text("event", &event.id);
    }
    if let GoalOf::Experiment(id, _) = effect.of {
        record.text("experiment", &plan.experiments[id.index()].name);
    }
    record.text("id", about.id);
    if let GoalOf::Journey(id, instance) = &effect.of {
        record.text("instance", instance);
        record.text("journey", &plan.journeys[id.index()].name);
    }
    record.text("kind", "goal");
    record.text("policy", &policy.version);
    record.optional("prev", about.prev);
    record.text("subject", about.subject);
    record.instant("time", about.time);
    if let Cause::Event(event) = &effect.cause
        && let Some((at, currency)) = plan.events[event.event.index()].worth()
        && let Some(Some(Value::Cell(minor))) = event.fields.get(at)
    {
        let worth = crate::format::amount(*minor as i64, currency);
        record.text("value", &format!("{worth} {}", currency.code()));
    }
}

/// 10⁻⁹ of a unit as a decimal number, with as many decimals as it needs.
fn decimal(nanos: i64) -> String {
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) = (nanos.unsigned_abs() / 1_000_000_000, nanos.unsigned_abs() % 1_000_000_000);
    let digits = format!("{sign}{whole}.{rest:09}");
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A gate's reason as records have it (reference §9).
pub fn reason_word(plan: &Plan, reason: Reason) -> String {
    match reason {
        Reason::Inactive => "inactive".to_owned(),
        Reason::Expired => "expired".to_owned(),
        Reason::Ineligible => "ineligible".to_owned(),
        Reason::Consent(purpose) => format!("consent:{}", plan.purposes[purpose.index()].name),
        Reason::Unreachable => "unreachable".to_owned(),
        Reason::Suppressed(rule) => format!("suppressed:{}", plan.suppressions[rule.index()]),
        Reason::Capped(cap, _) => format!("capped:{}", plan.caps[cap.index()].name),
        Reason::Quiet => "quiet".to_owned(),
        Reason::BadScore => "bad_score".to_owned(),
        Reason::Outranked(by) => format!("outranked:{}", plan.messages[by.index()].name),
        Reason::Superseded => "superseded".to_owned(),
        Reason::Touches => "capped:touches".to_owned(),
        Reason::Stopped => "stopped".to_owned(),
    }
}

fn mode_word(mode: ConsentMode) -> &'static str {
    match mode {
        ConsentMode::OptIn => "opt_in",
        ConsentMode::DoubleOptIn => "double_opt_in",
        ConsentMode::OptOut => "opt_out",
        ConsentMode::Always => "always",
        ConsentMode::Never => "never",
    }
}
