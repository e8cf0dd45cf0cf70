//! Columns: what stands below each other in the lines of a body.

use super::marks::Item;
use crate::token::Kind;
use std::ops::Range;

/// One item of a body and its aligned columns.
pub(super) struct Line {
    pub range: Range<usize>,
    pub item: Item,
    /// What it begins with, if only its like are aligned with it.
    pub keyword: Option<Kind>,
    /// Its columns, if it fits on one line.
    pub cells: Option<Vec<String>>,
    /// The text of its first column, where only that is aligned.
    pub head: Option<(String, usize)>,
    /// Whether an empty line stands before it.
    pub apart: bool,
}

/// The widths of the columns of the run of lines that a line stands in.
pub(super) fn widths(lines: &[Line], position: usize) -> Vec<usize> {
    let mut start = position;
    let alike = |line: &Line| line.item == lines[position].item && line.keyword == lines[position].keyword;
    while start > 0 && !lines[start].apart && alike(&lines[start - 1]) {
        start -= 1;
    }
    let mut end = position + 1;
    while end < lines.len() && !lines[end].apart && alike(&lines[end]) {
        end += 1;
    }
    let mut widths: Vec<usize> = Vec::new();
    for line in &lines[start..end] {
        let cells = line.cells.as_deref().unwrap_or_default();
        let head = line.head.as_ref().map(|(head, _)| std::slice::from_ref(head)).unwrap_or_default();
        // A class without a body and a type without a default still take part.
        let all = line.item == Item::Attribute && cells.len() > 1 || line.keyword == Some(Kind::Class);
        let cells = if cells.len() > 1 || all { &cells[..cells.len() - usize::from(!all)] } else { head };
        for (column, cell) in cells.iter().enumerate() {
            let width = cell.chars().count();
            match widths.get_mut(column) {
                Some(widest) => *widest = width.max(*widest),
                None => widths.push(width),
            }
        }
    }
    widths
}

/// A line with its columns aligned.
pub(super) fn padded(cells: &[String], widths: &[usize], item: Item) -> String {
    let mut line = String::new();
    for (column, cell) in cells.iter().enumerate() {
        line.push_str(cell);
        if column + 1 < cells.len() {
            let width = widths.get(column).copied().unwrap_or_default();
            let missing = width.saturating_sub(cell.chars().count());
            let gap = if item == Item::Rule && column == 1 { 2 } else { 1 };
            line.extend(std::iter::repeat_n(' ', missing + gap));
        }
    }
    line
}
