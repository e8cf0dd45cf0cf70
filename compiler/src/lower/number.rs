//! The numbers of the plan: what nothing needs is dropped, and the rest is numbered as a walk over the plan meets
//! it. What the state of customers is numbered by (texts, streams) is put in an order that doesn't depend on which message
//! is the first to ask for it.

use super::Lowered;
use super::build::Builder;
use super::intern::Table;
use super::origins::{Need, Notes, Origins, ordered};
use crate::checked::Location;
use crate::ids::*;
use crate::plan::*;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Gives a draft its final numbers.
pub(super) fn number(mut plan: Plan, builder: &Builder, atoms: &Table<ExprId>, notes: &Notes) -> Lowered {
    let mut walk = Walk::of(builder, std::mem::take(&mut plan.models));
    let mut roots = Vec::new();
    each_root(&mut plan, atoms, &mut |root| roots.push(*root));
    for root in roots {
        walk.visit(root);
    }
    let mut atom_order = Order::new(atoms.len());
    each_guard(&mut plan, &mut |guard| {
        let literals = guard.literals();
        literals.for_each(|literal| atom_order.meet(literal.atom.index()));
    });

    let texts = Strings::new(&builder.texts, walk.texts(&plan));
    let regexes = Strings::new(&builder.regexes, walk.regexes());
    each_root(&mut plan, atoms, &mut |root| *root = walk.expr(*root));
    each_guard(&mut plan, &mut |guard| {
        let literals = guard.clauses.iter_mut().flat_map(|clause| &mut clause.literals);
        literals.for_each(|literal| literal.atom = AtomId::at(atom_order.position(literal.atom.index())));
    });
    each_constant(&mut plan, |constant| {
        if let Constant::Text(text) = constant {
            *text = texts.text(*text);
        }
    });

    plan.exprs = walk.exprs.met.iter().map(|&old| walk.node(old, &texts, &regexes)).collect();
    plan.slots = walk.slots.met.iter().map(|&old| walk.slot(old, &texts)).collect();
    plan.windows = walk.windows.met.iter().map(|&old| walk.window(old)).collect();
    let atom = |&old: &usize| Atom { expr: walk.expr(*atoms.get(old)), wakes: Vec::new() };
    plan.models = walk.models();
    plan.atoms = atom_order.met.iter().map(atom).collect();
    plan.texts_in_order = (0..texts.sorted.len()).map(TextId::at).collect();
    plan.texts = texts.sorted;
    plan.regexes = regexes.sorted;
    plan.streams = walk.streams();
    let filters = Digests::of_exprs(&plan, plan.streams.iter().filter_map(|stream| stream.filter));
    plan.keep_what_is_asked_for(&filters);
    let origins = walk.origins(notes, &atom_order, &plan);
    Lowered { plan, origins }
}

/// Every expression that the declarations hold, in their order.
fn each_root(plan: &mut Plan, atoms: &Table<ExprId>, call: &mut impl FnMut(&mut ExprId)) {
    for segment in &plan.segments {
        each_in_guard(&segment.condition, atoms, call);
    }
    for channel in &mut plan.channels {
        channel.quiet.iter_mut().filter_map(|quiet| quiet.when.as_mut()).for_each(&mut *call);
    }
    for purpose in &mut plan.purposes {
        purpose.channels.iter_mut().flatten().filter_map(|rule| rule.when.as_mut()).for_each(&mut *call);
    }
    for message in plan.messages.iter_mut().map(Arc::make_mut) {
        each_in_guard(&message.guard, atoms, call);
        for trigger in &mut message.triggers {
            if let Trigger::Event { filter: Some(filter), .. } = trigger {
                call(filter);
            }
        }
        message.routes.iter_mut().for_each(|route| each_in_route(route, call));
        message.displays.iter_mut().for_each(|display| each_in_route(&mut display.route, call));
    }
    for journey in &mut plan.journeys {
        journey.stop_when.iter().for_each(|stop| each_in_guard(stop, atoms, call));
        journey.each_expr(call);
    }
    plan.stops.iter_mut().for_each(|stop| stop.stop.each_expr(call));
    for goal in plan.experiments.iter_mut().filter_map(|experiment| experiment.goal.as_mut()) {
        if let Trigger::Event { filter: Some(filter), .. } = &mut goal.on {
            call(filter);
        }
    }
}

