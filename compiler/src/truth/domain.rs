//! What a value can be.

use crate::checked::{Checked, Constant, Expr, ExprKind, LocalPart};
use crate::plan::Comparison;
use crate::types::Type;
use comity_grammar::tree::Fold;
use std::cmp::Ordering;

/// A few values, ascending, each once.
type Few<T> = Vec<T>;

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
pub(super) enum Domain<'e> {
    Anything,
    Bool(bool),
    /// Members of a small enum, by their positions: a bit for each.
    Members(u64),
    /// Whole numbers, amounts, durations, times, members of large enums: both ends included.
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
        among: Option<Few<&'e str>>,
        without: Few<&'e str>,
    },
}

impl<'e> Domain<'e> {
    /// What an expression can be, whatever is known of the customer.
    pub(super) fn of(checked: &Checked, expr: &Expr) -> Domain<'e> {
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
                LocalPart::Weekday => Domain::Members(below(7)),
                LocalPart::Time => from(0, crate::units::DAY - 1),
                LocalPart::Date => from(i64::MIN, i64::MAX),
            },
            (ExprKind::Bucket(_), _) => {
                Domain::Real { low: 0.0, low_open: false, high: 1.0, high_open: true }
            }
            (_, Type::Enum(id)) => {
                let count = checked.enums.get(id.index()).map_or(usize::MAX, |one| one.members.len());
                let count = i64::try_from(count).unwrap_or(i64::MAX);
                if count <= i64::from(u64::BITS) {
                    Domain::Members(below(count))
                } else {
                    from(0, count.saturating_sub(1))
                }
            }
            (_, Type::Weekday) => Domain::Members(below(7)),
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
    pub(super) fn compared(&self, comparison: Comparison, constant: &'e Constant) -> Option<Domain<'e>> {
        match (self, value(constant)) {
            (Domain::Members(members), Some(Value::Whole(n))) => {
                let (at, below) = (bits(std::iter::once(n)), below(n));
                some_members(match comparison {
                    Comparison::Equal => members & at,
                    Comparison::NotEqual => members & !at,
                    Comparison::Less => members & below,
                    Comparison::LessEqual => members & (below | at),
                    Comparison::Greater => members & !(below | at),
                    Comparison::GreaterEqual => members & !below,
                })
            }
            (Domain::Whole { low, high, without }, Some(Value::Whole(n))) => {
                let (mut low, mut high, mut without) = (*low, *high, without.clone());
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
            (&Domain::Real { low, low_open, high, high_open }, Some(Value::Real(n))) => {
                let upto = |open: bool| match n.total_cmp(&high) {
                    Ordering::Less => (n, open),
                    Ordering::Equal => (high, high_open || open),
                    Ordering::Greater => (high, high_open),
                };
                let downto = |open: bool| match n.total_cmp(&low) {
                    Ordering::Greater => (n, open),
                    Ordering::Equal => (low, low_open || open),
                    Ordering::Less => (low, low_open),
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
            (Domain::Text { .. }, Some(Value::Text(_))) => {
                self.among(std::slice::from_ref(constant), comparison == Comparison::Equal)
            }
            (Domain::Bool(known), Some(Value::Bool(value))) => {
                let equal = comparison == Comparison::Equal;
                ((*known == value) == equal).then_some(Domain::Bool(*known))
            }
            (Domain::Anything, Some(Value::Bool(value))) => {
                Some(Domain::Bool(value == (comparison == Comparison::Equal)))
            }
            (domain, _) => Some(domain.clone()),
        }
    }

    /// What is left where it is one of these, or none of them.
    pub(super) fn among(&self, constants: &'e [Constant], one_of: bool) -> Option<Domain<'e>> {
        if constants.iter().any(|constant| value(constant).is_none()) {
            return Some(self.clone());
        }
        let wholes = || {
            constants.iter().filter_map(|constant| match value(constant) {
                Some(Value::Whole(n)) => Some(n),
                _ => None,
            })
        };
        match self {
            Domain::Members(members) => {
                let listed = bits(wholes());
                some_members(members & if one_of { listed } else { !listed })
            }
            Domain::Whole { low, high, without } => {
                let (low, high) = (*low, *high);
                let numbers = few(wholes().filter(|n| (low..=high).contains(n) && !contains(without, n)));
                let without = without.iter().copied();
                if !one_of {
                    return whole(low, high, few(without.chain(numbers)));
                }
                let (low, high) = (*numbers.first()?, *numbers.last()?);
                // A few numbers of many: what lies between them is left out.
                let between = (high.saturating_sub(low) < 64).then_some(low..=high).into_iter().flatten();
                let between = between.filter(|n| !contains(&numbers, n));
                whole(low, high, few(without.chain(between)))
            }
            Domain::Text { among, without } => {
                let texts = few(constants.iter().filter_map(|constant| match value(constant) {
                    Some(Value::Text(text)) => Some(text),
                    _ => None,
                }));
                if among.is_none() && !one_of {
                    let without = few(without.iter().copied().chain(texts));
                    return Some(Domain::Text { among: None, without });
                }
                let left: Few<&str> = match among {
                    None => texts.into_iter().filter(|text| !contains(without, text)).collect(),
                    Some(among) => {
                        among.iter().copied().filter(|text| contains(&texts, text) == one_of).collect()
                    }
                };
                (!left.is_empty()).then(|| Domain::Text { among: Some(left), without: without.clone() })
            }
            other => Some(other.clone()),
        }
    }
}

/// Members by their positions; others there are none of.
fn bits(positions: impl Iterator<Item = i64>) -> u64 {
    let bit = |position| u32::try_from(position).ok().and_then(|position| 1u64.checked_shl(position));
    positions.filter_map(bit).fold(0, |bits, bit| bits | bit)
}

/// All members before a position.
fn below(position: i64) -> u64 {
    let before = u32::try_from(position.max(0)).unwrap_or(u64::BITS);
    1u64.checked_shl(before).map_or(u64::MAX, |bit| bit - 1)
}

/// `None` where none is left.
fn some_members<'e>(members: u64) -> Option<Domain<'e>> {
    (members != 0).then_some(Domain::Members(members))
}

/// Whole numbers without some; `None` where none is left.
fn whole<'e>(mut low: i64, mut high: i64, without: Few<i64>) -> Option<Domain<'e>> {
    while low <= high && contains(&without, &low) {
        low = low.checked_add(1)?;
    }
    while low <= high && contains(&without, &high) {
        high = high.checked_sub(1)?;
    }
    (low <= high).then_some(Domain::Whole { low, high, without })
}

enum Value<'e> {
    Bool(bool),
    Whole(i64),
    Real(f64),
    Text(&'e str),
}

fn value(constant: &Constant) -> Option<Value<'_>> {
    Some(match constant {
        Constant::Bool(value) => Value::Bool(*value),
        Constant::Int(n)
        | Constant::Money(n)
        | Constant::Duration(n)
        | Constant::Time(n)
        | Constant::Date(n)
        | Constant::Instant(n) => Value::Whole(*n),
        Constant::Number(n) => Value::Real(if *n == 0.0 { 0.0 } else { *n }),
        Constant::Text(text) => Value::Text(text),
        Constant::Member(position) => Value::Whole(i64::from(*position)),
        Constant::Weekday(day) => Value::Whole(i64::from(*day)),
        Constant::Channel(id) => Value::Whole(i64::from(id.0)),
        Constant::Class(id) => Value::Whole(i64::from(id.0)),
        Constant::Message(id) => Value::Whole(i64::from(id.0)),
        Constant::Purpose(id) => Value::Whole(i64::from(id.0)),
        Constant::EmptySet => return None,
    })
}
