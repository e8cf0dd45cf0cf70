//! Tables in which everything stands once.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;
use std::hash::Hash;

/// Distinct things, numbered in the order in which they came.
pub(super) struct Table<T> {
    items: IndexSet<T, FxBuildHasher>,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table { items: IndexSet::default() }
    }
}

impl<T: Eq + Hash> Table<T> {
    /// Its position.
    pub(super) fn intern(&mut self, item: T) -> usize {
        // Most things are there already.
        let known = self.items.get_index_of(&item);
        known.unwrap_or_else(|| self.items.insert_full(item).0)
    }

    pub(super) fn get(&self, position: usize) -> &T {
        &self.items[position]
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}
