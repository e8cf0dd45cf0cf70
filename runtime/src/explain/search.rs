//! The smallest change that brings another outcome.
//!
//! Of all sets of changes that mend something, the smallest are tried first (uniform-cost search). A set is extended
//! only by what mends the first obstacle that is left on one of the ways: whatever lets the message pass must mend
//! that. Each set is judged by the gates and the arbitration themselves, on a copy of the customer, so a flip that is
//! told is true; that none of its changes can be left out is tried, too. Which values a condition can be mended with,
//! [`super::solve`] finds.

use super::change::{Changed, Move, moves_of};
use super::condition::{Asked, clauses_of, clauses_of_guard, looks_at_event};
use super::scene::Scene;
use super::solve::{Values, gather};
use super::{Flip, verdict};
use crate::effect::{EffectKind, Outcome, Reason};
use crate::moment::next_of;
use crate::policy::Policy;
use crate::profile::Profile;
use crate::step::gates::Quiet;
use crate::step::{Candidate, Step, Stepper};
use comity_compiler::engine::slots_of;
use comity_compiler::ids::*;
use comity_compiler::lower::wakes;
use comity_compiler::plan::{ConsentMode, Route};
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// No more changes than this together.
const LARGEST: usize = 4;
/// So many flips are told.
const TOLD: usize = 3;
/// So many decisions about a message are tried; where many messages compete, fewer.
const TRIED: usize = 400;
/// So many instants are looked at to find when a condition comes out differently.
const LOOKED_AHEAD: usize = 48;

/// What came out for the message.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) outcome: Outcome,
    pub(super) channel: Option<ChannelId>,
    /// The score of what took its place, where that was decided with it.
    pub(super) rival: Option<f64>,
    /// What left in the same decision.
    admitted: Vec<MessageId>,
}

impl Found {
    fn passes(&self) -> bool {
        matches!(self.outcome, Outcome::Sent | Outcome::Shown)
    }
}

/// What is decided about a scene's message after some moves, and each channel's reason where it is blocked.
pub(super) fn outcome(
    stepper: &mut Stepper,
    scene: &Scene,
    moves: &[Move],
) -> (Option<Found>, Vec<(ChannelId, Reason)>) {
    let policy = stepper.policy().clone();
    let Changed { mut scene, pretended, spared } = scene.after(&policy, moves);
    let own = scene.candidate().clone();
    let mut step = stepper.step(0);
    step.detail.blocked = true;
    step.detail.redact = true;
    step.holds_nobody_out = spared;
    step.unwatch();
    step.moment.pretend(pretended);
    let mut effects = Vec::new();
    let candidates = std::mem::take(&mut scene.candidates);
    step.arbitrate(&mut scene.profile, candidates, &mut scene.picked, &mut effects);
    step.moment.pretend(Vec::new());
    let mut found = None;
    for effect in &effects {
        let EffectKind::Message(decided) = &effect.kind else { continue };
        if decided.message == own.message && decided.cause == own.cause {
            found = Some((decided.outcome.clone(), decided.channel, decided.channels.clone()));
        }
    }
    let Some((outcome, channel, channels)) = found else { return (None, Vec::new()) };
    let rival = match outcome {
        Outcome::Blocked(Reason::Outranked(by)) => effects.iter().find_map(|effect| match &effect.kind {
            EffectKind::Message(decided) if decided.message == by => decided.score,
            _ => None,
        }),
        _ => None,
    };
    let admitted = effects.iter().filter_map(|effect| match &effect.kind {
        EffectKind::Message(decided) if decided.score.is_some() && decided.message != own.message => {
            Some(decided.message)
        }
        _ => None,
    });
    let admitted = admitted.collect();
    (Some(Found { outcome, channel, rival, admitted }), channels)
}

