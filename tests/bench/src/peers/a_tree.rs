//! a-tree: an index of boolean expressions that share their parts; a row is an event.

use super::Engine;
use super::dialect::{COMMON, Dialect};
use crate::workload::Workload;
use crate::workload::slots::{Kind, Row, SLOTS};
use a_tree::{ATree, AttributeDefinition, Event};

const DIALECT: Dialect =
    Dialect { and: " and ", or: " or ", not: "not ", equal: "=", unequal: "<>", ..COMMON };

pub(super) struct Tree {
    tree: ATree<u32>,
}

impl Tree {
    pub(super) fn new(workload: &Workload) -> Result<Tree, String> {
        let definitions = SLOTS.map(|slot| match slot.kind {
            Kind::Member { .. } => AttributeDefinition::string(slot.name),
            Kind::Int => AttributeDefinition::integer(slot.name),
            Kind::Number(_) => AttributeDefinition::float(slot.name),
            Kind::Bool => AttributeDefinition::boolean(slot.name),
        });
        let mut tree = ATree::new(&definitions).map_err(|error| error.to_string())?;
        for (index, text) in (0..).zip(DIALECT.conditions(workload)) {
            tree.insert(&index, &text).map_err(|error| format!("{text}: {error}"))?;
        }
        Ok(Tree { tree })
    }
}

impl Engine for Tree {
    type Values = Event;

    fn ready(&self, row: &Row) -> Event {
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

    fn matching(&mut self, event: &mut Event, found: &mut Vec<u32>) {
        let report = self.tree.search(event).expect("a report");
        found.extend(report.matches().iter().copied());
    }
}
