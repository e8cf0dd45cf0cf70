//! What a policy keeps and asks, arranged for quick access: made once per plan, shared by all profiles.

use comity_compiler::engine::slots_of;
use comity_compiler::ids::{SlotId, StreamId, WindowId};
use comity_compiler::plan::{Calendar, Fold, Keep, Plan, Source, WindowSpan};
use comity_compiler::types::Type;
use std::ops::Range;

/// The streams and windows of a plan.
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub(super) streams: Vec<StreamLayout>,
    pub(super) windows: Vec<WindowLayout>,
    /// How many places the record of the aggregates has.
    pub(super) aggregates: usize,
}

#[derive(Clone, Debug)]
pub(super) struct StreamLayout {
    pub(super) keep: Keep,
    /// Positions in the event, ascending, and what is there.
    pub(super) fields: Vec<u32>,
    pub(super) kinds: Vec<Kind>,
    /// The spans that windows without a further filter look at, each once.
    pub(super) spans: Vec<WindowSpan>,
    /// What is held ready for them: the position in `spans` and the question.
    pub(super) ready: Vec<(usize, Question)>,
    /// What is held ready over the whole history, without entries.
    pub(super) totals: Vec<Question>,
    /// Whether something asks for more than entries can tell.
    pub(super) has_totals: bool,
    /// Whether some window looks at weeks: they can begin before the month, the quarter or the year does.
    pub(super) has_weeks: bool,
    /// The places of the windows over it in the record of the aggregates.
    pub(super) aggregates: Range<usize>,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct WindowLayout {
    pub(super) stream: StreamId,
    pub(super) span: WindowSpan,
    pub(super) question: Question,
    pub(super) place: Place,
    /// Its place in the record of the aggregates, where its answer depends on nothing but the history, time and the zone: a
    /// further filter looks at most at the fields of the entries.
    pub(super) aggregate: Option<usize>,
}

impl WindowLayout {
    /// Whether it asks only if there is an entry, whichever.
    pub(super) fn asks_any(&self) -> bool {
        self.question.fold == Fold::Any && !matches!(self.place, Place::Entries)
    }
}

/// Where a window's answer is held ready.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place {
    /// Nowhere: it has a further filter.
    Entries,
    /// Among the answers over a range of the entries.
    Range { span: usize, ready: usize },
    /// Among the totals.
    Total(usize),
}

/// What a window asks of the entries in its span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) fold: Fold,
    /// Position among the kept fields.
    pub(super) field: usize,
    /// What the field holds.
    pub(super) kind: Kind,
    /// Whether the answer is a double.
    pub(super) float: bool,
}

/// How a field's values are kept and compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Cells that are the bits of doubles.
    Double,
    /// Cells that are integers.
    Integer,
    /// Texts and sets: values that need not be cells.
    Value,
}

impl Kind {
    fn of(ty: Type) -> Kind {
        match ty {
            Type::Set(_) => Kind::Value,
            ty if ty.is_text() => Kind::Value,
            ty if ty.is_float() => Kind::Double,
            _ => Kind::Integer,
        }
    }
}

impl Question {
    /// Whether the number of entries and their times don't suffice.
    pub(super) fn needs_values(self) -> bool {
        !matches!(self.fold, Fold::Count | Fold::Any | Fold::LastTime | Fold::FirstTime)
    }

    /// Whether the order of all entries matters: doubles are added from left to right.
    fn needs_order(self) -> bool {
        self.kind == Kind::Double && matches!(self.fold, Fold::Sum | Fold::Average)
    }
}

