//! Where in the policy the parts of a plan come from. It is not part of the plan: moving a declaration changes
//! no decision.

use crate::checked::{Checked, Location};
use crate::ids::*;
use crate::plan::{Comparison, Op};
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
    /// Where conditions are written, and of atoms their opposites.
    pub conditions: Places,
    /// Where declarations begin, in the order of file and place.
    pub declarations: Vec<(Location, Declaration)>,
    /// By journey, by step: the statement.
    pub steps: Vec<Vec<Location>>,
    /// How the conditions are written, as they were met.
    pub(super) forms: Vec<(Location, Written)>,
}

/// The places at which expressions are written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Places {
    all: Vec<Location>,
    /// By expression: where its places end.
    ends: Vec<u32>,
}

impl Places {
    /// In order, each once; of what isn't noted nothing.
    pub fn of(&self, expr: ExprId) -> &[Location] {
        let end = |at: usize| self.ends.get(at).map(|end| *end as usize);
        let start = expr.index().checked_sub(1).map_or(Some(0), end);
        start.zip(end(expr.index())).and_then(|(start, end)| self.all.get(start..end)).unwrap_or_default()
    }

    /// Adds the next expression's.
    pub(super) fn push(&mut self, places: &[Location]) {
        self.all.extend_from_slice(places);
        self.ends.push(self.all.len() as u32);
    }
}

/// How a condition is written, as far as the plan can have its opposite instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// As the plan has it.
    Plain,
    /// With a word for the opposite of what the plan has: `is unknown`, `no …`.
    Opposite,
    /// As a comparison.
    Compared(Comparison),
    /// As one of what the plan has several: `x in 18..65`.
    Range,
}

impl Written {
    /// Whether it is true where the plan's condition is false; `None` where that can't be said.
    pub fn is_opposite_of(self, condition: &Op) -> Option<bool> {
        let includes = |comparison| matches!(comparison, Comparison::LessEqual | Comparison::GreaterEqual);
        match (self, condition) {
            (Written::Plain, _) => Some(false),
            (Written::Opposite, _) => Some(true),
            (Written::Compared(Comparison::Equal), Op::Compare(Comparison::NotEqual, ..)) => Some(true),
            (Written::Compared(Comparison::NotEqual), Op::Compare(other, ..)) => {
                Some(*other == Comparison::Equal)
            }
            (Written::Compared(Comparison::NotEqual), _) => Some(true),
            // Turned around (`5 < x`, `x > 5`) it includes what it did before, its opposite doesn't.
            (Written::Compared(mine), Op::Compare(other, ..)) => Some(includes(mine) != includes(*other)),
            (Written::Compared(_), _) => Some(false),
            (Written::Range, _) => None,
        }
    }
}

impl Origins {
    /// Where a declaration begins.
    pub fn declaration(&self, kind: DeclarationKind, name: &str) -> Option<Location> {
        let mut all = self.declarations.iter();
        all.find(|(_, one)| one.kind == kind && one.name == name).map(|(at, _)| *at)
    }

    /// The declaration in whose text a place is.
    pub fn owner(&self, at: Location) -> Option<&Declaration> {
        let start = (at.file, at.span.start);
        let after = self.declarations.partition_point(|(place, _)| (place.file, place.span.start) <= start);
        let (place, owner) = self.declarations.get(after.checked_sub(1)?)?;
        (place.file == at.file).then_some(owner)
    }

    /// How the condition at each place is written: as the last one there that was met.
    pub fn forms(&self) -> FxHashMap<Location, Written> {
        self.forms.iter().copied().collect()
    }

    /// Where a condition is written: in the text of one of these declarations if it is, else in definitions that
    /// several use, else wherever.
    pub fn written(&self, condition: ExprId, of: &[Declaration]) -> Vec<Location> {
        let all = self.conditions.of(condition);
        let among = |is: &dyn Fn(&Declaration) -> bool| -> Vec<Location> {
            all.iter().filter(|at| self.owner(**at).is_some_and(is)).copied().collect()
        };
        let own = among(&|owner| of.contains(owner));
        if !own.is_empty() {
            return own;
        }
        use DeclarationKind::{Let, Segment, Table};
        let shared = among(&|owner| matches!(owner.kind, Let | Segment | Table));
        if shared.is_empty() { all.to_vec() } else { shared }
    }
}

