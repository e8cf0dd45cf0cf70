//! Why a message was sent or not: each gate (reference §9) with what it asked and what it found, and the smallest
//! change that would have brought another outcome.
//!
//! What is explained is a [`Scene`]: one customer at one instant, with everything that is decided together there.
//! There are two ways to one. A [`Watch`] keeps the scene of a decision that is made ([`Stepper::watch`]); and
//! [`Stepper::suppose`] asks what would be decided if the message were proposed now. [`Stepper::explain`] turns a scene
//! into an [`Explanation`]; [`Stepper::proposals`] says what would propose the message in the first place.
//!
//! Nothing is told that isn't so: the outcome of a scene, and of each change to it, is what the gates and the
//! arbitration themselves decide about a copy of the customer.

mod change;
mod condition;
mod gates;
mod proposal;
mod scene;
mod search;
mod solve;
mod text;

pub use proposal::{Instance, JourneyNote, LastEvent, Past, Proposals, Standing, TriggerNote};
pub use scene::{Scene, Watch};
pub use text::{Mark, Paint, plain};

use crate::effect::{Effect, EffectKind, Outcome, Reason};
use crate::policy::Policy;
use crate::profile::Profile;
use crate::publish::reason_word;
use crate::record::write_instant;
use crate::step::Stepper;
use comity_compiler::checked::Location;
use comity_compiler::ids::*;
use comity_compiler::lower::Origins;
use serde::Serialize;
use smol_str::SmolStr;

/// Where the parts of a policy stand, as far as that is known: a policy that came without its text has none.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// Where the parts of the plan come from.
    pub origins: &'a Origins,
    /// A location as people know it.
    pub place: &'a dyn Fn(Location) -> Option<Place>,
}

/// A place in the policy.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// As the user can open it.
    pub file: SmolStr,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What stands there.
    pub text: String,
}

/// Why a message is sent or not, at one instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The message.
    pub message: SmolStr,
    /// The instant that is explained.
    #[serde(serialize_with = "instant")]
    pub at: i64,
    /// Whether this is how it was decided; else, how it would be if the message were proposed at that instant.
    pub decided: bool,
    /// What proposed it, or is taken to.
    pub cause: Option<String>,
    /// What comes out.
    pub outcome: Verdict,
    /// Gates 1 and 2, which hold for all channels.
    pub gates: Vec<Gate>,
    /// Each channel or placement, in order of preference.
    pub ways: Vec<Way>,
    /// The smallest changes that bring another outcome, the likeliest first; all are of one size.
    pub flips: Vec<Flip>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Verdict {
    /// It is sent.
    Sent {
        /// On which channel.
        channel: SmolStr,
    },
    /// It is shown on a placement.
    Shown {
        /// On which placement.
        placement: SmolStr,
    },
    /// It waits for the end of quiet hours.
    Deferred {
        /// Which channel's.
        channel: SmolStr,
        /// When they end.
        #[serde(serialize_with = "instant")]
        until: i64,
    },
    /// It would be sent, but the customer is held out.
    HeldOut {
        /// By which holdout.
        holdout: SmolStr,
    },
    /// A gate stops it.
    Blocked {
        /// As records have it: `ineligible`, `capped:weekly`.
        reason: String,
    },
    /// It depends on the event that proposes it, and there is none.
    Open,
}

/// A channel or a placement of a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Way {
    /// The channel.
    pub channel: SmolStr,
    /// The placement, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub placement: Option<SmolStr>,
    /// Gates 3 to 10.
    pub gates: Vec<Gate>,
}

/// A gate of reference §9.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Gate {
    /// From 1 to 10.
    pub number: u8,
    /// `active`, `eligible`, `consent`, `reachable`, `suppressed`, `capped`, `quiet`, `score`, `picked`, `held out`.
    pub name: &'static str,
    /// Whether it lets the message pass.
    pub result: Passage,
    /// What it found, in a few words.
    pub says: String,
    /// The reason as records have it, where it doesn't.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When that ends by itself: a cap frees, quiet hours are over.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub until: Option<i64>,
    /// All of these must hold.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub clauses: Vec<Clause>,
    /// Where the rule stands.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Place>,
}

