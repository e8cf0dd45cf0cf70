//! What each root and each guard needs, found once for all of a plan.

use super::roots::{Need, extend_with_message, roots, slots_among};
use crate::ids::*;
use crate::plan::Plan;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What each root and each guard needs.
#[derive(Clone)]
pub(crate) struct Needs {
    whole: Arc<Whole>,
    /// Of the messages that have been amended since: their roots that weren't any before.
    roots: BTreeMap<ExprId, Need>,
    /// Of all messages that have been amended since.
    guards: BTreeMap<MessageId, Box<[SlotId]>>,
}

/// The needs of a plan as it was when an engine was built for all of it.
struct Whole {
    /// Ascending.
    roots: Vec<ExprId>,
    /// By expression: one more than the position among the roots; 0 where it is no root.
    positions: Vec<u32>,
    /// Of the roots, in their order.
    nodes: Lists<ExprId>,
    slots: Lists<SlotId>,
    /// By [`MessageId`].
    guards: Lists<SlotId>,
}

/// What a root needs.
#[derive(Clone, Copy)]
pub(crate) struct Needed<'a> {
    /// All expressions that it is made of, ascending: operands come before what uses them.
    pub(crate) nodes: &'a [ExprId],
    /// The slots among them, ascending.
    pub(crate) slots: &'a [SlotId],
}

impl Needs {
    pub(crate) fn of(plan: &Plan) -> Needs {
        let whole = Arc::new(Whole::of(plan));
        Needs { whole, roots: BTreeMap::new(), guards: BTreeMap::new() }
    }

    /// The needs of a plan that has more expressions and atoms, and other expressions in these messages and in what is kept
    /// of the past.
    pub(crate) fn amended(&self, plan: &Plan, messages: &[MessageId]) -> Needs {
        let mut needs = Needs { whole: self.whole.clone(), roots: BTreeMap::new(), guards: BTreeMap::new() };
        let mut roots = Vec::new();
        // What earlier amendments asked for and nobody does any more is left behind.
        for id in self.guards.keys().chain(messages).copied() {
            let message = &plan.messages[id.index()];
            extend_with_message(&mut roots, message);
            roots.extend(plan.conditions(&message.guard));
            needs.guards.insert(id, [].into());
        }
        roots.extend(plan.streams.iter().filter_map(|stream| stream.filter));
        roots.extend(plan.windows.iter().filter_map(|window| window.filter));
        for root in roots {
            if needs.root(root).is_none() {
                needs.roots.insert(root, Need::of(plan, [root]));
            }
        }
        let guards = needs.guards.keys().map(|id| {
            let mut slots = Vec::new();
            for condition in plan.conditions(&plan.messages[id.index()].guard) {
                slots.extend(needs.root(condition).map_or(&[][..], |needed| needed.slots));
            }
            slots.sort_unstable();
            slots.dedup();
            (*id, slots.into())
        });
        needs.guards = guards.collect();
        needs
    }

    /// The roots of the plan as it was first, ascending.
    pub(crate) fn roots(&self) -> &[ExprId] {
        &self.whole.roots
    }

    /// The roots that amendments have brought.
    pub(crate) fn amended_roots(&self) -> impl Iterator<Item = ExprId> {
        self.roots.keys().copied()
    }

    /// The messages that have been amended, ascending.
    pub(crate) fn amended_messages(&self) -> impl Iterator<Item = MessageId> {
        self.guards.keys().copied()
    }

    /// What all roots are made of, counted for each by itself.
    pub(crate) fn len(&self) -> usize {
        self.whole.nodes.items.len() + self.roots.values().map(|need| need.nodes.len()).sum::<usize>()
    }

    #[inline]
    pub(crate) fn root(&self, expr: ExprId) -> Option<Needed<'_>> {
        self.whole.root(expr).or_else(|| self.roots.get(&expr).map(Need::as_needed))
    }

    /// The slots that a root looks at, ascending.
    #[inline]
    pub(crate) fn slots(&self, root: ExprId) -> &[SlotId] {
        match self.whole.position(root) {
            Some(position) => self.whole.slots.get(position).unwrap_or_default(),
            None => self.roots.get(&root).map_or(&[], |need| &need.slots),
        }
    }

    #[inline]
    pub(crate) fn guard(&self, message: MessageId) -> &[SlotId] {
        if !self.guards.is_empty()
            && let Some(slots) = self.guards.get(&message)
        {
            return slots;
        }
        self.whole.guards.get(message.index()).unwrap_or_default()
    }
}

