//! Many messages that one occasion proposes together: an index finds the best of them, so that the others need not be
//! looked at. What it finds is put through the gates like any other, and what it doesn't find would have left no trace.
//!
//! Where more than the best matters, because quiet hours defer whatever passes, or because the customer is held out,
//! all that may pass become candidates like others.

use super::gates::{Quiet, Standing};
use super::{Candidate, NO_TRIGGER, Step};
use crate::moment::reachable;
use crate::policy::crowds::Crowd;
use crate::profile::{Attempt, Cause, Profile};
use comity_compiler::ids::*;
use comity_compiler::index::{Doubt, Found, Gate};
use comity_compiler::plan::{CapPer, Trigger};
use comity_compiler::value::Value;
use smallvec::SmallVec;

/// A crowd that has been proposed and is not decided yet.
pub(crate) struct Proposed<'s> {
    crowd: &'s Crowd,
    cause: Cause,
    late: bool,
    proposed: i64,
    /// Messages that are decided by themselves, or have been.
    apart: SmallVec<[MessageId; 8]>,
    /// Among the candidates, where those that the same occasion proposed begin.
    at: usize,
}

/// What an index found to be the best of a crowd.
pub(crate) struct Best {
    pub(crate) candidate: Candidate,
    pub(crate) way: usize,
    pub(crate) score: f64,
}

