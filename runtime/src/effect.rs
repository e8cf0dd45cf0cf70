//! What a step brings about: the content of decision records, before it is written.

use crate::journey::Origin;
use crate::profile::Cause;
use comity_compiler::ids::*;
use comity_compiler::plan::ConsentMode;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// One thing that a step brought about.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// Derived from the policy's names, the customer and the cause: handled twice, it is the same effect.
    pub id: SmolStr,
    /// µs
    pub time: i64,
    /// What it is.
    pub kind: EffectKind,
}

/// The kinds of effect.
#[derive(Clone, Debug, PartialEq)]
pub enum EffectKind {
    /// A message was decided.
    Message(Box<Decided>),
    /// The customer entered or left a segment.
    Segment {
        /// Which one.
        segment: SegmentId,
        /// Else left.
        entered: bool,
    },
    /// An instance of a journey began, or ended.
    Journey(Box<JourneyEffect>),
    /// A goal was met.
    Goal(Box<GoalEffect>),
    /// The arm of an experiment mattered for the first time.
    Exposed(Box<ExposedEffect>),
    /// A journey set an attribute.
    Set(Box<SetEffect>),
    /// A journey tells something to others.
    Emit(Box<EmitEffect>),
}

/// What became of an instance of a journey.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct JourneyEffect {
    pub journey: SmolStr,
    pub instance: SmolStr,
    pub state: Lifecycle,
    /// Why it ended, where that isn't plain.
    pub reason: Option<SmolStr>,
    pub origin: Arc<Origin>,
}

/// The states of an instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Lifecycle {
    /// It began.
    Entered,
    /// Something ended it.
    Stopped,
    /// It came to its end.
    Finished,
    /// Its statement is gone from the policy.
    Migrated,
}

impl Lifecycle {
    /// As records have it.
    pub fn word(self) -> &'static str {
        match self {
            Lifecycle::Entered => "entered",
            Lifecycle::Stopped => "stopped",
            Lifecycle::Finished => "finished",
            Lifecycle::Migrated => "migrated",
        }
    }
}

/// A goal that was met.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct GoalEffect {
    pub of: GoalOf,
    /// What met it.
    pub cause: Cause,
}

/// Whose goal it is.
#[derive(Clone, Debug, PartialEq)]
pub enum GoalOf {
    /// With the id of the instance.
    Journey(JourneyId, SmolStr),
    /// With the customer's arm.
    Experiment(ExperimentId, u32),
}

/// An exposure.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct ExposedEffect {
    pub experiment: ExperimentId,
    pub arm: u32,
    pub cause: Cause,
}

/// An attribute that a journey set.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct SetEffect {
    pub origin: Arc<Origin>,
    pub instance: SmolStr,
    pub attribute: AttributeId,
    pub value: Json,
}

/// What a journey tells.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct EmitEffect {
    pub origin: Arc<Origin>,
    pub instance: SmolStr,
    pub event: SmolStr,
    pub data: Vec<(SmolStr, Json)>,
}

/// A value as it stands in a record.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub enum Json {
    Null,
    Bool(bool),
    Int(i64),
    Number(f64),
    Text(String),
}

/// A message and what became of it.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Decided {
    pub outcome: Outcome,
    pub message: MessageId,
    /// Where it left, would have, or is held back; of a blocked one the first that it could have used.
    pub channel: Option<ChannelId>,
    pub placement: Option<PlacementId>,
    pub cause: Cause,
    /// The event that caused it came late.
    pub late: bool,
    pub score: Option<f64>,
    /// What allowed it, for each purpose.
    pub basis: SmallVec<[Basis; 1]>,
    /// Field by field, as it is to be delivered.
    pub content: SmallVec<[(SmolStr, SmolStr); 1]>,
    /// Where all is asked for: each channel's reason.
    pub channels: Vec<(ChannelId, Reason)>,
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It left.
    Sent,
    /// It is shown on a placement.
    Shown,
    /// It waits for the end of quiet hours, until then (µs).
    Deferred(i64),
    /// It didn't pass a gate.
    Blocked(Reason),
    /// It would have left, but the customer is held out: a ghost.
    HeldOut(HoldoutId),
}

/// The gate that a message didn't pass (reference §9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Its dates are over, or not yet come.
    Inactive,
    /// Too long ago proposed.
    Expired,
    /// `when` doesn't hold, or `unless` does.
    Ineligible,
    /// The purpose doesn't allow the channel.
    Consent(PurposeId),
    /// The channel's address isn't known.
    Unreachable,
    /// A rule suppresses it.
    Suppressed(SuppressId),
    /// A cap is full, until then (µs).
    Capped(CapId, i64),
    /// The channel is in quiet hours that don't end.
    Quiet,
    /// The score isn't finite.
    BadScore,
    /// Another took its place.
    Outranked(MessageId),
    /// The same cause proposed it again while it was deferred.
    Superseded,
    /// The journey has sent as many as it may.
    Touches,
    /// The journey ended while it was deferred.
    Stopped,
}

impl Reason {
    /// Without the instant at which a cap frees: the rule alone.
    pub fn rule(self) -> Reason {
        match self {
            Reason::Capped(cap, _) => Reason::Capped(cap, 0),
            reason => reason,
        }
    }
}

/// What allowed a message for one purpose.
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs)]
pub struct Basis {
    pub purpose: PurposeId,
    pub mode: ConsentMode,
    /// Where the mode asks for a grant.
    pub receipt: Option<SmolStr>,
}