/// The smallest changes that bring another outcome than this.
pub(super) fn flips(stepper: &mut Stepper, scene: &Scene, outcome: Option<&Found>) -> Vec<Flip> {
    let Some(outcome) = outcome else { return Vec::new() };
    let policy = stepper.policy().clone();
    let values = values(stepper, scene);
    let found =
        if outcome.passes() { breaking(stepper, scene, &values) } else { mending(stepper, scene, &values) };
    let mut told = Vec::with_capacity(found.len());
    for (moves, outcome) in found {
        let slots = moves.iter().filter_map(|one| match one {
            Move::Event(slot, _) | Move::Value(slot, _) => Some(*slot),
            _ => None,
        });
        // What is so when the time has come.
        let mut current = scene.profile.clone();
        current.now = moves.iter().find_map(Move::time).unwrap_or(current.now);
        let mut step = stepper.step(0);
        step.moment.changed();
        step.moment.look_at(&policy, scene.candidate().cause.event());
        let known: Vec<(SlotId, Option<Value>)> =
            slots.map(|slot| (slot, holds(&mut step, &mut current, slot))).collect();
        let current =
            |slot: SlotId| known.iter().find(|(one, _)| *one == slot).and_then(|(_, value)| value.clone());
        let changes = moves.iter().map(|one| one.told(&policy, scene, current)).collect();
        let after = scene.after(&policy, &moves).scene;
        told.push(Flip { changes, outcome: verdict(&policy, &after, Some(&outcome)) });
    }
    told
}

/// What a slot holds.
fn holds(step: &mut Step<'_>, profile: &mut Profile, slot: SlotId) -> Option<Value> {
    let policy = step.policy;
    let answer = step.moment.slot(policy, profile, slot);
    let ty = policy.plan.slots[slot.index()].ty;
    answer.get().map(|cell| step.moment.frame().value(&policy.plan, ty, cell))
}

/// Every condition that can stop the message.
fn conditions(policy: &Policy, scene: &Scene, routes: &[&Route]) -> Vec<ExprId> {
    let plan = &policy.plan;
    let message = &plan.messages[scene.message().index()];
    let mut found: Vec<ExprId> = Vec::new();
    found.extend(clauses_of_guard(plan, &message.guard).into_iter().flatten().map(|(expr, _)| expr));
    for route in routes {
        found.extend(route.suppressions.iter().map(|(_, when)| *when));
        found.extend(plan.channels[route.channel.index()].quiet.iter().filter_map(|quiet| quiet.when));
        for purpose in &message.purposes {
            let rules = &plan.purposes[purpose.index()].channels[route.channel.index()];
            found.extend(rules.iter().filter_map(|rule| rule.when));
        }
    }
    found
}

/// The values at which the conditions of a message can come out differently, those next to what is first.
fn values(stepper: &mut Stepper, scene: &Scene) -> Values {
    let policy = stepper.policy().clone();
    let mut profile = scene.profile.clone();
    let mut values = Values::default();
    let mut step = stepper.step(0);
    step.moment.changed();
    step.moment.look_at(&policy, scene.candidate().cause.event());
    let routes: Vec<&Route> = step.routes(scene.candidate()).collect();
    for condition in conditions(&policy, scene, &routes) {
        gather(&mut step, &mut profile, condition, &mut values);
    }
    for (slot, values) in &mut values {
        let current = holds(&mut step, &mut profile, *slot);
        values.retain(|value| *value != current);
        let ty = policy.plan.slots[slot.index()].ty;
        values.sort_by_key(|value| distance(ty, value.as_ref(), current.as_ref()));
    }
    values
}

/// How far a value is from another one.
fn distance(ty: Type, value: Option<&Value>, from: Option<&Value>) -> u64 {
    match (value, from) {
        (Some(Value::Cell(a)), Some(Value::Cell(b))) if ty.is_float() => {
            ((f64::from_bits(*a) - f64::from_bits(*b)).abs() * 1e6).min(1e18) as u64
        }
        (Some(Value::Cell(a)), Some(Value::Cell(b))) if !ty.is_text() => (*a as i64).abs_diff(*b as i64),
        (None, _) => u64::MAX,
        _ => 0,
    }
}

/// A set of moves that is to be tried: by its size, then by how easily it can be had.
type Tried = Reverse<(usize, u32, usize, Vec<Move>)>;

