//! From the plan to a slate.

use super::axis::{Axis, Truth, truth_of};
use super::bounds::{Span, Usual};
use super::clause::{Choice, Loose, of_condition, of_guard};
use super::kernel::{BLOCK, Block, WORD, WORDS};
use super::shape::{ShapeId, Shapes};
use super::straight::{MOST_ENTRIES, Row, Straight};
use super::{Doubt, Entry, Gate, Literal, Occasion, Slate, VACANT, Word};
use crate::engine::{Need, Tables};
use crate::ids::*;
use crate::plan::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;

/// An axis has no more cuts: where conditions would need more, its rows say "perhaps".
const MOST_CUTS: usize = 1022;

/// A slate has no more rows, which are 64 bytes for every 512 entries: 5 MiB for 1,000 messages at most.
const MOST_ROWS: usize = 32_768;

/// Entries of one class and shape that lie together, so that what they can reach is known, are at least so many.
const SMALLEST_RUN: usize = 32;

/// A condition that isn't about one slot gets rows of its own where one in so many entries asks for it.
const SHARED_BY_ONE_IN: usize = 32;

/// A message on one of its ways, as it is before it has a position.
struct Candidate {
    message: MessageId,
    way: u32,
    rank: u32,
    shape: ShapeId,
    choices: Vec<Choice>,
    gates: Vec<Gate>,
    doubt: Doubt,
    active: Option<(i64, i64)>,
    usual: f64,
}

/// A condition, as far as a slate can use it.
enum Use {
    /// About one slot.
    Axis(SlotId, Truth),
    /// About several, with rows of its own.
    Shared,
    /// About several, of few messages.
    Rare,
    /// Too costly to ask of all.
    Costly,
}

impl Use {
    fn is_cheap(&self) -> bool {
        !matches!(self, Use::Costly)
    }
}

/// What is needed to build slates.
pub(super) struct Builder<'a> {
    pub(super) tables: &'a Tables,
    pub(super) plan: &'a Plan,
    pub(super) shapes: &'a mut Shapes,
    pub(super) usual: Usual,
}

