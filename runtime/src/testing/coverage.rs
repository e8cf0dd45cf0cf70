//! What tests have reached of a policy: each condition true and false, each gate holding something back, each way
//! that a journey can go.

use super::Outcome;
use crate::effect::{EffectKind, Lifecycle, Outcome as Fate, Reason};
use crate::moment::{Passage, Trace};
use crate::policy::Policy;
use comity_compiler::checked::Location;
use comity_compiler::engine::conditions;
use comity_compiler::ids::*;
use comity_compiler::lower::words::expression;
use comity_compiler::lower::{DeclarationKind, Origins};
use comity_compiler::plan::{ChannelKind, Comparison, ConsentMode, Op, Plan, StepKind};
use std::collections::{BTreeMap, BTreeSet};
use std::mem::{Discriminant, discriminant};

/// Something in the policy that can come out in several ways.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it stands.
    pub at: Location,
    /// What it is.
    pub kind: Kind,
    /// Its name: `message cart_email`, `cap weekly`; empty where it is the condition that is written there.
    pub what: String,
    /// Each way that it can come out, and how often it did.
    pub ways: Vec<(String, u64)>,
}

/// The kinds of item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A condition: true and false.
    Condition,
    /// Something that sends a message or holds it back, by the reasons of the gates.
    Gate,
    /// A journey, or a statement of one: where it goes on.
    Branch,
}

/// All items of a policy, by kind and place. The policy is that of the runner, with an engine that counts.
pub fn coverage(policy: &Policy, origins: &Origins, outcomes: &[Outcome], trace: &Trace) -> Vec<Item> {
    let mut items = of_conditions(policy, origins);
    let found = Found::in_(outcomes, trace);
    of_messages(&policy.plan, origins, &found, &mut items);
    of_rules(&policy.plan, origins, &found, &mut items);
    of_journeys(&policy.plan, origins, &found, trace, &mut items);
    items.sort_by_key(|item| (item.kind, item.at));
    items
}

/// Of conditions that one text became, those of one shape are one item.
type Shape = (Discriminant<Op>, Option<Comparison>);

fn of_conditions(policy: &Policy, origins: &Origins) -> Vec<Item> {
    let plan = &policy.plan;
    let mut found: Vec<(Location, Shape, ExprId, [u64; 2])> = Vec::new();
    let mut known: BTreeMap<Location, Vec<usize>> = BTreeMap::new();
    for condition in conditions(plan) {
        let at: BTreeSet<Location> = origins.conditions.of(condition).iter().copied().collect();
        let op = &plan.expr(condition).op;
        let comparison = match op {
            Op::Compare(comparison, ..) => Some(*comparison),
            _ => None,
        };
        let shape = (discriminant(op), comparison);
        let [no, yes] = policy.engine.seen(condition);
        for place in innermost(&at) {
            let here = known.entry(place).or_default();
            match here.iter().find(|index| found[**index].1 == shape) {
                Some(index) => {
                    let counts = &mut found[*index].3;
                    *counts = [counts[0] + no, counts[1] + yes];
                }
                None => {
                    here.push(found.len());
                    found.push((place, shape, condition, [no, yes]));
                }
            }
        }
    }
    let forms = origins.forms();
    let item = |(at, _, condition, [no, yes]): (Location, Shape, ExprId, [u64; 2])| {
        let opposite = forms.get(&at).and_then(|one| one.is_opposite_of(&plan.expr(condition).op));
        let (yes, no) = if opposite == Some(true) { (no, yes) } else { (yes, no) };
        Item {
            at,
            kind: Kind::Condition,
            what: opposite.map_or_else(|| expression(plan, condition, false), |_| String::new()),
            ways: vec![("true".to_owned(), yes), ("false".to_owned(), no)],
        }
    };
    found.into_iter().map(item).collect()
}

/// The places that have no other in them: where a part of a condition is always so, the rest of it says all that the
/// whole does.
fn innermost(places: &BTreeSet<Location>) -> Vec<Location> {
    let inside = |inner: &Location, outer: &Location| {
        inner != outer
            && inner.file == outer.file
            && outer.span.start <= inner.span.start
            && inner.span.end <= outer.span.end
    };
    places.iter().filter(|place| !places.iter().any(|other| inside(other, place))).copied().collect()
}

