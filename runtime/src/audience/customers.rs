//! Which customers came before.

use rustc_hash::FxHashMap;
use std::collections::hash_map::Entry;
use xxhash_rust::xxh3::xxh3_128;

/// The customers that were judged, each with where it stands: a second line about one, judged by itself, would bring back
/// what the customer has withdrawn in the other.
///
/// An id is known by 96 bits of its hash: that two of a billion customers have the same has a chance of 10^-11. So each
/// takes 16 bytes, with its share of what is free 20 to 40.
#[derive(Debug, Default)]
pub struct Customers {
    first: FxHashMap<[u32; 3], u32>,
}

impl Customers {
    /// Adds a customer who stands at a place, a line or a row from 1 on. Gives the place at which the customer stood
    /// before; places beyond 2^32 are not told apart.
    pub fn add(&mut self, subject: &str, place: u64) -> Option<u64> {
        let hash = xxh3_128(subject.as_bytes());
        let id = [0, 32, 64].map(|shift| (hash >> shift) as u32);
        let place = u32::try_from(place).unwrap_or(u32::MAX);
        match self.first.entry(id) {
            Entry::Occupied(first) => Some((*first.get()).into()),
            Entry::Vacant(free) => {
                free.insert(place);
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Customers;

    #[test]
    fn who_came_before() {
        let mut customers = Customers::default();
        for at in 1..=100_000_u64 {
            assert_eq!(customers.add(&format!("c{at}"), at), None);
        }
        assert_eq!(customers.add("c7", 100_001), Some(7));
        assert_eq!(customers.add("c7", 100_002), Some(7));
        assert_eq!(customers.add("C7", 100_003), None);
        assert_eq!(size_of::<([u32; 3], u32)>(), 16);
    }
}