impl Builder<'_> {
    /// The slate of some messages that an occasion proposes.
    pub(super) fn slate(&mut self, occasion: Occasion, messages: Vec<MessageId>) -> Slate {
        let candidates: Vec<Candidate> =
            messages.iter().flat_map(|message| self.candidates(occasion, *message)).collect();
        let uses = self.uses(&candidates);
        let is_certain = |candidate: &Candidate| {
            let mut conditions = candidate.choices.iter().flatten();
            candidate.doubt == Doubt::None && conditions.all(|loose| uses[loose].is_cheap())
        };
        if candidates.len() <= MOST_ENTRIES && candidates.iter().all(is_certain) {
            return self.straight(occasion, messages, candidates);
        }
        let layout = Layout::new(self.plan, &candidates, &uses);
        let positions = self.positions(candidates);
        layout.rows_of(&positions.entries).finish(self, occasion, messages, positions, &uses)
    }

    /// The slate of a few messages.
    fn straight(
        &self,
        occasion: Occasion,
        messages: Vec<MessageId>,
        mut candidates: Vec<Candidate>,
    ) -> Slate {
        candidates.sort_by_key(|candidate| (candidate.rank, candidate.message, candidate.way));
        let mut gates: Vec<Gate> =
            candidates.iter().flat_map(|candidate| &candidate.gates).copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let closed = |gate: &Gate| {
            let asks = |(at, candidate): (usize, &Candidate)| u64::from(candidate.gates.contains(gate)) << at;
            candidates.iter().enumerate().map(asks).fold(0, |all, entry| all | entry)
        };
        let active = candidates.iter().enumerate();
        let active: Box<[(i64, i64, u64)]> = active
            .filter_map(|(at, candidate)| candidate.active.map(|(from, to)| (from, to, 1 << at)))
            .collect();
        let closed_by = gates.iter().map(closed).collect();
        let score = |candidate: &Candidate| {
            let way =
                ways(&self.plan.messages[candidate.message.index()], occasion).nth(candidate.way as usize);
            way.map(|route| route.score)
        };
        let row = |candidate: &Candidate| {
            let Candidate { message, way, rank, .. } = *candidate;
            Some(Row { message, way, rank, choices: candidate.choices.clone(), score: score(candidate)? })
        };
        let entries = candidates.iter().filter_map(row).collect();
        let straight = Straight { entries, closed_by, active };
        let slots = Need::of(self.plan, straight.exprs()).slots;
        let asks_for_date = !straight.active.is_empty();
        Slate {
            slots,
            gates: gates.into(),
            asks_for_date,
            messages: messages.into(),
            straight: Some(straight),
            ..Slate::empty(occasion)
        }
    }

    /// A message on each of its ways.
    fn candidates(&mut self, occasion: Occasion, id: MessageId) -> Vec<Candidate> {
        let plan = self.plan;
        let message = &plan.messages[id.index()];
        let mut common = Vec::new();
        if let Occasion::Event(_) = occasion {
            for trigger in &message.triggers {
                if let Trigger::Event { filter: Some(filter), .. } = trigger {
                    of_condition(plan, *filter, false, &mut common);
                }
            }
        }
        of_guard(plan, &message.guard, &mut common);
        let mut candidates = Vec::new();
        for (way, route) in (0..).zip(ways(message, occasion)) {
            let mut choices = common.clone();
            for (_, when) in &route.suppressions {
                of_condition(plan, *when, true, &mut choices);
            }
            let mut gates = Vec::new();
            for purpose in &message.purposes {
                let rules = &plan.purposes[purpose.index()].channels[route.channel.index()];
                let free =
                    rules.first().is_some_and(|rule| rule.when.is_none() && rule.mode == ConsentMode::Always);
                gates.extend((!free).then_some(Gate::Consent(*purpose, route.channel)));
            }
            if plan.channels[route.channel.index()].kind != ChannelKind::Inbound {
                gates.push(Gate::Reachable(route.channel));
            }
            let mut doubt = Doubt::None;
            for cap in &route.caps {
                match plan.caps[cap.index()].per {
                    None => gates.push(Gate::Cap(*cap, ChannelId(0))),
                    Some(CapPer::Channel) => gates.push(Gate::Cap(*cap, route.channel)),
                    Some(CapPer::Message | CapPer::Tag) => doubt = Doubt::Caps,
                }
            }
            let (shape, _) = self.shapes.of(plan, route.score);
            let nodes = Need::of(plan, [route.score]).nodes;
            candidates.push(Candidate {
                message: id,
                way,
                rank: plan.classes[message.class.index()].rank,
                shape,
                choices,
                gates,
                doubt,
                active: message.active,
                usual: self.usual.score(self.tables, self.shapes, route.score, &nodes),
            });
        }
        candidates
    }

    /// What each condition can be used as.
    fn uses(&self, candidates: &[Candidate]) -> FxHashMap<Loose, Use> {
        let mut asked: FxHashMap<Loose, usize> = FxHashMap::default();
        for loose in candidates.iter().flat_map(|candidate| &candidate.choices).flatten() {
            *asked.entry(*loose).or_default() += 1;
        }
        let plan = self.plan;
        let rate = |(loose, times): (Loose, usize)| {
            let needs = Need::of(plan, [loose.0]);
            let found = if !needs.slots.iter().all(|slot| is_cheap(plan, *slot)) {
                Use::Costly
            } else if let Some((slot, truth)) = truth_of(plan, loose.0, loose.1) {
                Use::Axis(slot, truth)
            } else if times * SHARED_BY_ONE_IN >= candidates.len() {
                Use::Shared
            } else {
                Use::Rare
            };
            (loose, found)
        };
        asked.into_iter().map(rate).collect()
    }

    /// The order of the entries: by class, in runs of one shape, the likely best first.
    fn positions(&self, candidates: Vec<Candidate>) -> Positions {
        // The ways of a message lie together, in their order.
        let mut groups: Vec<Vec<Candidate>> = Vec::new();
        for candidate in candidates {
            match groups.last_mut() {
                Some(group) if group[0].message == candidate.message => group.push(candidate),
                _ => groups.push(vec![candidate]),
            }
        }
        let mut sizes: FxHashMap<(u32, ShapeId), usize> = FxHashMap::default();
        // No shape: a mixture.
        let shape_of = |group: &[Candidate]| {
            let shape = group[0].shape;
            group.iter().all(|candidate| candidate.shape == shape).then_some(shape)
        };
        for group in &groups {
            if let Some(shape) = shape_of(group) {
                *sizes.entry((group[0].rank, shape)).or_default() += group.len();
            }
        }
        let run_of = |group: &[Candidate]| {
            let shape = shape_of(group)?;
            (sizes[&(group[0].rank, shape)] >= SMALLEST_RUN && group.len() <= WORD).then_some(shape)
        };
        let best = |group: &[Candidate]| {
            group.iter().map(|candidate| candidate.usual).fold(f64::NEG_INFINITY, f64::max)
        };
        groups.sort_by(|a, b| {
            let key = |group: &[Candidate]| (group[0].rank, Reverse(run_of(group)));
            key(a).cmp(&key(b)).then(best(b).total_cmp(&best(a))).then(a[0].message.cmp(&b[0].message))
        });
        let mut positions = Positions::default();
        let mut current = None;
        for group in groups {
            let run = (group[0].rank, run_of(&group));
            let is_new = current != Some(run);
            let entries = &mut positions.entries;
            let left = WORD - entries.len() % WORD;
            // A run begins with a word, and the ways of a message stay in one word, where they fit.
            if left < WORD && (is_new || (left < group.len() && group.len() <= WORD)) {
                entries.extend((0..left).map(|_| None));
            }
            if is_new {
                current = Some(run);
                positions.runs.push((positions.entries.len() / WORD, run.0, run.1));
            }
            positions.entries.extend(group.into_iter().map(Some));
        }
        positions
    }
}

