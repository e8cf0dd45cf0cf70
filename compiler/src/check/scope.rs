//! What can be named where an expression stands (language reference §5).

use crate::checked::{Expr, ExprKind, Location, Parameter, print_expression::key};
use crate::ids::{EventId, FileId};
use std::rc::Rc;

/// What can be named where an expression stands, and what is known there.
#[derive(Clone)]
pub(super) struct Scope {
    pub(super) file: FileId,
    /// What is being checked, with its article: "a segment".
    pub(super) place: &'static str,
    /// The event whose fields a `where` looks at.
    pub(super) fields: Option<EventId>,
    pub(super) parameters: Rc<[Parameter]>,
    pub(super) event: Root,
    pub(super) trigger: Root,
    /// Whether there is a message in question.
    pub(super) message: bool,
    /// Whether there is a channel in question.
    pub(super) channel: bool,
    /// Whether this is the score, which names the parts of a message directly.
    pub(super) score: bool,
    /// The keys of the optional expressions that are known here.
    pub(super) facts: Vec<String>,
}

/// Where the fields of `event` or `trigger` come from.
#[derive(Clone)]
pub(super) enum Root {
    /// It isn't there; why, as a help.
    Absent(&'static str),
    /// It is one of these.
    Sources(Rc<[Source]>),
}

/// What can have proposed a message or started a journey.
#[derive(Clone)]
pub(super) enum Source {
    Event(EventId, Location),
    /// Something without fields: `enter`, `every`, a placement.
    Other(&'static str, Location),
    /// Something that isn't known, as has been said.
    Unknown,
}

impl Scope {
    /// A place where only the customer is in question.
    pub(super) fn customer(file: FileId, place: &'static str) -> Scope {
        Scope {
            file,
            place,
            fields: None,
            parameters: Rc::new([]),
            event: Root::Absent("`event` is the event that proposed a message: it is there in messages only"),
            trigger: Root::Absent(
                "`trigger` is the event that started a journey: it is there in journeys only",
            ),
            message: false,
            channel: false,
            score: false,
            facts: Vec::new(),
        }
    }

    /// Runs with what a condition has shown, and forgets it afterwards.
    pub(super) fn assuming<T>(
        &mut self,
        condition: &Expr,
        holds: bool,
        run: impl FnOnce(&mut Scope) -> T,
    ) -> T {
        let before = self.facts.len();
        self.facts.extend(shown(condition, holds));
        let result = run(self);
        self.facts.truncate(before);
        result
    }
}

/// The optional expressions that are known where a condition holds, or where it doesn't (§4).
pub(super) fn shown(condition: &Expr, holds: bool) -> Vec<String> {
    let mut keys = Vec::new();
    add_shown(condition, holds, &mut keys);
    keys
}

fn add_shown(condition: &Expr, holds: bool, keys: &mut Vec<String>) {
    match &condition.kind {
        ExprKind::IsKnown(subject) if holds => keys.push(key(subject)),
        ExprKind::IsUnknown(subject) if !holds => keys.push(key(subject)),
        ExprKind::Not(inner) => add_shown(inner, !holds, keys),
        ExprKind::And(a, b) | ExprKind::Or(a, b) => {
            let both = matches!(condition.kind, ExprKind::And(..)) == holds;
            if both {
                add_shown(a, holds, keys);
                return add_shown(b, holds, keys);
            }
            let mut either = shown(a, holds);
            if !either.is_empty() {
                let other = shown(b, holds);
                either.retain(|key| other.contains(key));
                keys.extend(either);
            }
        }
        _ => {}
    }
}
