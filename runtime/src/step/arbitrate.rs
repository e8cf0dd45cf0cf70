//! Arbitration: of all that was proposed, what leaves (reference §9).

use super::gates::{Stand, Standing};
use super::{Candidate, Step};
use crate::effect::{Effect, EffectKind, Outcome, Reason};
use crate::journey::{Settled, hash_of};
use crate::profile::{Cause, Deferred, Profile, Send, Snapshot};
use comity_compiler::builtin;
use comity_compiler::ids::*;
use comity_compiler::value::Value;
use smallvec::SmallVec;
use std::cmp::Ordering;
use std::sync::Arc;

/// What one decision admitted so far, over all its rounds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picked {
    admitted: SmallVec<[Admitted; 4]>,
}

#[derive(Clone, Debug)]
struct Admitted {
    message: MessageId,
    channel: ChannelId,
    ghost: bool,
    /// Shown on a placement: no pick counts it.
    shown: bool,
}

/// Those about whom nothing has been decided yet.
struct Undecided {
    /// In the order in which they were proposed; whoever has been decided about is gone.
    all: Vec<Option<Standing>>,
    /// The positions of those that stand with a channel, with its way and score, the best last: as it is as long as nothing
    /// is admitted.
    ranked: Option<SmallVec<[(usize, usize, f64); 4]>>,
}

impl Picked {
    /// As if a message had not been admitted.
    pub(crate) fn remove(&mut self, message: MessageId) {
        self.admitted.retain(|admitted| admitted.message != message);
    }
}