/// Entries by position, with the runs that they form.
#[derive(Default)]
struct Positions {
    entries: Vec<Option<Candidate>>,
    /// The first word, the class, and the shape where there is one.
    runs: Vec<(usize, u32, Option<ShapeId>)>,
}

/// The ways that a message has on an occasion.
pub(super) fn ways(message: &Message, occasion: Occasion) -> impl Iterator<Item = &Route> {
    let (routes, placement) = match occasion {
        Occasion::Event(_) => (&message.routes[..], None),
        Occasion::Placement(placement) => (&[][..], Some(placement)),
    };
    let displays = message.displays.iter().filter(move |display| Some(display.placement) == placement);
    routes.iter().chain(displays.map(|display| &display.route))
}

/// Whether a slot can be filled for a whole slate, whether it is needed or not.
pub(super) fn is_cheap(plan: &Plan, slot: SlotId) -> bool {
    match plan.slots[slot.index()].source {
        Source::Window(window) => {
            let window = &plan.windows[window.index()];
            let is_kept = !matches!(window.fold, Fold::Average | Fold::Min | Fold::Max | Fold::Distinct);
            window.filter.is_none() && is_kept
        }
        Source::Predict(_) => false,
        _ => true,
    }
}

/// Rows in the making.
struct Layout {
    axes: Vec<Axis>,
    conditions: Vec<ExprId>,
    gates: Vec<Gate>,
    dates: Vec<i64>,
    first_rows: Vec<u32>,
    rows: usize,
    bits: Vec<Block>,
    /// Of axes and conditions, by slot and by expression.
    axis_of: FxHashMap<SlotId, usize>,
    condition_of: FxHashMap<ExprId, usize>,
}

impl Layout {
    fn new(plan: &Plan, candidates: &[Candidate], uses: &FxHashMap<Loose, Use>) -> Layout {
        let mut truths: FxHashMap<SlotId, Vec<&Truth>> = FxHashMap::default();
        let mut conditions = FxHashSet::default();
        for (loose, found) in uses {
            match found {
                Use::Axis(slot, truth) => truths.entry(*slot).or_default().push(truth),
                Use::Shared => drop(conditions.insert(loose.0)),
                Use::Rare | Use::Costly => {}
            }
        }
        // In the order of the plan, whatever that of the maps is.
        let mut slots: Vec<SlotId> = truths.keys().copied().collect();
        slots.sort_unstable();
        let mut conditions: Vec<ExprId> = conditions.into_iter().collect();
        conditions.sort_unstable();
        let mut gates: Vec<Gate> =
            candidates.iter().flat_map(|candidate| &candidate.gates).copied().collect();
        gates.sort_unstable();
        gates.dedup();
        let active = candidates.iter().filter_map(|candidate| candidate.active);
        let mut dates: Vec<i64> = active.flat_map(|(first, last)| [first, last.saturating_add(1)]).collect();
        dates.sort_unstable();
        dates.dedup();
        let mut most_cuts = MOST_CUTS;
        loop {
            let axis = |slot: &SlotId| {
                let ty = plan.slots[slot.index()].ty;
                Axis::new(*slot, ty, truths[slot].iter().copied(), most_cuts)
            };
            let axes: Vec<Axis> = slots.iter().map(axis).collect();
            let mut rows = 0;
            let mut first_rows = Vec::new();
            let sizes = axes.iter().map(Axis::intervals);
            let sizes = sizes.chain(conditions.iter().map(|_| 2)).chain(gates.iter().map(|_| 2));
            for size in sizes.chain((!dates.is_empty()).then_some(dates.len() + 1)) {
                first_rows.push(rows as u32);
                rows += size;
            }
            if rows > MOST_ROWS && most_cuts > 0 {
                most_cuts /= 2;
                continue;
            }
            return Layout {
                axis_of: slots.iter().copied().zip(0..).collect(),
                condition_of: conditions.iter().copied().zip(axes.len()..).collect(),
                axes,
                conditions,
                gates,
                dates,
                first_rows,
                // The last one says who is there at all.
                rows: rows + 1,
                bits: Vec::new(),
            };
        }
    }