/// Whether a gate lets a message pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Passage {
    /// It does.
    Passes,
    /// It doesn't.
    Fails,
    /// It isn't asked: the message stands with another channel, or with none.
    Unasked,
    /// It depends on the event that proposes the message, and there is none.
    Open,
}

/// Conditions of which one must hold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Clause {
    /// Whether one does; `None` where that depends on an event that isn't there.
    pub holds: Option<bool>,
    /// Mostly one.
    pub conditions: Vec<Condition>,
}

/// A condition with what it looks at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Condition {
    /// Whether it holds; `None` where that depends on an event that isn't there.
    pub holds: Option<bool>,
    /// What is asked, in the words of the language.
    pub text: String,
    /// Where it is written.
    pub at: Vec<Place>,
    /// What it looks at, and what that is now.
    pub values: Vec<Seen>,
    /// When time alone may change it, unless something happens before.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_instant")]
    pub until: Option<i64>,
}

/// Something that a condition looks at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Seen {
    /// `profile.open_tickets`, `count of purchase within 30d`
    pub what: String,
    /// What it is now; `unknown`, or `(personal)` where it may not be told.
    pub value: String,
}

/// Changes that, made together, bring another outcome.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Flip {
    /// None of them can be left out.
    pub changes: Vec<Change>,
    /// What then comes out.
    pub outcome: Verdict,
}

/// A change of what is decided upon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Change {
    /// An attribute has another value.
    Attribute {
        /// `profile.open_tickets`
        what: String,
        /// What it is; nothing where that may not be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// What it would have to be.
        to: String,
    },
    /// Something else that a condition looks at has another value: a question to the history, the event, an arm.
    Value {
        /// `count of purchase within 30d`
        what: String,
        /// What it is; nothing where that may not be told.
        #[serde(skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// What it would have to be.
        to: String,
    },
    /// A consent is given.
    Consent {
        /// For what.
        purpose: SmolStr,
        /// Where.
        channel: SmolStr,
        /// In a second step as well.
        confirmed: bool,
    },
    /// A consent is withdrawn.
    Withdrawal {
        /// For what.
        purpose: SmolStr,
        /// Where.
        channel: SmolStr,
    },
    /// It is later, and nothing has happened since.
    Time {
        /// The first such instant.
        #[serde(serialize_with = "instant")]
        at: i64,
    },
    /// Another message isn't proposed at the same instant.
    Without {
        /// Which one.
        message: SmolStr,
    },
    /// The customer isn't held out.
    Holdout {
        /// By this holdout.
        holdout: SmolStr,
    },
}

/// All that can be said of a message and a customer at an instant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
    /// The customer.
    pub subject: SmolStr,
    /// The message.
    pub message: SmolStr,
    /// The instant that is asked for.
    #[serde(serialize_with = "instant")]
    pub at: i64,
    /// What was decided about it in fact, oldest first.
    pub decided: Vec<Decision>,
    /// What proposes it.
    pub proposals: Proposals,
    /// The last decision, and what would be decided at the instant.
    pub explanations: Vec<Explanation>,
}

/// What was decided about a message.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decision {
    /// When.
    #[serde(serialize_with = "instant")]
    pub time: i64,
    /// What.
    pub outcome: Verdict,
}