/// What happened in the tests.
#[derive(Default)]
struct Found {
    /// By message and word: how often.
    messages: BTreeMap<(MessageId, &'static str), u64>,
    /// By journey's name and how its instances changed.
    journeys: BTreeMap<(String, Lifecycle), u64>,
    /// By rule and channel.
    gates: BTreeMap<(Reason, ChannelId), u64>,
    held_out: BTreeMap<HoldoutId, u64>,
    outranked: u64,
    touches: BTreeMap<JourneyId, u64>,
}

impl Found {
    fn in_(outcomes: &[Outcome], trace: &Trace) -> Found {
        let mut found = Found::default();
        for effect in outcomes.iter().flat_map(|outcome| &outcome.log).map(|one| &one.effect) {
            match &effect.kind {
                EffectKind::Message(decided) => {
                    let word = match decided.outcome {
                        Fate::Sent => "sent",
                        Fate::Shown => "shown",
                        Fate::Blocked(Reason::Inactive) => "inactive",
                        Fate::Blocked(Reason::Expired) => "expired",
                        Fate::Blocked(Reason::Ineligible) => "ineligible",
                        Fate::Blocked(Reason::Outranked(_)) => {
                            found.outranked += 1;
                            continue;
                        }
                        Fate::Blocked(Reason::Touches) => {
                            if let crate::profile::Cause::Journey(proposal) = &decided.cause {
                                *found.touches.entry(proposal.origin.journey).or_default() += 1;
                            }
                            continue;
                        }
                        Fate::HeldOut(holdout) => {
                            *found.held_out.entry(holdout).or_default() += 1;
                            continue;
                        }
                        _ => continue,
                    };
                    *found.messages.entry((decided.message, word)).or_default() += 1;
                }
                EffectKind::Journey(journey) => {
                    *found.journeys.entry((journey.journey.to_string(), journey.state)).or_default() += 1;
                }
                _ => {}
            }
        }
        for (passage, count) in trace {
            if let Passage::Gate(reason, channel) = passage {
                *found.gates.entry((*reason, *channel)).or_default() += count;
            }
        }
        found
    }

