//! What a value can be.

use crate::checked::{Checked, Constant, Expr, ExprKind, LocalPart};
use crate::plan::Comparison;
use crate::types::Type;
use comity_grammar::tree::Fold;
use smallvec::SmallVec;
use smol_str::SmolStr;

/// A few values, ascending, each once.
pub(super) type Few<T> = SmallVec<[T; 4]>;

fn few<T: Ord>(values: impl Iterator<Item = T>) -> Few<T> {
    let mut few: Few<T> = values.collect();
    few.sort_unstable();
    few.dedup();
    few
}

fn contains<T: Ord>(few: &[T], value: &T) -> bool {
    few.binary_search(value).is_ok()
}

/// A set of values, which contains at least all that are possible.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Domain {
    Anything,
    Bool(bool),
    /// Whole numbers, amounts, durations, times, members: both ends included.
    Whole {
        low: i64,
        high: i64,
        without: Few<i64>,
    },
    /// Doubles; an end is open where it isn't possible itself.
    Real {
        low: f64,
        low_open: bool,
        high: f64,
        high_open: bool,
    },
    Text {
        among: Option<Few<SmolStr>>,
        without: Few<SmolStr>,
    },
}

impl Domain {
    /// What an expression can be, whatever is known of the customer.
    pub(super) fn of(checked: &Checked, expr: &Expr) -> Domain {
        let from = |low: i64, high: i64| Domain::Whole { low, high, without: Few::new() };
        match (&expr.kind, expr.ty) {
            (ExprKind::Aggregate(aggregate), _)
                if matches!(
                    aggregate.fold,
                    Fold::Count | Fold::Distinct | Fold::TimeSinceLast | Fold::TimeSinceFirst
                ) =>
            {
                from(0, i64::MAX)
            }
            (ExprKind::Length(_), _) => from(0, i64::MAX),
            (ExprKind::Local(part), _) => match part {
                LocalPart::Hour => from(0, 23),
                LocalPart::Month => from(1, 12),
                LocalPart::Day => from(1, 31),
                LocalPart::Weekday => from(0, 6),
                LocalPart::Time => from(0, crate::units::DAY - 1),
                LocalPart::Date => from(i64::MIN, i64::MAX),
            },
            (ExprKind::Bucket(_), _) => {
                Domain::Real { low: 0.0, low_open: false, high: 1.0, high_open: true }
            }
            (_, Type::Enum(id)) => {
                let members = checked.enums.get(id.index()).map_or(usize::MAX, |one| one.members.len());
                from(0, i64::try_from(members).unwrap_or(i64::MAX).saturating_sub(1))
            }
            (_, Type::Weekday) => from(0, 6),
            (_, Type::Number | Type::Percent) => Domain::Real {
                low: f64::NEG_INFINITY,
                low_open: false,
                high: f64::INFINITY,
                high_open: false,
            },
            (_, ty) if ty.is_text() => Domain::Text { among: None, without: Few::new() },
            (_, Type::Bool | Type::Set(_)) => Domain::Anything,
            _ => from(i64::MIN, i64::MAX),
        }
    }

    /// What is left where a comparison holds; `None` where nothing is.
    pub(super) fn compared(self, comparison: Comparison, constant: &Constant) -> Option<Domain> {
        match (self, value(constant)) {
            (Domain::Whole { low, high, mut without }, Some(Value::Whole(n))) => {
                let (mut low, mut high) = (low, high);
                match comparison {
                    Comparison::Equal => (low, high) = (low.max(n), high.min(n)),
                    Comparison::NotEqual => {
                        if let Err(place) = without.binary_search(&n) {
                            without.insert(place, n);
                        }
                    }
                    Comparison::Less => high = high.min(n.checked_sub(1)?),
                    Comparison::LessEqual => high = high.min(n),
                    Comparison::Greater => low = low.max(n.checked_add(1)?),
                    Comparison::GreaterEqual => low = low.max(n),
                }
                whole(low, high, without)
            }
            (Domain::Real { low, low_open, high, high_open }, Some(Value::Real(n))) => {
                let upto = |open: bool| match n.total_cmp(&high) {
                    std::cmp::Ordering::Less => (n, open),
                    std::cmp::Ordering::Equal => (high, high_open || open),
                    std::cmp::Ordering::Greater => (high, high_open),
                };
                let downto = |open: bool| match n.total_cmp(&low) {
                    std::cmp::Ordering::Greater => (n, open),
                    std::cmp::Ordering::Equal => (low, low_open || open),
                    std::cmp::Ordering::Less => (low, low_open),
                };
                let ((low, low_open), (high, high_open)) = match comparison {
                    Comparison::Equal => (downto(false), upto(false)),
                    Comparison::NotEqual if low == high && low == n => return None,
                    Comparison::NotEqual => ((low, low_open), (high, high_open)),
                    Comparison::Less => ((low, low_open), upto(true)),
                    Comparison::LessEqual => ((low, low_open), upto(false)),
                    Comparison::Greater => (downto(true), (high, high_open)),
                    Comparison::GreaterEqual => (downto(false), (high, high_open)),
                };
                let empty = low > high || (low == high && (low_open || high_open));
                (!empty).then_some(Domain::Real { low, low_open, high, high_open })
            }
            (domain @ Domain::Text { .. }, Some(Value::Text(_))) => {
                domain.among(std::slice::from_ref(constant), comparison == Comparison::Equal)
            }
            (Domain::Bool(known), Some(Value::Bool(value))) => {
                let equal = comparison == Comparison::Equal;
                ((known == value) == equal).then_some(Domain::Bool(known))
            }
            (Domain::Anything, Some(Value::Bool(value))) => {
                Some(Domain::Bool(value == (comparison == Comparison::Equal)))
            }
            (domain, _) => Some(domain),
        }
    }

