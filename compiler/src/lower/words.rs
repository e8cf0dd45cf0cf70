//! What the plan asks, as an author would write it: filters of kept parts of the history, conditions, patterns.

use crate::builtin;
use crate::ids::*;
use crate::plan::{Calendar, Comparison, Fold, Op, Plan, Source, Trigger, WindowSpan};
use crate::types::{Element, Type};
use std::cell::Cell;

/// A filter on the events of a type.
pub(super) fn condition(plan: &Plan, event: EventId, filter: ExprId) -> String {
    Words { plan, event: Some(event), depth: Cell::new(0) }.expr(filter, 0)
}

/// A condition on the events of a type, or its opposite.
pub fn filter(plan: &Plan, event: EventId, condition: ExprId, negated: bool) -> String {
    let words = Words { plan, event: Some(event), depth: Cell::new(0) };
    if negated { words.opposite(condition).1 } else { words.expr(condition, 0) }
}

/// An expression, or, negated, the opposite of a condition.
pub fn expression(plan: &Plan, expr: ExprId, negated: bool) -> String {
    let words = Words { plan, event: None, depth: Cell::new(0) };
    if negated { words.opposite(expr).1 } else { words.expr(expr, 0) }
}

/// What a slot holds: `profile.tier`, `count of purchase within 30d`.
pub fn slot(plan: &Plan, slot: SlotId) -> String {
    Words { plan, event: None, depth: Cell::new(0) }.slot(slot).1
}

/// What starts, stops or moves something: `cart_abandoned where value >= 20 EUR`, `enter loyal`, `every day at 10:00`.
pub fn trigger(plan: &Plan, trigger: &Trigger) -> String {
    let segment = |id: &SegmentId| plan.segments.get(id.index()).map_or("?", |segment| segment.name.as_str());
    match trigger {
        Trigger::Event { event, filter } => {
            Words { plan, event: Some(*event), depth: Cell::new(0) }.pattern(*filter, None)
        }
        Trigger::Enter(id) => format!("enter {}", segment(id)),
        Trigger::Leave(id) => format!("leave {}", segment(id)),
        Trigger::Every { weekday, time } => {
            let day =
                weekday.map_or_else(|| "day".to_owned(), |day| constant(plan, u64::from(day), Type::Weekday));
            format!("every {day} at {}", constant(plan, *time as u64, Type::Time))
        }
    }
}

struct Words<'p> {
    plan: &'p Plan,
    /// The event that a filter looks at.
    event: Option<EventId>,
    /// How far into the filter it is.
    depth: Cell<usize>,
}

/// What is nested deeper is left out.
const DEEPEST: usize = 200;

/// Precedences (reference §5), loosest first.
const OR: u8 = 1;
const AND: u8 = 2;
const NOT: u8 = 3;
const COMPARE: u8 = 4;
const OTHERWISE: u8 = 5;
const ADD: u8 = 6;
const MULTIPLY: u8 = 7;
const UNARY: u8 = 8;

