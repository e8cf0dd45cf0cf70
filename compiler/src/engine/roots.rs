//! Which expressions the runtime asks for, and what each of them needs.

use crate::ids::*;
use crate::plan::{Journey, Message, Model, Op, Piece, Plan, Route, Trigger};
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
    plan.messages.iter().for_each(|message| extend_with_message(&mut uses, message));
    uses.extend(plan.journeys.iter().flat_map(Journey::exprs));
    let goals = plan.experiments.iter().filter_map(|experiment| experiment.goal.as_ref());
    let filters = plan.stops.iter().map(|stop| &stop.stop.on).chain(goals.map(|goal| &goal.on));
    uses.extend(filters.filter_map(Trigger::filter));
    uses.extend(plan.stops.iter().filter_map(|stop| stop.stop.known));
    uses.extend(plan.models.iter().flat_map(Model::exprs));
    uses
}

/// Adds the expressions of a message, but for the atoms of its guard.
pub(crate) fn extend_with_message(uses: &mut Vec<ExprId>, message: &Message) {
    uses.extend(message.triggers.iter().filter_map(Trigger::filter));
    for route in message.all_routes() {
        extend_with_route(uses, route);
    }
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
#[derive(Clone)]
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
        let mut slots: Vec<SlotId> = slots_among(plan, &nodes).collect();
        slots.sort_unstable();
        slots.dedup();
        Need { nodes: nodes.into(), slots: slots.into() }
    }
}

/// The slots among some nodes, as often as they occur.
pub(super) fn slots_among(plan: &Plan, nodes: &[ExprId]) -> impl Iterator<Item = SlotId> {
    nodes.iter().filter_map(|expr| match plan.expr(*expr).op {
        Op::Slot(slot) => Some(slot),
        _ => None,
    })
}
