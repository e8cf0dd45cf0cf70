//! One stream of one profile: its entries, and what is held ready of the answers over them.

use super::entries::Entries;
use super::layout::{Place, StreamLayout, WindowLayout};
use super::state::{Members, State, saturated};
use super::total::{Tally, Total};
use crate::zone::Zone;
use crate::zone::civil::span_of;
use comity_compiler::plan::{Comparison, Fold, WindowSpan};
use comity_compiler::value::Value;

/// How many entries a sum is followed over to foresee where it goes.
const FORESEEN: usize = 64;

/// Whether what a comparison with a constant comes to stays so while the other side gets smaller.
fn is_final(comparison: Comparison, holds: bool) -> bool {
    match comparison {
        Comparison::Less | Comparison::LessEqual => holds,
        Comparison::Greater | Comparison::GreaterEqual => !holds,
        Comparison::Equal | Comparison::NotEqual => false,
    }
}

/// One stream of one profile.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) entries: Entries,
    /// For each of the stream's spans, where it begins.
    ranges: Box<[Range]>,
    /// For each of the stream's questions over these.
    states: Box<[State]>,
    pub(super) tally: Tally,
    pub(super) totals: Box<[Total]>,
    /// The time of the entry behind which, when last looked at, seven eighths lay: it is too early to prune before.
    slack: i64,
}

/// The entries that a span holds: those after an instant.
#[derive(Clone, Copy, Debug)]
struct Range {
    /// The entries with later times are in it; entries are never later than the present.
    after: i64,
    /// Position of the first of them.
    first: u32,
    /// Its time, or an earlier one: before that leaves, none does.
    oldest: i64,
    /// Whether it has ever been looked for.
    known: bool,
    /// Of a calendar span: the zone for which, and the instant until which, `after` is right.
    zone: u32,
    until: i64,
}

impl Range {
    const UNKNOWN: Range =
        Range { after: i64::MIN, first: 0, oldest: i64::MIN, known: false, zone: 0, until: i64::MIN };

    /// Before which instant no entry leaves, of a span that it has just been moved to.
    fn holds_until(&self, span: WindowSpan) -> i64 {
        match span {
            WindowSpan::Ever => i64::MAX,
            WindowSpan::Rolling(length) => self.oldest.saturating_add(length),
            WindowSpan::Calendar(_) => self.until,
        }
    }
}

/// The answer to a question at an instant.
pub(super) struct Answered {
    pub(super) value: Option<Value>,
    /// Before this instant, µs, time alone doesn't change it.
    pub(super) until: i64,
}

impl Answered {
    fn for_good(value: Option<Value>) -> Answered {
        Answered { value, until: i64::MAX }
    }
}

impl Log {
    pub(super) fn new(layout: &StreamLayout) -> Log {
        Log {
            entries: Entries::new(&layout.kinds),
            ranges: layout.spans.iter().map(|_| Range::UNKNOWN).collect(),
            states: layout.ready.iter().map(|_| State::Cold).collect(),
            tally: Tally::EMPTY,
            totals: layout.totals.iter().map(|question| Total::empty(*question)).collect(),
            slack: i64::MIN,
        }
    }

