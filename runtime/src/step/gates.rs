//! The gates of a message on its channels (reference §9).

use super::{Candidate, Step};
use crate::effect::{Basis, Reason};
use crate::moment::{Passage, bucket, reachable};
use crate::profile::{Attempt, Cause, Profile};
use crate::zone::quiet::{Span, quiet_end};
use comity_compiler::ids::*;
use comity_compiler::plan::Route;
use smallvec::SmallVec;

/// A candidate that passed the gates that hold for all its channels.
pub(crate) struct Standing {
    pub(super) candidate: Candidate,
    /// Fixed before the gates.
    pub(super) held_out: Option<HoldoutId>,
    /// Its channels have to be looked at as if the customer were in this arm.
    pub(crate) in_arm: Option<(ExperimentId, u32)>,
    /// Its channels in order of preference, as far as they have been looked at.
    ways: SmallVec<[Option<Way>; 3]>,
}

impl Standing {
    /// What the customer is held out by.
    pub(crate) fn holdout(&self) -> Option<HoldoutId> {
        self.held_out
    }
}

/// A channel of a candidate: all that doesn't depend on what else is admitted.
#[derive(Clone, Debug)]
enum Way {
    /// Fails before the caps are asked.
    Early(Reason),
    /// Reaches the caps.
    Open(Open),
}

/// A channel that passes consent, reachability and suppression.
#[derive(Clone, Debug)]
struct Open {
    basis: SmallVec<[Basis; 1]>,
    quiet: Quiet,
    score: f64,
}

/// Whether a channel is in quiet hours.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quiet {
    No,
    Until(i64),
    Forever,
}

/// How a candidate stands, given what is admitted already.
pub(crate) enum Stand {
    /// With its first channel that passes.
    Passes { way: usize, score: f64 },
    /// No channel passes, but this one would but for quiet hours, which end then (µs).
    Waits { way: usize, until: i64 },
    /// No channel passes; the first one's reason.
    Blocked(Reason),
}

impl<'s> Step<'s> {
    /// Gates 1 and 2, which hold for all channels.
    pub(crate) fn eligible(&mut self, profile: &mut Profile, candidate: &Candidate) -> Result<(), Reason> {
        let policy = self.policy;
        let message = &policy.plan.messages[candidate.message.index()];
        if let Some((first, last)) = message.active {
            let today = profile.zone.local(profile.now).date;
            if today < first || last < today {
                return Err(Reason::Inactive);
            }
        }
        if message.expires.is_some_and(|after| profile.now.saturating_sub(candidate.proposed) > after) {
            return Err(Reason::Expired);
        }
        self.moment.look_at(policy, candidate.cause.event());
        if self.moment.guard(policy, profile, candidate.message) { Ok(()) } else { Err(Reason::Ineligible) }
    }

    /// A candidate with its channels, none of them looked at yet.
    pub(crate) fn standing(&self, profile: &Profile, candidate: Candidate) -> Standing {
        let plan = &self.policy.plan;
        let class = plan.messages[candidate.message.index()].class;
        let ways = self.routes(&candidate).map(|_| None).collect();
        let holds_out = |id: &HoldoutId| {
            let governs = plan.holdouts[id.index()].classes.contains(&class);
            governs && self.moment.is_in(self.policy, profile, *id)
        };
        let held_out = match plan.classes[class.index()].ignores_holdout {
            _ if self.holds_nobody_out => None,
            true => None,
            false => (0..plan.holdouts.len()).map(HoldoutId::at).find(holds_out),
        };
        Standing { candidate, held_out, in_arm: None, ways }
    }

    /// Looks at the channels of what stands in other arms as if the customer were in these.
    pub(crate) fn look_in_arms(&mut self, profile: &mut Profile, undecided: &mut [Standing]) {
        while let Some((of, arm)) = undecided.iter().find_map(|standing| standing.in_arm) {
            let before = self.moment.pretend_arm(self.policy, of, arm);
            for standing in undecided.iter_mut().filter(|standing| standing.in_arm == Some((of, arm))) {
                standing.in_arm = None;
                for way in 0..standing.ways.len() {
                    standing.ways[way] = Some(self.look(profile, &standing.candidate, way));
                }
            }
            self.moment.pretend(before);
        }
    }

