//! Where in the policy the parts of a plan come from. It is not part of the plan: moving a declaration changes
//! no decision.

use crate::checked::Location;
use crate::ids::*;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::fmt;

/// Where the parts of a plan come from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origins {
    /// By stream: who needs it, in the order of the text.
    pub streams: Vec<Vec<Need>>,
    /// By atom: where the condition is written.
    pub atoms: Vec<Vec<Location>>,
    /// By slot: where it is looked at.
    pub slots: Vec<Vec<Location>>,
}

/// A place in the policy that needs a part of the history.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs)]
pub struct Need {
    pub at: Location,
    /// The declaration in whose text it stands.
    pub declaration: Declaration,
    /// The question that is asked.
    pub window: WindowId,
}

/// A declaration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub struct Declaration {
    pub kind: DeclarationKind,
    /// Of a suppress rule `FILE:LINE`; of `arbitrate` empty.
    pub name: SmolStr,
}

/// Kinds of declaration that hold expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum DeclarationKind {
    Arbitrate,
    Channel,
    Experiment,
    Journey,
    Let,
    Message,
    Purpose,
    Segment,
    Stop,
    Suppress,
    Table,
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            DeclarationKind::Arbitrate => return f.write_str("arbitrate"),
            DeclarationKind::Channel => "channel",
            DeclarationKind::Experiment => "experiment",
            DeclarationKind::Journey => "journey",
            DeclarationKind::Stop => return f.write_str("stop"),
            DeclarationKind::Let => "let",
            DeclarationKind::Message => "message",
            DeclarationKind::Purpose => "purpose",
            DeclarationKind::Segment => "segment",
            DeclarationKind::Suppress => "suppress",
            DeclarationKind::Table => "table",
        };
        write!(f, "{kind} {}", self.name)
    }
}

/// What is noted while expressions are lowered, under provisional numbers.
#[derive(Default)]
pub(super) struct Notes {
    /// By window.
    pub(super) needs: FxHashMap<WindowId, BTreeSet<(Location, Declaration)>>,
    /// By bool expression.
    pub(super) conditions: FxHashMap<ExprId, BTreeSet<Location>>,
    /// By an expression that is a slot.
    pub(super) slots: FxHashMap<ExprId, BTreeSet<Location>>,
    /// By atom: the conditions that it stands for.
    pub(super) atoms: FxHashMap<AtomId, BTreeSet<ExprId>>,
}
