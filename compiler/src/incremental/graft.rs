//! One message of a small plan becomes part of a large one.

use crate::engine::Need;
use crate::ids::*;
use crate::plan::*;
use crate::types::Type;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::sync::Arc;

/// A plan's tables, by what stands in them.
pub(super) struct Known {
    exprs: FxHashMap<Node, ExprId>,
    atoms: FxHashMap<ExprId, AtomId>,
    slots: FxHashMap<Slot, SlotId>,
    windows: FxHashMap<Window, WindowId>,
    streams: FxHashMap<(EventId, Option<ExprId>), StreamId>,
    texts: FxHashMap<SmolStr, TextId>,
}

impl Known {
    pub(super) fn of(plan: &Plan) -> Known {
        let exprs = (0..).map(ExprId).zip(&plan.exprs);
        let atoms = (0..).map(AtomId).zip(&plan.atoms);
        let slots = (0..).map(SlotId).zip(&plan.slots);
        let windows = (0..).map(WindowId).zip(&plan.windows);
        let streams = (0..).map(StreamId).zip(&plan.streams);
        let texts = (0..).map(TextId).zip(&plan.texts);
        Known {
            exprs: exprs.map(|(id, node)| (node.clone(), id)).collect(),
            atoms: atoms.map(|(id, atom)| (atom.expr, id)).collect(),
            slots: slots.map(|(id, slot)| (slot.clone(), id)).collect(),
            windows: windows.map(|(id, window)| (window.clone(), id)).collect(),
            streams: streams.map(|(id, stream)| ((stream.event, stream.filter), id)).collect(),
            texts: texts.map(|(id, text)| (text.clone(), id)).collect(),
        }
    }
}

/// The plan `onto` with a message of `small` in the place of its own one. `None` where something else would have
/// to change besides; then `known` must not be used any more.
pub(super) fn graft(known: &mut Known, onto: &Plan, small: &Plan, id: MessageId) -> Option<Plan> {
    let message = named(&small.messages, &onto.messages[id.index()].name)?;
    if !same_vocabulary(onto, small) {
        return None;
    }
    let exprs = vec![None; small.exprs.len()];
    let mut graft = Graft { known, small, exprs, plan: onto.clone() };
    let message = graft.message(&small.messages[message]);
    let message = message.filter(|message| message.is_proposed_like(&onto.messages[id.index()]))?;
    graft.plan.messages[id.index()] = Arc::new(message);
    Some(graft.plan)
}

/// Whether what is declared besides messages is the same: it comes from the same text, without what only other messages
/// and journeys ask for.
fn same_vocabulary(a: &Plan, b: &Plan) -> bool {
    a.enums == b.enums
        && a.attributes.len() == b.attributes.len()
        && a.events == b.events
        && a.segments.len() == b.segments.len()
        && a.channels.len() == b.channels.len()
        && a.placements.len() == b.placements.len()
        && a.classes == b.classes
        && a.purposes.len() == b.purposes.len()
        && a.caps.len() == b.caps.len()
        && a.suppressions.len() == b.suppressions.len()
        && a.experiments.len() == b.experiments.len()
}

/// The position of a message; they are in the order of their names.
fn named(messages: &[Arc<Message>], name: &str) -> Option<usize> {
    messages.binary_search_by(|one| one.name.as_str().cmp(name)).ok()
}

struct Graft<'a> {
    known: &'a mut Known,
    small: &'a Plan,
    /// By expression of the small plan: what it is in the large one, as far as that was asked.
    exprs: Vec<Option<ExprId>>,
    plan: Plan,
}

