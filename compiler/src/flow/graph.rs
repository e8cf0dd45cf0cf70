//! What looks at what, and the ways through it.

use super::{Edge, How, Node, Step, expression::Reader};
use crate::checked::{Checked, Definition, Expr, Location};
use crate::ids::*;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What each thing looks at.
pub(super) struct Graph<'c> {
    pub(super) checked: &'c Checked,
    edges: BTreeMap<Node, Vec<Edge>>,
}

impl<'c> Graph<'c> {
    pub(super) fn of(checked: &'c Checked) -> Graph<'c> {
        let mut graph = Graph { checked, edges: BTreeMap::new() };
        graph.definitions();
        graph.models();
        graph.journeys();
        graph.ways_out();
        graph.rules();
        graph.messages();
        graph
    }

    /// One thing looks at another, somewhere and somehow.
    pub(super) fn step(&mut self, from: Node, to: Node, at: Location, how: How) {
        self.edges.entry(from).or_default().push(Edge { to, step: Some((at, how)) });
    }

    /// One place follows another.
    pub(super) fn follows(&mut self, from: Node, to: Node) {
        self.edges.entry(from).or_default().push(Edge { to, step: None });
    }

    /// All that an expression looks at.
    pub(super) fn reads(&mut self, from: Node, expr: &Expr, how: How, reader: &Reader<'_>) {
        for (to, at) in reader.nodes(self.checked, expr) {
            self.step(from, to, at, how);
        }
    }

    fn definitions(&mut self) {
        let checked = self.checked;
        let lets = (0..checked.lets.len()).map(|i| Definition::Let(LetId::at(i)));
        let tables = (0..checked.tables.len()).map(|i| Definition::Table(TableId::at(i)));
        let segments = (0..checked.segments.len()).map(|i| Definition::Segment(SegmentId::at(i)));
        for definition in lets.chain(tables).chain(segments) {
            for body in definition.bodies(checked) {
                self.reads(Node::Definition(definition), body, How::LooksAt, &Reader::default());
            }
        }
    }

    fn models(&mut self) {
        for (position, model) in self.checked.models.iter().enumerate() {
            for (_, feature) in &model.features {
                let from = Node::Model(ModelId::at(position));
                self.reads(from, feature, How::LooksAt, &Reader::default());
            }
        }
    }

    /// Forgets all that doesn't lead to one of these.
    pub(super) fn keep_leading_to(&mut self, data: impl Iterator<Item = Node>) {
        let mut users: BTreeMap<Node, Vec<Node>> = BTreeMap::new();
        for (from, edges) in &self.edges {
            for edge in edges {
                users.entry(edge.to).or_default().push(*from);
            }
        }
        let mut open: Vec<Node> = data.collect();
        let mut leading: BTreeSet<Node> = open.iter().copied().collect();
        while let Some(node) = open.pop() {
            for user in users.get(&node).into_iter().flatten() {
                if leading.insert(*user) {
                    open.push(*user);
                }
            }
        }
        self.edges.retain(|from, edges| {
            edges.retain(|edge| leading.contains(&edge.to));
            leading.contains(from)
        });
    }

    /// The shortest ways from a message to all that influences it: those with the fewest steps that are told.
    pub(super) fn ways_from(&self, start: Node) -> Ways {
        let mut open = VecDeque::from([(start, None)]);
        let mut from: BTreeMap<Node, Option<(Node, Edge)>> = BTreeMap::new();
        while let Some((node, reached)) = open.pop_front() {
            if from.contains_key(&node) {
                continue;
            }
            from.insert(node, reached);
            for edge in self.edges.get(&node).into_iter().flatten() {
                let next = (edge.to, Some((node, *edge)));
                match edge.step {
                    Some(_) => open.push_back(next),
                    None => open.push_front(next),
                }
            }
        }
        Ways { from }
    }
}

/// The shortest ways from one message.
pub(super) struct Ways {
    /// Through which edge each thing is reached.
    from: BTreeMap<Node, Option<(Node, Edge)>>,
}

impl Ways {
    /// The steps to a datum, from the datum to the message; `None` where it doesn't influence it.
    pub(super) fn to(&self, datum: Node) -> Option<Vec<Step>> {
        let mut steps = Vec::new();
        let mut reached = self.from.get(&datum)?;
        while let Some((from, edge)) = reached {
            if let Some((at, how)) = edge.step {
                steps.push(Step { from: *from, to: edge.to, at, how });
            }
            reached = self.from.get(from)?;
        }
        Some(steps)
    }
}
