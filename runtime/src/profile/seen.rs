//! The ids of the events that a customer had lately, so that none is taken twice.

use rustc_hash::FxHashSet;
use std::cmp::Reverse;
use std::collections::VecDeque;

/// Ids of events are remembered for this long, µs.
const ARE_KEPT: i64 = 7 * 24 * 3_600_000_000;

/// As long as there are so few, looking at each is the fastest.
const FEW: usize = 16;

/// Hashes of the ids of the events of the last seven days.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// With their arrival, oldest first.
    order: VecDeque<(Id, i64)>,
    /// All of them, where they aren't few.
    index: Option<Box<FxHashSet<Id>>>,
}

/// XXH3-128 of an id, aligned like its neighbours.
type Id = [u64; 2];

impl Seen {
    /// Whether the id is known already; else it is from now on.
    pub(super) fn enter(&mut self, id: u128, now: i64) -> bool {
        while let Some((old, _)) = self.order.pop_front_if(|(_, arrival)| *arrival < horizon(now)) {
            if let Some(index) = &mut self.index {
                index.remove(&old);
            }
        }
        let id = [id as u64, (id >> 64) as u64];
        let known = match &self.index {
            Some(index) => index.contains(&id),
            None => self.order.iter().any(|(known, _)| *known == id),
        };
        if !known {
            self.push(id, now);
        }
        known
    }

    fn push(&mut self, id: Id, arrival: i64) {
        if self.order.capacity() == 0 {
            self.order.reserve_exact(1);
        }
        self.order.push_back((id, arrival));
        match &mut self.index {
            Some(index) => _ = index.insert(id),
            None if self.order.len() > FEW => {
                self.index = Some(Box::new(self.order.iter().map(|(id, _)| *id).collect()));
            }
            None => {}
        }
    }

    /// Those of another customer too; of those that both know the later arrival.
    pub(super) fn merge(&mut self, other: Seen) {
        let mut all: Vec<_> = self.order.drain(..).chain(other.order).collect();
        all.sort_by_key(|(_, arrival)| Reverse(*arrival));
        let mut known = FxHashSet::default();
        all.retain(|(id, _)| known.insert(*id));
        *self = all.into_iter().rev().collect();
    }

    /// Those that are remembered at an instant, with their arrival, oldest first.
    pub(super) fn iter(&self, now: i64) -> impl ExactSizeIterator<Item = (Id, i64)> {
        let first = self.order.partition_point(|(_, arrival)| *arrival < horizon(now));
        self.order.range(first..).copied()
    }
}

impl FromIterator<(Id, i64)> for Seen {
    fn from_iter<I: IntoIterator<Item = (Id, i64)>>(ids: I) -> Seen {
        let mut seen = Seen::default();
        ids.into_iter().for_each(|(id, arrival)| seen.push(id, arrival));
        seen
    }
}

fn horizon(now: i64) -> i64 {
    now.saturating_sub(ARE_KEPT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_known_for_seven_days_however_many_there_are() {
        for count in [1, 5, 100] {
            let mut seen = Seen::default();
            for id in 0..count {
                assert!(!seen.enter(id, id as i64));
            }
            assert!((0..count).all(|id| seen.enter(id, ARE_KEPT)), "{count}");
            // The first is forgotten at the next instant.
            assert!(!seen.enter(0, ARE_KEPT + 1));
            assert!(count == 1 || seen.enter(1, ARE_KEPT + 1));
            assert_eq!(seen.iter(ARE_KEPT + 1).len(), count as usize);
        }
    }

    #[test]
    fn ids_of_two_customers_are_known_to_the_one_that_they_are() {
        let (mut one, mut other) = (Seen::default(), Seen::default());
        for id in 0..20 {
            one.enter(2 * id, id as i64);
            other.enter(2 * id + 1, id as i64);
            other.enter(2 * id, id as i64 + 1);
        }
        one.merge(other);
        assert!((0..40).all(|id| one.enter(id, 20)));
        assert!(one.iter(20).is_sorted_by_key(|(_, arrival)| arrival));
    }
}