    /// Counts an event among the totals; `value` gives the value of each kept field.
    pub(super) fn count<'v>(
        &mut self,
        layout: &StreamLayout,
        key: (i64, u64),
        value: impl Fn(usize) -> Option<&'v Value>,
    ) {
        self.tally.add(key.0);
        for (total, question) in self.totals.iter_mut().zip(&layout.totals) {
            if let Some(value) = value(question.field) {
                total.add(*question, key, value);
            }
        }
    }

    /// Keeps an event; `value` gives the value of each kept field.
    pub(super) fn insert<'v>(
        &mut self,
        layout: &StreamLayout,
        key: (i64, u64),
        value: impl Fn(usize) -> Option<&'v Value>,
    ) {
        let at = self.entries.insert(key, value);
        for range in &mut self.ranges {
            if range.known && key.0 <= range.after {
                range.first += 1;
            } else {
                range.oldest = range.oldest.min(key.0);
            }
        }
        for (state, (span, question)) in self.states.iter_mut().zip(&layout.ready) {
            let member = self.ranges.get(*span).is_some_and(|range| key.0 > range.after);
            state.insert(*question, &self.entries, at, member);
        }
    }

    /// Drops what nothing asks for any more. With `slack`, only once it is an eighth of all.
    pub(super) fn prune(&mut self, layout: &StreamLayout, horizon: i64, slack: bool) {
        if slack && self.slack > horizon {
            return;
        }
        let eighth = if slack { self.entries.len() / 8 } else { 0 };
        if eighth >= self.entries.len() {
            return;
        }
        self.slack = self.entries.time(eighth);
        if self.slack > horizon {
            return;
        }
        let count = self.entries.after(horizon);
        for span in 0..self.ranges.len() {
            self.advance(layout, span, horizon, count);
            if let Some(range) = self.ranges.get_mut(span) {
                range.first = range.first.saturating_sub(count as u32);
            }
        }
        for state in &mut self.states {
            state.shift(count);
        }
        self.entries.drop_front(count);
    }

    /// Takes what lies before the position `first` out of a range: all up to the instant `after`.
    fn advance(&mut self, layout: &StreamLayout, span: usize, after: i64, first: usize) {
        let Some(range) = self.ranges.get_mut(span) else { return };
        range.after = range.after.max(after);
        if layout.ready.iter().all(|(one, _)| *one != span) {
            range.first = range.first.max(first as u32);
        }
        while (range.first as usize) < first {
            for (state, (one, question)) in self.states.iter_mut().zip(&layout.ready) {
                if *one == span {
                    state.remove(*question, &self.entries, range.first as usize);
                }
            }
            range.first += 1;
        }
    }

    /// The answer to a question without a further filter.
    pub(super) fn answer(
        &mut self,
        layout: &StreamLayout,
        window: &WindowLayout,
        now: i64,
        zone: &Zone,
    ) -> Answered {
        match window.place {
            Place::Total(at) if window.question.needs_values() => {
                Answered::for_good(self.totals.get(at).and_then(|total| total.answer(window.question)))
            }
            Place::Total(_) => Answered::for_good(self.tally.answer(window.question)),
            // Whether there is one, the newest tells.
            Place::Range { .. }
                if let (Fold::Any, WindowSpan::Rolling(length)) = (window.question.fold, window.span) =>
            {
                let newest = self.entries.newest().filter(|time| *time > now.saturating_sub(length));
                let until = newest.map_or(i64::MAX, |time| time.saturating_add(length));
                Answered { value: Some(Value::Cell(u64::from(newest.is_some()))), until }
            }
            Place::Range { span, ready } => {
                let Some(first) = self.range(layout, span, window.span, now, zone) else {
                    return self.scan(window, now, zone, |_| true);
                };
                let until = self.ranges.get(span).map_or(now, |range| range.holds_until(window.span));
                let len = self.entries.len();
                let members = Members { count: len - first, first, last: len.saturating_sub(1) };
                let value = match self.states.get_mut(ready) {
                    Some(state) => {
                        state.refresh(window.question, &self.entries, first);
                        state.answer(window.question, &self.entries, members)
                    }
                    None => State::Cold.answer(window.question, &self.entries, members),
                };
                Answered { value, until }
            }
            Place::Entries => self.scan(window, now, zone, |_| true),
        }
    }

    /// The position of the first entry in a span, where all behind it are in it too.
    fn range(
        &mut self,
        layout: &StreamLayout,
        at: usize,
        span: WindowSpan,
        now: i64,
        zone: &Zone,
    ) -> Option<usize> {
        let range = self.ranges.get_mut(at)?;
        let after = match span {
            WindowSpan::Ever => i64::MIN,
            WindowSpan::Rolling(length) => now.saturating_sub(length),
            // An instant at which nothing came of it can be followed by an earlier one, of the span before.
            WindowSpan::Calendar(_)
                if range.known && range.zone == zone.id() && range.after < now && now < range.until =>
            {
                return Some(range.first as usize);
            }
            WindowSpan::Calendar(calendar) => {
                let (first, last) = span_of(zone.date(now), calendar);
                // Where clocks go back over midnight, a date has a hole: seldom enough to look at each entry.
                let [(from, to)] = zone.instants_of(first, last)[..] else { return None };
                (range.zone, range.until) = (zone.id(), to);
                from.saturating_sub(1)
            }
        };
        if range.known && after >= range.after {
            if after < range.oldest {
                range.after = after;
                return Some(range.first as usize);
            }
            let first = self.entries.after_from(range.first as usize, after);
            self.advance(layout, at, after, first);
            let oldest = self.entries.time(first);
            if let Some(range) = self.ranges.get_mut(at) {
                range.oldest = oldest;
            }
            return Some(first);
        }
        range.after = after;
        range.known = true;
        let first = self.entries.after(after);
        range.first = first as u32;
        range.oldest = self.entries.time(first);
        for (state, (span, _)) in self.states.iter_mut().zip(&layout.ready) {
            if *span == at {
                *state = State::Cold;
            }
        }
        Some(first)
    }

    /// The answer over those entries in a window's span that pass a filter, which gets their positions.
    pub(super) fn scan(
        &self,
        window: &WindowLayout,
        now: i64,
        zone: &Zone,
        mut filter: impl FnMut(usize) -> bool,
    ) -> Answered {
        let mut state = State::empty(window.question);
        let mut members = Members::default();
        let any = window.question.fold == Fold::Any;
        // Gives the time of the first entry that is visited, or of a later one.
        let mut visit = |from: i64, to: i64| {
            let mut at = self.entries.after(from.saturating_sub(1));
            if from == i64::MIN {
                at = 0;
            }
            let first = self.entries.time(at);
            while at < self.entries.len() && self.entries.time(at) < to {
                if filter(at) {
                    if members.count == 0 {
                        members.first = at;
                    }
                    members.count += 1;
                    members.last = at;
                    state.push(window.question, &self.entries, at);
                    if any {
                        break;
                    }
                }
                at += 1;
            }
            first
        };
        let until = match window.span {
            WindowSpan::Ever => {
                visit(i64::MIN, i64::MAX);
                i64::MAX
            }
            WindowSpan::Rolling(length) => {
                let first = visit(now.saturating_sub(length).saturating_add(1), i64::MAX);
                first.saturating_add(length)
            }
            WindowSpan::Calendar(calendar) => {
                let (first, last) = span_of(zone.date(now), calendar);
                let mut until = now;
                for (from, to) in zone.instants_of(first, last) {
                    visit(from, to);
                    if from <= now && now < to {
                        until = to;
                    }
                }
                until
            }
        };
        Answered { value: state.answer(window.question, &self.entries, members), until }
    }

    /// The next instant at which what a window holds can change by time alone.
    pub(super) fn next_change(&self, window: &WindowLayout, now: i64, zone: &Zone) -> Option<i64> {
        match window.span {
            WindowSpan::Ever => None,
            WindowSpan::Rolling(length) if window.asks_any() => {
                let leaves = self.entries.newest()?.saturating_add(length);
                (leaves > now).then_some(leaves)
            }
            WindowSpan::Rolling(length) => {
                let first = self.entries.after(now.saturating_sub(length));
                (first < self.entries.len()).then(|| self.entries.time(first).saturating_add(length))
            }
            WindowSpan::Calendar(calendar) => {
                if self.entries.len() == 0 {
                    return None;
                }
                let holds = |instant| {
                    let (first, last) = span_of(zone.date(instant), calendar);
                    zone.instants_of(first, last).iter().any(|(from, to)| self.entries.any_in(*from, *to))
                };
                // Entries leave, or, where clocks go back over midnight, come again.
                let end = zone.span_end(now, calendar);
                (holds(now) || holds(end)).then_some(end)
            }
        }
    }

    /// The next instant at which the answer, a count or a sum of integers over a rolling span, compares
    /// differently with an integer by time alone. It may be early, but not late.
    pub(super) fn next_crossing(
        &mut self,
        layout: &StreamLayout,
        window: &WindowLayout,
        (comparison, value): (Comparison, i64),
        now: i64,
        zone: &Zone,
    ) -> Option<i64> {
        let WindowSpan::Rolling(length) = window.span else {
            return self.next_change(window, now, zone);
        };
        let Value::Cell(answer) = self.answer(layout, window, now, zone).value? else { return None };
        let first = match window.place {
            Place::Range { span, .. } => self.ranges.get(span)?.first as usize,
            Place::Total(_) | Place::Entries => self.entries.after(now.saturating_sub(length)),
        };
        let leaves = |at: usize| Some(self.entries.key(at)?.0.saturating_add(length));
        if window.question.fold == Fold::Sum {
            let State::Exact { mut sum, negative, .. } = *self.ready(window)? else { return None };
            let holds = comparison.holds(answer as i64, value);
            if !negative && is_final(comparison, holds) {
                return None;
            }
            for at in (first..self.entries.len()).take(FORESEEN) {
                if let Some(cell) = self.entries.cell(at, window.question.field) {
                    sum.subtract(cell);
                }
                // Entries of one time leave together.
                let together = self.entries.time(at + 1) == self.entries.time(at);
                if !together && comparison.holds(saturated(sum.get()), value) != holds {
                    return leaves(at);
                }
            }
            return leaves(first + FORESEEN - 1);
        }
        // Counts go down, by one for each entry at most.
        let answer = i64::try_from(answer).ok()?;
        let reached = match comparison {
            Comparison::Less | Comparison::GreaterEqual => value.checked_sub(1)?,
            Comparison::LessEqual | Comparison::Greater => value,
            Comparison::Equal | Comparison::NotEqual if answer > value => value,
            Comparison::Equal | Comparison::NotEqual if answer == value => value.checked_sub(1)?,
            Comparison::Equal | Comparison::NotEqual => return None,
        };
        let fewer = answer.checked_sub(reached).filter(|fewer| *fewer > 0 && reached >= 0)?;
        leaves(first + usize::try_from(fewer - 1).ok()?)
    }

    /// What is held ready of a window's answer.
    fn ready(&self, window: &WindowLayout) -> Option<&State> {
        match window.place {
            Place::Range { ready, .. } => self.states.get(ready),
            Place::Total(_) | Place::Entries => None,
        }
    }

    /// As if the other's events had come here; `other` is of the same stream and layout.
    pub(super) fn merge(&mut self, layout: &StreamLayout, other: Log) {
        self.entries.merge(other.entries);
        self.slack = i64::MIN;
        self.ranges.fill(Range::UNKNOWN);
        self.states.fill(State::Cold);
        self.tally.merge(other.tally);
        for ((total, other), question) in self.totals.iter_mut().zip(other.totals).zip(&layout.totals) {
            total.merge(*question, other);
        }
    }

    /// Bytes on the heap, about.
    pub(super) fn memory(&self) -> usize {
        let states: usize = self.states.iter().map(State::memory).sum();
        let totals: usize = self.totals.iter().map(Total::memory).sum();
        let tables = size_of_val(&*self.ranges) + size_of_val(&*self.states) + size_of_val(&*self.totals);
        self.entries.memory() + tables + states + totals
    }
}