fn each_in_guard(guard: &Guard, atoms: &Table<ExprId>, call: &mut impl FnMut(&mut ExprId)) {
    for literal in guard.literals() {
        // An atom's own number comes later.
        if literal.atom.index() < atoms.len() {
            call(&mut atoms.get(literal.atom.index()).clone());
        }
    }
}

/// Every guard, in the order of the declarations.
fn each_guard(plan: &mut Plan, call: &mut impl FnMut(&mut Guard)) {
    plan.segments.iter_mut().for_each(|segment| call(&mut segment.condition));
    plan.messages.iter_mut().for_each(|message| call(&mut Arc::make_mut(message).guard));
    plan.journeys.iter_mut().flat_map(|journey| &mut journey.stop_when).for_each(&mut *call);
}

fn each_in_route(route: &mut Route, call: &mut impl FnMut(&mut ExprId)) {
    route.suppressions.iter_mut().for_each(|(_, condition)| call(condition));
    call(&mut route.score);
    for (_, pieces) in route.content.iter_mut().flat_map(|variant| &mut variant.fields) {
        for piece in pieces {
            if let Piece::Value(value) = piece {
                call(value);
            }
        }
    }
}

fn each_constant(plan: &mut Plan, mut call: impl FnMut(&mut Constant)) {
    for attribute in &mut plan.attributes {
        if let Some(default) = &mut attribute.default {
            call(default);
        }
    }
    for attribute in plan.messages.iter_mut().flat_map(|message| &mut Arc::make_mut(message).attributes) {
        call(&mut attribute.value);
    }
}

/// Positions in the order in which they were met.
struct Order {
    positions: Vec<Option<u32>>,
    met: Vec<usize>,
}

impl Order {
    fn new(len: usize) -> Order {
        Order { positions: vec![None; len], met: Vec::new() }
    }

    fn meet(&mut self, old: usize) {
        if self.positions[old].is_none() {
            self.positions[old] = Some(self.met.len() as u32);
            self.met.push(old);
        }
    }

    fn has(&self, old: usize) -> bool {
        self.positions[old].is_some()
    }

    /// All that is asked for has been met.
    fn position(&self, old: usize) -> usize {
        self.positions[old].unwrap_or_default() as usize
    }
}

/// Strings in use, in alphabetical order.
struct Strings {
    positions: Vec<u32>,
    sorted: Vec<SmolStr>,
}

impl Strings {
    fn new(all: &Table<SmolStr>, used: BTreeSet<usize>) -> Strings {
        let mut order: Vec<usize> = used.into_iter().filter(|&old| old < all.len()).collect();
        order.sort_by(|&a, &b| all.get(a).cmp(all.get(b)));
        let mut positions = vec![0; all.len()];
        for (position, &old) in order.iter().enumerate() {
            positions[old] = position as u32;
        }
        Strings { positions, sorted: order.iter().map(|&old| all.get(old).clone()).collect() }
    }

    fn cell(&self, old: u64) -> u64 {
        self.positions.get(old as usize).copied().unwrap_or_default().into()
    }

    fn text(&self, old: TextId) -> TextId {
        TextId(self.positions.get(old.index()).copied().unwrap_or_default())
    }
}

/// A walk over all that the declarations need.
struct Walk<'b> {
    builder: &'b Builder,
    /// All that are declared.
    declared: Vec<Model>,
    /// By model: whether something asks it.
    asked: Vec<bool>,
    exprs: Order,
    slots: Order,
    windows: Order,
    streams: Order,
}