impl Words<'_> {
    /// In parentheses where what stands around binds tighter.
    fn expr(&self, id: ExprId, around: u8) -> String {
        let depth = self.depth.get();
        if depth > DEEPEST {
            return "…".to_owned();
        }
        self.depth.set(depth + 1);
        let (own, text) = self.open(id);
        self.depth.set(depth);
        if own < around { format!("({text})") } else { text }
    }

    /// Its precedence and its text.
    fn open(&self, id: ExprId) -> (u8, String) {
        let node = self.plan.expr(id);
        let infix = |own: u8, a: ExprId, word: &str, b: ExprId| {
            (own, format!("{} {word} {}", self.expr(a, own), self.expr(b, own + 1)))
        };
        let call = |name: &str, operands: &[ExprId]| {
            let operands: Vec<_> = operands.iter().map(|&operand| self.expr(operand, 0)).collect();
            (u8::MAX, format!("{name}({})", operands.join(", ")))
        };
        match &node.op {
            Op::Constant(cell) => (u8::MAX, constant(self.plan, *cell, node.ty)),
            Op::Unknown => (u8::MAX, "unknown".to_owned()),
            Op::Slot(slot) => self.slot(*slot),
            Op::Not(a) => self.opposite(*a),
            Op::And(a, b) => infix(AND, *a, "and", *b),
            Op::Or(a, b) => infix(OR, *a, "or", *b),
            Op::IsKnown(a) => (COMPARE, format!("{} is known", self.expr(*a, OTHERWISE))),
            Op::Otherwise(a, b) => {
                (OTHERWISE, format!("{} otherwise {}", self.expr(*a, ADD), self.expr(*b, OTHERWISE)))
            }
            // How long ago something was, where it was at all.
            Op::If(a, b, c)
                if let (Op::IsKnown(_), Op::Unknown) = (&self.plan.expr(*a).op, &self.plan.expr(*c).op) =>
            {
                (u8::MAX, self.expr(*b, u8::MAX))
            }
            Op::If(a, b, c) => {
                (0, format!("if {} then {} else {}", self.expr(*a, OR), self.expr(*b, OR), self.expr(*c, 0)))
            }
            Op::Compare(comparison, a, b) => {
                let (a, b) = (self.expr(*a, OTHERWISE), self.expr(*b, OTHERWISE));
                (COMPARE, format!("{a} {} {b}", comparison.sign()))
            }
            Op::In(a, cells) => {
                let ty = self.plan.expr(*a).ty;
                let cells = self.plan.in_order(ty, cells);
                let members: Vec<_> = cells.into_iter().map(|cell| constant(self.plan, cell, ty)).collect();
                (COMPARE, format!("{} in [{}]", self.expr(*a, OTHERWISE), members.join(", ")))
            }
            Op::Add(a, b) => infix(ADD, *a, "+", *b),
            Op::Subtract(a, b) if self.is(*a, &Source::LocalDate) => {
                (u8::MAX, format!("days since {}", self.expr(*b, u8::MAX)))
            }
            Op::Subtract(a, b) if let Some(since) = self.time_since(*a, *b) => (u8::MAX, since),
            Op::Subtract(a, b) => infix(ADD, *a, "-", *b),
            Op::Multiply(a, b) | Op::Scale(a, b) => infix(MULTIPLY, *a, "*", *b),
            Op::Divide(a, b) | Op::Unscale(a, b) => infix(MULTIPLY, *a, "/", *b),
            Op::Negate(a) => (UNARY, format!("-{}", self.expr(*a, UNARY))),
            Op::ToNumber(a) | Op::ToMajor(a, _) => self.open(*a),
            Op::Abs(a) => call("abs", &[*a]),
            Op::Min(a, b) => call("min", &[*a, *b]),
            Op::Max(a, b) => call("max", &[*a, *b]),
            Op::Round(a) => call("round", &[*a]),
            Op::Floor(a) => call("floor", &[*a]),
            Op::Ceil(a) => call("ceil", &[*a]),
            Op::Lower(a) => call("lower", &[*a]),
            Op::Upper(a) => call("upper", &[*a]),
            Op::Length(a) | Op::SetLength(a) => call("length", &[*a]),
            Op::StartsWith(a, b) => infix(COMPARE, *a, "starts with", *b),
            Op::EndsWith(a, b) => infix(COMPARE, *a, "ends with", *b),
            Op::TextContains(a, b) | Op::SetContains(a, b) => infix(COMPARE, *a, "contains", *b),
            Op::SetContainsAll(a, b) => infix(COMPARE, *a, "contains all", *b),
            Op::SetOverlaps(a, b) => infix(COMPARE, *a, "overlaps", *b),
            Op::Matches(a, regex) => {
                let regex = &self.plan.regexes[regex.index()];
                (COMPARE, format!("{} matches {}", self.expr(*a, OTHERWISE), quoted(regex)))
            }
            Op::YearsBetween(a, _) => (u8::MAX, format!("years since {}", self.expr(*a, u8::MAX))),
        }
    }

    /// The opposite of a condition.
    fn opposite(&self, id: ExprId) -> (u8, String) {
        match &self.plan.expr(id).op {
            Op::Not(a) => (u8::MAX, self.expr(*a, u8::MAX)),
            Op::IsKnown(a) => (COMPARE, format!("{} is unknown", self.expr(*a, OTHERWISE))),
            Op::In(..) => (NOT, format!("not {}", self.expr(id, COMPARE))),
            Op::Compare(comparison, a, b) => {
                let sign = match comparison {
                    Comparison::Equal => "!=",
                    Comparison::NotEqual => "==",
                    Comparison::Less => ">=",
                    Comparison::LessEqual => ">",
                    Comparison::Greater => "<=",
                    Comparison::GreaterEqual => "<",
                };
                (COMPARE, format!("{} {sign} {}", self.expr(*a, OTHERWISE), self.expr(*b, OTHERWISE)))
            }
            Op::Slot(slot) if let Source::Window(window) = self.plan.slots[slot.index()].source => {
                let window = &self.plan.windows[window.index()];
                if window.fold == Fold::Any {
                    return (u8::MAX, self.question("no", window));
                }
                (NOT, format!("not {}", self.expr(id, NOT)))
            }
            _ => (NOT, format!("not {}", self.expr(id, NOT))),
        }
    }

    fn is(&self, id: ExprId, source: &Source) -> bool {
        matches!(self.plan.expr(id).op, Op::Slot(slot) if self.plan.slots[slot.index()].source == *source)
    }

    /// How long ago the instant was that a window answers with.
    fn time_since(&self, now: ExprId, since: ExprId) -> Option<String> {
        let Op::Slot(slot) = self.plan.expr(since).op else { return None };
        let Source::Window(window) = self.plan.slots[slot.index()].source else { return None };
        let window = &self.plan.windows[window.index()];
        let asks = matches!(window.fold, Fold::LastTime | Fold::FirstTime) && self.is(now, &Source::Now);
        asks.then(|| self.question(fold_words(window.fold), window))
    }

    fn slot(&self, slot: SlotId) -> (u8, String) {
        let plan = self.plan;
        let named = |name: Option<&smol_str::SmolStr>| name.map_or("?", |name| name.as_str()).to_owned();
        let text = |id: TextId| named(plan.texts.get(id.index()));
        let channel = |id: ChannelId| named(plan.channels.get(id.index()).map(|channel| &channel.name));
        let words = match &plan.slots[slot.index()].source {
            Source::Attribute(id) => {
                format!("profile.{}", named(plan.attributes.get(id.index()).map(|attribute| &attribute.name)))
            }
            Source::Event(id) => format!("event.{}", text(*id)),
            Source::Field(field) => {
                let event = self.event.and_then(|event| plan.events.get(event.index()));
                let field = event.and_then(|event| event.fields.get(*field as usize));
                named(field.map(|field| &field.name))
            }
            Source::Window(id) => {
                let window = &plan.windows[id.index()];
                return (u8::MAX, self.question(fold_words(window.fold), window));
            }
            Source::Now => "now".to_owned(),
            Source::LocalDate => "local.date".to_owned(),
            Source::LocalTime => "local.time".to_owned(),
            Source::LocalHour => "local.hour".to_owned(),
            Source::LocalWeekday => "local.weekday".to_owned(),
            Source::LocalMonth => "local.month".to_owned(),
            Source::LocalDay => "local.day".to_owned(),
            Source::Consent(purpose, on) => {
                let purpose = named(plan.purposes.get(purpose.index()).map(|purpose| &purpose.name));
                format!("consent({purpose}, {})", channel(*on))
            }
            Source::Reachable(on) => format!("reachable({})", channel(*on)),
            Source::Bucket(salt) => format!("bucket({})", quoted(&text(*salt))),
            Source::Arm(id) => {
                format!("arm({})", named(plan.experiments.get(id.index()).map(|experiment| &experiment.name)))
            }
            Source::InJourney(id) => {
                format!("in_journey({})", named(plan.journeys.get(id.index()).map(|journey| &journey.name)))
            }
            Source::Nothing => "?".to_owned(),
            Source::Predict(id) => {
                format!("predict({})", named(plan.models.get(id.index()).map(|model| &model.name)))
            }
        };
        (u8::MAX, words)
    }

    /// A question to the history.
    fn question(&self, fold: &str, window: &crate::plan::Window) -> String {
        let Some(stream) = self.plan.streams.get(window.stream.index()) else { return "?".to_owned() };
        let event = self.plan.events.get(stream.event.index());
        let inside = Words { plan: self.plan, event: Some(stream.event), depth: Cell::new(self.depth.get()) };
        let mut pattern = inside.pattern(stream.filter, window.filter);
        if pattern.contains(" where ") {
            pattern = format!("({pattern})");
        }
        if let Some(field) = window.field {
            let field = event.and_then(|event| event.fields.get(field as usize));
            pattern += &format!(".{}", field.map_or("?", |field| field.name.as_str()));
        }
        match window.span {
            WindowSpan::Ever => format!("{fold} {pattern}"),
            WindowSpan::Rolling(length) => format!("{fold} {pattern} within {}", short_duration(length)),
            WindowSpan::Calendar(calendar) => {
                let span = match calendar {
                    Calendar::Day => "today",
                    Calendar::Week => "this week",
                    Calendar::Month => "this month",
                    Calendar::Quarter => "this quarter",
                    Calendar::Year => "this year",
                };
                format!("{fold} {pattern} within {span}")
            }
        }
    }

    /// The event that is looked at, and which of them.
    fn pattern(&self, own: Option<ExprId>, further: Option<ExprId>) -> String {
        let Some(event) = self.event else { return "?".to_owned() };
        let mut name =
            self.plan.events.get(event.index()).map_or("?", |event| event.name.as_str()).to_owned();
        let mut conditions: Vec<(ExprId, bool)> =
            own.into_iter().chain(further).flat_map(|filter| conjuncts(self.plan, filter, false)).collect();
        // A delivery of one message is written in parentheses.
        if builtin::is_delivery(event)
            && let Some(at) =
                conditions.iter().position(|(id, negated)| !negated && self.message_of(*id).is_some())
            && let Some(message) = self.message_of(conditions.remove(at).0)
        {
            name += &format!("({message})");
        }
        let conditions: Vec<String> = conditions
            .into_iter()
            .map(|(id, negated)| {
                let (own, text) = if negated { self.opposite(id) } else { self.open(id) };
                if own < NOT { format!("({text})") } else { text }
            })
            .collect();
        if conditions.is_empty() { name } else { format!("{name} where {}", conditions.join(" and ")) }
    }

    /// The message that a filter of a delivery asks for.
    fn message_of(&self, id: ExprId) -> Option<&str> {
        let Op::Compare(Comparison::Equal, field, message) = self.plan.expr(id).op else { return None };
        let Op::Constant(cell) = self.plan.expr(message).op else { return None };
        let asks = self.is(field, &Source::Field(0)) && self.plan.expr(message).ty == Type::Message;
        let message = self.plan.messages.get(usize::try_from(cell).ok()?)?;
        asks.then_some(message.name.as_str())
    }
}

