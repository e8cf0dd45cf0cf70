//! What is done on each core: read some customers, judge them, write down what came of it.

use super::SHOWN;
use super::output::{Form, Writer, Written};
use super::table::{Reader, Rows, Table};
use crate::failure::Result;
use crate::shape;
use comity_runtime::audience::{Audience, Judge, Part, ROWS};
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

/// What came of some customers.
pub(super) struct Done {
    pub(super) customers: u64,
    /// By target: found, and held out.
    pub(super) counts: Vec<(u64, u64)>,
    /// Customers whom at least one target has found.
    pub(super) found: u64,
    pub(super) written: Written,
    pub(super) refused: u64,
    /// The first of them: where, and why.
    pub(super) wrong: Vec<(String, String)>,
    /// The first line that was refused.
    pub(super) first: Option<Vec<u8>>,
    /// The last line seems to have been cut.
    pub(super) is_cut: bool,
    /// Attributes that the policy doesn't know.
    pub(super) strangers: BTreeSet<String>,
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
    ) -> Result<impl FnMut(Task) -> Result<Done> + 'a> {
        let mut judge = Judge::new(audience);
        let writer = Writer::new(form, audience);
        let mut reader = table.map(|table| Reader::open(table, audience)).transpose()?;
        Ok(move |task| {
            let mut done = Done {
                customers: 0,
                counts: vec![(0, 0); audience.targets().len()],
                found: 0,
                written: Written::default(),
                refused: 0,
                wrong: Vec::new(),
                first: None,
                is_cut: false,
                strangers: BTreeSet::new(),
                progress: (None, 0),
            };
            let part = match (task, &mut reader) {
                (Task::Lines(lines), _) => read(audience, lines, &mut done),
                (Task::Rows(rows), Some(reader)) => {
                    done.progress = (Some(rows.all), rows.end);
                    reader.read(rows, &mut done)?
                }
                (Task::Rows(_), None) => Part::new(audience),
            };
            if done.refused == 0 {
                judge_all(&mut judge, &writer, part, &mut done);
            }
            Ok(done)
        })
    }
}

fn judge_all(judge: &mut Judge<'_>, writer: &Writer, part: Part, done: &mut Done) {
    done.customers = part.len() as u64;
    for start in (0..part.len()).step_by(ROWS) {
        let verdicts = judge.block(&part, start);
        for (target, counts) in done.counts.iter_mut().enumerate() {
            let (found, held_out) = verdicts.counts(target);
            *counts = (counts.0 + found, counts.1 + held_out);
        }
        verdicts.each(|row, targets| {
            if targets.iter().any(|word| *word != 0) {
                done.found += 1;
                writer.write(part.subject(start + row), targets, &mut done.written);
            }
        });
    }
    writer.finish(&mut done.written);
}

fn read(audience: &Audience, lines: Lines, done: &mut Done) -> Part {
    let schema = &audience.policy().schema;
    let mut part = Part::new(audience);
    let (mut start, mut looked_at) = (0, 0);
    for (number, end) in lines.ends {
        let line = &lines.bytes[start..end];
        start = end;
        let mut refuse = |why: String| {
            done.first.get_or_insert_with(|| line.to_vec());
            done.refused += 1;
            if done.wrong.len() < SHOWN {
                done.wrong.push((format!(":{number}"), why));
            }
        };
        match shape::profile(schema, line) {
            Ok(profile) => {
                if profile.unknown_attributes > 0 && looked_at < LOOKED_AT {
                    looked_at += 1;
                    strangers(audience, line, &mut done.strangers);
                }
                part.push(profile);
            }
            Err(why) => refuse(why),
        }
    }
    (done.progress, done.is_cut) = (lines.progress, lines.is_cut);
    part
}

#[derive(serde::Deserialize)]
struct Attributes {
    attributes: serde_json::Map<String, serde_json::Value>,
}

/// The attributes of a line that the policy doesn't know.
fn strangers(audience: &Audience, line: &[u8], names: &mut BTreeSet<String>) {
    let Ok(Attributes { attributes }) = serde_json::from_slice(line) else { return };
    let schema = &audience.policy().schema;
    names.extend(
        attributes.into_iter().map(|(name, _)| name).filter(|name| schema.attribute_named(name).is_none()),
    );
}