/// The smallest sets of moves after which the message passes.
fn mending(stepper: &mut Stepper, scene: &Scene, values: &Values) -> Vec<(Vec<Move>, Found)> {
    let policy = stepper.policy().clone();
    let mut found: Vec<(Vec<Move>, Found)> = Vec::new();
    let mut seen: BTreeSet<Vec<Move>> = BTreeSet::new();
    let mut open: BinaryHeap<Tried> = BinaryHeap::from([Reverse((0, 0, 0, Vec::new()))]);
    let most = (TRIED * 8 / scene.candidates.len().max(8)).max(50);
    let (mut tried, mut order) = (0, 0);
    while let Some(Reverse((size, weight, _, moves))) = open.pop() {
        let smallest = found.iter().map(|(moves, _)| moves.len()).min();
        if tried >= most || smallest.is_some_and(|smallest| size > smallest) {
            break;
        }
        tried += 1;
        let (after, reasons) = outcome(stepper, scene, &moves);
        let Some(after) = after else { continue };
        if after.passes() && depends_on_event(stepper, scene, &moves, after.channel) {
            continue;
        }
        if after.passes() {
            let moves = without_the_needless(stepper, scene, moves);
            let targets = |moves: &[Move]| moves.iter().map(Move::target).collect::<Vec<_>>();
            if !found.iter().any(|(known, _)| targets(known) == targets(&moves)) {
                let after = outcome(stepper, scene, &moves).0.unwrap_or(after);
                found.push((moves, after));
            }
            if found.iter().filter(|(moves, _)| moves.len() <= size).count() >= TOLD {
                break;
            }
            continue;
        }
        for (rank, more) in
            mends(stepper, scene, &policy, &moves, &after, &reasons, values).into_iter().enumerate()
        {
            let mut next = moves.clone();
            next.retain(|one| one.target() != more.target());
            let weight = weight + more.weight() + (rank as u32).min(9);
            next.push(more);
            next.sort();
            if next.len() <= LARGEST && seen.insert(next.clone()) {
                order += 1;
                open.push(Reverse((next.len(), weight, order, next)));
            }
        }
    }
    let smallest = found.iter().map(|(moves, _)| moves.len()).min().unwrap_or_default();
    found.retain(|(moves, _)| moves.len() == smallest);
    found
}

/// Whether, after some moves, it depends on an event that isn't there whether the message passes on a channel.
fn depends_on_event(
    stepper: &mut Stepper,
    scene: &Scene,
    moves: &[Move],
    channel: Option<ChannelId>,
) -> bool {
    if scene.has_event() {
        return false;
    }
    let policy = stepper.policy().clone();
    let plan = &policy.plan;
    let Changed { mut scene, pretended, .. } = scene.after(&policy, moves);
    let mut step = stepper.step(0);
    let mut clauses = clauses_of_guard(plan, &plan.messages[scene.message().index()].guard);
    let route = step.routes(scene.candidate()).find(|route| Some(route.channel) == channel);
    if let Some(route) = route {
        if looks_at_event(&policy, route.score) {
            return true;
        }
        clauses.extend(route.suppressions.iter().flat_map(|(_, when)| clauses_of(plan, *when, true)));
    }
    step.moment.pretend(pretended);
    let mut is_open = false;
    for clause in &clauses {
        let (of_event, others): (Vec<Asked>, Vec<Asked>) =
            clause.iter().partition(|(expr, _)| looks_at_event(&policy, *expr));
        is_open |= !of_event.is_empty() && !others.iter().any(|asked| step.is_so(&mut scene.profile, *asked));
    }
    step.moment.pretend(Vec::new());
    is_open
}

/// A set of moves without those that it doesn't need.
fn without_the_needless(stepper: &mut Stepper, scene: &Scene, mut moves: Vec<Move>) -> Vec<Move> {
    let mut at = 0;
    while at < moves.len() && moves.len() > 1 {
        let mut fewer = moves.clone();
        fewer.remove(at);
        if outcome(stepper, scene, &fewer).0.is_some_and(|found| found.passes()) {
            moves = fewer;
        } else {
            at += 1;
        }
    }
    moves
}

/// Single moves after which a message that passes doesn't any more.
fn breaking(stepper: &mut Stepper, scene: &Scene, values: &Values) -> Vec<(Vec<Move>, Found)> {
    let policy = stepper.policy().clone();
    let routes: Vec<Route> = stepper.step(0).routes(scene.candidate()).cloned().collect();
    let mut moves: Vec<Move> = Vec::new();
    for (slot, values) in values {
        for value in values {
            moves.extend(moves_of(&policy, *slot, value.clone(), scene.has_event()));
        }
    }
    let message = &policy.plan.messages[scene.message().index()];
    for route in &routes {
        moves.extend(message.purposes.iter().map(|purpose| Move::Withdraw(*purpose, route.channel)));
    }
    // In the order of the values, which are sorted by how near they are.
    moves.sort_by_key(Move::weight);
    let most = (TRIED * 2 / scene.candidates.len().max(8)).max(20);
    let mut found: Vec<(Vec<Move>, Found)> = Vec::new();
    for one in moves.into_iter().take(most) {
        if found.iter().any(|(known, _)| known[0].target() == one.target()) {
            continue;
        }
        let moves = vec![one];
        if let (Some(after), _) = outcome(stepper, scene, &moves)
            && !after.passes()
            && !routes.iter().any(|route| depends_on_event(stepper, scene, &moves, Some(route.channel)))
        {
            found.push((moves, after));
            if found.len() == TOLD {
                break;
            }
        }
    }
    found
}

