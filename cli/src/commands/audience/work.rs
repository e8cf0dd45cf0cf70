//! What is done on each core: read some customers, judge them, write down what came of it.

use super::order::Give;
use super::output::{Form, Writer, Written};
use super::table::{Reader, Rows, Table};
use crate::commands::strangers::{InConsents, attributes_of};
use crate::failure::Result;
use crate::refused::Refused;
use crate::shape;
use comity_compiler::ids::AttributeId;
use comity_runtime::audience::{Audience, Judge, Part, ROWS};
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// Some customers who are judged together.
pub(super) enum Task {
    Lines(Lines),
    Rows(Rows),
}

/// Lines of NDJSON, without their ends.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) bytes: Vec<u8>,
    /// Of each the number in the file, and where it ends.
    pub(super) ends: Vec<(u64, usize)>,
    pub(super) progress: (Option<u64>, u64),
    /// The last one seems to have been cut.
    pub(super) is_cut: bool,
}

/// What comes of some customers.
pub(super) enum Piece {
    /// Some of what is written of them.
    Written(Written),
    /// The rest, and all that is said of them.
    Done(Done),
}

/// What came of some customers.
pub(super) struct Done {
    /// The customers, each with the number of its line or row; none where some were refused.
    pub(super) subjects: Vec<SmolStr>,
    pub(super) numbers: Vec<u64>,
    /// By target: found, and held out.
    pub(super) counts: Vec<(u64, u64)>,
    /// Customers whom at least one target has found.
    pub(super) found: u64,
    pub(super) written: Written,
    pub(super) refused: Refused,
    /// The first line that was refused.
    pub(super) first: Option<Vec<u8>>,
    /// The last line seems to have been cut.
    pub(super) is_cut: bool,
    /// Attributes that the policy doesn't know.
    pub(super) strangers: BTreeSet<String>,
    /// Keys that no consent has.
    pub(super) in_consents: InConsents,
    /// Whether one of the lines has consents.
    pub(super) has_consents: bool,
    /// Which of [`Audience::attributes`] no line has; of a table nothing is said here.
    pub(super) missing: Vec<AttributeId>,
    pub(super) progress: (Option<u64>, u64),
}

/// Of so many customers of a task the unknown attributes are looked at.
const LOOKED_AT: usize = 16;

/// One core's work.
pub(super) struct Worker;

impl Worker {
    #[allow(clippy::new_ret_no_self)] // It is nothing but its work.
    pub(super) fn new<'a>(
        audience: &'a Audience,
        table: Option<&'a Table>,
        form: Form,
    ) -> Result<impl FnMut(Task, &mut Give<'_, Piece>) -> Result<()> + 'a> {
        let mut judge = Judge::new(audience);
        let writer = Writer::new(form, audience);
        let mut reader = table.map(|table| Reader::open(table, audience)).transpose()?;
        Ok(move |task, give: &mut Give<'_, Piece>| {
            let mut done = Done {
                subjects: Vec::new(),
                numbers: Vec::new(),
                counts: vec![(0, 0); audience.targets().len()],
                found: 0,
                written: Written::default(),
                refused: Refused::default(),
                first: None,
                is_cut: false,
                strangers: BTreeSet::new(),
                in_consents: InConsents::default(),
                has_consents: false,
                missing: Vec::new(),
                progress: (None, 0),
            };
            let part = match (task, &mut reader) {
                (Task::Lines(lines), _) => read(audience, lines, &mut done),
                (Task::Rows(rows), Some(reader)) => {
                    done.progress = (Some(rows.all), rows.end);
                    done.numbers = rows.numbers().collect();
                    reader.read(rows, &mut done)?
                }
                (Task::Rows(_), None) => Part::new(audience),
            };
            if done.refused.count() == 0 {
                judge_all(&mut judge, &writer, &part, &mut done, give);
                done.subjects = part.into_subjects();
            }
            give(Piece::Done(done));
            Ok(())
        })
    }
}