impl Walk<'_> {
    fn of(builder: &Builder, declared: Vec<Model>) -> Walk<'_> {
        Walk {
            builder,
            asked: vec![false; declared.len()],
            declared,
            exprs: Order::new(builder.exprs.len()),
            slots: Order::new(builder.slots.len()),
            windows: Order::new(builder.windows.len()),
            streams: Order::new(builder.streams.len()),
        }
    }

    /// Meets an expression after its operands, left to right; without recursion, as a table of many rows is a
    /// deep chain.
    fn visit(&mut self, root: ExprId) {
        let mut pending = vec![(root, false)];
        while let Some((id, operands_done)) = pending.pop() {
            if self.exprs.has(id.index()) {
                continue;
            }
            if operands_done {
                self.meet(id);
                continue;
            }
            pending.push((id, true));
            let start = pending.len();
            pending.extend(self.builder.node(id).op.operands().map(|operand| (operand, false)));
            if let Some((_, window)) = self.window_of(id) {
                let filters = [window.filter, self.builder.streams.get(window.stream.index()).1];
                pending.extend(filters.into_iter().flatten().map(|filter| (filter, false)));
            }
            if let Some(model) = self.model_of(id)
                && !std::mem::replace(&mut self.asked[model], true)
            {
                pending.extend(self.declared[model].exprs().map(|feature| (feature, false)));
            }
            pending[start..].reverse();
        }
    }

    fn meet(&mut self, id: ExprId) {
        self.exprs.meet(id.index());
        if let Op::Slot(slot) = self.builder.node(id).op {
            self.slots.meet(slot.index());
        }
        if let Some((position, window)) = self.window_of(id) {
            self.streams.meet(window.stream.index());
            self.windows.meet(position.index());
        }
    }

    fn window_of(&self, id: ExprId) -> Option<(WindowId, &Window)> {
        let Op::Slot(slot) = self.builder.node(id).op else { return None };
        let Source::Window(window) = self.builder.slots.get(slot.index()).source else { return None };
        Some((window, self.builder.windows.get(window.index())))
    }

    /// The model that a slot asks, as a position.
    fn model_of(&self, id: ExprId) -> Option<usize> {
        let Op::Slot(slot) = self.builder.node(id).op else { return None };
        let Source::Predict(model) = self.builder.slots.get(slot.index()).source else { return None };
        (model.index() < self.declared.len()).then_some(model.index())
    }

    /// The models that something asks, in alphabetical order.
    fn models(&self) -> Vec<Model> {
        let asked = self.declared.iter().zip(&self.asked).filter(|(_, asked)| **asked);
        let row =
            |model: &Model| model.row.iter().map(|feature| feature.map(|expr| self.expr(expr))).collect();
        asked.map(|(model, _)| Model { row: row(model), ..model.clone() }).collect()
    }

    fn expr(&self, old: ExprId) -> ExprId {
        ExprId::at(self.exprs.position(old.index()))
    }

    fn texts(&self, plan: &Plan) -> BTreeSet<usize> {
        let mut used = BTreeSet::new();
        for &old in &self.exprs.met {
            let node = self.builder.exprs.get(old);
            match &node.op {
                Op::Constant(cell) if node.ty.is_text() => used.extend([*cell as usize]),
                Op::In(a, cells) if self.builder.node(*a).ty.is_text() => {
                    used.extend(cells.iter().map(|&cell| cell as usize));
                }
                _ => {}
            }
        }
        for &old in &self.slots.met {
            if let Source::Event(text) | Source::Bucket(text) = self.builder.slots.get(old).source {
                used.insert(text.index());
            }
        }
        let defaults = plan.attributes.iter().filter_map(|attribute| attribute.default.as_ref());
        let attributes = plan.messages.iter().flat_map(|message| &message.attributes);
        let constants = defaults.chain(attributes.map(|attribute| &attribute.value));
        used.extend(constants.filter_map(Constant::text).map(TextId::index));
        used
    }

    fn regexes(&self) -> BTreeSet<usize> {
        let regex = |&old: &usize| match self.builder.exprs.get(old).op {
            Op::Matches(_, regex) => Some(regex.index()),
            _ => None,
        };
        self.exprs.met.iter().filter_map(regex).collect()
    }

    fn node(&self, old: usize, texts: &Strings, regexes: &Strings) -> Node {
        let mut node = self.builder.exprs.get(old).clone();
        match &mut node.op {
            Op::Constant(cell) if node.ty.is_text() => *cell = texts.cell(*cell),
            Op::In(a, cells) if self.builder.node(*a).ty.is_text() => {
                cells.iter_mut().for_each(|cell| *cell = texts.cell(*cell));
                cells.sort_unstable();
            }
            Op::Slot(slot) => *slot = SlotId::at(self.slots.position(slot.index())),
            Op::Matches(_, regex) => *regex = RegexId(regexes.positions[regex.index()]),
            _ => {}
        }
        for operand in node.op.operands_mut() {
            *operand = self.expr(*operand);
        }
        node
    }

    fn slot(&self, old: usize, texts: &Strings) -> Slot {
        let mut slot = self.builder.slots.get(old).clone();
        match &mut slot.source {
            Source::Event(text) | Source::Bucket(text) => *text = texts.text(*text),
            Source::Window(window) => *window = WindowId::at(self.windows.position(window.index())),
            Source::Predict(model) => {
                let before = self.asked.iter().take(model.index());
                *model = ModelId::at(before.filter(|asked| **asked).count());
            }
            _ => {}
        }
        slot
    }

    fn streams(&self) -> Vec<Stream> {
        let stream = |&old: &usize| {
            let (event, filter) = *self.builder.streams.get(old);
            Stream::new(event, filter.map(|filter| self.expr(filter)))
        };
        self.streams.met.iter().map(stream).collect()
    }

    fn window(&self, old: usize) -> Window {
        let window = self.builder.windows.get(old);
        let stream = StreamId::at(self.streams.position(window.stream.index()));
        Window { stream, filter: window.filter.map(|filter| self.expr(filter)), ..window.clone() }
    }

    fn origins(&self, notes: &Notes, atoms: &Order, plan: &Plan) -> Origins {
        let (conditions_at, slots_at) = (notes.conditions.places(), notes.slots.places());
        let mut origins = Origins {
            streams: vec![Vec::new(); plan.streams.len()],
            atoms: vec![Vec::new(); atoms.met.len()],
            slots: vec![Vec::new(); self.slots.met.len()],
            ..Origins::default()
        };
        for (position, &old) in self.windows.met.iter().enumerate() {
            let stream = plan.windows[position].stream.index();
            for (at, declaration) in notes.needs.get(&WindowId::at(old)).into_iter().flatten() {
                let need = Need { at: *at, declaration: declaration.clone(), window: WindowId::at(position) };
                origins.streams[stream].push(need);
            }
        }
        origins.streams.iter_mut().for_each(|needs| needs.sort());
        for (places, &old) in origins.atoms.iter_mut().zip(&atoms.met) {
            let conditions = notes.atoms.get(old).into_iter().flatten();
            let written = conditions.flat_map(|condition| conditions_at.of(*condition));
            *places = ordered(written.copied().collect());
        }
        // An atom is also written as its opposite.
        let of_atoms = plan.atoms.iter().map(|atom| atom.expr).zip(&origins.atoms);
        let of_atoms: FxHashMap<ExprId, &Vec<Location>> = of_atoms.collect();
        for (position, &old) in self.exprs.met.iter().enumerate() {
            let places = conditions_at.of(ExprId::at(old));
            match of_atoms.get(&ExprId::at(position)) {
                Some(more) => origins.conditions.push(&ordered([places, more].concat())),
                None => origins.conditions.push(places),
            }
            if let Op::Slot(slot) = self.builder.exprs.get(old).op {
                let places = &mut origins.slots[self.slots.position(slot.index())];
                places.extend(slots_at.of(ExprId::at(old)));
            }
        }
        origins
    }
}
