//! Tables in which everything stands once.

use rustc_hash::FxHashMap;
use std::hash::Hash;

/// Distinct things, numbered in the order in which they came.
pub(super) struct Table<T> {
    items: Vec<T>,
    positions: FxHashMap<T, usize>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: Vec::new(), positions: FxHashMap::default() }
    }
}

impl<T: Clone + Eq + Hash> Table<T> {
    /// Its position.
    pub(super) fn intern(&mut self, item: T) -> usize {
        if let Some(&position) = self.positions.get(&item) {
            return position;
        }
        let position = self.items.len();
        self.items.push(item.clone());
        self.positions.insert(item, position);
        position
    }

    pub(super) fn get(&self, position: usize) -> &T {
        &self.items[position]
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}