impl Stepper {
    /// All that can be said of a message and a customer at an instant (µs), or now if that is earlier: of what was
    /// decided in fact (`effects`; others are passed over) and of what would be decided.
    pub fn why(
        &mut self,
        profile: &Profile,
        message: MessageId,
        at: i64,
        effects: &[Effect],
        sources: &Sources<'_>,
    ) -> Why {
        let policy = self.policy().clone();
        let at = at.max(profile.now);
        let about = effects.iter().filter_map(|effect| match &effect.kind {
            EffectKind::Message(decided) if decided.message == message => Some((effect.time, decided)),
            _ => None,
        });
        let about: Vec<_> = about.collect();
        let last = self.watched().and_then(|watch| watch.scene(message)).cloned();
        let mut explanations: Vec<Explanation> =
            last.iter().map(|scene| self.explain(scene, sources)).collect();
        if explanations.iter().all(|one| one.at < at) {
            let cause =
                about.iter().rev().map(|(_, decided)| &decided.cause).find(|cause| cause.event().is_some());
            for scene in self.suppose(profile, message, at, cause) {
                explanations.push(self.explain(&scene, sources));
            }
        }
        let decided = about.iter().map(|(time, decided)| Decision {
            time: *time,
            outcome: verdict_of(&policy, decided.outcome.clone(), decided.channel, decided.placement),
        });
        Why {
            subject: profile.subject.clone(),
            message: policy.plan.messages[message.index()].name.clone(),
            at,
            decided: decided.collect(),
            proposals: self.proposals(profile, message, at, effects, sources),
            explanations,
        }
    }

    /// Explains what is decided about a scene's message.
    pub fn explain(&mut self, scene: &Scene, sources: &Sources<'_>) -> Explanation {
        let (outcome, reasons) = search::outcome(self, scene, &[]);
        let (gates, ways) = gates::report(self, scene, sources, &outcome, &reasons);
        let is_open = gates.iter().any(|gate| gate.result == Passage::Open)
            || !ways.is_empty()
                && ways.iter().all(|way| way.gates.iter().any(|gate| gate.result == Passage::Open));
        let policy = self.policy().clone();
        let flips = if is_open { Vec::new() } else { search::flips(self, scene, outcome.as_ref()) };
        Explanation {
            message: policy.plan.messages[scene.message().index()].name.clone(),
            at: scene.profile().now,
            decided: scene.is_decided(),
            cause: scene.cause_words(&policy),
            outcome: if is_open { Verdict::Open } else { verdict(&policy, scene, outcome.as_ref()) },
            gates,
            ways,
            flips,
        }
    }
}

/// What came out of the arbitration, as it is told.
fn verdict(policy: &Policy, scene: &Scene, outcome: Option<&search::Found>) -> Verdict {
    // What has no channel here can't be decided about.
    let Some(found) = outcome else {
        return Verdict::Blocked { reason: reason_word(&policy.plan, Reason::Unreachable) };
    };
    verdict_of(policy, found.outcome.clone(), found.channel, scene.placement())
}

fn verdict_of(
    policy: &Policy,
    outcome: Outcome,
    channel: Option<ChannelId>,
    placement: Option<PlacementId>,
) -> Verdict {
    let plan = &policy.plan;
    let channel = || channel.map(|id| plan.channels[id.index()].name.clone()).unwrap_or_default();
    match outcome {
        Outcome::Sent => Verdict::Sent { channel: channel() },
        Outcome::Shown => Verdict::Shown {
            placement: placement.map(|id| plan.placements[id.index()].name.clone()).unwrap_or_default(),
        },
        Outcome::Deferred(until) => Verdict::Deferred { channel: channel(), until },
        Outcome::HeldOut(id) => Verdict::HeldOut { holdout: plan.holdouts[id.index()].name.clone() },
        Outcome::Blocked(reason) => Verdict::Blocked { reason: reason_word(plan, reason) },
    }
}

/// An instant as text (RFC 3339).
pub(crate) fn instant_text(instant: i64) -> String {
    let mut bytes = Vec::new();
    write_instant(&mut bytes, instant);
    String::from_utf8_lossy(&bytes).into_owned()
}

#[allow(clippy::trivially_copy_pass_by_ref)] // As serde wants it.
fn instant<S: serde::Serializer>(instant: &i64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&instant_text(*instant))
}

#[allow(clippy::ref_option, clippy::trivially_copy_pass_by_ref)] // As serde wants it.
fn optional_instant<S: serde::Serializer>(at: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, serializer),
        None => serializer.serialize_none(),
    }
}
