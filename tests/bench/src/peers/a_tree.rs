//! a-tree: an index of boolean expressions that share their parts; a row is an event.

use super::{Dialect, Matcher};
use crate::workload::Workload;
use crate::workload::slots::{Kind, Row, SLOTS};
use a_tree::{ATree, AttributeDefinition, Event};
use std::ops::Range;

const DIALECT: Dialect = Dialect {
    and: " and ",
    or: " or ",
    not: "not ",
    equal: "=",
    unequal: "<>",
    is_in: ["", " in [", "]"],
    name: |slot| slot.name.to_owned(),
};

pub(super) struct Tree {
    tree: ATree<u32>,
    rows: Vec<Event>,
}

impl Tree {
    pub(super) fn new(workload: &Workload) -> Tree {
        let definitions = SLOTS.map(|slot| match slot.kind {
            Kind::Member { .. } => AttributeDefinition::string(slot.name),
            Kind::Int => AttributeDefinition::integer(slot.name),
            Kind::Number(_) => AttributeDefinition::float(slot.name),
            Kind::Bool => AttributeDefinition::boolean(slot.name),
        });
        let mut tree = ATree::new(&definitions).expect("attributes with names of their own");
        for (index, message) in (0..).zip(&workload.rules.messages) {
            let text = DIALECT.condition(workload, message);
            tree.insert(&index, &text).unwrap_or_else(|error| panic!("{text}: {error}"));
        }
        Tree { tree, rows: Vec::new() }
    }

    fn event(&self, row: &Row) -> Event {
        let mut event = self.tree.make_event();
        for (slot, value) in SLOTS.iter().zip(*row) {
            let set = match slot.kind {
                Kind::Member { .. } => event.with_string(slot.name, slot.member(value)),
                Kind::Int => event.with_integer(slot.name, value as i64),
                Kind::Number(decimals) => {
                    let scaled = (value * 10_f64.powi(decimals)).round() as i64;
                    event.with_float(slot.name, scaled, decimals as u32)
                }
                Kind::Bool => event.with_boolean(slot.name, value == 1.0),
            };
            set.expect("a value of its type");
        }
        event.build().expect("an event")
    }
}

impl Matcher for Tree {
    fn name(&self) -> String {
        "a-tree 0.6".to_owned()
    }

    fn prepare(&mut self, workload: &Workload, rows: Range<usize>) {
        for row in self.rows.len()..rows.end {
            self.rows.push(self.event(&workload.rows[row]));
        }
    }

    fn matching(&mut self, row: usize, found: &mut Vec<u32>) {
        let report = self.tree.search(&self.rows[row]).expect("a report");
        found.extend(report.matches().iter().copied());
    }
}
