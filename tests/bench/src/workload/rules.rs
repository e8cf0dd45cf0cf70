//! Rules of messages: conjunctions of clauses over a pool of shared conditions.

use super::customers::rounded;
use super::rng::Rng;
use super::slots::{Row, SLOTS, at};

/// How many classes there are; the first ranks highest.
pub const CLASSES: usize = 10;

/// A condition on one slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Atom {
    pub slot: usize,
    pub test: Test,
}

/// What it asks.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    Compare(Compare, f64),
    Is(f64),
    /// Members by position, ascending.
    In(Vec<f64>),
    /// Of a bool.
    Holds,
}

/// A comparison with a constant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    Less,
    AtMost,
    More,
    AtLeast,
}

impl Compare {
    /// As nearly every language writes it.
    pub fn sign(self) -> &'static str {
        match self {
            Compare::Less => "<",
            Compare::AtMost => "<=",
            Compare::More => ">",
            Compare::AtLeast => ">=",
        }
    }
}

impl Atom {
    /// Whether it holds.
    pub fn holds(&self, row: &Row) -> bool {
        let value = row[self.slot];
        match &self.test {
            Test::Compare(Compare::Less, constant) => value < *constant,
            Test::Compare(Compare::AtMost, constant) => value <= *constant,
            Test::Compare(Compare::More, constant) => value > *constant,
            Test::Compare(Compare::AtLeast, constant) => value >= *constant,
            Test::Is(member) => value == *member,
            Test::In(members) => members.contains(&value),
            Test::Holds => value == 1.0,
        }
    }
}

/// An atom of the pool, or its negation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Literal {
    pub atom: usize,
    pub negated: bool,
}

/// Literals of which one must hold.
pub type Clause = Vec<Literal>;

/// A message: all its clauses must hold; its score is `churn_weight * churn + value_weight * conversion * value`.
#[derive(Clone, Debug)]
pub struct Message {
    pub clauses: Vec<Clause>,
    pub class: usize,
    pub churn_weight: f64,
    pub value_weight: f64,
}

impl Message {
    /// Its score for a customer, from left to right.
    pub fn score(&self, row: &Row) -> f64 {
        self.churn_weight * row[at::CHURN] + self.value_weight * row[at::CONVERSION] * row[at::VALUE]
    }
}

/// How many different conditions so many messages share: 60, 154 and 396 at 100, 1,000 and 10,000.
fn pool_size(messages: usize) -> usize {
    (60.0 * (messages as f64 / 100.0).powf(0.41)).round().max(18.0) as usize
}

/// So many atoms of the pool are what nearly every message asks: consents, and how much was sent of late.
const USUAL: usize = 12;
/// Where the atoms on consents to a channel begin, and those on all sends, on mails and on text messages.
const CHANNELS: usize = 2;
const SENDS: usize = 6;
const MAILS: usize = 9;
const TEXTS: usize = 11;

fn pool(rng: &mut Rng, size: usize) -> Vec<Atom> {
    let holds = |slot| Atom { slot, test: Test::Holds };
    let below = |slot, limit| Atom { slot, test: Test::Compare(Compare::Less, limit) };
    let consents = [at::MARKETING_OK, at::PERSONAL_OK, at::EMAIL_OK, at::SMS_OK, at::PUSH_OK, at::ADS_OK];
    let mut pool: Vec<Atom> = consents.map(holds).into();
    pool.extend([4.0, 6.0, 9.0].map(|limit| below(at::SENDS_7D, limit)));
    pool.extend([3.0, 5.0].map(|limit| below(at::EMAIL_SENDS_7D, limit)));
    pool.push(below(at::SMS_SENDS_7D, 2.0));
    debug_assert_eq!(pool.len(), USUAL);
    pool.extend([at::VIP, at::NEWCOMER, at::ACTIVE_SHOPPER, at::HAS_APP].map(holds));
    pool.push(below(at::OPEN_TICKETS, 1.0));
    while pool.len() < size.max(USUAL + 6) {
        let atom = draw_atom(rng);
        if !pool.contains(&atom) {
            pool.push(atom);
        }
    }
    pool
}

