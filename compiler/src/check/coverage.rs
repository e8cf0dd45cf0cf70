//! Whether rows cover every combination of values, and whether each row is reached.
//!
//! The values of a column fall into classes that no cell tells apart: the members of an enum, the texts that are
//! named and "any other", the stretches between the ends of ranges. Over these classes it is the usual question
//! about pattern matrices (Maranget, "Warnings for pattern matching", 2007).

use super::Checker;
use crate::checked::print_expression::Printer;
use crate::checked::{Cell, Constant, Range};
use crate::types::Type;

/// A column: its classes of values, each with a name for messages, and which of them each row's cell takes.
pub(super) struct Column {
    names: Vec<String>,
    takes: Vec<Vec<bool>>,
}

/// Steps after which the question is given up; only tables of many ranges in many columns come near.
const BUDGET: usize = 200_000;

impl Column {
    pub(super) fn new(checker: &Checker<'_>, ty: Type, rows: &[Vec<Cell>], position: usize) -> Column {
        let cells: Vec<&Cell> = rows.iter().map(|row| &row[position]).collect();
        let members = |count: usize, constant: &dyn Fn(u32) -> Constant| {
            let printer = Printer { checked: Some(&checker.checked), parameters: &[] };
            let constants: Vec<Constant> = (0..count as u32).map(constant).collect();
            let names = constants.iter().map(|one| printer.constant(one, ty)).collect();
            let takes = cells
                .iter()
                .map(|cell| match cell {
                    Cell::Any => vec![true; constants.len()],
                    Cell::Is(constant) => constants.iter().map(|one| one == constant).collect(),
                    Cell::In(_) => vec![false; constants.len()],
                })
                .collect();
            Column { names, takes }
        };
        let names = checker.names;
        match ty {
            Type::Bool => members(2, &|i| Constant::Bool(i == 0)),
            Type::Enum(id) => {
                let count = checker.checked.enums.get(id.index()).map_or(0, |one| one.members.len());
                members(count, &Constant::Member)
            }
            Type::Arm(id) => {
                let count = checker.checked.experiments.get(id.index()).map_or(0, |one| one.arms.len());
                members(count, &Constant::Member)
            }
            Type::Weekday => members(7, &|i| Constant::Weekday(i as u8)),
            Type::Channel => members(names.channels.len(), &|i| Constant::Channel(crate::ids::ChannelId(i))),
            Type::Class => members(names.classes.len(), &|i| Constant::Class(crate::ids::ClassId(i))),
            Type::Message => members(names.messages.len(), &|i| Constant::Message(crate::ids::MessageId(i))),
            Type::Purpose => members(names.purposes.len(), &|i| Constant::Purpose(crate::ids::PurposeId(i))),
            Type::Number | Type::Percent => Column::doubles(checker, ty, &cells),
            _ if ty.is_text() => Column::texts(&cells),
            _ => Column::whole(checker, ty, &cells),
        }
    }

    fn texts(cells: &[&Cell]) -> Column {
        let mut texts: Vec<&str> = cells
            .iter()
            .filter_map(|cell| match cell {
                Cell::Is(Constant::Text(text)) => Some(text.as_str()),
                _ => None,
            })
            .collect();
        texts.sort_unstable();
        texts.dedup();
        let mut names: Vec<String> = texts.iter().map(|text| format!("{text:?}")).collect();
        names.push("any other text".to_owned());
        let takes = cells
            .iter()
            .map(|cell| match cell {
                Cell::Is(Constant::Text(text)) => {
                    texts.iter().map(|one| one == text).chain([false]).collect()
                }
                _ => vec![true; names.len()],
            })
            .collect();
        Column { names, takes }
    }

    /// Ints, amounts, times: the stretches between the ends of the cells' ranges, as first and last value.
    fn whole(checker: &Checker<'_>, ty: Type, cells: &[&Cell]) -> Column {
        let (least, most) = match ty {
            Type::Time => (0, crate::units::DAY - 1),
            _ => (i64::MIN, i64::MAX),
        };
        let stretches: Vec<Option<Vec<(i64, i64)>>> = cells.iter().map(|cell| stretch(cell, most)).collect();
        let mut starts = vec![least];
        for (from, to) in stretches.iter().flatten().flatten() {
            starts.push(*from);
            if *to < most {
                starts.push(*to + 1);
            }
        }
        starts.sort_unstable();
        starts.dedup();
        let printer = Printer { checked: Some(&checker.checked), parameters: &[] };
        let constant = |value: i64| match ty {
            Type::Money(_) => Constant::Money(value),
            Type::Duration => Constant::Duration(value),
            Type::Time => Constant::Time(value),
            Type::Date => Constant::Date(value),
            Type::Instant => Constant::Instant(value),
            _ => Constant::Int(value),
        };
        let mut names = Vec::new();
        for (position, start) in starts.iter().enumerate() {
            // An example that an author would think of: the value next to a boundary that is written somewhere.
            let example = match starts.get(position + 1) {
                Some(next) if *start == least => next - 1,
                _ => *start,
            };
            names.push(printer.constant(&constant(example), ty));
        }
        let takes = stretches
            .iter()
            .map(|stretch| match stretch {
                None => vec![true; starts.len()],
                Some(parts) => starts
                    .iter()
                    .map(|start| parts.iter().any(|(from, to)| from <= start && start <= to))
                    .collect(),
            })
            .collect();
        Column { names, takes }
    }

