//! Other engines, each behind a feature of its name.
//!
//! Each gets the conditions in its own language and says which messages match. Which of them is best is worked out
//! here, in Rust, for all of them alike: that is little beside what matching takes.

#[cfg(feature = "a-tree")]
mod a_tree;
#[cfg(feature = "cel")]
mod cel;
#[cfg(feature = "mlua")]
mod lua;
#[cfg(feature = "rhai")]
mod rhai;

use crate::measure::Compiled;
use crate::race::Contender;
use crate::workload::rules::{Atom, Message, Test};
use crate::workload::slots::{Kind, Row, SLOTS, Slot};
use crate::workload::{Set, Workload};
use cpu_time::ProcessTime;
use std::ops::Range;

/// Something that says which messages match.
pub trait Matcher {
    fn name(&self) -> String;

    /// Makes the values of some rows ready.
    fn prepare(&mut self, workload: &Workload, rows: Range<usize>);

    /// The messages whose conditions hold for a row that is ready, in any order.
    fn matching(&mut self, row: usize, found: &mut Vec<u32>);
}

/// How an engine is made from rules.
type Make = fn(&Workload) -> Box<dyn Matcher>;

/// What was built in: the largest number of messages that it is asked for, and how it is made.
const PEERS: &[(usize, Make)] = &[
    #[cfg(feature = "mlua")]
    (usize::MAX, |workload| Box::new(lua::Lua::new(workload))),
    #[cfg(feature = "a-tree")]
    (usize::MAX, |workload| Box::new(a_tree::Tree::new(workload))),
    #[cfg(feature = "cel")]
    (usize::MAX, |workload| Box::new(cel::Cel::new(workload))),
    #[cfg(feature = "rhai")]
    (usize::MAX, |workload| Box::new(rhai::Rhai::new(workload))),
];

/// An engine at work on the rows.
pub struct Peer<'w> {
    workload: &'w Workload,
    matcher: Box<dyn Matcher>,
    found: Vec<u32>,
}

/// All that were built in, and what compiling took.
pub fn all(workload: &Workload) -> (Vec<Peer<'_>>, Vec<Compiled>) {
    let messages = workload.rules.messages.len();
    let asked = PEERS.iter().filter(|(most, _)| messages <= *most);
    asked
        .map(|(_, make)| {
            let start = ProcessTime::now();
            let matcher = make(workload);
            let seconds = start.elapsed().as_secs_f64();
            let compiled = Compiled { what: matcher.name(), seconds };
            (Peer { workload, matcher, found: Vec::new() }, compiled)
        })
        .unzip()
}

impl Contender<Option<u32>> for Peer<'_> {
    fn name(&self) -> String {
        self.matcher.name()
    }

    fn prepare(&mut self, _round: usize, rows: Range<usize>) {
        self.matcher.prepare(self.workload, rows);
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for (row, answer) in rows.zip(answers) {
            self.found.clear();
            self.matcher.matching(row, &mut self.found);
            *answer = best(self.workload, row, &self.found);
        }
    }
}

impl Contender<Set> for Peer<'_> {
    fn name(&self) -> String {
        self.matcher.name()
    }

    fn prepare(&mut self, _round: usize, rows: Range<usize>) {
        self.matcher.prepare(self.workload, rows);
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Set]) {
        for (row, answer) in rows.zip(answers) {
            self.found.clear();
            self.matcher.matching(row, &mut self.found);
            *answer = self.found.iter().copied().collect();
        }
    }
}

/// By class, then score, then order.
fn best(workload: &Workload, row: usize, found: &[u32]) -> Option<u32> {
    let row = &workload.rows[row];
    let ranked = found.iter().map(|index| {
        let message = &workload.rules.messages[*index as usize];
        (message.class, message.score(row), *index)
    });
    ranked
        .min_by(|one, other| one.0.cmp(&other.0).then(other.1.total_cmp(&one.1)).then(one.2.cmp(&other.2)))
        .map(|(.., index)| index)
}

/// How a language writes conditions.
#[allow(dead_code)] // Which are needed depends on the features.
struct Dialect {
    and: &'static str,
    or: &'static str,
    not: &'static str,
    equal: &'static str,
    unequal: &'static str,
    /// Around what is left of `in`, before the list, and at its end.
    is_in: [&'static str; 3],
    name: fn(&Slot) -> String,
}

#[allow(dead_code)]
impl Dialect {
    /// A message's condition.
    fn condition(&self, workload: &Workload, message: &Message) -> String {
        workload.rules.condition(message, [self.and, self.or], |atom, negated| self.atom(atom, negated))
    }

    fn atom(&self, atom: &Atom, negated: bool) -> String {
        let slot = &SLOTS[atom.slot];
        let (name, not) = ((self.name)(slot), if negated { self.not } else { "" });
        match &atom.test {
            Test::Compare(how, constant) => format!("{name} {} {}", how.sign(), slot.json(*constant)),
            Test::Is(member) => {
                format!("{name} {} {}", if negated { self.unequal } else { self.equal }, slot.json(*member))
            }
            Test::In(members) => {
                let members: Vec<String> = members.iter().map(|member| slot.json(*member)).collect();
                let [before, between, after] = self.is_in;
                format!("{not}({before}{name}{between}{}{after})", members.join(", "))
            }
            Test::Holds => format!("{not}{name}"),
        }
    }
}

/// A value as dynamic languages have it.
#[allow(dead_code)]
enum Dynamic {
    Text(&'static str),
    Int(i64),
    Number(f64),
    Bool(bool),
}

/// The values of a row by the names of their slots.
#[allow(dead_code)]
fn values(row: &Row) -> impl Iterator<Item = (&'static Slot, Dynamic)> {
    SLOTS.iter().zip(*row).map(|(slot, value)| {
        let value = match slot.kind {
            Kind::Member { .. } => Dynamic::Text(slot.member(value)),
            Kind::Int => Dynamic::Int(value as i64),
            Kind::Number(_) => Dynamic::Number(value),
            Kind::Bool => Dynamic::Bool(value == 1.0),
        };
        (slot, value)
    })
}