fn fold_words(fold: Fold) -> &'static str {
    match fold {
        Fold::Count => "count of",
        Fold::Any => "any",
        Fold::Sum => "sum of",
        Fold::Average => "average of",
        Fold::Min => "min of",
        Fold::Max => "max of",
        Fold::Distinct => "distinct",
        Fold::Last => "last",
        Fold::First => "first",
        Fold::LastTime => "time since last",
        Fold::FirstTime => "time since first",
    }
}

/// What a condition, or its opposite, asks for together, each with whether it is negated.
pub fn conjuncts(plan: &Plan, condition: ExprId, negated: bool) -> Vec<(ExprId, bool)> {
    let mut found = Vec::new();
    let mut pending = vec![(condition, negated)];
    while let Some((id, negated)) = pending.pop() {
        match plan.expr(id).op {
            Op::Not(inner) => pending.push((inner, !negated)),
            Op::And(a, b) if !negated => pending.extend([(b, false), (a, false)]),
            Op::Or(a, b) if negated => pending.extend([(b, true), (a, true)]),
            _ => found.push((id, negated)),
        }
    }
    found
}

/// A length of time as a literal: `30d`, `90m`.
pub fn short_duration(length: i64) -> String {
    match crate::units::LETTERS.iter().find(|(unit, _)| length != 0 && length % unit == 0) {
        Some((unit, name)) => format!("{}{name}", length / unit),
        None if length == 0 => "0s".to_owned(),
        None => super::state::duration(length),
    }
}