    /// What is left where it is one of these, or none of them.
    pub(super) fn among(self, constants: &[Constant], one_of: bool) -> Option<Domain> {
        let values: Option<SmallVec<[Value; 8]>> = constants.iter().map(value).collect();
        let Some(values) = values else { return Some(self) };
        match self {
            Domain::Whole { low, high, without } => {
                let numbers = few(values.iter().filter_map(|value| match value {
                    Value::Whole(n) if (low..=high).contains(n) && !contains(&without, n) => Some(*n),
                    _ => None,
                }));
                if !one_of {
                    return whole(low, high, few(without.into_iter().chain(numbers)));
                }
                let (low, high) = (*numbers.first()?, *numbers.last()?);
                // A few members of many: what lies between them is left out.
                let between = (high.saturating_sub(low) < 64).then_some(low..=high).into_iter().flatten();
                let between = between.filter(|n| !contains(&numbers, n));
                whole(low, high, few(without.into_iter().chain(between)))
            }
            Domain::Text { among, without } => {
                let texts = few(values.into_iter().filter_map(|value| match value {
                    Value::Text(text) => Some(text),
                    _ => None,
                }));
                if among.is_none() && !one_of {
                    let without = few(without.into_iter().chain(texts));
                    return Some(Domain::Text { among: None, without });
                }
                let left: Few<SmolStr> = match among {
                    None => texts.into_iter().filter(|text| !contains(&without, text)).collect(),
                    Some(among) => {
                        among.into_iter().filter(|text| contains(&texts, text) == one_of).collect()
                    }
                };
                (!left.is_empty()).then_some(Domain::Text { among: Some(left), without })
            }
            other => Some(other),
        }
    }
}

/// Whole numbers without some; `None` where none is left.
fn whole(mut low: i64, mut high: i64, without: Few<i64>) -> Option<Domain> {
    while low <= high && contains(&without, &low) {
        low = low.checked_add(1)?;
    }
    while low <= high && contains(&without, &high) {
        high = high.checked_sub(1)?;
    }
    (low <= high).then_some(Domain::Whole { low, high, without })
}

enum Value {
    Bool(bool),
    Whole(i64),
    Real(f64),
    Text(SmolStr),
}

fn value(constant: &Constant) -> Option<Value> {
    Some(match constant {
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(n)
        | Constant::Money(n)
        | Constant::Duration(n)
        | Constant::Time(n)
        | Constant::Date(n)
        | Constant::Instant(n) => Value::Whole(*n),
        Constant::Number(n) => Value::Real(if *n == 0.0 { 0.0 } else { *n }),
        Constant::Text(text) => Value::Text(text.clone()),
        Constant::Member(position) => Value::Whole(i64::from(*position)),
        Constant::Weekday(day) => Value::Whole(i64::from(*day)),
        Constant::Channel(id) => Value::Whole(i64::from(id.0)),
        Constant::Class(id) => Value::Whole(i64::from(id.0)),
        Constant::Message(id) => Value::Whole(i64::from(id.0)),
        Constant::Purpose(id) => Value::Whole(i64::from(id.0)),
        Constant::EmptySet => return None,
    })
}