impl Layout {
    /// The layout of a plan.
    pub fn new(plan: &Plan) -> Layout {
        let streams = plan.streams.iter().map(|stream| {
            let fields = plan.events.get(stream.event.index()).map_or(&[][..], |event| &event.fields);
            let ty = |field: &u32| fields.get(*field as usize).map_or(Type::Bool, |field| field.ty);
            StreamLayout {
                keep: stream.keep,
                fields: stream.fields.clone(),
                kinds: stream.fields.iter().map(|field| Kind::of(ty(field))).collect(),
                spans: Vec::new(),
                ready: Vec::new(),
                totals: Vec::new(),
                has_totals: false,
                has_weeks: false,
                aggregates: 0..0,
            }
        });
        let mut layout = Layout {
            streams: streams.collect(),
            windows: Vec::with_capacity(plan.windows.len()),
            aggregates: 0,
        };
        for window in &plan.windows {
            let stream = layout.streams.get(window.stream.index());
            let field = stream.zip(window.field);
            let field = field.and_then(|(stream, field)| stream.fields.binary_search(&field).ok());
            let kind = stream.zip(field).map_or(Kind::Integer, |(stream, field)| stream.kinds[field]);
            let question =
                Question { fold: window.fold, field: field.unwrap_or(0), kind, float: window.ty.is_float() };
            let (stream, span, place) = (window.stream, window.span, Place::Entries);
            layout.windows.push(WindowLayout { stream, span, question, place, aggregate: None });
        }
        // The state of customers has its totals in this order, which doesn't depend on the numbers of windows.
        let mut order: Vec<usize> = (0..plan.windows.len()).collect();
        order.sort_by_key(|at| {
            let WindowLayout { stream, span, question, .. } = layout.windows[*at];
            (stream, span, question.fold, question.field)
        });
        for at in order {
            layout.place(plan, at);
        }
        layout
    }

    /// Gives a window its places, after all those of the streams before its own one.
    fn place(&mut self, plan: &Plan, at: usize) {
        let (window, layout) = (&plan.windows[at], &mut self.windows[at]);
        let Some(stream) = self.streams.get_mut(window.stream.index()) else { return };
        stream.has_weeks |= window.span == WindowSpan::Calendar(Calendar::Week);
        if window.filter.is_none() {
            layout.place = stream.place(window.span, layout.question);
        }
        let source = |slot: &SlotId| plan.slots.get(slot.index()).map(|slot| &slot.source);
        let is_field = |slot: &SlotId| matches!(source(slot), Some(Source::Field(_)));
        let is_kept = window.filter.is_none_or(|filter| slots_of(plan, filter).iter().all(is_field));
        if is_kept {
            layout.aggregate = Some(self.aggregates);
            if stream.aggregates.is_empty() {
                stream.aggregates = self.aggregates..self.aggregates;
            }
            self.aggregates += 1;
            stream.aggregates.end = self.aggregates;
        }
    }

    /// The place of a window in the record of a customer's aggregates; `None` where its answer depends on more than the
    /// history, time and the zone.
    pub fn aggregate(&self, window: WindowId) -> Option<usize> {
        self.window(window)?.aggregate
    }

    pub(super) fn stream(&self, id: StreamId) -> Option<&StreamLayout> {
        self.streams.get(id.index())
    }

    pub(super) fn window(&self, id: WindowId) -> Option<&WindowLayout> {
        self.windows.get(id.index())
    }
}

impl StreamLayout {
    fn place(&mut self, span: WindowSpan, question: Question) -> Place {
        if span == WindowSpan::Ever && !question.needs_order() {
            self.has_totals = true;
            if !question.needs_values() {
                return Place::Total(usize::MAX);
            }
            return Place::Total(position(&mut self.totals, question));
        }
        let span = position(&mut self.spans, span);
        let ready =
            if question.needs_values() { position(&mut self.ready, (span, question)) } else { usize::MAX };
        Place::Range { span, ready }
    }

    /// Entries up to this instant can go, the instant included; `None` where all stay.
    pub(super) fn horizon(&self, now: i64) -> Option<i64> {
        let Keep { rolling, calendar, ever } = self.keep;
        if ever {
            return None;
        }
        let rolling = if rolling > 0 { now.saturating_sub(rolling) } else { i64::MAX };
        let calendar = calendar.map_or(i64::MAX, |span| calendar_horizon(now, span));
        let weeks = if self.has_weeks { calendar_horizon(now, Calendar::Week) } else { i64::MAX };
        Some(rolling.min(calendar).min(weeks))
    }
}

/// No zone's local date is more than two days from UTC's: before these, nothing is in the current span, in
/// whatever zone the customer is or will be.
fn calendar_horizon(now: i64, span: Calendar) -> i64 {
    let date = now.div_euclid(crate::zone::DAY) - 2;
    let (first, _) = crate::zone::civil::span_of(date, span);
    (first - 2).saturating_mul(crate::zone::DAY).saturating_sub(1)
}

/// The position of an item in a list, which has it afterwards.
fn position<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|one| *one == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}
