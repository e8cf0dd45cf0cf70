//! How many customers there are for each segment and message.

use super::output::Written;
use super::work::Done;
use crate::commands::profiles::Again;
use crate::commands::strangers::InConsents;
use crate::refused::Refused;
use crate::report::counted;
use crate::table::{grouped, number, table};
use comfy_table::Cell;
use comity_compiler::ids::AttributeId;
use comity_runtime::audience::{Audience, Customers, Target};
use comity_runtime::record::write_instant;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// How the summary is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A table, for people
    #[default]
    Human,
    /// One JSON object
    Json,
}

/// What came of all customers so far.
pub(super) struct Summary {
    pub(super) customers: u64,
    seen: Customers,
    /// Those who came a second time.
    pub(super) again: Again,
    found: u64,
    counts: Vec<(u64, u64)>,
    pub(super) refused: Refused,
    pub(super) first: Option<Vec<u8>>,
    pub(super) is_cut: bool,
    pub(super) strangers: BTreeSet<String>,
    pub(super) in_consents: InConsents,
    pub(super) has_consents: bool,
    /// The attributes that matter and that no line has.
    pub(super) missing: Vec<AttributeId>,
}

impl Summary {
    pub(super) fn new(audience: &Audience) -> Summary {
        Summary {
            customers: 0,
            seen: Customers::default(),
            again: Again::default(),
            found: 0,
            counts: vec![(0, 0); audience.targets().len()],
            refused: Refused::default(),
            first: None,
            is_cut: false,
            strangers: BTreeSet::new(),
            in_consents: InConsents::default(),
            has_consents: false,
            missing: audience.attributes().collect(),
        }
    }

    /// Adds what came of the next customers; gives what is written of them.
    pub(super) fn add(&mut self, done: Done) -> Written {
        self.customers += done.subjects.len() as u64;
        for (subject, number) in done.subjects.iter().zip(done.numbers) {
            if let Some(before) = self.seen.add(subject, number) {
                self.again.add(subject, before, number);
            }
        }
        self.found += done.found;
        for (all, more) in self.counts.iter_mut().zip(&done.counts) {
            *all = (all.0 + more.0, all.1 + more.1);
        }
        self.refused.append(done.refused);
        self.is_cut |= done.is_cut;
        self.first = self.first.take().or(done.first);
        self.strangers.extend(done.strangers);
        self.in_consents.append(done.in_consents);
        self.has_consents |= done.has_consents;
        self.missing.retain(|attribute| done.missing.contains(attribute));
        done.written
    }

    /// Whether all is well so far.
    pub(super) fn is_well(&self) -> bool {
        self.refused.count() == 0 && self.again.is_empty()
    }

    /// The shortest that can be said.
    pub(super) fn line(&self) -> String {
        format!("{} of {}", grouped(self.found), counted_grouped(self.customers))
    }

    pub(super) fn render(&self, audience: &Audience, format: Format) -> String {
        match format {
            Format::Human => self.human(audience),
            Format::Json => self.json(audience),
        }
    }

    fn human(&self, audience: &Audience) -> String {
        let is_held = self.counts.iter().any(|(_, held_out)| *held_out > 0);
        let mut out = String::new();
        for (what, is_meant) in [
            ("segment", (|target| matches!(target, Target::Segment(_))) as fn(&Target) -> bool),
            ("message", |target| matches!(target, Target::Message(_))),
        ] {
            let is_held = is_held && what == "message";
            let mut header = vec![what, "customers", "share"];
            header.extend(is_held.then_some("held out"));
            let mut table = table(&header);
            let counts = audience.targets().iter().zip(&self.counts).filter(|(target, _)| is_meant(target));
            for (target, (found, held_out)) in counts {
                let share = *found as f64 / self.customers.max(1) as f64 * 100.0;
                let mut row = vec![
                    Cell::new(audience.name(*target)),
                    number(*found),
                    crate::table::right(format!("{share:.1}%")),
                ];
                row.extend(is_held.then(|| number(*held_out)));
                table.add_row(row);
            }
            if !table.is_empty() {
                let _ = writeln!(out, "{table}");
            }
        }
        let _ = writeln!(out, "{} in at least one", self.line());
        out
    }

    fn json(&self, audience: &Audience) -> String {
        let (mut segments, mut messages) = (Map::new(), Map::new());
        for (target, (found, held_out)) in audience.targets().iter().zip(&self.counts) {
            let name = audience.name(*target).to_owned();
            match target {
                Target::Segment(_) => segments.insert(name, json!({ "customers": found })),
                Target::Message(_) => {
                    messages.insert(name, json!({ "customers": found, "held_out": held_out }))
                }
            };
        }
        let mut at = Vec::new();
        write_instant(&mut at, audience.at());
        let notes = audience.notes();
        let json = json!({
            "at": String::from_utf8_lossy(&at),
            "policy": audience.policy().version.as_str(),
            "customers": self.customers,
            "found": self.found,
            "segments": Value::Object(segments),
            "messages": Value::Object(messages),
            "without_history": notes.history.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
            "without_event": notes.proposals.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        });
        format!("{json}\n")
    }
}

fn counted_grouped(customers: u64) -> String {
    match customers {
        1 => counted(1, "customer"),
        customers => format!("{} customers", grouped(customers)),
    }
}
