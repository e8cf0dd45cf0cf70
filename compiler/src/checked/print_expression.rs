//! Typed expressions as text: for `check --print checked`, and, without names, as the key by which two
//! expressions are known to be the same.

use super::{
    Aggregate, Arithmetic, Cell, Checked, Constant, Expr, ExprKind, LocalPart, Parameter, Pattern, Range,
    Within,
};
use crate::ids::{AttributeId, MessageId};
use crate::plan::Calendar;
use crate::types::Type;
use comity_grammar::tree::Fold;

/// Prints expressions with names where a policy gives them, else with numbers.
#[derive(Clone, Copy)]
pub(crate) struct Printer<'c> {
    pub(crate) checked: Option<&'c Checked>,
    /// Of the let or table that is printed.
    pub(crate) parameters: &'c [Parameter],
}

/// The same text for two expressions means that they are the same question about the same customer.
pub(crate) fn key(expr: &Expr) -> String {
    Printer { checked: None, parameters: &[] }.expr(expr)
}

impl Printer<'_> {
    fn named<T>(
        self,
        kind: &str,
        index: usize,
        table: impl Fn(&Checked) -> &[T],
        name: impl Fn(&T) -> &str,
    ) -> String {
        match self.checked.and_then(|checked| table(checked).get(index)) {
            Some(one) => name(one).to_owned(),
            None => format!("{kind}#{index}"),
        }
    }

    pub(crate) fn attribute(self, id: AttributeId) -> String {
        format!("profile.{}", self.named("attribute", id.index(), |c| &c.attributes, |a| a.name.as_str()))
    }

    pub(crate) fn message(self, id: MessageId) -> String {
        self.named("message", id.index(), |c| &c.messages, |m| m.name.as_str())
    }

    /// A type as the author writes it.
    pub(crate) fn ty(self, ty: Type) -> String {
        match ty {
            Type::Money(currency) => format!("money {}", currency.code()),
            Type::Enum(id) => self.named("enum", id.index(), |c| &c.enums, |e| e.name.as_str()),
            Type::Set(element) => format!("set of {}", self.ty(element.ty())),
            Type::Arm(id) => {
                format!(
                    "arm of {}",
                    self.named("experiment", id.index(), |c| &c.experiments, |e| e.name.as_str())
                )
            }
            plain => format!("{plain:?}").to_lowercase(),
        }
    }

    pub(crate) fn typed(self, ty: Type, optional: bool) -> String {
        format!("{}{}", self.ty(ty), if optional { "?" } else { "" })
    }

    pub(crate) fn constant(self, constant: &Constant, ty: Type) -> String {
        match (constant, ty) {
            (Constant::Bool(value), _) => value.to_string(),
            (Constant::Int(value), _) => value.to_string(),
            (Constant::Number(value), Type::Percent) if self.checked.is_some() => percent(*value),
            (Constant::Number(value), _) => format!("{value:?}"),
            (Constant::Money(minor), Type::Money(currency)) => {
                money(*minor, currency.decimals(), currency.code())
            }
            (Constant::Money(minor), _) => format!("{minor} minor units"),
            (Constant::Duration(micros), _) => duration(*micros),
            (Constant::Time(micros), _) => {
                let minutes = micros / 60_000_000;
                format!("{:02}:{:02}", minutes / 60, minutes % 60)
            }
            (Constant::Date(days), _) => date(*days),
            (Constant::Instant(micros), _) => match jiff::Timestamp::from_microsecond(*micros) {
                Ok(instant) => instant.to_string(),
                Err(_) => format!("instant {micros}"),
            },
            (Constant::Text(text), _) => format!("{text:?}"),
            (Constant::Member(position), Type::Enum(id)) => self
                .checked
                .and_then(|checked| checked.enums.get(id.index())?.members.get(*position as usize))
                .map_or_else(|| format!("member#{position}"), ToString::to_string),
            (Constant::Member(position), Type::Arm(id)) => self
                .checked
                .and_then(|checked| checked.experiments.get(id.index())?.arms.get(*position as usize))
                .map_or_else(|| format!("arm#{position}"), |(name, _)| name.to_string()),
            (Constant::Member(position), _) => format!("member#{position}"),
            (Constant::Channel(id), _) => {
                self.named("channel", id.index(), |c| &c.channels, |c| c.name.as_str())
            }
            (Constant::Class(id), _) => self.named("class", id.index(), |c| &c.classes, |c| c.name.as_str()),
            (Constant::Message(id), _) => self.message(*id),
            (Constant::Purpose(id), _) => {
                self.named("purpose", id.index(), |c| &c.purposes, |p| p.name.as_str())
            }
            (Constant::Weekday(day), _) => {
                WEEKDAYS.get(*day as usize).copied().unwrap_or("weekday").to_owned()
            }
            (Constant::EmptySet, _) => "[]".to_owned(),
        }
    }

    pub(crate) fn range(self, range: &Range, ty: Type) -> String {
        format!("{}..{}", self.constant(&range.start, ty), self.constant(&range.end, ty))
    }

    pub(crate) fn cell(self, cell: &Cell, ty: Type) -> String {
        match cell {
            Cell::Any => "_".to_owned(),
            Cell::Is(constant) => self.constant(constant, ty),
            Cell::In(range) => self.range(range, ty),
        }
    }

    pub(crate) fn pattern(self, pattern: &Pattern) -> String {
        let mut out = self.named("event", pattern.event.index(), |c| &c.events, |e| e.name.as_str());
        if let Some(message) = pattern.message {
            out += &format!("({})", self.message(message));
        }
        if let Some(filter) = &pattern.filter {
            out += &format!(" where {}", self.expr_of(filter, Some(pattern)));
        }
        out
    }

    fn aggregate(self, aggregate: &Aggregate) -> String {
        let fold = match aggregate.fold {
            Fold::Count => "count of",
            Fold::Any => "any",
            Fold::No => "no",
            Fold::Sum => "sum of",
            Fold::Average => "average of",
            Fold::Min => "min of",
            Fold::Max => "max of",
            Fold::Distinct => "distinct",
            Fold::Last => "last",
            Fold::First => "first",
            Fold::TimeSinceLast => "time since last",
            Fold::TimeSinceFirst => "time since first",
        };
        let mut out = format!("{fold} ({})", self.pattern(&aggregate.pattern));
        if let Some(field) = aggregate.field {
            out += &format!(".{}", self.field(&aggregate.pattern, field));
        }
        match aggregate.within {
            Within::Ever => {}
            Within::Rolling(micros) => out += &format!(" within {}", duration(micros)),
            Within::Calendar(calendar) => {
                out += match calendar {
                    Calendar::Day => " within today",
                    Calendar::Week => " within this week",
                    Calendar::Month => " within this month",
                    Calendar::Quarter => " within this quarter",
                    Calendar::Year => " within this year",
                }
            }
        }
        out
    }

    fn field(self, pattern: &Pattern, field: u32) -> String {
        self.checked
            .and_then(|checked| checked.events.get(pattern.event.index())?.fields.get(field as usize))
            .map_or_else(|| format!("field#{field}"), |field| field.name.to_string())
    }

    /// An expression; what binds looser than a call stands in parentheses.
    pub(crate) fn expr(self, expr: &Expr) -> String {
        self.expr_of(expr, None)
    }

    fn expr_of(self, expr: &Expr, pattern: Option<&Pattern>) -> String {
        let sub = |e: &Expr| self.expr_of(e, pattern);
        let all = |list: &[Expr]| list.iter().map(sub).collect::<Vec<_>>().join(", ");
        let call = |name: &str, list: &[&Expr]| {
            format!("{name}({})", list.iter().map(|e| sub(e)).collect::<Vec<_>>().join(", "))
        };
        let infix = |a: &Expr, word: &str, b: &Expr| format!("({} {word} {})", sub(a), sub(b));
        match &expr.kind {
            ExprKind::Error => "error".to_owned(),
            ExprKind::Constant(constant) => self.constant(constant, expr.ty),
            ExprKind::Attribute(id) => self.attribute(*id),
            ExprKind::EventField(name) => format!("event.{name}"),
            ExprKind::TriggerField(name) => format!("trigger.{name}"),
            ExprKind::MessageAttribute(name) => format!("message.{name}"),
            ExprKind::MessageName => "message.name".to_owned(),
            ExprKind::MessageClass => "message.class".to_owned(),
            ExprKind::Channel => "channel".to_owned(),
            ExprKind::Field(position) => match pattern {
                Some(pattern) => self.field(pattern, *position),
                None => format!("field#{position}"),
            },
            ExprKind::Parameter(position) => match self.parameters.get(*position as usize) {
                Some(parameter) => parameter.name.to_string(),
                None => format!("parameter#{position}"),
            },
            ExprKind::Propensity => "propensity".to_owned(),
            ExprKind::Value => "value".to_owned(),
            ExprKind::Lever => "lever".to_owned(),
            ExprKind::Now => "now".to_owned(),
            ExprKind::Local(part) => match part {
                LocalPart::Date => "local.date",
                LocalPart::Time => "local.time",
                LocalPart::Hour => "local.hour",
                LocalPart::Weekday => "local.weekday",
                LocalPart::Month => "local.month",
                LocalPart::Day => "local.day",
            }
            .to_owned(),
            ExprKind::Let(id, arguments) => {
                let name = self.named("let", id.index(), |c| &c.lets, |l| l.name.as_str());
                if arguments.is_empty() { name } else { format!("{name}({})", all(arguments)) }
            }
            ExprKind::Table(id, arguments) => {
                format!(
                    "{}({})",
                    self.named("table", id.index(), |c| &c.tables, |t| t.name.as_str()),
                    all(arguments)
                )
            }
            ExprKind::Segment(id) => self.named("segment", id.index(), |c| &c.segments, |s| s.name.as_str()),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate),
            ExprKind::ToNumber(a) => call("number", &[a]),
            ExprKind::Not(a) => format!("not {}", sub(a)),
            ExprKind::Negate(a) => format!("-{}", sub(a)),
            ExprKind::And(a, b) => infix(a, "and", b),
            ExprKind::Or(a, b) => infix(a, "or", b),
            ExprKind::IsKnown(a) => format!("({} is known)", sub(a)),
            ExprKind::IsUnknown(a) => format!("({} is unknown)", sub(a)),
            ExprKind::Otherwise(a, b) => infix(a, "otherwise", b),
            ExprKind::If(a, b, c) => format!("(if {} then {} else {})", sub(a), sub(b), sub(c)),
            ExprKind::Match(subject, arms) => {
                let arms: Vec<String> = arms
                    .iter()
                    .map(|(cell, value)| format!("{} => {}", self.cell(cell, subject.ty), sub(value)))
                    .collect();
                format!("match {} {{ {} }}", sub(subject), arms.join(", "))
            }
            ExprKind::Compare(comparison, a, b) => infix(a, comparison.sign(), b),
            ExprKind::InList(a, items) => {
                let items: Vec<String> = items.iter().map(|item| self.constant(item, a.ty)).collect();
                format!("({} in [{}])", sub(a), items.join(", "))
            }
            ExprKind::InRange(a, range) => format!("({} in {})", sub(a), self.range(range, a.ty)),
            ExprKind::Arithmetic(operation, a, b) => infix(a, arithmetic_sign(*operation), b),
            ExprKind::Contains(a, b) => infix(a, "contains", b),
            ExprKind::ContainsAll(a, b) => infix(a, "contains all", b),
            ExprKind::Overlaps(a, b) => infix(a, "overlaps", b),
            ExprKind::StartsWith(a, b) => infix(a, "starts with", b),
            ExprKind::EndsWith(a, b) => infix(a, "ends with", b),
            ExprKind::Matches(a, regex) => format!("({} matches {regex:?})", sub(a)),
            ExprKind::YearsSince(a) => format!("years since {}", sub(a)),
            ExprKind::DaysSince(a) => format!("days since {}", sub(a)),
            ExprKind::Min(list) => format!("min({})", all(list)),
            ExprKind::Max(list) => format!("max({})", all(list)),
            ExprKind::Abs(a) => call("abs", &[a]),
            ExprKind::Clamp(a, b, c) => call("clamp", &[a, b, c]),
            ExprKind::Round(a) => call("round", &[a]),
            ExprKind::Floor(a) => call("floor", &[a]),
            ExprKind::Ceil(a) => call("ceil", &[a]),
            ExprKind::Lower(a) => call("lower", &[a]),
            ExprKind::Upper(a) => call("upper", &[a]),
            ExprKind::Length(a) => call("length", &[a]),
            ExprKind::Bucket(salt) => format!("bucket({salt:?})"),
            ExprKind::Predict(id) => {
                format!("predict({})", self.named("model", id.index(), |c| &c.models, |m| m.name.as_str()))
            }
            ExprKind::Arm(id) => {
                format!(
                    "arm({})",
                    self.named("experiment", id.index(), |c| &c.experiments, |e| e.name.as_str())
                )
            }
            ExprKind::Consent(purpose, channel) => format!(
                "consent({}, {})",
                self.named("purpose", purpose.index(), |c| &c.purposes, |p| p.name.as_str()),
                sub(channel)
            ),
            ExprKind::Reachable(channel) => call("reachable", &[channel]),
            ExprKind::InJourney(id) => {
                format!(
                    "in_journey({})",
                    self.named("journey", id.index(), |c| &c.journeys, |j| j.name.as_str())
                )
            }
        }
    }
}

