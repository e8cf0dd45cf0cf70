//! Workload W1: N messages, a customer with 25 attributes, an event with 5 fields; which message is best?
//!
//! Everything follows from a seed.

pub mod customers;
pub mod rng;
pub mod rules;
pub mod slots;

use rng::Rng;
use rules::Rules;
use slots::{Of, Row, SLOTS};

/// Rules, customers with an event each, and what is right for them.
pub struct Workload {
    pub rules: Rules,
    pub rows: Vec<Row>,
    /// For each row the best message.
    pub best: Vec<Option<u32>>,
    /// For each row the number and the sum of the positions of the messages that it may get.
    pub eligible: Vec<Set>,
}

/// A set of messages, as far as two of them are compared: how many, and a sum in which each position has its bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Set {
    pub count: u32,
    pub sum: u64,
}

impl Set {
    /// With one more message.
    pub fn insert(&mut self, message: u32) {
        self.count += 1;
        self.sum = self.sum.wrapping_add((u64::from(message) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    }
}

impl FromIterator<u32> for Set {
    fn from_iter<I: IntoIterator<Item = u32>>(messages: I) -> Set {
        let mut set = Set::default();
        messages.into_iter().for_each(|message| set.insert(message));
        set
    }
}

impl Workload {
    /// So many messages, and so many rows, which are the same for any number of messages.
    pub fn new(seed: u64, messages: usize, rows: usize) -> Workload {
        let mut workload = Workload::undecided(seed, messages, rows);
        let Workload { rules, rows, .. } = &workload;
        (workload.best, workload.eligible) = rows.iter().map(|row| decide(rules, row)).unzip();
        workload
    }

    /// The same without what is right, which takes long for a million rows.
    pub fn undecided(seed: u64, messages: usize, rows: usize) -> Workload {
        let mut rng = Rng::new(seed, 0);
        let rows: Vec<Row> = (0..rows).map(|_| customers::draw(&mut rng)).collect();
        let mut rng = Rng::new(seed, 1);
        let sample: Vec<Row> = (0..4096).map(|_| customers::draw(&mut rng)).collect();
        let rules = Rules::draw(&mut Rng::new(seed, 2 + messages as u64), messages, &sample);
        Workload { rules, rows, best: Vec::new(), eligible: Vec::new() }
    }

    /// What it is made of, in figures.
    pub fn shape(&self) -> Shape {
        let messages = self.rules.messages.len();
        let clauses: usize = self.rules.messages.iter().map(|message| message.clauses.len()).sum();
        let eligible: u64 = self.eligible.iter().map(|set| u64::from(set.count)).sum();
        Shape {
            messages,
            atoms: self.rules.atoms.len(),
            clauses: clauses as f64 / messages as f64,
            eligible: eligible as f64 / (messages * self.rows.len()) as f64,
            undecided: self.best.iter().filter(|best| best.is_none()).count() as f64 / self.rows.len() as f64,
        }
    }
}

/// A workload in figures.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub struct Shape {
    pub messages: usize,
    /// Different conditions.
    pub atoms: usize,
    /// Of a message, on average.
    pub clauses: f64,
    /// Of all messages and rows, the share that may be sent.
    pub eligible: f64,
    /// Of the rows, those for which there is no message.
    pub undecided: f64,
}

/// The best message by class, then score, then order, and all that are eligible: the definition of the workload.
fn decide(rules: &Rules, row: &Row) -> (Option<u32>, Set) {
    let mut set = Set::default();
    let mut best: Option<(u32, usize, f64)> = None;
    for (index, message) in (0..).zip(&rules.messages) {
        if rules.eligible(message, row) {
            set.insert(index);
            let score = message.score(row);
            let better = |&(_, class, most): &(u32, usize, f64)| {
                message.class < class || (message.class == class && score > most)
            };
            if best.as_ref().is_none_or(better) {
                best = Some((index, message.class, score));
            }
        }
    }
    (best.map(|(index, ..)| index), set)
}

/// The values of a row that are the customer's, or the event's, as the members of a JSON object.
pub fn json(row: &Row, of: Of) -> String {
    let members = SLOTS.iter().zip(row).filter(|(slot, _)| slot.of == of);
    let members: Vec<String> =
        members.map(|(slot, value)| format!("\"{}\":{}", slot.name, slot.json(*value))).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_shape_that_is_promised() {
        for (messages, atoms) in [(100, 60), (1000, 154)] {
            let shape = Workload::new(1, messages, 2000).shape();
            assert!(shape.atoms.abs_diff(atoms) <= 2, "{shape:?}");
            assert!((4.0..=8.0).contains(&shape.clauses), "{shape:?}");
            assert!((0.02..0.04).contains(&shape.eligible), "{shape:?}");
        }
    }

    #[test]
    fn few_messages_can_be_drawn_from_any_seed() {
        for seed in 0..20 {
            let clauses = Workload::new(seed, 1, 20).shape().clauses;
            assert!((4.0..=8.0).contains(&clauses), "{seed}: {clauses}");
        }
    }

    #[test]
    fn a_seed_says_it_all() {
        let [one, other] = [(); 2].map(|()| Workload::new(7, 50, 100));
        assert_eq!(one.best, other.best);
        assert_eq!(json(&one.rows[3], Of::Event), json(&other.rows[3], Of::Event));
        assert_ne!(one.best, Workload::new(8, 50, 100).best);
    }
}
