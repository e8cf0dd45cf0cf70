//! Which expressions the runtime asks for, and what each of them needs.

use crate::ids::*;
use crate::plan::{Guard, Journey, Model, Op, Piece, Plan, Route, Trigger};
use smallvec::SmallVec;

/// Every expression that the runtime evaluates by itself, ascending, each once.
pub fn roots(plan: &Plan) -> Vec<ExprId> {
    let mut roots = uses(plan);
    roots.sort_unstable();
    roots.dedup();
    roots
}

/// The same, each as often as it is used.
pub(crate) fn uses(plan: &Plan) -> Vec<ExprId> {
    let mut uses: Vec<ExprId> = Vec::new();
    uses.extend(plan.streams.iter().filter_map(|stream| stream.filter));
    uses.extend(plan.windows.iter().filter_map(|window| window.filter));
    uses.extend(plan.channels.iter().flat_map(|channel| &channel.quiet).filter_map(|quiet| quiet.when));
    uses.extend(plan.atoms.iter().map(|atom| atom.expr));
    let consent = plan.purposes.iter().flat_map(|purpose| &purpose.channels).flatten();
    uses.extend(consent.filter_map(|rule| rule.when));
    for message in &plan.messages {
        uses.extend(message.triggers.iter().filter_map(|trigger| match trigger {
            Trigger::Event { filter, .. } => *filter,
            Trigger::Enter(_) | Trigger::Leave(_) | Trigger::Every { .. } => None,
        }));
        for route in message.routes.iter().chain(message.displays.iter().map(|display| &display.route)) {
            extend_with_route(&mut uses, route);
        }
    }
    uses.extend(plan.journeys.iter().flat_map(Journey::exprs));
    let goals = plan.experiments.iter().filter_map(|experiment| experiment.goal.as_ref());
    let filters = plan.stops.iter().map(|stop| &stop.stop.on).chain(goals.map(|goal| &goal.on));
    uses.extend(filters.filter_map(|on| match on {
        Trigger::Event { filter, .. } => *filter,
        Trigger::Enter(_) | Trigger::Leave(_) | Trigger::Every { .. } => None,
    }));
    uses.extend(plan.stops.iter().filter_map(|stop| stop.stop.known));
    uses.extend(plan.models.iter().flat_map(Model::exprs));
    uses
}

/// Adds the expressions of a way out: its score, what suppresses it, its content.
pub fn extend_with_route(uses: &mut Vec<ExprId>, route: &Route) {
    uses.push(route.score);
    uses.extend(route.suppressions.iter().map(|(_, condition)| *condition));
    let pieces = route.content.iter().flat_map(|variant| &variant.fields).flat_map(|(_, pieces)| pieces);
    uses.extend(pieces.filter_map(|piece| match piece {
        Piece::Value(expr) => Some(*expr),
        Piece::Text(_) => None,
    }));
}

/// The slots that an expression looks at, ascending, be it a root or not.
pub fn slots_of(plan: &Plan, expr: ExprId) -> Box<[SlotId]> {
    Need::of(plan, [expr]).slots
}

/// What some expressions need.
pub(crate) struct Need {
    /// All expressions that they are made of, ascending: operands come before what uses them.
    pub(crate) nodes: Box<[ExprId]>,
    /// The slots among them, ascending.
    pub(crate) slots: Box<[SlotId]>,
}

/// So many nodes are looked through faster than a hash of one is made.
const FEW: usize = 32;

impl Need {
    pub(crate) fn of(plan: &Plan, exprs: impl IntoIterator<Item = ExprId>) -> Need {
        // A stack of our own: chains of operations are as long as the policy's author likes.
        let mut stack: SmallVec<[ExprId; FEW]> = exprs.into_iter().collect();
        let mut nodes: Vec<ExprId> = Vec::new();
        let mut seen = rustc_hash::FxHashSet::default();
        while let Some(expr) = stack.pop() {
            let Some(node) = plan.exprs.get(expr.index()) else { continue };
            let is_new = if nodes.len() < FEW { !nodes.contains(&expr) } else { seen.insert(expr) };
            if is_new {
                nodes.push(expr);
                if nodes.len() == FEW {
                    seen.extend(nodes.iter().copied());
                }
                stack.extend(node.op.operands());
            }
        }
        nodes.sort_unstable();
        let mut slots: Vec<SlotId> = nodes
            .iter()
            .filter_map(|expr| match plan.expr(*expr).op {
                Op::Slot(slot) => Some(slot),
                _ => None,
            })
            .collect();
        slots.sort_unstable();
        slots.dedup();
        Need { nodes: nodes.into(), slots: slots.into() }
    }
}

/// What each root and each guard needs.
pub(crate) struct Needs {
    /// Ascending.
    roots: Vec<ExprId>,
    /// Of the roots, in their order.
    needs: Vec<Need>,
    /// By expression: one more than the position of its need; 0 where it is no root.
    positions: Vec<u32>,
    /// By [`MessageId`].
    guards: Vec<Box<[SlotId]>>,
}

impl Needs {
    pub(crate) fn of(plan: &Plan) -> Needs {
        let roots = roots(plan);
        let needs = roots.iter().map(|root| Need::of(plan, [*root])).collect();
        let mut positions = vec![0; plan.exprs.len()];
        for (position, root) in (1..).zip(&roots) {
            if let Some(entry) = positions.get_mut(root.index()) {
                *entry = position;
            }
        }
        let mut all = Needs { roots, needs, positions, guards: Vec::new() };
        all.guards = plan.messages.iter().map(|message| all.guard_needs(plan, &message.guard)).collect();
        all
    }

    fn guard_needs(&self, plan: &Plan, guard: &Guard) -> Box<[SlotId]> {
        let literals = guard.clauses.iter().flat_map(|clause| &clause.literals);
        let atoms = literals.filter_map(|literal| plan.atoms.get(literal.atom.index()));
        let needs = atoms.filter_map(|atom| self.root(atom.expr));
        let mut slots: Vec<SlotId> = needs.flat_map(|need| need.slots.iter().copied()).collect();
        slots.sort_unstable();
        slots.dedup();
        slots.into()
    }

    pub(crate) fn roots(&self) -> &[ExprId] {
        &self.roots
    }

    pub(crate) fn root(&self, expr: ExprId) -> Option<&Need> {
        let position = self.positions.get(expr.index())?.checked_sub(1)?;
        self.needs.get(position as usize)
    }

    pub(crate) fn guard(&self, message: MessageId) -> &[SlotId] {
        self.guards.get(message.index()).map_or(&[], |slots| slots)
    }
}