    /// How often a gate held something back.
    fn gate(&self, is: impl Fn(Reason, ChannelId) -> bool) -> u64 {
        self.gates.iter().filter(|((reason, channel), _)| is(*reason, *channel)).map(|(_, count)| count).sum()
    }
}

fn of_messages(plan: &Plan, origins: &Origins, found: &Found, items: &mut Vec<Item>) {
    for (index, message) in plan.messages.iter().enumerate() {
        let Some(at) = origins.declaration(DeclarationKind::Message, &message.name) else { continue };
        let possible = [
            ("sent", !message.routes.is_empty()),
            ("shown", !message.displays.is_empty()),
            ("inactive", message.active.is_some()),
            ("expired", message.expires.is_some()),
            ("ineligible", !message.guard.clauses.is_empty()),
        ];
        let count = |word| found.messages.get(&(MessageId::at(index), word)).copied().unwrap_or(0);
        let ways = possible.into_iter().filter(|(_, possible)| *possible);
        let ways = ways.map(|(word, _)| (word.to_owned(), count(word))).collect();
        items.push(Item { at, kind: Kind::Gate, what: format!("message {}", message.name), ways });
    }
}

fn of_rules(plan: &Plan, origins: &Origins, found: &Found, items: &mut Vec<Item>) {
    let mut add = |kind: DeclarationKind, name: &str, what: String, ways: Vec<(&str, u64)>| {
        let Some(at) = origins.declaration(kind, name).filter(|_| !ways.is_empty()) else { return };
        let ways = ways.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
        items.push(Item { at, kind: Kind::Gate, what, ways });
    };
    use DeclarationKind as Declared;
    let routes = || plan.messages.iter().flat_map(|message| message.all_routes());
    for (index, purpose) in plan.purposes.iter().enumerate() {
        let can_refuse = purpose.channels.iter().flatten().any(|rule| rule.mode != ConsentMode::Always);
        let count = found.gate(|reason, _| reason == Reason::Consent(PurposeId::at(index)));
        let ways = if can_refuse { vec![("consent", count)] } else { Vec::new() };
        add(Declared::Purpose, &purpose.name, format!("purpose {}", purpose.name), ways);
    }
    for (index, channel) in plan.channels.iter().enumerate() {
        let here = ChannelId::at(index);
        let mut ways = Vec::new();
        if channel.kind != ChannelKind::Inbound && routes().any(|route| route.channel == here) {
            ways.push(("unreachable", found.gate(|reason, on| reason == Reason::Unreachable && on == here)));
        }
        if !channel.quiet.is_empty() {
            ways.push(("quiet", found.gate(|reason, on| reason == Reason::Quiet && on == here)));
        }
        add(Declared::Channel, &channel.name, format!("channel {}", channel.name), ways);
    }
    for (index, name) in plan.suppressions.iter().enumerate() {
        let id = SuppressId::at(index);
        let governs = routes().any(|route| route.suppressions.iter().any(|(rule, _)| *rule == id));
        let count = found.gate(|reason, _| reason == Reason::Suppressed(id));
        let ways = if governs { vec![("suppressed", count)] } else { Vec::new() };
        add(Declared::Suppress, name, format!("suppress {name}"), ways);
    }
    for (index, cap) in plan.caps.iter().enumerate() {
        let id = CapId::at(index);
        let counts = routes().any(|route| route.caps.contains(&id));
        let count = found.gate(|reason, _| reason == Reason::Capped(id, 0));
        let ways = if counts { vec![("capped", count)] } else { Vec::new() };
        add(Declared::Cap, &cap.name, format!("cap {}", cap.name), ways);
    }
    for (index, holdout) in plan.holdouts.iter().enumerate() {
        let count = found.held_out.get(&HoldoutId::at(index)).copied().unwrap_or(0);
        add(Declared::Holdout, &holdout.name, format!("holdout {}", holdout.name), vec![("held_out", count)]);
    }
    if !plan.picks.is_empty() || !plan.placements.is_empty() {
        add(Declared::Arbitrate, "", "arbitrate".to_owned(), vec![("outranked", found.outranked)]);
    }
}

fn of_journeys(plan: &Plan, origins: &Origins, found: &Found, trace: &Trace, items: &mut Vec<Item>) {
    for (index, journey) in plan.journeys.iter().enumerate() {
        let id = JourneyId::at(index);
        let count = |state| found.journeys.get(&(journey.name.to_string(), state)).copied().unwrap_or(0);
        if let Some(at) = origins.declaration(DeclarationKind::Journey, &journey.name) {
            let mut ways = vec![("entered".to_owned(), count(Lifecycle::Entered))];
            let class_stops = plan
                .stops
                .iter()
                .any(|stop| journey.class.is_some_and(|class| stop.classes.contains(&class)));
            if !journey.stops.is_empty() || !journey.stop_when.is_empty() || class_stops {
                ways.push(("stopped".to_owned(), count(Lifecycle::Stopped)));
            }
            if journey.touches.is_some() {
                ways.push(("capped:touches".to_owned(), found.touches.get(&id).copied().unwrap_or(0)));
            }
            items.push(Item { at, kind: Kind::Branch, what: format!("journey {}", journey.name), ways });
        }
        for (step, declared) in journey.steps.iter().enumerate() {
            let Some(at) = origins.steps.get(index).and_then(|steps| steps.get(step)) else { continue };
            let taken = |way: u32| trace.get(&Passage::Branch(id, step as u32, way)).copied().unwrap_or(0);
            let reached = || trace.get(&Passage::Step(id, step as u32)).copied().unwrap_or(0);
            let named = |names: &[&str]| -> Vec<(String, u64)> {
                (0..).zip(names).map(|(way, name)| ((*name).to_owned(), taken(way))).collect()
            };
            let ways = match &declared.kind {
                StepKind::If { .. } => named(&["then", "else"]),
                StepKind::WaitFor { .. } => named(&["then", "time-out"]),
                StepKind::Send { .. } => named(&["sent", "not sent"]),
                StepKind::Split { experiment, .. } => {
                    let arms = &plan.experiments[experiment.index()].arms;
                    (0..).zip(arms).map(|(way, (arm, _))| (arm.to_string(), taken(way))).collect()
                }
                // What follows needs no statement of its own: it is where the statement leads.
                StepKind::Again { .. } | StepKind::Join { .. } => continue,
                _ => vec![("reached".to_owned(), reached())],
            };
            items.push(Item { at: *at, kind: Kind::Branch, what: declared.text.to_string(), ways });
        }
    }
}
