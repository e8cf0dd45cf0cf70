//! Tests (language reference §12), names resolved. They are no part of the plan: a test changes no decision.

use super::{Constant, Location};
use crate::ids::*;
use smol_str::SmolStr;

/// `test "…" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub title: String,
    /// The title.
    pub at: Location,
    pub statements: Vec<TestStatement>,
}

/// A statement of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStatement {
    pub kind: TestKind,
    pub at: Location,
}

/// The kinds of statement.
#[derive(Clone, Debug, PartialEq)]
pub enum TestKind {
    Profile(Vec<(AttributeId, Given)>),
    Subject(SmolStr),
    /// Without channels: on all.
    Consent {
        purpose: PurposeId,
        channels: Vec<ChannelId>,
        confirmed: bool,
    },
    /// Without channels: on all.
    Withdraw {
        purpose: PurposeId,
        channels: Vec<ChannelId>,
    },
    Holdout(HoldoutId),
    /// Position of the arm.
    Arm(ExperimentId, u32),
    /// Local: days since 1970-01-01, µs of the day.
    At {
        date: i64,
        time: i64,
    },
    /// µs
    After(i64),
    Event(TestEvent),
    Decide(PlacementId),
    Expect(Expectation),
}

/// `event opened(cart_email)`, `event purchase { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct TestEvent {
    pub event: EventId,
    /// Of a delivery event.
    pub message: Option<MessageId>,
    /// By position in the event's fields.
    pub fields: Vec<(u32, Given)>,
    /// Of `identify`.
    pub attributes: Vec<(AttributeId, Given)>,
}

/// A value that a test states.
#[derive(Clone, Debug, PartialEq)]
pub enum Given {
    One(Constant),
    Set(Vec<Constant>),
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    /// Without `times`: at least once.
    Sent {
        message: MessageId,
        via: Option<ChannelId>,
        times: Option<u64>,
    },
    NotSent(MessageId),
    OnlySent(Vec<MessageId>),
    Shown(Vec<MessageId>),
    /// A gate's word.
    Blocked {
        message: MessageId,
        reason: SmolStr,
    },
    Journey {
        journey: JourneyId,
        state: JourneyState,
    },
    Profile(AttributeId, Given),
    Segment {
        segment: SegmentId,
        negated: bool,
    },
}

/// What can be expected of a journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JourneyState {
    Active,
    Stopped,
    Finished,
}