/// The moves that can mend the first obstacle that is left, on each way.
fn mends(
    stepper: &mut Stepper,
    scene: &Scene,
    policy: &Policy,
    moves: &[Move],
    found: &Found,
    reasons: &[(ChannelId, Reason)],
    values: &Values,
) -> Vec<Move> {
    let mut mender = Mender { stepper, scene, policy, moves, values, found: Vec::new() };
    let after = scene.after(policy, moves);
    let now = after.scene.profile.now;
    let plan = &policy.plan;
    match found.outcome {
        Outcome::Sent | Outcome::Shown => {}
        Outcome::HeldOut(id) => mender.found.push(Move::Spare(id)),
        Outcome::Blocked(Reason::Outranked(by)) => mender.found.push(Move::Without(by)),
        Outcome::Blocked(Reason::Inactive) => {
            let message = &plan.messages[scene.message().index()];
            let profile = &after.scene.profile;
            if let Some((first, _)) = message.active
                && profile.zone.date(now) < first
            {
                mender.found.push(Move::Time(profile.zone.first(first, 0)));
            }
        }
        Outcome::Blocked(Reason::Expired | Reason::Superseded | Reason::Stopped) => {}
        Outcome::Blocked(Reason::Ineligible) => {
            let guard = &plan.messages[scene.message().index()].guard;
            mender.first_failing(&clauses_of_guard(plan, guard));
        }
        Outcome::Deferred(_) | Outcome::Blocked(_) => {
            let reasons = if reasons.is_empty() { mender.reasons() } else { reasons.to_vec() };
            for (channel, reason) in reasons {
                mender.way(channel, reason);
                if matches!(reason, Reason::Capped(..)) {
                    mender.found.extend(found.admitted.iter().map(|message| Move::Without(*message)));
                }
            }
        }
    }
    mender.found
}

struct Mender<'m> {
    stepper: &'m mut Stepper,
    scene: &'m Scene,
    policy: &'m Policy,
    /// What has been changed already.
    moves: &'m [Move],
    values: &'m Values,
    found: Vec<Move>,
}

