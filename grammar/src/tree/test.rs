//! Tests (language reference §12).

use super::{Expr, Literal, Name, Path, Text};
use crate::Span;

/// `test "…" { … }`
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    pub title: Text,
    pub statements: Vec<TestStatement>,
}

/// A statement of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct TestStatement {
    pub kind: TestStatementKind,
    pub span: Span,
}

/// The kinds of statement of a test.
#[derive(Clone, Debug, PartialEq)]
pub enum TestStatementKind {
    Error,
    Profile(Vec<FieldValue>),
    Subject(Text),
    /// `consent marketing on email, push confirmed`
    Consent {
        purpose: Path,
        channels: Vec<Path>,
        confirmed: bool,
    },
    /// `withdraw marketing on email`
    Withdraw {
        purpose: Path,
        channels: Vec<Path>,
    },
    Holdout(Path),
    Arm {
        experiment: Path,
        arm: Name,
    },
    /// `at 2026-11-02 10:00`: local time
    At {
        date: Literal,
        time: Literal,
    },
    After(Literal),
    /// `event opened(cart_email)`, `event purchase { … }`
    Event {
        event: Path,
        message: Option<Path>,
        fields: Option<Vec<FieldValue>>,
    },
    Decide(Path),
    Expect(Expectation),
}

/// `tier: gold`
#[derive(Clone, Debug, PartialEq)]
pub struct FieldValue {
    pub name: Name,
    pub value: Expr,
}

/// What a test expects.
#[derive(Clone, Debug, PartialEq)]
pub enum Expectation {
    Error,
    Sent { message: Path, via: Option<Path>, times: Option<Literal> },
    NotSent(Path),
    OnlySent(Vec<Path>),
    Shown(Vec<Path>),
    Blocked { message: Path, reason: Name },
    Journey { journey: Path, state: Name },
    Profile { attribute: Name, value: Expr },
    Segment { segment: Path, negated: bool },
}
