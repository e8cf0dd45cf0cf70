//! Checked journeys and stops (language reference §10).

use super::{Expr, Location, Occurrence};
use crate::ids::*;
use smol_str::SmolStr;

#[derive(Clone, Debug)]
pub struct Journey {
    pub name: SmolStr,
    pub at: Location,
    pub class: Option<ClassId>,
    pub triggers: Vec<Occurrence>,
    /// Never unknown; without it, one instance per customer.
    pub key: Option<Expr>,
    pub when: Option<Expr>,
    pub reenter: Reenter,
    pub touches: Option<u32>,
    pub stop_on: Vec<Occurrence>,
    pub stop_when: Vec<Expr>,
    pub goal: Option<Goal>,
    pub body: Vec<Statement>,
}

/// When a customer may enter again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reenter {
    Never,
    /// µs from the end of the last instance.
    After(i64),
    #[default]
    WhenFinished,
    Always,
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Goal {
    pub on: Occurrence,
    /// µs
    pub within: i64,
}

/// `stop CLASSES journeys on P`
#[derive(Clone, Debug)]
pub struct Stop {
    pub classes: Vec<ClassId>,
    pub on: Occurrence,
    pub at: Location,
}

#[derive(Clone, Debug)]
pub struct Statement {
    pub kind: StatementKind,
    pub at: Location,
}

#[derive(Clone, Debug)]
pub enum StatementKind {
    Wait {
        /// µs
        duration: i64,
        restart: Option<Restart>,
    },
    WaitUntil {
        /// µs of the local day
        time: i64,
        /// 0 is monday.
        weekday: Option<u8>,
    },
    WaitFor {
        occurrences: Vec<Occurrence>,
        /// µs
        up_to: i64,
        then: Vec<Statement>,
        otherwise: Vec<Statement>,
    },
    Send(Send),
    If {
        condition: Expr,
        then: Vec<Statement>,
        otherwise: Vec<Statement>,
    },
    Split {
        experiment: ExperimentId,
        /// By the position of the arm.
        arms: Vec<Vec<Statement>>,
    },
    Repeat {
        times: u32,
        body: Vec<Statement>,
    },
    Together(Vec<Vec<Statement>>),
    Set {
        attribute: AttributeId,
        value: Expr,
    },
    Emit {
        event: SmolStr,
        fields: Vec<(SmolStr, Expr)>,
    },
    Enter(JourneyId),
    Exit,
}

#[derive(Clone, Debug)]
pub struct Restart {
    pub on: Occurrence,
    /// µs after the first start
    pub up_to: Option<i64>,
}

#[derive(Clone, Debug)]
pub struct Send {
    pub message: MessageId,
    /// In the order of the text; empty: all of the message.
    pub via: Vec<ChannelId>,
    /// `via a then b`: the next channel is tried where the one before didn't deliver.
    pub chain: bool,
    /// µs
    pub within: Option<i64>,
    pub otherwise: Vec<Statement>,
}

impl Journey {
    /// One of which only the name is known yet.
    pub fn named(name: SmolStr, at: Location) -> Journey {
        Journey {
            name,
            at,
            class: None,
            triggers: Vec::new(),
            key: None,
            when: None,
            reenter: Reenter::default(),
            touches: None,
            stop_on: Vec::new(),
            stop_when: Vec::new(),
            goal: None,
            body: Vec::new(),
        }
    }
}

impl Statement {
    /// The lists of statements in it, in the order of the text.
    pub fn branches(&self) -> Vec<&[Statement]> {
        match &self.kind {
            StatementKind::WaitFor { then, otherwise, .. } | StatementKind::If { then, otherwise, .. } => {
                vec![then, otherwise]
            }
            StatementKind::Send(send) => vec![&send.otherwise],
            StatementKind::Split { arms: branches, .. } | StatementKind::Together(branches) => {
                branches.iter().map(Vec::as_slice).collect()
            }
            StatementKind::Repeat { body, .. } => vec![body],
            StatementKind::Wait { .. }
            | StatementKind::WaitUntil { .. }
            | StatementKind::Set { .. }
            | StatementKind::Emit { .. }
            | StatementKind::Enter(_)
            | StatementKind::Exit => Vec::new(),
        }
    }
}