fn draw_atom(rng: &mut Rng) -> Atom {
    use Compare::{AtLeast, AtMost, Less, More};
    let between = |rng: &mut Rng, from: f64, width: f64| rounded(from + rng.unit() * width, 2);
    match rng.below(22) {
        0 => is(rng, at::TIER, 0.0),
        1 => among(rng, at::TIER, 2, 1),
        2 | 3 => among(rng, at::COUNTRY, 3, 4),
        4 => among(rng, at::LANGUAGE, 2, 3),
        5 => is(rng, at::COUNTRY, 0.9),
        6 => compare(rng, at::AGE, [AtLeast, Less], |rng| (20 + 5 * rng.below(10)) as f64),
        7 => compare(rng, at::LIFETIME_VALUE, [More, AtMost], |rng| between(rng, 20.0, 400.0)),
        8 => compare(rng, at::ORDERS_90D, [AtLeast, Less], |rng| (1 + rng.below(5)) as f64),
        9 => compare(rng, at::DAYS_SINCE_ORDER, [More, AtMost], |rng| {
            rng.pick(&[7.0, 14.0, 30.0, 45.0, 60.0, 90.0, 120.0])
        }),
        10 => among(rng, at::LAST_CATEGORY, 2, 5),
        11 => is(rng, at::LAST_CATEGORY, 0.7),
        12 => compare(rng, at::CHURN, [More, Less], |rng| between(rng, 0.1, 0.6)),
        13 => compare(rng, at::CONVERSION, [AtLeast, More], |rng| between(rng, 0.05, 0.4)),
        14 => compare(rng, at::UTC_OFFSET, [AtLeast, AtMost], |rng| rng.below(12) as f64 - 6.0),
        15 => is(rng, at::ACTION, 0.6),
        16 => among(rng, at::ACTION, 2, 4),
        17 => among(rng, at::CATEGORY, 2, 5),
        18 => compare(rng, at::VALUE, [More, AtLeast], |rng| between(rng, 5.0, 120.0)),
        19 => among(rng, at::SOURCE, 2, 1),
        20 => compare(rng, at::LOCAL_HOUR, [AtLeast, Less], |rng| (6 + rng.below(15)) as f64),
        _ => compare(rng, at::SENDS_7D, [Less, Less], |rng| (2 + rng.below(9)) as f64),
    }
}

fn is(rng: &mut Rng, slot: usize, exponent: f64) -> Atom {
    Atom { slot, test: Test::Is(rng.zipf(SLOTS[slot].members(), exponent) as f64) }
}

/// At least so many members, and fewer than `more` more.
fn among(rng: &mut Rng, slot: usize, least: usize, more: usize) -> Atom {
    let count = least + rng.below(more);
    let mut members: Vec<f64> = Vec::new();
    while members.len() < count {
        let member = rng.zipf(SLOTS[slot].members(), 0.6) as f64;
        if !members.contains(&member) {
            members.push(member);
        }
    }
    members.sort_by(f64::total_cmp);
    Atom { slot, test: Test::In(members) }
}

fn compare(rng: &mut Rng, slot: usize, how: [Compare; 2], constant: impl Fn(&mut Rng) -> f64) -> Atom {
    let constant = constant(rng);
    Atom { slot, test: Test::Compare(rng.pick(&how), constant) }
}

/// Messages and the conditions that they share.
#[derive(Clone, Debug)]
pub struct Rules {
    pub atoms: Vec<Atom>,
    pub messages: Vec<Message>,
}

/// Customers on whom rules are tried while they are drawn: so many.
const SAMPLE: usize = 4096;
type Bits = [u64; SAMPLE / 64];

impl Rules {
    /// So many messages, each of which between 0.5% and 9% of customers like those of the sample may get.
    pub fn draw(rng: &mut Rng, messages: usize, sample: &[Row]) -> Rules {
        let atoms = pool(rng, pool_size(messages));
        let holds: Vec<Bits> = atoms.iter().map(|atom| bits(atom, sample)).collect();
        let messages = (0..messages).map(|_| draw_message(rng, &atoms, &holds)).collect();
        Rules { atoms, messages }.without_unused()
    }

    fn without_unused(mut self) -> Rules {
        let mut used = Vec::new();
        let mut names = vec![None; self.atoms.len()];
        for literal in self.messages.iter_mut().flat_map(|message| &mut message.clauses).flatten() {
            literal.atom = *names[literal.atom].get_or_insert_with(|| {
                used.push(self.atoms[literal.atom].clone());
                used.len() - 1
            });
        }
        Rules { atoms: used, ..self }
    }

