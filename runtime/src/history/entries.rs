//! The kept events of one stream, by time; those of equal time as they were received.

use super::layout::Kind;
use comity_compiler::value::Value;

/// Times and values of each entry, in columns: what is never kept takes no space.
#[derive(Clone, Debug, Default)]
pub(super) struct Entries {
    /// (time, sequence), ascending.
    keys: Vec<(i64, u64)>,
    columns: Box<[Column]>,
}

/// The values of one field.
#[derive(Clone, Debug)]
enum Column {
    /// `unknown` is empty while no entry lacks the field.
    Cells {
        cells: Vec<u64>,
        unknown: Vec<bool>,
    },
    Values(Vec<Option<Value>>),
}

impl Entries {
    pub(super) fn new(kinds: &[Kind]) -> Entries {
        Entries { keys: Vec::new(), columns: kinds.iter().map(|kind| Column::new(*kind)).collect() }
    }

    /// So many more will come.
    pub(super) fn reserve(&mut self, count: usize) {
        self.keys.reserve_exact(count);
        for column in &mut self.columns {
            match column {
                Column::Cells { cells, .. } => cells.reserve_exact(count),
                Column::Values(values) => values.reserve_exact(count),
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.keys.len()
    }

    /// Of the entry at this position; `i64::MAX` behind the last.
    pub(super) fn time(&self, at: usize) -> i64 {
        self.keys.get(at).map_or(i64::MAX, |key| key.0)
    }

    /// The time of the last one.
    pub(super) fn newest(&self) -> Option<i64> {
        self.keys.last().map(|key| key.0)
    }

    pub(super) fn key(&self, at: usize) -> Option<(i64, u64)> {
        self.keys.get(at).copied()
    }

    /// The position of the first entry with a later time.
    pub(super) fn after(&self, time: i64) -> usize {
        self.keys.partition_point(|key| key.0 <= time)
    }

    /// The same, where it isn't before the position `from` and rarely far behind it.
    pub(super) fn after_from(&self, from: usize, time: i64) -> usize {
        let (mut from, mut step) = (from, 1);
        while self.keys.get(from + step - 1).is_some_and(|key| key.0 <= time) {
            from += step;
            step *= 2;
        }
        let to = (from + step).min(self.keys.len());
        let rest = self.keys.get(from..to).unwrap_or_default();
        from + rest.partition_point(|key| key.0 <= time)
    }

    /// Whether an entry's time lies in `[from, to)`.
    pub(super) fn any_in(&self, from: i64, to: i64) -> bool {
        self.time(self.keys.partition_point(|key| key.0 < from)) < to
    }

    /// The value of a kept field that is a cell.
    pub(super) fn cell(&self, at: usize, field: usize) -> Option<u64> {
        match self.columns.get(field)? {
            Column::Cells { cells, unknown } => {
                if unknown.get(at) == Some(&true) {
                    return None;
                }
                cells.get(at).copied()
            }
            Column::Values(_) => None,
        }
    }

    /// The cells of a field, from a position on, of those entries that have it.
    pub(super) fn cells(&self, first: usize, field: usize) -> impl Iterator<Item = u64> + Clone {
        let (cells, unknown) = match self.columns.get(field) {
            Some(Column::Cells { cells, unknown }) => (&cells[..], &unknown[..]),
            _ => (&[][..], &[][..]),
        };
        let all = if unknown.is_empty() { cells.get(first..) } else { None }.unwrap_or(&[]);
        let some = unknown.iter().zip(cells).skip(first).filter(|(unknown, _)| !**unknown);
        all.iter().copied().chain(some.map(|(_, cell)| *cell))
    }

    /// The value of a kept field.
    pub(super) fn value(&self, at: usize, field: usize) -> Option<Value> {
        match self.columns.get(field)? {
            Column::Cells { .. } => self.cell(at, field).map(Value::Cell),
            Column::Values(values) => values.get(at)?.clone(),
        }
    }

    /// Whether the entry has this field.
    pub(super) fn has(&self, at: usize, field: usize) -> bool {
        match self.columns.get(field) {
            Some(Column::Values(values)) => values.get(at).is_some_and(Option::is_some),
            _ => self.cell(at, field).is_some(),
        }
    }

    /// Puts an entry at its place and tells which that is. `values` gives the value of each kept field.
    pub(super) fn insert<'v>(
        &mut self,
        key: (i64, u64),
        value: impl Fn(usize) -> Option<&'v Value>,
    ) -> usize {
        let last = self.keys.last().is_none_or(|last| *last <= key);
        let at = if last { self.keys.len() } else { self.keys.partition_point(|one| *one <= key) };
        self.keys.insert(at, key);
        for (field, column) in self.columns.iter_mut().enumerate() {
            column.insert(at, value(field));
        }
        at
    }

    /// Drops the oldest entries.
    pub(super) fn drop_front(&mut self, count: usize) {
        self.keys.drain(..count);
        for column in &mut self.columns {
            match column {
                Column::Cells { cells, unknown } => {
                    cells.drain(..count);
                    unknown.drain(..count.min(unknown.len()));
                }
                Column::Values(values) => drop(values.drain(..count)),
            }
        }
        // What a profile once had isn't what it needs now.
        if self.keys.capacity() > 64 && self.keys.len() < self.keys.capacity() / 4 {
            self.shrink();
        }
    }

    fn shrink(&mut self) {
        let most = self.keys.len() * 2;
        self.keys.shrink_to(most);
        for column in &mut self.columns {
            match column {
                Column::Cells { cells, unknown } => {
                    cells.shrink_to(most);
                    unknown.shrink_to(most);
                }
                Column::Values(values) => values.shrink_to(most),
            }
        }
    }

    /// Interleaves with others; at a tie its own come first.
    pub(super) fn merge(&mut self, other: Entries) {
        let total = self.len() + other.len();
        // For each entry of the result, whether it is another's.
        let mut order = Vec::with_capacity(total);
        let (mut mine, mut others) = (self.keys.iter().peekable(), other.keys.iter().peekable());
        let mut keys = Vec::with_capacity(total);
        loop {
            let theirs = match (mine.peek(), others.peek()) {
                (Some(mine), Some(other)) => other < mine,
                (Some(_), None) => false,
                (None, Some(_)) => true,
                (None, None) => break,
            };
            order.push(theirs);
            keys.extend(if theirs { others.next() } else { mine.next() });
        }
        self.keys = keys;
        for (column, other) in self.columns.iter_mut().zip(other.columns) {
            column.merge(other, &order);
        }
    }

    /// Bytes on the heap, about.
    pub(super) fn memory(&self) -> usize {
        let columns = self.columns.iter().map(|column| match column {
            Column::Cells { cells, unknown } => cells.capacity() * size_of::<u64>() + unknown.capacity(),
            Column::Values(values) => {
                let texts: usize = values.iter().flatten().map(value_memory).sum();
                values.capacity() * size_of::<Option<Value>>() + texts
            }
        });
        self.keys.capacity() * size_of::<(i64, u64)>() + size_of_val(&*self.columns) + columns.sum::<usize>()
    }
}

/// Bytes of a value on the heap, about.
pub(super) fn value_memory(value: &Value) -> usize {
    match value {
        Value::Cell(_) => 0,
        Value::Text(text) => 16 + text.len(),
        Value::Set(set) => 16 + size_of_val(&**set) + set.iter().map(value_memory).sum::<usize>(),
    }
}

impl Column {
    fn new(kind: Kind) -> Column {
        match kind {
            Kind::Double | Kind::Integer => Column::Cells { cells: Vec::new(), unknown: Vec::new() },
            Kind::Value => Column::Values(Vec::new()),
        }
    }

