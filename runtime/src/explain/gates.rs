//! The gates one by one, also those after the first that fails (reference §9).

use super::condition::{clauses_of, clauses_of_guard};
use super::scene::Scene;
use super::search::Found;
use super::{Clause, Gate, Passage, Sources, Way, instant_text};
use crate::effect::{Outcome, Reason};
use crate::moment::{bucket, reachable};
use crate::profile::{Attempt, Cause, Profile, Verdict};
use crate::publish::reason_word;
use crate::step::{Candidate, Step, Stepper, gates::Quiet};
use comity_compiler::ids::*;
use comity_compiler::lower::{Declaration, DeclarationKind, words};
use comity_compiler::plan::{Cap, CapSpan, ChannelKind, ConsentMode, Plan, Route};
use comity_compiler::types::Type;
use smol_str::SmolStr;

/// All gates of a scene's message: those for all channels, and those of each.
pub(super) fn report(
    stepper: &mut Stepper,
    scene: &Scene,
    sources: &Sources<'_>,
    outcome: &Option<Found>,
    reasons: &[(ChannelId, Reason)],
) -> (Vec<Gate>, Vec<Way>) {
    let mut profile = scene.profile.clone();
    let step = stepper.step(0);
    step.moment.changed();
    let mut teller = Teller {
        candidate: scene.candidate(),
        has_event: scene.has_event(),
        placement: scene.placement(),
        step,
        profile: &mut profile,
        sources,
    };
    let gates = vec![teller.active(), teller.eligible()];
    let is_open = gates.iter().all(|gate| gate.result == Passage::Passes);
    let routes: Vec<&Route> = teller.step.routes(teller.candidate).collect();
    let mut ways = Vec::with_capacity(routes.len());
    for route in routes {
        let reason = reasons.iter().find(|(channel, _)| *channel == route.channel).map(|(_, reason)| *reason);
        let stands = outcome.as_ref().filter(|found| is_open && found.channel == Some(route.channel));
        ways.push(teller.way(route, stands, reason));
    }
    (gates, ways)
}

struct Teller<'t, 's> {
    candidate: &'t Candidate,
    has_event: bool,
    placement: Option<PlacementId>,
    step: Step<'s>,
    profile: &'t mut Profile,
    sources: &'t Sources<'t>,
}

impl Teller<'_, '_> {
    fn plan(&self) -> &Plan {
        &self.step.policy.plan
    }

    fn gate(&self, number: u8, passes: bool, says: String) -> Gate {
        const NAMES: [&str; 10] = [
            "active",
            "eligible",
            "consent",
            "reachable",
            "suppressed",
            "capped",
            "quiet",
            "score",
            "picked",
            "held out",
        ];
        Gate {
            number,
            name: NAMES[usize::from(number - 1)],
            result: if passes { Passage::Passes } else { Passage::Fails },
            says,
            reason: None,
            until: None,
            clauses: Vec::new(),
            at: Vec::new(),
        }
    }

    fn failed(&self, number: u8, reason: Reason, says: String) -> Gate {
        let reason = Some(reason_word(self.plan(), reason));
        Gate { reason, ..self.gate(number, false, says) }
    }

    fn declared(&self, kind: DeclarationKind, name: &str) -> Vec<super::Place> {
        let at = self.sources.origins.declaration(kind, name);
        self.sources.places(at.as_slice())
    }

    /// Gate 1.
    fn active(&self) -> Gate {
        let message = &self.plan().messages[self.candidate.message.index()];
        let now = self.profile.now;
        let date = |days: i64| words::constant(self.plan(), days as u64, Type::Date);
        let at = self.declared(DeclarationKind::Message, &message.name);
        if let Some((first, last)) = message.active {
            let today = self.profile.zone.date(now);
            let says = format!("active {}..{}, today is {}", date(first), date(last), date(today));
            if today < first {
                let until = Some(self.profile.zone.first(first, 0));
                return Gate { until, at, ..self.failed(1, Reason::Inactive, says) };
            }
            if last < today {
                return Gate { at, ..self.failed(1, Reason::Inactive, says) };
            }
        }
        if let Some(after) = message.expires
            && now.saturating_sub(self.candidate.proposed) > after
        {
            let says = format!(
                "proposed at {}, it expires {} later",
                instant_text(self.candidate.proposed),
                words::short_duration(after)
            );
            return Gate { at, ..self.failed(1, Reason::Expired, says) };
        }
        let says = match message.active {
            Some((first, last)) => format!("active {}..{}", date(first), date(last)),
            None => "always active".to_owned(),
        };
        self.gate(1, true, says)
    }