    /// Whether a customer may get a message.
    pub fn eligible(&self, message: &Message, row: &Row) -> bool {
        let holds = |literal: &Literal| self.atoms[literal.atom].holds(row) != literal.negated;
        message.clauses.iter().all(|clause| clause.iter().any(holds))
    }

    /// A message's condition in some language: `atom` writes one atom, `[and, or]` stand between.
    pub fn condition(
        &self,
        message: &Message,
        [and, or]: [&str; 2],
        atom: impl Fn(&Atom, bool) -> String,
    ) -> String {
        let clauses = message.clauses.iter().map(|clause| {
            let literals = clause.iter().map(|literal| atom(&self.atoms[literal.atom], literal.negated));
            let literals: Vec<String> = literals.collect();
            if literals.len() == 1 { literals.join("") } else { format!("({})", literals.join(or)) }
        });
        clauses.collect::<Vec<_>>().join(and)
    }
}

fn bits(atom: &Atom, sample: &[Row]) -> Bits {
    let mut bits = [0; SAMPLE / 64];
    for (index, row) in sample.iter().take(SAMPLE).enumerate() {
        bits[index / 64] |= u64::from(atom.holds(row)) << (index % 64);
    }
    bits
}

/// The share of the sample for whom all clauses hold.
fn share(clauses: &[Clause], holds: &[Bits]) -> f64 {
    let word = |literal: &Literal, at: usize| {
        if literal.negated { !holds[literal.atom][at] } else { holds[literal.atom][at] }
    };
    let count = |at: usize| {
        let any = |clause: &Clause| clause.iter().fold(0, |any, literal| any | word(literal, at));
        clauses.iter().fold(u64::MAX, |all, clause| all & any(clause)).count_ones()
    };
    (0..SAMPLE / 64).map(count).sum::<u32>() as f64 / SAMPLE as f64
}

/// Tries until the share of customers is about what it should be.
fn draw_message(rng: &mut Rng, atoms: &[Atom], holds: &[Bits]) -> Message {
    let wanted = 0.005 * 18_f64.powf(rng.unit());
    let mut best = (f64::INFINITY, Vec::new());
    for _ in 0..600 {
        let clauses = draw_clauses(rng, atoms);
        let off = (share(&clauses, holds).max(1e-9) / wanted).ln().abs();
        if off < best.0 {
            best = (off, clauses);
        }
        if off < 0.25 {
            break;
        }
    }
    Message {
        clauses: best.1,
        class: rng.below(CLASSES),
        churn_weight: rounded(rng.unit() * 100.0, 2),
        value_weight: rounded(rng.unit() * 100.0, 2),
    }
}

/// Four to eight clauses: what nearly every message asks, then what is its own.
fn draw_clauses(rng: &mut Rng, atoms: &[Atom]) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::new();
    let channel = rng.below(4);
    let (sends, mails) = (SENDS + rng.below(3), MAILS + rng.below(2));
    for (atom, likely) in [
        (0, 0.92),
        (1, 0.4),
        (CHANNELS + channel, 0.85),
        (sends, 0.85),
        (mails, if channel == 0 { 0.4 } else { 0.0 }),
        (TEXTS, if channel == 1 { 0.4 } else { 0.0 }),
    ] {
        if rng.chance(likely) {
            clauses.push(vec![Literal { atom, negated: false }]);
        }
    }
    let wanted = (4 + rng.below(5)).max(clauses.len() + 1).min(8);
    // With few messages there are few conditions, which can all be asked by now.
    let is_left = |clauses: &[Clause]| {
        let asks = |atom| clauses.iter().flatten().any(|literal| literal.atom == atom);
        (USUAL..atoms.len()).any(|atom| !asks(atom))
    };
    while clauses.len() < wanted && is_left(&clauses) {
        let literals = if rng.chance(0.22) { 2 + rng.below(2) } else { 1 };
        let mut clause: Clause = Vec::new();
        while clause.len() < literals {
            let atom = USUAL + rng.zipf(atoms.len() - USUAL, 0.5);
            if clauses.iter().flatten().chain(&clause).any(|literal| literal.atom == atom) {
                if rng.chance(0.1) {
                    break;
                }
                continue;
            }
            let can_be_negated = !matches!(atoms[atom].test, Test::Compare(..));
            clause.push(Literal { atom, negated: can_be_negated && rng.chance(0.18) });
        }
        clause.sort();
        if !clause.is_empty() {
            clauses.push(clause);
        }
    }
    clauses
}