/// Where declarations begin that hold expressions or stop messages.
pub(super) fn declarations(checked: &Checked) -> Vec<(Location, Declaration)> {
    let mut found = Vec::new();
    let mut add = |kind, name: &SmolStr, at| found.push((at, Declaration { kind, name: name.clone() }));
    use DeclarationKind as Kind;
    checked.channels.iter().for_each(|one| add(Kind::Channel, &one.name, one.at));
    checked.experiments.iter().for_each(|one| add(Kind::Experiment, &one.name, one.at));
    checked.journeys.iter().for_each(|one| add(Kind::Journey, &one.name, one.at));
    checked.lets.iter().for_each(|one| add(Kind::Let, &one.name, one.at));
    checked.messages.iter().for_each(|one| add(Kind::Message, &one.name, one.at));
    checked.models.iter().for_each(|one| add(Kind::Model, &one.name, one.at));
    checked.purposes.iter().for_each(|one| add(Kind::Purpose, &one.name, one.at));
    checked.segments.iter().for_each(|one| add(Kind::Segment, &one.name, one.at));
    checked.tables.iter().for_each(|one| add(Kind::Table, &one.name, one.at));
    checked.suppressions.iter().for_each(|one| add(Kind::Suppress, &one.name, one.at));
    checked.caps.iter().for_each(|one| add(Kind::Cap, &one.name, one.at));
    checked.holdouts.iter().for_each(|one| add(Kind::Holdout, &one.name, one.at));
    checked.stops.iter().for_each(|one| add(Kind::Stop, &SmolStr::default(), one.at));
    checked.arbitrate.iter().for_each(|one| add(Kind::Arbitrate, &SmolStr::default(), one.at));
    found.sort();
    found
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

/// Kinds of declaration that hold expressions, or hold messages back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum DeclarationKind {
    Arbitrate,
    Cap,
    Channel,
    Experiment,
    Holdout,
    Journey,
    Let,
    Message,
    Model,
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
            DeclarationKind::Cap => "cap",
            DeclarationKind::Channel => "channel",
            DeclarationKind::Experiment => "experiment",
            DeclarationKind::Holdout => "holdout",
            DeclarationKind::Journey => "journey",
            DeclarationKind::Stop => return f.write_str("stop"),
            DeclarationKind::Let => "let",
            DeclarationKind::Message => "message",
            DeclarationKind::Model => "model",
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
    pub(super) conditions: Noted,
    /// How the conditions are written, as they come.
    pub(super) forms: Vec<(Location, Written)>,
    /// By an expression that is a slot.
    pub(super) slots: Noted,
    /// By atom: the conditions that it stands for.
    pub(super) atoms: Vec<Vec<ExprId>>,
}

/// The places at which expressions are written, as they come.
#[derive(Default)]
pub(super) struct Noted {
    all: Vec<(ExprId, Location)>,
    /// By expression: how many there are.
    counts: Vec<u32>,
}

impl Noted {
    pub(super) fn add(&mut self, expr: ExprId, at: Location) {
        if self.counts.len() <= expr.index() {
            self.counts.resize(expr.index() + 1, 0);
        }
        self.counts[expr.index()] += 1;
        self.all.push((expr, at));
    }

    pub(super) fn has(&self, expr: ExprId) -> bool {
        self.counts.get(expr.index()).is_some_and(|count| *count > 0)
    }

    /// By expression.
    pub(super) fn places(&self) -> Places {
        let mut next: Vec<usize> = Vec::with_capacity(self.counts.len());
        let mut start = 0;
        for count in &self.counts {
            next.push(start);
            start += *count as usize;
        }
        let Some((_, any)) = self.all.first() else { return Places::default() };
        let mut all = vec![*any; self.all.len()];
        for (expr, at) in &self.all {
            all[next[expr.index()]] = *at;
            next[expr.index()] += 1;
        }
        let mut places = Places::default();
        let mut rest = &mut all[..];
        for count in &self.counts {
            let (of_expr, after) = std::mem::take(&mut rest).split_at_mut(*count as usize);
            of_expr.sort_unstable();
            places.all.extend(of_expr.chunk_by(|a, b| a == b).map(|same| same[0]));
            places.ends.push(places.all.len() as u32);
            rest = after;
        }
        places
    }
}

/// In order, each once.
pub(super) fn ordered(mut places: Vec<Location>) -> Vec<Location> {
    places.sort_unstable();
    places.dedup();
    places
}
