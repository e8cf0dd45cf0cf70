//! One message of a small plan becomes part of a large one.

use super::uses::Uses;
use crate::engine::Need;
use crate::ids::*;
use crate::plan::*;
use crate::types::Type;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::hash::Hash;
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
        let texts = (0..).map(TextId).zip(&plan.texts);
        let mut known = Known {
            exprs: exprs.map(|(id, node)| (node.clone(), id)).collect(),
            atoms: atoms.map(|(id, atom)| (atom.expr, id)).collect(),
            slots: FxHashMap::default(),
            windows: FxHashMap::default(),
            streams: FxHashMap::default(),
            texts: texts.map(|(id, text)| (text.clone(), id)).collect(),
        };
        known.note_history(plan);
        known
    }

    /// The numbers of slots, windows and streams, which change together.
    fn note_history(&mut self, plan: &Plan) {
        let slots = (0..).map(SlotId).zip(&plan.slots);
        let windows = (0..).map(WindowId).zip(&plan.windows);
        let streams = (0..).map(StreamId).zip(&plan.streams);
        self.slots = slots.map(|(id, slot)| (slot.clone(), id)).collect();
        self.windows = windows.map(|(id, window)| (window.clone(), id)).collect();
        self.streams = streams.map(|(id, stream)| ((stream.event, stream.filter), id)).collect();
    }
}

/// The plan `onto` with a message of `small` in the place of its own one. `None` where something else would have to
/// change besides; then `known`, `uses` and `digests` must not be used any more.
pub(super) fn graft(
    (known, uses, digests): (&mut Known, &mut Uses, &mut Digests),
    onto: &Plan,
    small: &Plan,
    id: MessageId,
) -> Option<Plan> {
    let message = named(&small.messages, &onto.messages[id.index()].name)?;
    if !same_vocabulary(onto, small) {
        return None;
    }
    let exprs = vec![None; small.exprs.len()];
    let mut graft = Graft { known, small, exprs, plan: onto.clone() };
    let message = graft.message(&small.messages[message]);
    let message = message.filter(|message| message.is_proposed_like(&onto.messages[id.index()]))?;
    let Graft { mut plan, known, .. } = graft;
    plan.messages[id.index()] = Arc::new(message);
    digests.extend(&plan);
    let idle = uses.change(onto, &plan, id)?;
    if !idle.is_empty() || plan.windows.len() > onto.windows.len() {
        forget(&mut plan, &idle);
        plan.keep_what_is_asked_for(digests);
        known.note_history(&plan);
    }
    if uses.texts_differ(&plan) {
        plan.texts_in_order = uses.texts_in_order(&plan);
    }
    digests.update(&plan, &[id]);
    Some(plan)
}

/// Takes away what slots hold for which nobody asks any more, with their windows.
fn forget(plan: &mut Plan, idle: &[SlotId]) {
    let mut is_asked = vec![true; plan.windows.len()];
    for slot in idle {
        let slot = &mut plan.slots[slot.index()];
        if let Source::Window(window) = std::mem::replace(&mut slot.source, Source::Nothing) {
            is_asked[window.index()] = false;
        }
    }
    let mut kept = 0;
    let numbers: Vec<Option<WindowId>> = is_asked
        .iter()
        .map(|is_asked| {
            let id = is_asked.then_some(WindowId::at(kept));
            kept += usize::from(*is_asked);
            id
        })
        .collect();
    let mut asked = is_asked.iter();
    plan.windows.retain(|_| asked.next() == Some(&true));
    for slot in &mut plan.slots {
        if let Source::Window(window) = &mut slot.source {
            *window = numbers[window.index()].unwrap_or(*window);
        }
    }
    for atom in &mut plan.atoms {
        let wakes = atom.wakes.iter().map(|wake| wake.with_window(|window| numbers[window.index()]));
        // What looks at a window that is gone isn't asked for either.
        let wakes: Option<Vec<Wake>> = wakes.collect();
        let mut wakes = wakes.unwrap_or_default();
        wakes.sort_unstable();
        atom.wakes = wakes;
    }
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

/// The number of an item in a table, which has it afterwards.
fn place<T: Clone + Eq + Hash, I: Copy>(
    known: &mut FxHashMap<T, I>,
    table: &mut Vec<T>,
    item: T,
    number: fn(usize) -> I,
) -> I {
    *known.entry(item).or_insert_with_key(|item| {
        table.push(item.clone());
        number(table.len() - 1)
    })
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
            match &mut attribute.value {
                Constant::Text(text) => *text = self.text(*text),
                Constant::Cell(cell) => *cell = self.cell(attribute.ty, *cell)?,
                Constant::EmptySet => {}
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
        match *wake {
            Wake::OnDate(Some(slot), days) => Some(Wake::OnDate(Some(self.slot(slot)?), days)),
            wake => wake.with_window(|window| self.window(window)),
        }
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
            Op::Matches(_, regex) => *regex = self.regex(*regex),
            _ => {}
        }
        for operand in node.op.operands_mut() {
            *operand = self.exprs[operand.index()]?;
        }
        Some(place(&mut self.known.exprs, &mut self.plan.exprs, node, ExprId::at))
    }

    fn cell(&mut self, ty: Type, cell: u64) -> Option<u64> {
        match ty {
            Type::Message => {
                let message = self.small.messages.get(usize::try_from(cell).ok()?)?;
                Some(named(&self.plan.messages, &message.name)? as u64)
            }
            ty if ty.is_text() => Some(self.text(TextId(u32::try_from(cell).ok()?)).0.into()),
            _ => Some(cell),
        }
    }

    fn text(&mut self, id: TextId) -> TextId {
        let text = &self.small.texts[id.index()];
        place(&mut self.known.texts, &mut self.plan.texts, text.clone(), TextId::at)
    }

    fn regex(&mut self, id: RegexId) -> RegexId {
        let regex = &self.small.regexes[id.index()];
        let known = self.plan.regexes.iter().position(|known| known == regex);
        RegexId::at(known.unwrap_or_else(|| {
            self.plan.regexes.push(regex.clone());
            self.plan.regexes.len() - 1
        }))
    }

    fn slot(&mut self, id: SlotId) -> Option<SlotId> {
        let mut slot = self.small.slots[id.index()].clone();
        match &mut slot.source {
            Source::Event(text) | Source::Bucket(text) => *text = self.text(*text),
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
        if matches!(slot.source, Source::InJourney(_)) && !self.known.slots.contains_key(&slot) {
            // By such questions it is known what must be read beside a message.
            return None;
        }
        Some(place(&mut self.known.slots, &mut self.plan.slots, slot, SlotId::at))
    }

    fn window(&mut self, id: WindowId) -> Option<WindowId> {
        let mut window = self.small.windows[id.index()].clone();
        let stream = &self.small.streams[window.stream.index()];
        let filter = match stream.filter {
            Some(filter) => Some(self.expr(filter)?),
            None => None,
        };
        let (streams, event) = (&mut self.plan.streams, stream.event);
        window.stream = *self.known.streams.entry((event, filter)).or_insert_with(|| {
            streams.push(Stream::new(event, filter));
            StreamId::at(streams.len() - 1)
        });
        if let Some(filter) = &mut window.filter {
            *filter = self.expr(*filter)?;
        }
        Some(place(&mut self.known.windows, &mut self.plan.windows, window, WindowId::at))
    }
}