    /// The ways out of a candidate: its channels, or the placement that was asked for.
    pub(crate) fn routes(&self, candidate: &Candidate) -> impl Iterator<Item = &'s Route> + use<'s> {
        let message = &self.policy.plan.messages[candidate.message.index()];
        let (routes, displays) = match &candidate.cause {
            Cause::Placement(asked, _) => (&[][..], Some((*asked, &message.displays))),
            Cause::Journey(_) => (&[][..], None),
            _ => (&message.routes[..], None),
        };
        // A journey narrows the channels, and has its own order of them.
        let via = match &candidate.cause {
            Cause::Journey(proposal) => self.policy.via(proposal),
            _ => &[],
        };
        let narrowed =
            via.iter().filter_map(|channel| message.routes.iter().find(|route| route.channel == *channel));
        let shown = displays.into_iter().flat_map(|(asked, displays)| {
            displays.iter().filter(move |display| display.placement == asked).map(|display| &display.route)
        });
        routes.iter().chain(shown).chain(narrowed)
    }

    pub(super) fn route(&self, candidate: &Candidate, way: usize) -> &'s Route {
        // A way is the position of one of the candidate's routes.
        self.routes(candidate).nth(way).expect("a way is one of the routes")
    }

    /// How a candidate stands, given what is admitted already.
    pub(crate) fn stand(&mut self, profile: &mut Profile, standing: &mut Standing) -> Stand {
        let mut waits = None;
        let mut first_reason = None;
        for way in 0..standing.ways.len() {
            let reason = match self.pass(profile, standing, way) {
                Ok(score) => return Stand::Passes { way, score },
                Err((reason, until)) => {
                    waits = waits.or(until.map(|until| Stand::Waits { way, until }));
                    reason
                }
            };
            first_reason.get_or_insert(reason);
            if self.moment.is_tracing() && standing.candidate.counterfactual.is_none() {
                let channel = self.route(&standing.candidate, way).channel;
                self.moment.passes(Passage::Gate(reason.rule(), channel));
            }
        }
        // A checked message has a channel.
        waits.unwrap_or(Stand::Blocked(first_reason.unwrap_or(Reason::Unreachable)))
    }

    /// Whether a candidate passes the gates 3 to 8 on one channel.
    pub(super) fn passes_on(&mut self, profile: &mut Profile, standing: &mut Standing, way: usize) -> bool {
        self.pass(profile, standing, way).is_ok()
    }

    /// Gates 3 to 8 on one channel; where only quiet hours stand in the way, also when they end.
    fn pass(
        &mut self,
        profile: &mut Profile,
        standing: &mut Standing,
        way: usize,
    ) -> Result<f64, (Reason, Option<i64>)> {
        if standing.ways[way].is_none() {
            standing.ways[way] = Some(self.look(profile, &standing.candidate, way));
        }
        let open = match standing.ways[way].as_ref() {
            Some(Way::Open(open)) => open,
            Some(Way::Early(reason)) => return Err((*reason, None)),
            None => return Err((Reason::Unreachable, None)),
        };
        if self.out_of_touches(profile, &standing.candidate) {
            return Err((Reason::Touches, None));
        }
        if let Some((cap, frees)) = self.capped(profile, standing, way) {
            return Err((Reason::Capped(cap, frees), None));
        }
        let finite = open.score.is_finite();
        match open.quiet {
            Quiet::Until(until) => Err((Reason::Quiet, finite.then_some(until))),
            Quiet::Forever => Err((Reason::Quiet, None)),
            Quiet::No if finite => Ok(open.score),
            Quiet::No => Err((Reason::BadScore, None)),
        }
    }

    /// What of a channel doesn't depend on what else is admitted.
    fn look(&mut self, profile: &mut Profile, candidate: &Candidate, way: usize) -> Way {
        let policy = self.policy;
        let message = &policy.plan.messages[candidate.message.index()];
        let route = self.route(candidate, way);
        let channel = route.channel;
        self.moment.look_at(policy, candidate.cause.event());
        let mut basis = SmallVec::new();
        for purpose in &message.purposes {
            match self.moment.consent(policy, profile, *purpose, channel) {
                Some((mode, receipt)) => basis.push(Basis { purpose: *purpose, mode, receipt }),
                None => return Way::Early(Reason::Consent(*purpose)),
            }
        }
        if !reachable(policy, profile, channel) {
            return Way::Early(Reason::Unreachable);
        }
        let mut rules = route.suppressions.iter();
        if let Some((rule, _)) = rules.find(|(_, when)| self.moment.holds(policy, profile, *when, &[])) {
            return Way::Early(Reason::Suppressed(*rule));
        }
        let ignores_quiet = policy.plan.classes[message.class.index()].ignores_quiet;
        let quiet = if ignores_quiet { Quiet::No } else { self.quiet(profile, channel) };
        let score = f64::from_bits(self.moment.evaluate(policy, profile, route.score).cell);
        Way::Open(Open { basis, quiet, score })
    }

    /// Gate 6: whether the journey has sent as many messages as it may.
    pub(crate) fn out_of_touches(&self, profile: &Profile, candidate: &Candidate) -> bool {
        let Cause::Journey(proposal) = &candidate.cause else { return false };
        let limit = self.policy.plan.journeys[proposal.origin.journey.index()].touches;
        let instance = profile.journeys.find(proposal.number).map(|at| &profile.journeys.instances[at]);
        limit.zip(instance).is_some_and(|(limit, instance)| instance.touches >= limit)
    }

    /// Gate 6: the cap that is full, and when it frees.
    fn capped(&self, profile: &Profile, standing: &Standing, way: usize) -> Option<(CapId, i64)> {
        let plan = &self.policy.plan;
        let route = self.route(&standing.candidate, way);
        let attempt = Attempt {
            message: standing.candidate.message,
            channel: route.channel,
            tags: &plan.messages[standing.candidate.message.index()].tags,
            ghost: standing.held_out.is_some(),
            now: profile.now,
            zone: profile.zone,
        };
        let mut caps = route.caps.iter();
        caps.find_map(|cap| Some((*cap, profile.sends.full(&plan.caps[cap.index()], attempt)?)))
    }

    /// Gate 7: whether a channel is in quiet hours now, and until when, spread included.
    pub(crate) fn quiet(&mut self, profile: &mut Profile, channel: ChannelId) -> Quiet {
        let policy = self.policy;
        let on = &policy.plan.channels[channel.index()];
        if on.quiet.is_empty() {
            return Quiet::No;
        }
        let mut hours: SmallVec<[Span; 4]> = SmallVec::new();
        for quiet in &on.quiet {
            if quiet.when.is_none_or(|when| self.moment.holds(policy, profile, when, &[])) {
                hours.push(Span::from(quiet));
            }
        }
        match quiet_end(profile.zone, &hours, profile.now) {
            None => Quiet::Forever,
            Some(end) if end <= profile.now => Quiet::No,
            Some(end) => {
                let spread = bucket(&on.name, &profile.subject) * on.spread as f64;
                let seconds = (spread / 1e6).floor() as i64;
                Quiet::Until(end.saturating_add(seconds.saturating_mul(1_000_000)))
            }
        }
    }

    /// A change of time zone computes the deferrals anew.
    pub(super) fn plan_deferrals(&mut self, profile: &mut Profile) {
        for index in 0..profile.deferred.len() {
            let channel = profile.deferred[index].channel;
            profile.deferred[index].due = match self.quiet(profile, channel) {
                Quiet::Until(until) => until,
                Quiet::No | Quiet::Forever => profile.now,
            };
        }
    }

    /// Takes the basis of a channel that passed.
    pub(super) fn basis(standing: &mut Standing, way: usize) -> SmallVec<[Basis; 1]> {
        match &mut standing.ways[way] {
            Some(Way::Open(open)) => std::mem::take(&mut open.basis),
            _ => SmallVec::new(),
        }
    }

    /// Each channel's reason, of a candidate that stands with none.
    pub(crate) fn reasons(
        &mut self,
        profile: &mut Profile,
        standing: &mut Standing,
    ) -> Vec<(ChannelId, Reason)> {
        let mut reasons = Vec::new();
        for way in 0..standing.ways.len() {
            if let Err((reason, _)) = self.pass(profile, standing, way) {
                reasons.push((self.route(&standing.candidate, way).channel, reason));
            }
        }
        reasons
    }
}