impl<'s> Step<'s> {
    /// The crowd that an occasion proposes, where an index may decide about it: not where somebody asks what became of
    /// each message.
    pub(super) fn may_decide_together(
        &self,
        crowd: &'s Option<Crowd>,
        profile: &Profile,
    ) -> Option<&'s Crowd> {
        let crowd = crowd.as_ref()?;
        let each = self.detail.blocked || self.watch.is_some() || self.moment.asks_for_each();
        let settled = !crowd.follows_journeys || profile.journeys.instances.is_empty();
        let settled = settled && crowd.arms.iter().all(|of| profile.journeys.is_exposed(*of));
        (!each && settled && self.crowd.is_none()).then_some(crowd)
    }

    /// Proposes a crowd; messages apart are proposed by themselves.
    pub(super) fn propose_crowd(
        &mut self,
        crowd: &'s Crowd,
        (cause, late, proposed): (Cause, bool, i64),
        apart: SmallVec<[MessageId; 8]>,
        at: usize,
    ) {
        self.crowd = Some(Proposed { crowd, cause, late, proposed, apart, at });
    }

    /// Turns a crowd of which more than the best matters into candidates.
    pub(super) fn part_crowd(&mut self, profile: &mut Profile, candidates: &mut Vec<Candidate>) {
        let Some(proposed) = self.crowd.take() else { return };
        let crowd = proposed.crowd;
        let held_out = crowd.holdouts.iter().any(|holdout| self.moment.is_in(self.policy, profile, *holdout));
        self.moment.look_at(self.policy, proposed.cause.event());
        let mut is_quiet =
            |step: &mut Self, channel: &ChannelId| !matches!(step.quiet(profile, *channel), Quiet::No);
        if !held_out && !crowd.quiet.iter().any(|channel| is_quiet(self, channel)) {
            self.crowd = Some(proposed);
            return;
        }
        // Ghosts are counted by caps in their own way.
        self.look_through(profile, &proposed, held_out);
        let (policy, mut all, mut passing) = (self.policy, Vec::new(), Vec::<Candidate>::new());
        let mut values = self.moment.frame_mut().values(&policy.plan);
        policy
            .engine
            .visit_found(crowd.slate, &mut values, &proposed.apart, self.scan, |found| all.push(found));
        for found in all {
            let candidate = proposed.candidate(found.message);
            let is_known = passing.last().is_some_and(|last| last.message == found.message);
            if !is_known && (found.doubt != Doubt::All || self.is_proposed(profile, &candidate)) {
                passing.push(candidate);
            }
        }
        // Among what the same occasion proposed, in the order of the messages.
        let at = proposed.at.min(candidates.len());
        let same = |candidate: &&Candidate| candidate.cause == proposed.cause;
        let end = at + candidates[at..].iter().take_while(same).count();
        passing.extend(candidates.drain(at..end));
        passing.sort_by_key(|candidate| candidate.message);
        candidates.splice(at..at, passing);
    }

    /// The best of the crowd that hasn't been decided; there is none where there is no crowd.
    pub(super) fn best_of_crowd(&mut self, profile: &mut Profile) -> Option<Best> {
        let proposed = self.crowd.take()?;
        self.look_through(profile, &proposed, false);
        let (policy, slate) = (self.policy, proposed.crowd.slate);
        while let Some(found) = {
            let mut values = self.moment.frame_mut().values(&policy.plan);
            policy.engine.next_found(slate, &mut values, &proposed.apart, self.scan)
        } {
            if self.passes(profile, &proposed, found) {
                self.scan.confirm(policy.engine.slates().get(slate), found);
            }
        }
        let best = self.scan.best().map(|found| Best {
            candidate: proposed.candidate(found.message),
            way: found.way as usize,
            score: found.score,
        });
        self.crowd = best.is_some().then_some(proposed);
        best
    }

    /// A message of the crowd has been decided.
    pub(super) fn decided_of_crowd(&mut self, message: MessageId) {
        if let Some(proposed) = &mut self.crowd {
            proposed.apart.push(message);
        }
    }

    /// Begins to look through the slate of a crowd.
    fn look_through(&mut self, profile: &mut Profile, proposed: &Proposed<'_>, are_caps_open: bool) {
        let policy = self.policy;
        let id = proposed.crowd.slate;
        let slate = policy.engine.slates().get(id);
        let event = proposed.cause.event();
        self.moment.look_at(policy, event);
        let fields: &[Option<Value>] = event.map_or(&[], |event| &event.fields);
        self.moment.fill_crowd(policy, profile, proposed.crowd, fields);
        let mut open: SmallVec<[bool; 32]> = SmallVec::with_capacity(slate.gates.len());
        for gate in &slate.gates {
            open.push(match *gate {
                Gate::Consent(purpose, channel) => {
                    self.moment.consent(policy, profile, purpose, channel).is_some()
                }
                Gate::Reachable(channel) => reachable(policy, profile, channel),
                Gate::Cap(_, _) if are_caps_open => true,
                Gate::Cap(cap, channel) => {
                    // It counts by channel at most: any message says the same.
                    let (message, tags) = (MessageId(u32::MAX), &[][..]);
                    let (now, zone) = (profile.now, profile.zone);
                    let attempt = Attempt { message, channel, tags, ghost: false, now, zone };
                    profile.sends.full(&policy.plan.caps[cap.index()], attempt).is_none()
                }
            });
        }
        let date = if slate.asks_for_date { profile.zone.local(profile.now).date } else { 0 };
        let mut open = open.into_iter();
        let is_open = |_: &Gate| open.next().unwrap_or(false);
        let mut values = self.moment.frame_mut().values(&policy.plan);
        policy.engine.begin(id, &mut values, date, is_open, self.scan);
    }

    /// Whether a message that the index isn't certain of passes on its way.
    fn passes(&mut self, profile: &mut Profile, proposed: &Proposed<'_>, found: Found) -> bool {
        let candidate = proposed.candidate(found.message);
        let way = found.way as usize;
        if found.doubt == Doubt::Caps {
            let plan = &self.policy.plan;
            let by_itself =
                |cap: &CapId| matches!(plan.caps[cap.index()].per, Some(CapPer::Message | CapPer::Tag));
            let route = self.route(&candidate, way);
            let attempt = Attempt {
                message: found.message,
                channel: route.channel,
                tags: &plan.messages[found.message.index()].tags,
                ghost: false,
                now: profile.now,
                zone: profile.zone,
            };
            let mut caps = route.caps.iter().filter(|cap| by_itself(cap));
            return caps.all(|cap| profile.sends.full(&plan.caps[cap.index()], attempt).is_none());
        }
        if !self.is_proposed(profile, &candidate) || self.eligible(profile, &candidate).is_err() {
            return false;
        }
        let mut standing = self.standing(profile, candidate);
        self.passes_on(profile, &mut standing, way)
    }

    /// Whether the filter of the event that proposes a message lets it.
    fn is_proposed(&mut self, profile: &mut Profile, candidate: &Candidate) -> bool {
        let policy = self.policy;
        let Cause::Event(event) = &candidate.cause else { return true };
        let message = &policy.plan.messages[candidate.message.index()];
        message.triggers.iter().all(|on| match on {
            Trigger::Event { filter: Some(filter), .. } => {
                self.moment.look_at(policy, Some(event));
                self.moment.holds(policy, profile, *filter, &event.fields)
            }
            _ => true,
        })
    }

    /// The best of a crowd, ready to be admitted.
    pub(super) fn stand_by(&mut self, profile: &mut Profile, best: &Best) -> Standing {
        let mut standing = self.standing(profile, best.candidate.clone());
        let passes = self.passes_on(profile, &mut standing, best.way);
        debug_assert!(passes, "what the index lets pass passes");
        standing
    }
}

impl Proposed<'_> {
    fn candidate(&self, message: MessageId) -> Candidate {
        let trigger = if matches!(self.cause, Cause::Placement(..)) { NO_TRIGGER } else { 0 };
        let (cause, late, proposed) = (self.cause.clone(), self.late, self.proposed);
        Candidate { message, trigger, cause, late, proposed, counterfactual: None }
    }
}