impl Step<'_> {
    /// Puts candidates through the gates together. What leaves is returned as events, in order of admission.
    pub(crate) fn arbitrate(
        &mut self,
        profile: &mut Profile,
        candidates: Vec<Candidate>,
        picked: &mut Picked,
        effects: &mut Vec<Effect>,
    ) -> Vec<Arc<Snapshot>> {
        if let Some(watch) = &mut self.watch {
            watch.see(profile, &candidates, picked);
        }
        let mut undecided: Vec<Standing> = Vec::with_capacity(candidates.len());
        for candidate in candidates {
            match self.eligible(profile, &candidate) {
                Ok(()) if !self.asks_for_arm(&candidate) => {
                    undecided.push(self.standing(profile, candidate));
                }
                Ok(()) => {
                    let eligible = self.standing(profile, candidate.clone());
                    undecided.extend(candidate.counterfactual.is_none().then_some(eligible));
                    self.stand_in_other_arms(profile, &candidate, true, &mut undecided);
                }
                Err(reason) => {
                    if reason == Reason::Ineligible {
                        self.stand_in_other_arms(profile, &candidate, false, &mut undecided);
                    }
                    self.block(profile, &candidate, reason, Vec::new(), effects);
                }
            }
        }
        self.look_in_arms(profile, &mut undecided);
        let mut undecided = Undecided { all: undecided.into_iter().map(Some).collect(), ranked: None };
        let mut sent = Vec::new();
        loop {
            let single = self.best(profile, &mut undecided, effects);
            let of_crowd = self.best_of_crowd(profile);
            let is_of_crowd = match (&single, &of_crowd) {
                (Some((index, _, score)), Some(best)) => undecided.all[*index].as_ref().is_none_or(|other| {
                    self.order(&best.candidate, best.score, &other.candidate, *score) == Ordering::Less
                }),
                (None, of_crowd) => of_crowd.is_some(),
                (Some(_), None) => false,
            };
            let (standing, way, score) = match (single, of_crowd) {
                (_, Some(best)) if is_of_crowd => (Some(self.stand_by(profile, &best)), best.way, best.score),
                (Some((index, way, score)), _) => {
                    undecided.ranked.iter_mut().for_each(|ranked| _ = ranked.pop());
                    (undecided.all[index].take(), way, score)
                }
                (None, _) => break,
            };
            let Some(mut standing) = standing else { break };
            let placed = self.place(&standing, way, picked);
            if is_of_crowd {
                self.decided_of_crowd(standing.candidate.message);
            }
            match placed {
                Err(by) => {
                    let reason = Reason::Outranked(by);
                    let channel = self.route(&standing.candidate, way).channel;
                    let all = vec![(channel, reason)];
                    self.block(profile, &standing.candidate, reason, all, effects);
                }
                Ok(()) => {
                    // Caps are fuller now.
                    undecided.ranked = None;
                    match standing.candidate.counterfactual {
                        Some(experiment) => {
                            self.expose(profile, experiment, &standing.candidate.cause, effects);
                        }
                        None => sent.extend(self.admit(profile, &mut standing, way, score, picked, effects)),
                    }
                }
            }
            if is_of_crowd && self.is_full(&standing.candidate, picked) {
                self.crowd = None;
            }
        }
        sent
    }

    /// The best of those that stand with a channel: its position, way and score. Those that stand with none are decided on
    /// the way.
    fn best(
        &mut self,
        profile: &mut Profile,
        undecided: &mut Undecided,
        effects: &mut Vec<Effect>,
    ) -> Option<(usize, usize, f64)> {
        if undecided.ranked.is_none() {
            undecided.all.retain(Option::is_some);
            let mut ranked = SmallVec::new();
            for (index, place) in undecided.all.iter_mut().enumerate() {
                let stand = place.as_mut().map(|standing| self.stand(profile, standing));
                match stand {
                    Some(Stand::Passes { way, score }) => ranked.push((index, way, score)),
                    Some(Stand::Waits { way, until }) => {
                        if let Some(standing) = place.take() {
                            self.defer(profile, standing.candidate, way, until, effects);
                        }
                    }
                    Some(Stand::Blocked(reason)) => {
                        if let Some(mut standing) = place.take() {
                            let all = match self.detail.blocked {
                                true => self.reasons(profile, &mut standing),
                                false => Vec::new(),
                            };
                            self.block(profile, &standing.candidate, reason, all, effects);
                        }
                    }
                    None => {}
                }
            }
            let candidate = |index: usize| undecided.all[index].as_ref().map(|standing| &standing.candidate);
            ranked.sort_by(|(a, _, score_a): &(usize, usize, f64), (b, _, score_b)| {
                match (candidate(*b), candidate(*a)) {
                    // Of those that are alike the one that was proposed first is the best.
                    (Some(one), Some(other)) => self.order(one, *score_b, other, *score_a).then(b.cmp(a)),
                    _ => Ordering::Equal,
                }
            });
            undecided.ranked = Some(ranked);
        }
        undecided.ranked.as_ref().and_then(|ranked| ranked.last().copied())
    }

    /// Better first: by class, then score, then name.
    fn order(&self, a: &Candidate, score_a: f64, b: &Candidate, score_b: f64) -> Ordering {
        let plan = &self.policy.plan;
        let rank = |c: &Candidate| plan.classes[plan.messages[c.message.index()].class.index()].rank;
        let name = |c: &Candidate| &plan.messages[c.message.index()].name;
        // Scores that got here are finite; `+ 0.0` makes -0 and 0 equal.
        let by_score = (score_b + 0.0).total_cmp(&(score_a + 0.0));
        rank(a).cmp(&rank(b)).then(by_score).then_with(|| name(a).cmp(name(b)))
    }

    /// Whether no message that is real can find a place any more, among those that compete with this one.
    fn is_full(&self, candidate: &Candidate, picked: &Picked) -> bool {
        let real = |shown: bool| picked.admitted.iter().filter(|a| !a.ghost && a.shown == shown).count();
        match candidate.cause {
            Cause::Placement(placement, _) => {
                real(true) >= self.policy.plan.placements[placement.index()].show as usize
            }
            _ => {
                let mut picks = self.policy.plan.picks.iter().filter(|pick| !pick.per_channel);
                picks.any(|pick| real(false) >= pick.limit as usize)
            }
        }
    }

    /// Gate 9: whether there is a place; else which message took the last one.
    fn place(&self, standing: &Standing, way: usize, picked: &Picked) -> Result<(), MessageId> {
        let plan = &self.policy.plan;
        let candidate = &standing.candidate;
        let channel = self.route(candidate, way).channel;
        // A ghost is tried against real messages and ghosts, a real one against real ones.
        let counts = |other: &&Admitted| !other.ghost || standing.held_out.is_some();
        if let Cause::Placement(placement, _) = candidate.cause {
            let placement = &plan.placements[placement.index()];
            let mut shown = picked.admitted.iter().filter(counts).filter(|other| other.shown);
            if let Some(attribute) = placement.distinct {
                let value = |id: MessageId| &plan.messages[id.index()].attributes[attribute as usize].value;
                let same = |other: &&Admitted| value(other.message) == value(candidate.message);
                if let Some(twin) = shown.clone().find(same) {
                    return Err(twin.message);
                }
            }
            let last = placement.show.checked_sub(1).and_then(|last| shown.nth(last as usize));
            return last.map_or(Ok(()), |last| Err(last.message));
        }
        for pick in &plan.picks {
            let competes =
                |other: &&Admitted| !other.shown && (!pick.per_channel || other.channel == channel);
            let mut taken = picked.admitted.iter().filter(counts).filter(competes);
            if let Some(last) = pick.limit.checked_sub(1).and_then(|last| taken.nth(last as usize)) {
                return Err(last.message);
            }
        }
        Ok(())
    }

    /// Lets a message leave, or, where the customer is held out, its ghost.
    fn admit(
        &mut self,
        profile: &mut Profile,
        standing: &mut Standing,
        way: usize,
        score: f64,
        picked: &mut Picked,
        effects: &mut Vec<Effect>,
    ) -> Option<Arc<Snapshot>> {
        let policy = self.policy;
        let basis = Step::basis(standing, way);
        let candidate = &standing.candidate;
        let message = &policy.plan.messages[candidate.message.index()];
        let channel = self.route(candidate, way).channel;
        let ghost = standing.held_out.is_some();
        let shown = matches!(candidate.cause, Cause::Placement(..));
        picked.admitted.push(Admitted { message: candidate.message, channel, ghost, shown });
        let outcome = match standing.held_out {
            Some(holdout) => Outcome::HeldOut(holdout),
            None if shown => Outcome::Shown,
            None => Outcome::Sent,
        };
        let mut effect = self.decided(profile, candidate, outcome, Some(channel));
        if let EffectKind::Message(decided) = &mut effect.kind {
            decided.score = Some(score);
            decided.basis = basis;
            decided.content = self.content(profile, candidate, way);
        }
        let send = Send {
            id: effect.id.clone(),
            message: candidate.message,
            channel,
            class: message.class,
            tags: Arc::clone(&policy.tags[candidate.message.index()]),
            time: profile.now,
            zone: profile.zone,
            ghost,
            failed: false,
        };
        if let Cause::Journey(proposal) = &candidate.cause {
            if let Some(at) = profile.journeys.find(proposal.number) {
                profile.journeys.instances[at].touches += 1;
            }
            let way = u8::try_from(way).unwrap_or(u8::MAX).saturating_add(proposal.tried);
            let send = (!ghost).then(|| hash_of(&effect.id));
            self.settled(&candidate.cause, Settled::Sent { way, send });
        }
        profile.sends.push(send);
        profile.sends.prune(profile.now.saturating_sub(policy.remember_sends));
        let id = effect.id.clone();
        effects.push(effect);
        self.expose_by_message(profile, candidate, effects);
        let event = if shown { builtin::SHOWN } else { builtin::SENT };
        let on = &policy.events[event.index()];
        let matters = !on.triggers.is_empty() || !on.streams.is_empty() || on.moves_journeys;
        (!ghost && matters).then(|| {
            let send: Value = policy.text(&id);
            let cell = |id: u32| Some(Value::Cell(u64::from(id)));
            let fields = Box::new([cell(candidate.message.0), cell(channel.0), Some(send)]);
            Arc::new(Snapshot { id, event, fields })
        })
    }

    /// Holds a message back until its channel's quiet hours have ended.
    fn defer(
        &mut self,
        profile: &mut Profile,
        candidate: Candidate,
        way: usize,
        until: i64,
        effects: &mut Vec<Effect>,
    ) {
        let channel = self.route(&candidate, way).channel;
        if candidate.counterfactual.is_none() {
            self.settled(&candidate.cause, Settled::Deferred);
            effects.push(self.decided(profile, &candidate, Outcome::Deferred(until), Some(channel)));
        }
        if !self.waits(profile, &candidate, effects) {
            return;
        }
        let Candidate { message, trigger, cause, late, proposed, counterfactual } = candidate;
        let due = until;
        profile.deferred.push(Deferred {
            message,
            trigger,
            cause,
            late,
            proposed,
            channel,
            due,
            counterfactual,
        });
    }

    /// Tells, where it is asked for, that a message didn't pass.
    fn block(
        &mut self,
        profile: &Profile,
        candidate: &Candidate,
        reason: Reason,
        channels: Vec<(ChannelId, Reason)>,
        effects: &mut Vec<Effect>,
    ) {
        if candidate.counterfactual.is_some() {
            return;
        }
        self.settled(&candidate.cause, Settled::Blocked);
        if !self.detail.blocked {
            return;
        }
        let first = channels.first().map(|(channel, _)| *channel);
        let channel = first.or_else(|| self.routes(candidate).next().map(|route| route.channel));
        let mut effect = self.decided(profile, candidate, Outcome::Blocked(reason), channel);
        if let EffectKind::Message(decided) = &mut effect.kind {
            decided.channels = channels;
        }
        effects.push(effect);
    }
}