    /// Gate 2.
    fn eligible(&mut self) -> Gate {
        let policy = self.step.policy;
        let message = &policy.plan.messages[self.candidate.message.index()];
        let owner = Declaration { kind: DeclarationKind::Message, name: message.name.clone() };
        let clauses = self.clauses(clauses_of_guard(&policy.plan, &message.guard), &[owner]);
        let mut gate = match passage(&clauses) {
            Passage::Fails => {
                let failing = clauses.iter().filter(|clause| clause.holds == Some(false)).count();
                let says = if failing == 1 {
                    "`when` and `unless` don't let it pass".to_owned()
                } else {
                    format!("`when` and `unless` don't let it pass, for {failing} reasons")
                };
                self.failed(2, Reason::Ineligible, says)
            }
            _ if clauses.is_empty() => self.gate(2, true, "it has no condition".to_owned()),
            Passage::Open => self.gate(2, true, "it depends on the event that proposes it".to_owned()),
            _ => self.gate(2, true, "`when` holds and `unless` doesn't".to_owned()),
        };
        gate.result = passage(&clauses);
        gate.clauses = clauses;
        gate
    }

    fn clauses(&mut self, asked: Vec<Vec<super::condition::Asked>>, owners: &[Declaration]) -> Vec<Clause> {
        self.step.moment.look_at(self.step.policy, self.candidate.cause.event());
        let mut told = Vec::with_capacity(asked.len());
        for clause in asked {
            told.push(self.step.told_clause(self.profile, &clause, owners, self.has_event, self.sources));
        }
        told
    }

    fn way(&mut self, route: &Route, stands: Option<&Found>, reason: Option<Reason>) -> Way {
        let channel = self.plan().channels[route.channel.index()].name.clone();
        let placement = self.placement.map(|id| self.plan().placements[id.index()].name.clone());
        let mut gates = vec![
            self.consent(route.channel),
            self.reachable(route.channel),
            self.suppressed(route),
            self.capped(route, stands),
            self.quiet(route.channel),
            self.score(route),
        ];
        let reason = stands
            .and_then(|found| match found.outcome {
                Outcome::Blocked(reason) => Some(reason),
                _ => None,
            })
            .or(reason);
        gates.push(self.picked(stands, reason));
        gates.push(self.held_out(stands));
        Way { channel, placement, gates }
    }

    /// Gate 3.
    fn consent(&mut self, channel: ChannelId) -> Gate {
        let policy = self.step.policy;
        let plan = &policy.plan;
        let message = &plan.messages[self.candidate.message.index()];
        let mut says = Vec::new();
        let mut refused = None;
        let (mut clauses, mut at) = (Vec::new(), Vec::new());
        for purpose in &message.purposes {
            let declared = &plan.purposes[purpose.index()];
            let owner = Declaration { kind: DeclarationKind::Purpose, name: declared.name.clone() };
            let rules = &declared.channels[channel.index()];
            let mut rule = None;
            for one in rules {
                if one.when.is_none_or(|when| self.step.moment.holds(policy, self.profile, when, &[])) {
                    rule = Some(one);
                    break;
                }
            }
            let Some(rule) = rule else { continue };
            if let Some(when) = rule.when {
                let asked = clauses_of(plan, when, false);
                clauses.extend(self.clauses(asked, &[owner]));
            }
            let allowed = self.step.moment.consent(policy, self.profile, *purpose, channel);
            says.push(format!("{}: {}", declared.name, self.ledger_words(rule.mode, *purpose, channel)));
            if allowed.is_none() {
                refused.get_or_insert(*purpose);
                at.extend(self.declared(DeclarationKind::Purpose, &declared.name));
            }
        }
        let says = says.join("; ");
        let gate = match refused {
            Some(purpose) => self.failed(3, Reason::Consent(purpose), says),
            None => self.gate(3, true, says),
        };
        Gate { clauses, at, ..gate }
    }