    fn insert(&mut self, at: usize, value: Option<&Value>) {
        match self {
            Column::Cells { cells, unknown } => {
                let cell = match value {
                    Some(Value::Cell(cell)) => Some(*cell),
                    _ => None,
                };
                if cell.is_none() && unknown.is_empty() {
                    unknown.resize(cells.len(), false);
                }
                if cell.is_none() || !unknown.is_empty() {
                    unknown.insert(at, cell.is_none());
                }
                cells.insert(at, cell.unwrap_or(0));
            }
            Column::Values(values) => values.insert(at, value.cloned()),
        }
    }

    fn merge(&mut self, other: Column, order: &[bool]) {
        match (self, other) {
            (Column::Cells { cells, unknown }, Column::Cells { cells: cells2, unknown: unknown2 }) => {
                if !unknown.is_empty() || !unknown2.is_empty() {
                    unknown.resize(cells.len(), false);
                    let mut unknown2 = unknown2;
                    unknown2.resize(cells2.len(), false);
                    *unknown = interleave(std::mem::take(unknown), unknown2, order);
                }
                *cells = interleave(std::mem::take(cells), cells2, order);
            }
            (Column::Values(values), Column::Values(values2)) => {
                *values = interleave(std::mem::take(values), values2, order);
            }
            // Histories of two layouts aren't merged.
            _ => {}
        }
    }
}

fn interleave<T>(mine: Vec<T>, other: Vec<T>, order: &[bool]) -> Vec<T> {
    let (mut mine, mut other) = (mine.into_iter(), other.into_iter());
    order.iter().filter_map(|theirs| if *theirs { other.next() } else { mine.next() }).collect()
}
