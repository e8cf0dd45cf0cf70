//! Other engines, each behind a feature of its name.
//!
//! Each gets the conditions in its own language and says which messages match. Which of them is best is worked out
//! here, in Rust, for all of them alike: that is little beside what matching takes.

#[cfg(feature = "a-tree")]
mod a_tree;
#[cfg(feature = "cedar")]
mod cedar;
#[cfg(feature = "cel")]
mod cel;
mod dialect;
#[cfg(feature = "mlua")]
mod lua;
#[cfg(feature = "regorus")]
mod rego;
#[cfg(feature = "rhai")]
mod rhai;
#[cfg(feature = "roto")]
mod roto;
#[cfg(feature = "zen")]
mod zen;

use crate::measure::Compiled;
use crate::race::Contender;
use crate::workload::slots::Row;
use crate::workload::{Set, Workload};
use cpu_time::ProcessTime;
use std::ops::Range;

/// An engine that has the conditions of a workload.
trait Engine {
    /// The values of a row as the engine takes them.
    type Values;

    /// Makes the values of a row ready.
    fn ready(&self, row: &Row) -> Self::Values;

    /// The messages whose conditions hold for some values, in any order.
    fn matching(&mut self, values: &mut Self::Values, found: &mut Vec<u32>);
}

/// An engine with the rows that are ready.
struct Ready<E: Engine> {
    engine: E,
    rows: Vec<E::Values>,
}

/// The same whatever its values are.
trait Matcher {
    fn prepare(&mut self, workload: &Workload, rows: Range<usize>);
    fn matching(&mut self, row: usize, found: &mut Vec<u32>);
}

impl<E: Engine> Matcher for Ready<E> {
    fn prepare(&mut self, workload: &Workload, rows: Range<usize>) {
        for row in self.rows.len()..rows.end {
            self.rows.push(self.engine.ready(&workload.rows[row]));
        }
    }

    fn matching(&mut self, row: usize, found: &mut Vec<u32>) {
        self.engine.matching(&mut self.rows[row], found);
    }
}

#[allow(dead_code)] // Not without a feature.
fn made<E: Engine + 'static>(engine: Result<E, String>) -> Result<Box<dyn Matcher>, String> {
    Ok(Box::new(Ready { engine: engine?, rows: Vec::new() }))
}

/// What was built in: its name without the version, the package that has the version, how it is given rules and values,
/// and how it is made from them; it may refuse them.
struct Kind {
    name: &'static str,
    package: &'static str,
    how: &'static str,
    make: fn(&Workload) -> Result<Box<dyn Matcher>, String>,
}

const PEERS: &[Kind] = &[
    #[cfg(feature = "roto")]
    Kind {
        name: "roto",
        package: "roto",
        how: "a function for each message, compiled by Cranelift; the values are the fields of its context, members \
              of enums are numbers, for it compares texts by a call",
        make: |workload| made(roto::Roto::new(workload)),
    },
    #[cfg(feature = "mlua")]
    Kind {
        name: "LuaJIT's interpreter, mlua",
        package: "mlua",
        how: "functions with 200 conditions each, a table for each row. Its compiler, which follows single paths through \
              code, is faster with one message, and takes two to five times as long with a thousand",
        make: |workload| made(lua::Lua::new(workload)),
    },
    #[cfg(feature = "a-tree")]
    Kind {
        name: "a-tree",
        package: "a-tree",
        how: "all conditions in one tree, an event for each row; it knows conditions only, no scores",
        make: |workload| made(a_tree::Tree::new(workload)),
    },
    #[cfg(feature = "zen")]
    Kind {
        name: "zen expressions",
        package: "zen-expression",
        how: "an expression for each message, compiled to its byte code; an object for each row",
        make: |workload| made(zen::Zen::new(workload)),
    },
    #[cfg(feature = "cel")]
    Kind {
        name: "cel",
        package: "cel",
        how: "a program for each message; a context with a variable for each value",
        make: |workload| made(cel::Cel::new(workload)),
    },
    #[cfg(feature = "rhai")]
    Kind {
        name: "rhai",
        package: "rhai",
        how: "an expression for each message; a scope with a variable for each value",
        make: |workload| made(rhai::Rhai::new(workload)),
    },
    #[cfg(feature = "regorus")]
    Kind {
        name: "regorus",
        package: "regorus",
        how: "Rego: one set of messages with a body for each, a rule for each list of alternatives, on its virtual \
              machine, whose programs have 65,535 instructions at most; an input document for each row",
        make: |workload| made(rego::Rego::new(workload)),
    },
    #[cfg(feature = "cedar")]
    Kind {
        name: "cedar-policy",
        package: "cedar-policy",
        how: "a policy for each message and one request; those that permit it are named in the answer, and it knows no \
              scores. The customer is the principal, the event the context; numbers are whole, in hundredths or less, \
              for it parses its decimals from texts each time",
        make: |workload| made(cedar::Cedar::new(workload)),
    },
];

impl Kind {
    fn versioned(&self) -> String {
        format!("{} {}", self.name, version(self.package))
    }
}

/// The version of a package in the lock file.
fn version(package: &str) -> &'static str {
    let entry = format!("name = \"{package}\"\nversion = \"");
    let rest = include_str!("../../Cargo.lock").split(&entry).nth(1);
    rest.and_then(|rest| rest.split('"').next()).unwrap_or_default()
}

/// Names with versions of all that were built in, and how each is given its rules.
pub fn notes() -> Vec<(String, &'static str)> {
    PEERS.iter().map(|kind| (kind.versioned(), kind.how)).collect()
}

/// An engine at work on the rows.
pub struct Peer<'w> {
    name: String,
    workload: &'w Workload,
    matcher: Box<dyn Matcher>,
    found: Vec<u32>,
}

/// All that were built in and take the rules, what compiling took, and the names of those that refuse them.
pub fn all(workload: &Workload) -> (Vec<Peer<'_>>, Vec<Compiled>, Vec<String>) {
    let (mut peers, mut compiled, mut refused) = (Vec::new(), Vec::new(), Vec::new());
    for kind in PEERS {
        let name = kind.versioned();
        eprintln!("  compiling for {name}");
        let start = ProcessTime::now();
        match (kind.make)(workload) {
            Ok(matcher) => {
                compiled.push(Compiled::new(name.clone(), [start.elapsed()]));
                peers.push(Peer { name, workload, matcher, found: Vec::new() });
            }
            Err(error) => {
                eprintln!("  {name} refuses: {error}");
                refused.push(name);
            }
        }
    }
    (peers, compiled, refused)
}

impl Contender<Option<u32>> for &mut Peer<'_> {
    fn name(&self) -> String {
        self.name.clone()
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

impl Contender<Set> for &mut Peer<'_> {
    fn name(&self) -> String {
        self.name.clone()
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