    /// What a rule of a purpose found in the ledger.
    fn ledger_words(&self, mode: ConsentMode, purpose: PurposeId, channel: ChannelId) -> String {
        let policy = self.step.policy;
        let kind = policy.plan.channels[channel.index()].kind;
        let address = crate::moment::address(policy, self.profile, kind);
        let ledger = &self.profile.ledger;
        let asks = match mode {
            ConsentMode::Always => return "always allowed".to_owned(),
            ConsentMode::Never => return "never allowed".to_owned(),
            ConsentMode::OptIn => "opt_in",
            ConsentMode::DoubleOptIn => "double_opt_in",
            ConsentMode::OptOut => "opt_out",
        };
        let withdrawn = ledger
            .withdrawals()
            .iter()
            .filter(|w| w.purpose.is_none_or(|p| p == purpose) && w.channel.is_none_or(|c| c == channel))
            .map(|w| w.time)
            .max();
        let granted = ledger
            .grants()
            .iter()
            .rev()
            .find(|grant| grant.purpose == purpose && grant.channel.is_none_or(|c| c == channel));
        let when =
            |time: i64| if time == i64::MIN { String::new() } else { format!(" {}", instant_text(time)) };
        let found = match ledger.verdict(mode, purpose, channel, kind, address) {
            Verdict::Allowed(Some(grant)) => {
                format!("granted{} (receipt {})", when(grant.time), grant.receipt)
            }
            Verdict::Allowed(None) => "not withdrawn".to_owned(),
            Verdict::Refused => match (withdrawn, granted) {
                (Some(time), granted) if granted.is_none_or(|grant| grant.time <= time) => {
                    format!("withdrawn{}", when(time))
                }
                (_, Some(grant)) if mode == ConsentMode::DoubleOptIn && !grant.confirmed => {
                    format!("granted{}, but not confirmed", when(grant.time))
                }
                (_, Some(grant)) => format!("granted{} for another address", when(grant.time)),
                (_, None) => "never granted".to_owned(),
            },
        };
        format!("{asks}, {found}")
    }

    /// Gate 4.
    fn reachable(&self, channel: ChannelId) -> Gate {
        let says = self.step.address_words(self.profile, channel);
        if reachable(self.step.policy, self.profile, channel) {
            return self.gate(4, true, says);
        }
        let name = self.plan().channels[channel.index()].name.clone();
        let at = self.declared(DeclarationKind::Channel, &name);
        Gate { at, ..self.failed(4, Reason::Unreachable, says) }
    }

    /// Gate 5.
    fn suppressed(&mut self, route: &Route) -> Gate {
        let policy = self.step.policy;
        let plan = &policy.plan;
        let class = plan.messages[self.candidate.message.index()].class;
        if plan.classes[class.index()].ignores_suppression {
            return self.gate(5, true, "its class ignores suppression".to_owned());
        }
        let (mut clauses, mut hit, mut is_open) = (Vec::new(), None, false);
        for (id, when) in &route.suppressions {
            let name = plan.suppressions[id.index()].clone();
            let owner = Declaration { kind: DeclarationKind::Suppress, name };
            let told = self.clauses(clauses_of(plan, *when, true), &[owner]);
            match passage(&told) {
                Passage::Fails => _ = hit.get_or_insert(*id),
                Passage::Open => is_open = true,
                _ => {}
            }
            clauses.extend(told);
        }
        let gate = match hit {
            Some(id) => {
                let name = plan.suppressions[id.index()].clone();
                let says = format!("the rule at {name} holds it back");
                let at = self.declared(DeclarationKind::Suppress, &name);
                Gate { at, ..self.failed(5, Reason::Suppressed(id), says) }
            }
            None if route.suppressions.is_empty() => self.gate(5, true, "no rule is about it".to_owned()),
            None if is_open => Gate {
                result: Passage::Open,
                ..self.gate(5, true, "it depends on the event that proposes it".to_owned())
            },
            None => self.gate(5, true, "no rule holds it back".to_owned()),
        };
        Gate { clauses, ..gate }
    }