impl Graft<'_> {
    fn message(&mut self, message: &Message) -> Option<Message> {
        let mut message = message.clone();
        for tag in &mut message.tags {
            let name = &self.small.tags[tag.index()];
            *tag = TagId::at(self.plan.tags.iter().position(|tag| tag == name)?);
        }
        for attribute in &mut message.attributes {
            if let Constant::Cell(cell) = &mut attribute.value {
                *cell = self.cell(attribute.ty, *cell)?;
            }
        }
        for literal in message.guard.clauses.iter_mut().flat_map(|clause| &mut clause.literals) {
            literal.atom = self.atom(literal.atom)?;
        }
        for trigger in &mut message.triggers {
            if let Trigger::Event { filter: Some(filter), .. } = trigger {
                *filter = self.expr(*filter)?;
            }
        }
        let shown = message.displays.iter_mut().map(|display| &mut display.route);
        for route in message.routes.iter_mut().chain(shown) {
            self.route(route)?;
        }
        Some(message)
    }

    fn route(&mut self, route: &mut Route) -> Option<()> {
        for (_, condition) in &mut route.suppressions {
            *condition = self.expr(*condition)?;
        }
        route.score = self.expr(route.score)?;
        for (_, pieces) in route.content.iter_mut().flat_map(|variant| &mut variant.fields) {
            for piece in pieces {
                if let Piece::Value(value) = piece {
                    *value = self.expr(*value)?;
                }
            }
        }
        Some(())
    }

    fn atom(&mut self, id: AtomId) -> Option<AtomId> {
        let Atom { expr, wakes } = &self.small.atoms[id.index()];
        let expr = self.expr(*expr)?;
        if let Some(known) = self.known.atoms.get(&expr) {
            return Some(*known);
        }
        let wakes = wakes.iter().map(|wake| self.wake(wake));
        let mut wakes = wakes.collect::<Option<Vec<Wake>>>()?;
        wakes.sort_unstable();
        let id = AtomId::at(self.plan.atoms.len());
        self.plan.atoms.push(Atom { expr, wakes });
        self.known.atoms.insert(expr, id);
        Some(id)
    }

    fn wake(&mut self, wake: &Wake) -> Option<Wake> {
        Some(match *wake {
            Wake::Window(window) => Wake::Window(self.window(window)?),
            Wake::Crosses(window, comparison, cell) => Wake::Crosses(self.window(window)?, comparison, cell),
            Wake::Since(window, length) => Wake::Since(self.window(window)?, length),
            Wake::OnDate(Some(slot), days) => Wake::OnDate(Some(self.slot(slot)?), days),
            Wake::LocalDate | Wake::OnDate(None, _) | Wake::LocalTime(_) | Wake::At(_) => *wake,
        })
    }

    /// An expression, after its operands.
    fn expr(&mut self, id: ExprId) -> Option<ExprId> {
        for part in &Need::of(self.small, [id]).nodes {
            if self.exprs[part.index()].is_none() {
                self.exprs[part.index()] = Some(self.node(*part)?);
            }
        }
        self.exprs[id.index()]
    }

    fn node(&mut self, id: ExprId) -> Option<ExprId> {
        let mut node = self.small.expr(id).clone();
        match &mut node.op {
            Op::Constant(cell) => *cell = self.cell(node.ty, *cell)?,
            Op::In(a, cells) => {
                let ty = self.small.expr(*a).ty;
                for cell in &mut *cells {
                    *cell = self.cell(ty, *cell)?;
                }
                cells.sort_unstable();
            }
            Op::Slot(slot) => *slot = self.slot(*slot)?,
            Op::Matches(_, regex) => {
                let written = &self.small.regexes[regex.index()];
                *regex = RegexId::at(self.plan.regexes.binary_search(written).ok()?);
            }
            _ => {}
        }
        for operand in node.op.operands_mut() {
            *operand = self.exprs[operand.index()]?;
        }
        if let Some(known) = self.known.exprs.get(&node) {
            return Some(*known);
        }
        let id = ExprId::at(self.plan.exprs.len());
        self.plan.exprs.push(node.clone());
        self.known.exprs.insert(node, id);
        Some(id)
    }

    fn cell(&self, ty: Type, cell: u64) -> Option<u64> {
        match ty {
            Type::Message => {
                let message = self.small.messages.get(usize::try_from(cell).ok()?)?;
                Some(named(&self.plan.messages, &message.name)? as u64)
            }
            ty if ty.is_text() => {
                let text = self.small.texts.get(usize::try_from(cell).ok()?)?;
                Some(self.known.texts.get(text)?.0.into())
            }
            _ => Some(cell),
        }
    }

    fn text(&self, id: TextId) -> Option<TextId> {
        self.known.texts.get(&self.small.texts[id.index()]).copied()
    }

    /// A slot that is asked for already.
    fn slot(&mut self, id: SlotId) -> Option<SlotId> {
        let mut slot = self.small.slots[id.index()].clone();
        match &mut slot.source {
            Source::Event(text) | Source::Bucket(text) => *text = self.text(*text)?,
            Source::Window(window) => *window = self.window(*window)?,
            Source::Predict(model) => {
                let name = &self.small.models[model.index()].name;
                *model = ModelId::at(self.plan.models.iter().position(|one| one.name == *name)?);
            }
            Source::InJourney(journey) => {
                let name = &self.small.journeys[journey.index()].name;
                *journey = JourneyId::at(self.plan.journeys.iter().position(|one| one.name == *name)?);
            }
            _ => {}
        }
        self.known.slots.get(&slot).copied()
    }

    /// A window that is asked for already.
    fn window(&mut self, id: WindowId) -> Option<WindowId> {
        let mut window = self.small.windows[id.index()].clone();
        let stream = &self.small.streams[window.stream.index()];
        let filter = match stream.filter {
            Some(filter) => Some(self.expr(filter)?),
            None => None,
        };
        window.stream = *self.known.streams.get(&(stream.event, filter))?;
        if let Some(field) = &mut window.field {
            let kept = &self.plan.streams[window.stream.index()].fields;
            let asked = stream.fields[*field as usize];
            *field = kept.iter().position(|kept| *kept == asked)? as u32;
        }
        if let Some(filter) = &mut window.filter {
            *filter = self.expr(*filter)?;
        }
        self.known.windows.get(&window).copied()
    }
}