/// The days of the week, in the order of their numbers.
pub(crate) const WEEKDAYS: [&str; 7] =
    ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

fn arithmetic_sign(operation: Arithmetic) -> &'static str {
    match operation {
        Arithmetic::Add => "+",
        Arithmetic::Subtract => "-",
        Arithmetic::Multiply => "*",
        Arithmetic::Divide => "/",
    }
}

/// `19.99 EUR`
pub(crate) fn money(minor: i64, decimals: u32, code: &str) -> String {
    let unit = 10_u64.pow(decimals);
    let sign = if minor < 0 { "-" } else { "" };
    let (major, rest) = (minor.unsigned_abs() / unit, minor.unsigned_abs() % unit);
    match rest {
        0 => format!("{sign}{major} {code}"),
        rest => format!("{sign}{major}.{rest:0width$} {code}", width = decimals as usize),
    }
}

/// `2.5%`, without what the double adds.
pub(crate) fn percent(value: f64) -> String {
    format!("{}%", (value * 1e11).round() / 1e9)
}

/// In the largest unit that says it exactly.
pub(crate) fn duration(micros: i64) -> String {
    for (unit, letter) in crate::units::LETTERS {
        if micros % unit == 0 && (micros != 0 || letter == "s") {
            return format!("{}{letter}", micros / unit);
        }
    }
    format!("{micros}µs")
}

/// `2026-11-27`
pub(crate) fn date(days: i64) -> String {
    let epoch = jiff::civil::date(1970, 1, 1);
    jiff::Span::new()
        .try_days(days)
        .and_then(|span| epoch.checked_add(span))
        .map_or_else(|_| format!("day {days}"), |date| date.to_string())
}