    /// Gate 6.
    fn capped(&self, route: &Route, stands: Option<&Found>) -> Gate {
        let plan = self.plan();
        let message = &plan.messages[self.candidate.message.index()];
        if let Cause::Journey(proposal) = &self.candidate.cause
            && self.step.out_of_touches(self.profile, self.candidate)
        {
            let journey = &plan.journeys[proposal.origin.journey.index()].name;
            let says = format!("journey {journey} has sent as many messages as its `touches` allow");
            let at = self.declared(DeclarationKind::Journey, &journey.clone());
            return Gate { at, ..self.failed(6, Reason::Touches, says) };
        }
        if plan.classes[message.class.index()].ignores_caps {
            return self.gate(6, true, "its class ignores caps".to_owned());
        }
        let attempt = Attempt {
            message: self.candidate.message,
            channel: route.channel,
            tags: &message.tags,
            ghost: self.holdout().is_some(),
            now: self.profile.now,
            zone: self.profile.zone,
        };
        let (mut says, mut full) = (Vec::new(), None);
        for id in &route.caps {
            let cap = &plan.caps[id.index()];
            let counted = self.profile.sends.counted(cap, attempt);
            let frees = self.profile.sends.full(cap, attempt);
            let until = frees.map(|at| format!(", frees at {}", instant_text(at))).unwrap_or_default();
            says.push(format!("{}: {counted} of {} per {}{until}", cap.name, cap.limit, span_words(cap)));
            if let (None, Some(frees)) = (full, frees) {
                full = Some((*id, frees));
            }
        }
        // What was admitted before it in the same decision counts too.
        if let (None, Some(Found { outcome: Outcome::Blocked(Reason::Capped(id, frees)), .. })) =
            (full, stands)
        {
            let name = &plan.caps[id.index()].name;
            says.push(format!("{name}: what was sent at the same instant took the last place"));
            full = Some((*id, *frees));
        }
        let says = if says.is_empty() { "no cap counts it".to_owned() } else { says.join("; ") };
        match full {
            Some((id, frees)) => {
                let at = self.declared(DeclarationKind::Cap, &plan.caps[id.index()].name.clone());
                Gate { until: Some(frees), at, ..self.failed(6, Reason::Capped(id, frees), says) }
            }
            None => self.gate(6, true, says),
        }
    }

    /// Gate 7.
    fn quiet(&mut self, channel: ChannelId) -> Gate {
        let policy = self.step.policy;
        let plan = &policy.plan;
        let class = plan.messages[self.candidate.message.index()].class;
        let on = &plan.channels[channel.index()];
        if on.quiet.is_empty() {
            return self.gate(7, true, "the channel has no quiet hours".to_owned());
        }
        if plan.classes[class.index()].ignores_quiet {
            return self.gate(7, true, "its class ignores quiet hours".to_owned());
        }
        let local = self.profile.zone.local(self.profile.now);
        let time = super::condition::typed_words(
            plan,
            Type::Time,
            &comity_compiler::value::Value::Cell((local.time / 60_000_000 * 60_000_000) as u64),
        );
        let quiet = self.step.quiet(self.profile, channel);
        let (until, says) = match quiet {
            Quiet::No => return self.gate(7, true, format!("it is {time}, not in quiet hours")),
            Quiet::Until(end) => {
                (Some(end), format!("it is {time}, in quiet hours until {}", instant_text(end)))
            }
            Quiet::Forever => (None, "its quiet hours don't end".to_owned()),
        };
        let owner = Declaration { kind: DeclarationKind::Channel, name: on.name.clone() };
        let whens: Vec<_> = on
            .quiet
            .iter()
            .filter_map(|quiet| quiet.when)
            .flat_map(|when| clauses_of(plan, when, true))
            .collect();
        let mut clauses = self.clauses(whens, &[owner]);
        clauses.retain(|clause| clause.holds == Some(false));
        let at = self.declared(DeclarationKind::Channel, &on.name);
        Gate { until, clauses, at, ..self.failed(7, Reason::Quiet, says) }
    }

    /// Gate 8.
    fn score(&mut self, route: &Route) -> Gate {
        let policy = self.step.policy;
        if !self.has_event && super::condition::looks_at_event(policy, route.score) {
            let says = "the score depends on the event that proposes it".to_owned();
            return Gate { result: Passage::Open, ..self.gate(8, true, says) };
        }
        self.step.moment.look_at(policy, self.candidate.cause.event());
        let score = f64::from_bits(self.step.moment.evaluate(policy, self.profile, route.score).cell);
        if score.is_finite() {
            self.gate(8, true, format!("score {}", score_words(score)))
        } else {
            let name = policy.plan.messages[self.candidate.message.index()].name.clone();
            let at = self.declared(DeclarationKind::Message, &name);
            Gate { at, ..self.failed(8, Reason::BadScore, "the score is not a finite number".to_owned()) }
        }
    }