/// What is written of customers, some of whom are in thousands of audiences, is handed on as soon as it is large: with it
/// the customers of a whole task would take gigabytes.
fn judge_all(
    judge: &mut Judge<'_>,
    writer: &Writer,
    part: &Part,
    done: &mut Done,
    give: &mut Give<'_, Piece>,
) {
    let mut is_wanted = true;
    for start in (0..part.len()).step_by(ROWS) {
        if !is_wanted {
            return;
        }
        let verdicts = judge.block(part, start);
        for (target, counts) in done.counts.iter_mut().enumerate() {
            let (found, held_out) = verdicts.counts(target);
            *counts = (counts.0 + found, counts.1 + held_out);
        }
        verdicts.each(|row, targets| {
            if is_wanted && targets.iter().any(|word| *word != 0) {
                done.found += 1;
                writer.write(part.subject(start + row), targets, &mut done.written);
                if done.written.is_large() {
                    writer.finish(&mut done.written);
                    is_wanted = give(Piece::Written(std::mem::take(&mut done.written)));
                }
            }
        });
    }
    writer.finish(&mut done.written);
}

fn read(audience: &Audience, lines: Lines, done: &mut Done) -> Part {
    let schema = &audience.policy().schema;
    let mut part = Part::new(audience);
    let (mut start, mut looked_at) = (0, 0);
    done.missing.extend(audience.attributes());
    for (number, end) in lines.ends {
        let line = &lines.bytes[start..end];
        start = end;
        match shape::profile(schema, line) {
            Ok(profile) => {
                if profile.unknown_attributes > 0 && looked_at < LOOKED_AT {
                    looked_at += 1;
                    let names = attributes_of(line).into_iter();
                    done.strangers.extend(names.filter(|name| schema.attribute_named(name).is_none()));
                }
                done.has_consents |= !profile.consents.is_empty();
                done.missing.retain(|attribute| !profile.attributes.gives(*attribute));
                done.in_consents.add(&profile.unknown_in_consents);
                part.push(profile);
                done.numbers.push(number);
            }
            Err(why) => {
                done.first.get_or_insert_with(|| line.to_vec());
                done.refused.add(|| format!(":{number}:"), why);
            }
        }
    }
    (done.progress, done.is_cut) = (lines.progress, lines.is_cut);
    part
}

#[cfg(test)]
mod tests {
    use super::*;
    use comity_compiler::engine::Engine;
    use comity_compiler::source::{Project, SourceFile};
    use comity_runtime::audience::Target;
    use comity_runtime::policy::Policy;
    use std::sync::Arc;

    /// A customer can be in thousands of audiences, and a task has tens of thousands of customers.
    #[test]
    fn what_is_written_is_handed_on_before_it_takes_much_memory() {
        const SEGMENTS: usize = 500;
        const CUSTOMERS: usize = 3_000;
        let segments: String =
            (0..SEGMENTS).map(|at| format!("segment everybody_{at} = profile.visits >= 0\n")).collect();
        let text = format!("profile {{ visits: int = 0 }}\n{segments}");
        let project = Project::single(SourceFile::new("policy.comity", text));
        let plan = comity_compiler::compile(&project).plan.expect("a plan");
        let targets: Vec<Target> =
            (0..SEGMENTS).map(|at| Target::Segment(comity_compiler::ids::SegmentId::at(at))).collect();
        let policy = Arc::new(Policy::new(Engine::interpreter(plan)));
        let audience = Audience::new(policy, &targets, 0);
        let lines = || {
            let mut lines = Lines::default();
            for number in 1..=CUSTOMERS {
                lines.bytes.extend_from_slice(format!("{{\"subject\":\"c{number}\"}}").as_bytes());
                lines.ends.push((number as u64, lines.bytes.len()));
            }
            Task::Lines(lines)
        };
        for form in [Form::Lines, Form::Table, Form::Count] {
            let (mut all, mut largest, mut found) = (0, 0, 0);
            let mut work = Worker::new(&audience, None, form).expect("a worker");
            let mut take = |piece| {
                let written = match piece {
                    Piece::Written(written) => written,
                    Piece::Done(done) => {
                        found += done.found;
                        done.written
                    }
                };
                all += written.size();
                largest = largest.max(written.size());
                true
            };
            work(lines(), &mut take).expect("it is done");
            assert_eq!(found, CUSTOMERS as u64);
            if form == Form::Lines {
                assert!(all > 20 << 20, "{all}");
            }
            assert!(largest < 6 << 20, "{form:?}: {largest} bytes at once");
        }
    }
}