impl Need {
    fn as_needed(&self) -> Needed<'_> {
        Needed { nodes: &self.nodes, slots: &self.slots }
    }
}

impl Whole {
    fn of(plan: &Plan) -> Whole {
        let roots = roots(plan);
        let (mut nodes, mut slots) = (Lists::with_capacity(roots.len()), Lists::with_capacity(roots.len()));
        let mut positions = vec![0; plan.exprs.len()];
        let mut walk = Walk::new(plan);
        for (position, root) in (1..).zip(&roots) {
            if let Some(entry) = positions.get_mut(root.index()) {
                *entry = position;
            }
            let needed = walk.nodes(plan, *root);
            nodes.push(needed.iter().copied());
            slots.push_sorted(slots_among(plan, needed));
        }
        let mut whole = Whole { roots, positions, nodes, slots, guards: Lists::with_capacity(0) };
        let mut guards = Lists::with_capacity(plan.messages.len());
        for message in &plan.messages {
            let needed = plan.conditions(&message.guard).filter_map(|condition| whole.root(condition));
            guards.push_sorted(needed.flat_map(|needed| needed.slots.iter().copied()));
        }
        whole.guards = guards;
        whole
    }

    #[inline]
    fn position(&self, root: ExprId) -> Option<usize> {
        match self.positions.get(root.index()) {
            None | Some(0) => None,
            Some(position) => Some(*position as usize - 1),
        }
    }

    #[inline]
    fn root(&self, expr: ExprId) -> Option<Needed<'_>> {
        let position = self.position(expr)?;
        Some(Needed { nodes: self.nodes.get(position)?, slots: self.slots.get(position)? })
    }
}

/// Lists, one after the other.
struct Lists<T> {
    items: Vec<T>,
    /// Where each ends, after a 0.
    ends: Vec<u32>,
}

impl<T: Copy + Ord> Lists<T> {
    fn with_capacity(lists: usize) -> Lists<T> {
        let mut ends = Vec::with_capacity(lists + 1);
        ends.push(0);
        Lists { items: Vec::new(), ends }
    }

    fn push(&mut self, items: impl IntoIterator<Item = T>) {
        self.items.extend(items);
        self.ends.push(self.items.len() as u32);
    }

    /// Adds a list, ascending, each item once.
    fn push_sorted(&mut self, items: impl IntoIterator<Item = T>) {
        let start = self.items.len();
        self.items.extend(items);
        self.items[start..].sort_unstable();
        let mut kept = start;
        for at in start..self.items.len() {
            if at == start || self.items[at] != self.items[kept - 1] {
                self.items[kept] = self.items[at];
                kept += 1;
            }
        }
        self.items.truncate(kept);
        self.ends.push(kept as u32);
    }

    #[inline]
    fn get(&self, at: usize) -> Option<&[T]> {
        match self.ends.get(at..at + 2) {
            Some([start, end]) => self.items.get(*start as usize..*end as usize),
            _ => None,
        }
    }
}

/// Finds what expressions are made of, one after the other, for very many of them.
pub(crate) struct Walk {
    /// By expression: the last round that met it.
    met: Vec<u32>,
    round: u32,
    stack: Vec<ExprId>,
    nodes: Vec<ExprId>,
}

impl Walk {
    pub(crate) fn new(plan: &Plan) -> Walk {
        Walk { met: vec![0; plan.exprs.len()], round: 0, stack: Vec::new(), nodes: Vec::new() }
    }

    /// All expressions that one is made of, ascending.
    pub(crate) fn nodes(&mut self, plan: &Plan, expr: ExprId) -> &[ExprId] {
        self.meet(plan, [expr]);
        self.nodes.sort_unstable();
        &self.nodes
    }

    /// The slots that some expressions look at, in any order.
    pub(crate) fn slots(
        &mut self,
        plan: &Plan,
        exprs: impl IntoIterator<Item = ExprId>,
    ) -> impl Iterator<Item = SlotId> {
        self.meet(plan, exprs);
        slots_among(plan, &self.nodes)
    }

    /// How many expressions were met last.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// All that some expressions are made of, in any order.
    fn meet(&mut self, plan: &Plan, exprs: impl IntoIterator<Item = ExprId>) {
        self.round += 1;
        self.nodes.clear();
        self.stack.extend(exprs);
        while let Some(expr) = self.stack.pop() {
            let Some(met) = self.met.get_mut(expr.index()) else { continue };
            if *met != self.round {
                *met = self.round;
                self.nodes.push(expr);
                self.stack.extend(plan.expr(expr).op.operands());
            }
        }
    }
}