    /// Gate 9.
    fn picked(&self, stands: Option<&Found>, reason: Option<Reason>) -> Gate {
        let plan = self.plan();
        let Some(found) = stands else {
            let says = "not asked: the message doesn't stand with this channel".to_owned();
            return Gate { result: Passage::Unasked, ..self.gate(9, true, says) };
        };
        match (&found.outcome, reason) {
            (Outcome::Blocked(_), Some(Reason::Outranked(by))) => {
                let rival = &plan.messages[by.index()];
                let mine = &plan.messages[self.candidate.message.index()];
                let class = |id: ClassId| &plan.classes[id.index()];
                let mut says = format!("outranked by {}", rival.name);
                if class(rival.class).rank != class(mine.class).rank {
                    says += &format!(
                        ", whose class {} ranks before {}",
                        class(rival.class).name,
                        class(mine.class).name
                    );
                } else if let Some(score) = found.rival {
                    says += &format!(" with score {}", score_words(score));
                }
                self.failed(9, Reason::Outranked(by), says)
            }
            (Outcome::Blocked(_) | Outcome::Deferred(_), _) => {
                let says = "not asked: a gate before it fails".to_owned();
                Gate { result: Passage::Unasked, ..self.gate(9, true, says) }
            }
            _ => self.gate(9, true, "it is picked".to_owned()),
        }
    }

    /// Gate 10.
    fn held_out(&self, stands: Option<&Found>) -> Gate {
        let plan = self.plan();
        let class = plan.messages[self.candidate.message.index()].class;
        if plan.classes[class.index()].ignores_holdout {
            return self.gate(10, true, "its class ignores holdouts".to_owned());
        }
        match self.holdout() {
            Some(id) => {
                let holdout = &plan.holdouts[id.index()];
                let percent = |share: f64| {
                    let cell = comity_compiler::value::Value::Cell(share.to_bits());
                    super::condition::typed_words(plan, Type::Percent, &cell)
                };
                // Of a test's customer it is said, and doesn't follow from the bucket.
                let place = bucket(&holdout.salt, &self.profile.subject);
                let why = if place < holdout.share {
                    format!(": bucket {:.2}% is below {}", place * 100.0, percent(holdout.share))
                } else {
                    String::new()
                };
                let says = format!("the customer is held out by {}{why}", holdout.name);
                let at = self.declared(DeclarationKind::Holdout, &holdout.name.clone());
                let reason = Some(format!("held_out:{}", holdout.name));
                Gate { at, reason, ..self.gate(10, false, says) }
            }
            None => {
                let says = "the customer isn't held out".to_owned();
                let asked = stands.is_some_and(|found| !matches!(found.outcome, Outcome::Blocked(_)));
                let result = if asked { Passage::Passes } else { Passage::Unasked };
                Gate { result, ..self.gate(10, true, says) }
            }
        }
    }

    fn holdout(&self) -> Option<HoldoutId> {
        self.step.standing(self.profile, self.candidate.clone()).holdout()
    }
}

/// Whether all clauses hold.
fn passage(clauses: &[Clause]) -> Passage {
    if clauses.iter().any(|clause| clause.holds == Some(false)) {
        Passage::Fails
    } else if clauses.iter().any(|clause| clause.holds.is_none()) {
        Passage::Open
    } else {
        Passage::Passes
    }
}

fn span_words(cap: &Cap) -> SmolStr {
    match cap.span {
        CapSpan::Rolling(length) => SmolStr::new(words::short_duration(length)),
        CapSpan::Day => SmolStr::new_static("day"),
        CapSpan::Week => SmolStr::new_static("week"),
        CapSpan::Month => SmolStr::new_static("month"),
    }
}

/// A score, as far as people want to see it.
fn score_words(score: f64) -> String {
    format!("{}", (score * 1e6).round() / 1e6 + 0.0)
}

/// The attribute that holds the address of a channel.
pub(super) fn address_attribute(plan: &Plan, channel: ChannelId) -> Option<AttributeId> {
    match plan.channels[channel.index()].kind {
        ChannelKind::Address(attribute) | ChannelKind::Device(attribute) => Some(attribute),
        ChannelKind::Inbound => None,
    }
}