/// A constant of a type as a literal.
pub fn constant(plan: &Plan, cell: u64, ty: Type) -> String {
    let int = cell as i64;
    let index = cell as usize;
    let timestamp = |micros: i64| {
        jiff::Timestamp::from_microsecond(micros).map_or_else(|_| micros.to_string(), |at| at.to_string())
    };
    let of_names = |name: Option<&smol_str::SmolStr>| name.map_or("?", |name| name.as_str()).to_owned();
    match ty {
        Type::Bool => (cell != 0).to_string(),
        Type::Int => int.to_string(),
        Type::Number => f64::from_bits(cell).to_string(),
        Type::Percent => format!("{}%", (f64::from_bits(cell) * 1e10).round() / 1e8),
        Type::Money(currency) => {
            let units = currency.minor_units();
            let sign = if int < 0 { "-" } else { "" };
            let (major, minor) =
                (int.unsigned_abs() / units.unsigned_abs(), int.unsigned_abs() % units.unsigned_abs());
            match minor {
                0 => format!("{sign}{major} {}", currency.code()),
                minor => format!(
                    "{sign}{major}.{minor:0width$} {}",
                    currency.code(),
                    width = currency.decimals() as usize
                ),
            }
        }
        Type::Duration => super::state::duration(int),
        Type::Time => format!("{:02}:{:02}", int / 3_600_000_000, int / 60_000_000 % 60),
        Type::Date => timestamp(int.saturating_mul(crate::units::DAY)).chars().take(10).collect(),
        Type::Instant => timestamp(int),
        Type::Enum(id) => of_names(plan.enums.get(id.index()).and_then(|of| of.members.get(index))),
        Type::Arm(id) => {
            of_names(plan.experiments.get(id.index()).and_then(|of| of.arms.get(index)).map(|arm| &arm.0))
        }
        Type::Channel => of_names(plan.channels.get(index).map(|channel| &channel.name)),
        Type::Class => of_names(plan.classes.get(index).map(|class| &class.name)),
        Type::Message => of_names(plan.messages.get(index).map(|message| &message.name)),
        Type::Purpose => of_names(plan.purposes.get(index).map(|purpose| &purpose.name)),
        Type::Weekday => {
            const DAYS: [&str; 7] =
                ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
            DAYS.get(index).copied().unwrap_or("?").to_owned()
        }
        Type::Set(Element::Text | Element::Int | Element::Enum(_)) => "[]".to_owned(),
        _ => plan.texts.get(index).map_or_else(|| "?".to_owned(), |text| quoted(text)),
    }
}

/// A text as a literal.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}