    /// Doubles: each end that is written, and what lies before, between and after them.
    fn doubles(checker: &Checker<'_>, ty: Type, cells: &[&Cell]) -> Column {
        let number = |constant: &Constant| match constant {
            Constant::Number(value) => *value,
            _ => 0.0,
        };
        let parts: Vec<Option<(f64, f64)>> = cells
            .iter()
            .map(|cell| match cell {
                Cell::Any => None,
                Cell::Is(constant) => Some((number(constant), number(constant))),
                Cell::In(range) => Some((number(&range.start), number(&range.end))),
            })
            .collect();
        let mut ends: Vec<f64> = parts.iter().flatten().flat_map(|(from, to)| [*from, *to]).collect();
        ends.sort_unstable_by(f64::total_cmp);
        ends.dedup();
        // Twice the position of an end, and odd numbers for the gaps around them.
        let classes = 2 * ends.len() + 1;
        let class_of = |value: f64| 2 * ends.partition_point(|end| *end < value) + 1;
        let printer = Printer { checked: Some(&checker.checked), parameters: &[] };
        let show = |value: f64| match ty {
            Type::Percent => format!("{}%", (value * 100.0 * 1e9).round() / 1e9),
            _ => printer.constant(&Constant::Number(value), ty),
        };
        let names = (0..classes)
            .map(|class| match (class % 2, class / 2) {
                (1, position) => show(ends[position]),
                (_, 0) if ends.is_empty() => "any value".to_owned(),
                (_, 0) => format!("less than {}", show(ends[0])),
                (_, position) if position == ends.len() => {
                    format!("greater than {}", show(ends[position - 1]))
                }
                (_, position) => format!("between {} and {}", show(ends[position - 1]), show(ends[position])),
            })
            .collect();
        let takes = parts
            .iter()
            .map(|part| match part {
                None => vec![true; classes],
                Some((from, to)) => {
                    (0..classes).map(|class| class_of(*from) <= class && class <= class_of(*to)).collect()
                }
            })
            .collect();
        Column { names, takes }
    }
}

/// First and last value of what a cell takes; `None` is everything. Times can cross midnight.
fn stretch(cell: &Cell, last_of_day: i64) -> Option<Vec<(i64, i64)>> {
    let value = |constant: &Constant| match constant {
        Constant::Int(value)
        | Constant::Money(value)
        | Constant::Duration(value)
        | Constant::Time(value)
        | Constant::Date(value)
        | Constant::Instant(value) => *value,
        _ => 0,
    };
    match cell {
        Cell::Any => None,
        Cell::Is(constant) => Some(vec![(value(constant), value(constant))]),
        Cell::In(Range { start: Constant::Time(start), end: Constant::Time(end) }) => {
            Some(match start < end {
                true => vec![(*start, *end - 1)],
                false => {
                    vec![(*start, last_of_day), (0, *end - 1)].into_iter().filter(|(a, b)| a <= b).collect()
                }
            })
        }
        Cell::In(range) => Some(vec![(value(&range.start), value(&range.end))]),
    }
}

/// A combination that no row takes, by a name for each column.
pub(super) fn uncovered(columns: &[Column], rows: &[Vec<Cell>]) -> Option<Vec<String>> {
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut budget = BUDGET;
    let Some(missing) = gap(columns, &all, None, 0, &mut budget) else {
        // Too many combinations to look at: then a row must take all that is left.
        let all_taken = rows.iter().any(|row| row.iter().all(|cell| *cell == Cell::Any));
        return (budget == 0 && !all_taken).then(|| vec!["anything else".to_owned(); columns.len()]);
    };
    Some(missing.iter().zip(columns).map(|(class, column)| column.names[*class].clone()).collect())
}

/// The first row that takes nothing that the rows above it leave.
pub(super) fn unreachable(columns: &[Column], rows: &[Vec<Cell>]) -> Option<usize> {
    let mut budget = BUDGET;
    (0..rows.len()).find(|row| {
        let above: Vec<usize> = (0..*row).collect();
        gap(columns, &above, Some(*row), 0, &mut budget).is_none() && budget > 0
    })
}

/// A combination of classes, from a column on, that none of the rows takes, but a given one does.
fn gap(
    columns: &[Column],
    rows: &[usize],
    taken_by: Option<usize>,
    from: usize,
    budget: &mut usize,
) -> Option<Vec<usize>> {
    *budget = budget.saturating_sub(1 + rows.len());
    if *budget == 0 {
        return None;
    }
    let Some(column) = columns.get(from) else {
        return rows.is_empty().then(Vec::new);
    };
    let mut tried: Vec<Vec<usize>> = Vec::new();
    for class in 0..column.names.len() {
        if taken_by.is_some_and(|row| !column.takes[row][class]) {
            continue;
        }
        let rest: Vec<usize> = rows.iter().copied().filter(|row| column.takes[*row][class]).collect();
        // Classes that the same rows take answer alike.
        if tried.contains(&rest) {
            continue;
        }
        if let Some(mut found) = gap(columns, &rest, taken_by, from + 1, budget) {
            found.insert(0, class);
            return Some(found);
        }
        tried.push(rest);
    }
    None
}