    /// Makes room for the rows of these entries: nothing is ruled out yet.
    fn rows_of(mut self, entries: &[Option<Candidate>]) -> Layout {
        let blocks = entries.len().div_ceil(BLOCK);
        self.bits = Vec::with_capacity(blocks * self.rows);
        for block in 0..blocks {
            let mut present = [0; WORDS];
            for (at, _) in
                entries.iter().enumerate().skip(block * BLOCK).take(BLOCK).filter(|(_, e)| e.is_some())
            {
                present[at % BLOCK / WORD] |= 1 << (at % WORD);
            }
            self.bits.extend((0..self.rows).map(|_| Block(present)));
        }
        self
    }

    fn rule_out(&mut self, position: usize, row: usize) {
        let Block(words) = &mut self.bits[position / BLOCK * self.rows + row];
        words[position % BLOCK / WORD] &= !(1 << (position % WORD));
    }

    fn finish(
        mut self,
        builder: &mut Builder<'_>,
        occasion: Occasion,
        messages: Vec<MessageId>,
        positions: Positions,
        uses: &FxHashMap<Loose, Use>,
    ) -> Slate {
        let plan = builder.plan;
        let Positions { entries: candidates, runs } = positions;
        let mut truths = Truths::default();
        let mut choices = Vec::new();
        let mut parameters: Vec<u64> = Vec::new();
        let mut shapes_used: FxHashSet<ShapeId> = FxHashSet::default();
        let gates_at = self.axes.len() + self.conditions.len();
        let mut entries = Vec::with_capacity(candidates.len());
        for (position, candidate) in candidates.iter().enumerate() {
            let Some(candidate) = candidate else {
                entries.push(VACANT);
                continue;
            };
            let mut doubt = candidate.doubt;
            let first_choice = choices.len() as u32;
            for choice in &candidate.choices {
                if !self.ask(position, choice, uses, &mut truths, &mut choices) {
                    doubt = Doubt::All;
                }
            }
            for gate in &candidate.gates {
                if let Ok(at) = self.gates.binary_search(gate) {
                    let closed = self.first_rows[gates_at + at] as usize;
                    self.rule_out(position, closed);
                }
            }
            if let Some((first, last)) = candidate.active {
                let row = self.first_rows[gates_at + self.gates.len()] as usize;
                for interval in 0..=self.dates.len() {
                    let begins = interval.checked_sub(1).map_or(i64::MIN, |before| self.dates[before]);
                    if begins < first || last < begins {
                        self.rule_out(position, row + interval);
                    }
                }
            }
            shapes_used.insert(candidate.shape);
            let message = &plan.messages[candidate.message.index()];
            let route = ways(message, occasion).nth(candidate.way as usize);
            let numbers =
                route.and_then(|route| builder.shapes.known(route.score)).map_or(&[][..], |known| known.1);
            entries.push(Entry {
                message: candidate.message,
                way: candidate.way,
                rank: candidate.rank,
                shape: candidate.shape,
                parameters: parameters.len() as u32,
                choices: (first_choice, choices.len() as u32),
                doubt,
            });
            parameters.extend(numbers);
        }
        let (words, bounds) = words(plan, builder.shapes, &entries, &parameters, &runs);
        let mut slots: Vec<SlotId> = self.axes.iter().map(|axis| axis.slot).collect();
        slots.extend(Need::of(plan, self.conditions.iter().copied()).slots);
        slots.extend(
            shapes_used.iter().flat_map(|shape| builder.shapes.all[*shape as usize].slots.iter().copied()),
        );
        slots.sort_unstable();
        slots.dedup();
        Slate {
            occasion,
            slots: slots.into(),
            gates: self.gates.into(),
            asks_for_date: !self.dates.is_empty(),
            messages: messages.into(),
            axes: self.axes.into(),
            conditions: self.conditions.into(),
            dates: self.dates.into(),
            first_rows: self.first_rows.into(),
            rows: self.rows,
            bits: self.bits.into(),
            words: words.into(),
            entries: entries.into(),
            choices: choices.into(),
            truths: truths.bits.into(),
            parameters: parameters.into(),
            bounds: bounds.into(),
            straight: None,
        }
    }

