//! Expressions as s-expressions.

use super::{path, text};
use crate::tree::*;

pub(super) fn expression(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Error => "<error>".to_owned(),
        ExprKind::Literal(one) => literal(one),
        ExprKind::List(items) => format!("[{}]", expressions(items)),
        ExprKind::Name(name) => name.text.to_string(),
        ExprKind::Root(one) => root(*one).to_owned(),
        ExprKind::Now => "now".to_owned(),
        ExprKind::Field { base, name } => format!("{}.{}", expression(base), name.text),
        ExprKind::Call { callee, arguments } => format!("({} {})", path(callee), expressions(arguments)),
        ExprKind::Paren(inner) => format!("(paren {})", expression(inner)),
        ExprKind::Unary { operator, operand } => {
            let word = match operator {
                UnaryOperator::Not => "not",
                UnaryOperator::Negate => "negate",
            };
            format!("({word} {})", expression(operand))
        }
        ExprKind::Binary { operator, left, right, .. } => {
            format!("({} {} {})", binary(*operator), expression(left), expression(right))
        }
        ExprKind::Is { subject, known } => {
            format!("({} {})", if *known { "known" } else { "unknown" }, expression(subject))
        }
        ExprKind::In { subject, negated, set } => {
            let word = if *negated { "not-in" } else { "in" };
            let set = match set {
                InSet::List { items, .. } => format!("[{}]", expressions(items)),
                InSet::Range(one) => range(one),
                InSet::Error(_) => "<error>".to_owned(),
            };
            format!("({word} {} {set})", expression(subject))
        }
        ExprKind::If { condition, then, otherwise } => {
            format!("(if {} {} {})", expression(condition), expression(then), expression(otherwise))
        }
        ExprKind::Match { subject, arms } => {
            let arms: Vec<_> = arms
                .iter()
                .map(|arm| format!("({} {})", cell(&arm.pattern), expression(&arm.value)))
                .collect();
            format!("(match {} {})", expression(subject), arms.join(" "))
        }
        ExprKind::Aggregate(one) => aggregate(one),
        ExprKind::Since { unit, of } => {
            let unit = match unit {
                SinceUnit::Years => "years-since",
                SinceUnit::Days => "days-since",
            };
            format!("({unit} {})", expression(of))
        }
    }
}

fn expressions(all: &[Expr]) -> String {
    all.iter().map(expression).collect::<Vec<_>>().join(" ")
}

fn root(root: Root) -> &'static str {
    match root {
        Root::Profile => "profile",
        Root::Event => "event",
        Root::Trigger => "trigger",
        Root::Message => "message",
        Root::Local => "local",
    }
}

fn binary(operator: BinaryOperator) -> &'static str {
    match operator {
        BinaryOperator::Or => "or",
        BinaryOperator::And => "and",
        BinaryOperator::Equal => "==",
        BinaryOperator::NotEqual => "!=",
        BinaryOperator::Less => "<",
        BinaryOperator::LessEqual => "<=",
        BinaryOperator::Greater => ">",
        BinaryOperator::GreaterEqual => ">=",
        BinaryOperator::Contains => "contains",
        BinaryOperator::ContainsAll => "contains-all",
        BinaryOperator::Overlaps => "overlaps",
        BinaryOperator::StartsWith => "starts-with",
        BinaryOperator::EndsWith => "ends-with",
        BinaryOperator::Matches => "matches",
        BinaryOperator::Otherwise => "otherwise",
        BinaryOperator::Add => "+",
        BinaryOperator::Subtract => "-",
        BinaryOperator::Multiply => "*",
        BinaryOperator::Divide => "/",
    }
}

pub(super) fn literal(literal: &Literal) -> String {
    match &literal.kind {
        LiteralKind::Bool(value) => value.to_string(),
        LiteralKind::Int(digits) | LiteralKind::Number(digits) => digits.to_string(),
        LiteralKind::Percent(digits) => format!("{digits}%"),
        LiteralKind::Money { amount, currency } => format!("{amount}:{}", currency.text),
        LiteralKind::Duration { amount, unit, .. } => {
            let unit = match unit {
                DurationUnit::Second => 's',
                DurationUnit::Minute => 'm',
                DurationUnit::Hour => 'h',
                DurationUnit::Day => 'd',
                DurationUnit::Week => 'w',
            };
            format!("{amount}{unit}")
        }
        LiteralKind::Time(written) | LiteralKind::Date(written) | LiteralKind::Instant(written) => {
            written.to_string()
        }
        LiteralKind::Text(value) => text(value),
    }
}

pub(super) fn range(range: &Range) -> String {
    format!("{}..{}", literal(&range.start), literal(&range.end))
}

pub(super) fn cell(cell: &Cell) -> String {
    match &cell.kind {
        CellKind::Error => "<error>".to_owned(),
        CellKind::Any => "_".to_owned(),
        CellKind::Else => "else".to_owned(),
        CellKind::Literal(one) => literal(one),
        CellKind::Range(one) => range(one),
        CellKind::Name(name) => path(name),
    }
}

fn aggregate(aggregate: &Aggregate) -> String {
    let fold = match aggregate.fold {
        Fold::Count => "count",
        Fold::Any => "any",
        Fold::No => "no",
        Fold::Sum => "sum",
        Fold::Average => "average",
        Fold::Min => "min",
        Fold::Max => "max",
        Fold::Distinct => "distinct",
        Fold::Last => "last",
        Fold::First => "first",
        Fold::TimeSinceLast => "time-since-last",
        Fold::TimeSinceFirst => "time-since-first",
    };
    let field = aggregate.field.as_ref().map(|field| format!(" (field {})", field.text));
    let within = aggregate.within.as_ref().map(|within| {
        let span = match within {
            Within::Rolling(duration) => literal(duration),
            Within::Calendar(CalendarSpan::Today, _) => "today".to_owned(),
            Within::Calendar(CalendarSpan::Week, _) => "this-week".to_owned(),
            Within::Calendar(CalendarSpan::Month, _) => "this-month".to_owned(),
            Within::Calendar(CalendarSpan::Quarter, _) => "this-quarter".to_owned(),
            Within::Calendar(CalendarSpan::Year, _) => "this-year".to_owned(),
            Within::Error(_) => "<error>".to_owned(),
        };
        format!(" (within {span})")
    });
    let pattern = pattern(&aggregate.pattern);
    format!("({fold} {pattern}{}{})", field.unwrap_or_default(), within.unwrap_or_default())
}

fn pattern(pattern: &Pattern) -> String {
    let mut printed = pattern.event.as_ref().map_or("<error>".to_owned(), path);
    if let Some(message) = &pattern.message {
        printed.push_str(&format!(" (of {})", path(message)));
    }
    if let Some(filter) = &pattern.filter {
        printed.push_str(&format!(" (where {})", expression(filter)));
    }
    printed
}

pub(super) fn occurrence(occurrence: &Occurrence) -> String {
    match &occurrence.kind {
        OccurrenceKind::Error => "<error>".to_owned(),
        OccurrenceKind::Event(one) => pattern(one),
        OccurrenceKind::Enter(segment) => format!("(enter {})", path(segment)),
        OccurrenceKind::Leave(segment) => format!("(leave {})", path(segment)),
        OccurrenceKind::Every { weekday, time } => {
            let day = weekday.as_ref().map_or("day", |weekday| weekday.text.as_str());
            format!("(every {day} {})", literal(time))
        }
    }
}