impl Mender<'_> {
    /// Asks something after some more moves.
    fn after<T>(
        &mut self,
        more: Option<&Move>,
        ask: impl FnOnce(&mut Step<'_>, &mut Profile, &Candidate) -> T,
    ) -> T {
        let mut moves = self.moves.to_vec();
        if let Some(more) = more {
            moves.retain(|one| one.target() != more.target());
            moves.push(more.clone());
        }
        let Changed { mut scene, pretended, spared } = self.scene.after(self.policy, &moves);
        let candidate = scene.candidate().clone();
        let mut step = self.stepper.step(0);
        step.holds_nobody_out = spared;
        step.unwatch();
        step.moment.pretend(pretended);
        step.moment.look_at(self.policy, candidate.cause.event());
        let answer = ask(&mut step, &mut scene.profile, &candidate);
        step.moment.pretend(Vec::new());
        answer
    }

    /// Each channel's first obstacle.
    fn reasons(&mut self) -> Vec<(ChannelId, Reason)> {
        self.after(None, |step, profile, candidate| {
            let mut standing = step.standing(profile, candidate.clone());
            step.reasons(profile, &mut standing)
        })
    }

    fn way(&mut self, channel: ChannelId, reason: Reason) {
        let policy = self.policy;
        let plan = &policy.plan;
        match reason {
            Reason::Consent(purpose) => self.consent(purpose, channel),
            Reason::Unreachable => {
                if let Some(attribute) = super::gates::address_attribute(plan, channel) {
                    self.found.push(Move::Attribute(attribute, Some(policy.text(super::change::ANOTHER))));
                }
            }
            Reason::Suppressed(rule) => {
                let step = self.stepper.step(0);
                let route = step.routes(self.scene.candidate()).find(|route| route.channel == channel);
                let when = route.and_then(|route| route.suppressions.iter().find(|(id, _)| *id == rule));
                let clauses = when.map(|(_, when)| clauses_of(plan, *when, true)).unwrap_or_default();
                self.first_failing(&clauses);
            }
            Reason::Capped(_, frees) => self.later(frees),
            Reason::Quiet => {
                let quiet = self.after(None, |step, profile, _| step.quiet(profile, channel));
                if let Quiet::Until(end) = quiet {
                    self.later(end);
                }
                for when in plan.channels[channel.index()].quiet.iter().filter_map(|quiet| quiet.when) {
                    let clauses = clauses_of(plan, when, true);
                    self.first_failing(&clauses);
                }
            }
            _ => {}
        }
    }

    fn later(&mut self, at: i64) {
        if at > self.scene.profile.now && at < i64::MAX {
            self.found.push(Move::Time(at));
        }
    }

    /// A grant, or what makes another rule decide.
    fn consent(&mut self, purpose: PurposeId, channel: ChannelId) {
        let policy = self.policy;
        let rules = &policy.plan.purposes[purpose.index()].channels[channel.index()];
        let mut deciding = None;
        for (at, rule) in rules.iter().enumerate() {
            let holds = rule
                .when
                .is_none_or(|when| self.after(None, |step, profile, _| step.is_so(profile, (when, false))));
            if holds {
                deciding = Some(at);
                break;
            }
        }
        let Some(deciding) = deciding else { return };
        match rules[deciding].mode {
            ConsentMode::OptIn | ConsentMode::OptOut => {
                self.found.push(Move::Consent(purpose, channel, false))
            }
            ConsentMode::DoubleOptIn => self.found.push(Move::Consent(purpose, channel, true)),
            ConsentMode::Always | ConsentMode::Never => {}
        }
        if let Some(when) = rules[deciding].when {
            self.first_failing(&clauses_of(&policy.plan, when, true));
        }
        for rule in &rules[..deciding] {
            if let Some(when) = rule.when {
                self.first_failing(&clauses_of(&policy.plan, when, false));
            }
        }
    }

    /// What mends the first clause that doesn't hold.
    fn first_failing(&mut self, clauses: &[Vec<Asked>]) {
        for clause in clauses {
            let holds =
                self.after(None, |step, profile, _| clause.iter().any(|asked| step.is_so(profile, *asked)));
            if !holds {
                clause.iter().for_each(|asked| self.condition(*asked));
                return;
            }
        }
    }

    /// What makes a condition hold as it is asked for.
    fn condition(&mut self, asked: Asked) {
        let policy = self.policy;
        if !self.scene.has_event() && looks_at_event(policy, asked.0) {
            return;
        }
        for (slot, value) in self.mending_values(asked) {
            for one in moves_of(policy, slot, value, self.scene.has_event()) {
                if !self.found.contains(&one) {
                    self.found.push(one);
                }
            }
        }
        // By waiting.
        let wakes = wakes(&policy.plan, asked.0);
        if wakes.is_empty() {
            return;
        }
        let found = self.after(None, |step, profile, candidate| {
            for _ in 0..LOOKED_AHEAD {
                let next = next_of(step.policy, profile, &wakes);
                if next == i64::MAX {
                    return None;
                }
                profile.now = next;
                step.moment.changed();
                step.moment.look_at(step.policy, candidate.cause.event());
                if step.is_so(profile, asked) {
                    return Some(next);
                }
            }
            None
        });
        found.into_iter().for_each(|at| self.later(at));
    }

    /// The values of single slots with which a condition holds as it is asked for.
    fn mending_values(&mut self, asked: Asked) -> Vec<(SlotId, Option<Value>)> {
        let policy = self.policy;
        let Changed { mut scene, pretended, .. } = self.scene.after(policy, self.moves);
        let event = scene.candidate().cause.event().cloned();
        let mut step = self.stepper.step(0);
        step.moment.pretend(pretended.clone());
        let mut found = Vec::new();
        for slot in slots_of(&policy.plan, asked.0) {
            // What is near now may not be near when the time has come.
            let mut values = self.values.get(&slot).cloned().unwrap_or_default();
            step.moment.look_at(policy, event.as_ref());
            let current = holds(&mut step, &mut scene.profile, slot);
            let ty = policy.plan.slots[slot.index()].ty;
            values.sort_by_key(|value| distance(ty, value.as_ref(), current.as_ref()));
            for value in &values {
                let mut taken = pretended.clone();
                taken.retain(|(other, _)| *other != slot);
                taken.push((slot, value.clone()));
                step.moment.pretend(taken);
                step.moment.look_at(policy, event.as_ref());
                if step.is_so(&mut scene.profile, asked) {
                    found.push((slot, value.clone()));
                }
            }
        }
        step.moment.pretend(Vec::new());
        found
    }
}