    /// Notes what a choice asks of an entry, in the rows or for later; says whether that is all that it asks.
    fn ask(
        &mut self,
        position: usize,
        choice: &Choice,
        uses: &FxHashMap<Loose, Use>,
        truths: &mut Truths,
        choices: &mut Vec<Literal>,
    ) -> bool {
        let mut literals: Vec<(usize, usize)> = Vec::with_capacity(choice.len());
        let mut is_exact = true;
        for loose in choice {
            let axis = match &uses[loose] {
                Use::Axis(slot, _) => self.axis_of[slot],
                Use::Shared => self.condition_of[&loose.0],
                Use::Rare | Use::Costly => return false,
            };
            let (truth, exact) = truths.of(*loose, &uses[loose], self.axes.get(axis));
            is_exact &= exact;
            literals.push((axis, truth));
        }
        let same_axis = literals.iter().all(|(axis, _)| *axis == literals[0].0);
        if literals.is_empty() || same_axis {
            // Of nothing nothing holds.
            let axis = literals.first().map_or(0, |literal| literal.0);
            let size = match (literals.is_empty(), self.axes.get(axis)) {
                (true, _) => return self.never(position),
                (_, Some(axis)) => axis.intervals(),
                (_, None) => 2,
            };
            for interval in 0..size {
                if !literals.iter().any(|(_, truth)| truths.holds(*truth, interval)) {
                    let row = self.first_rows[axis] as usize + interval;
                    self.rule_out(position, row);
                }
            }
            return is_exact;
        }
        choices.push(Literal { axis: literals.len() as u32, truth: 0 });
        choices.extend(
            literals.iter().map(|(axis, truth)| Literal { axis: *axis as u32, truth: *truth as u32 }),
        );
        is_exact
    }

    /// Rules an entry out whatever comes.
    fn never(&mut self, position: usize) -> bool {
        for row in 0..self.rows {
            self.rule_out(position, row);
        }
        true
    }
}

/// In which intervals conditions hold, each once.
#[derive(Default)]
struct Truths {
    bits: Vec<u64>,
    /// Where the bits of a condition begin, and whether they are exact.
    known: FxHashMap<Loose, (usize, bool)>,
}

impl Truths {
    fn of(&mut self, loose: Loose, found: &Use, axis: Option<&Axis>) -> (usize, bool) {
        if let Some(known) = self.known.get(&loose) {
            return *known;
        }
        let (holds, exact) = match (found, axis) {
            (Use::Axis(_, truth), Some(axis)) => axis.project(truth),
            // Of a condition: where it doesn't hold, and where it does.
            _ => (vec![loose.1, !loose.1], true),
        };
        let start = self.bits.len() * 64;
        self.bits.extend(
            holds
                .chunks(64)
                .map(|bits| bits.iter().zip(0..).fold(0, |word, (holds, at)| word | u64::from(*holds) << at)),
        );
        self.known.insert(loose, (start, exact));
        (start, exact)
    }

    fn holds(&self, truth: usize, interval: usize) -> bool {
        let at = truth + interval;
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }
}

/// What is known of each word, and the numbers of their bounds.
fn words(
    plan: &Plan,
    shapes: &Shapes,
    entries: &[Entry],
    parameters: &[u64],
    runs: &[(usize, u32, Option<ShapeId>)],
) -> (Vec<Word>, Vec<u64>) {
    let count = entries.len().div_ceil(WORD);
    let mut words = vec![Word { rank: 0, bound: None, end: 0 }; count];
    let mut bounds: Vec<u64> = Vec::new();
    let ends = runs.iter().skip(1).map(|run| run.0).chain([count]);
    for (&(first, rank, shape), end) in runs.iter().zip(ends) {
        // From the end on, so that each word knows of all that come after it.
        let mut span: Option<Span> = None;
        for word in (first..end).rev() {
            let here = &entries[word * WORD..((word + 1) * WORD).min(entries.len())];
            for entry in here.iter().filter(|entry| shape.is_some() && entry.message != VACANT.message) {
                let count = shapes.all[entry.shape as usize].parameters.len();
                let numbers = &parameters[entry.parameters as usize..][..count];
                match &mut span {
                    Some(span) => span.widen(plan, shapes, numbers),
                    None => span = Some(Span::of(entry.shape, numbers)),
                }
            }
            let bound = span.as_ref().map(|span| {
                let at = bounds.len() as u32;
                bounds.extend(&span.cells);
                (span.shape, at)
            });
            words[word] = Word { rank, bound, end: end as u32 };
        }
    }
    (words, bounds)
}
