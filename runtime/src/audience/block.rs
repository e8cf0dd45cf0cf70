//! Judging customers block by block.

use super::build::{All, Asked, Feed};
use super::{Audience, Part, ROWS, WORDS};
use crate::moment::{Moment, arm_of, bucket};
use crate::profile::Profile;
use crate::zone::{Local, Zone};
use comity_compiler::engine::slots_of;
use comity_compiler::ids::*;
use comity_compiler::index::columns::key;
use comity_compiler::plan::ChannelKind;
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;

/// Some bits of the customers of a block.
type Bits = [u64; WORDS];

/// Judges customers. It holds nothing of them between parts, only memory to work in.
pub struct Judge<'a> {
    audience: &'a Audience,
    moment: Moment,
    /// The customer who is looked at by themselves.
    profile: Profile,
    /// By position among what is asked customer by customer: what a condition looks at.
    slots: Vec<Box<[SlotId]>>,
    feeds: Vec<Fed>,
    tests: Vec<Bits>,
    clauses: Vec<Bits>,
    asked: Vec<Bits>,
    verdicts: Verdicts,
}

/// A feed of the block that is looked at; of attributes nothing is copied.
struct Fed {
    keys: Vec<i64>,
}

/// All known.
const KNOWN: Bits = [!0; WORDS];

/// What came of a block of customers.
#[derive(Clone, Debug)]
pub struct Verdicts {
    /// By target.
    found: Vec<Bits>,
    /// By target: who would be among them but is held out.
    held_out: Vec<Bits>,
    rows: usize,
    words: Vec<u64>,
}

impl Verdicts {
    /// How many customers there are.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many a target has found, and how many more it would but that they are held out.
    pub fn counts(&self, target: usize) -> (u64, u64) {
        let count = |bits: &Bits| bits.iter().map(|word| u64::from(word.count_ones())).sum();
        (count(&self.found[target]), count(&self.held_out[target]))
    }

    /// Whether a target has found a customer.
    pub fn holds(&self, target: usize, row: usize) -> bool {
        self.found[target][row / 64] >> (row % 64) & 1 == 1
    }

    /// Calls with each customer, by position in the block, and the targets that have found them, a bit for each, the
    /// lowest first.
    pub fn each(&mut self, mut call: impl FnMut(usize, &[u64])) {
        let width = self.found.len().div_ceil(64);
        self.words.clear();
        self.words.resize(width * 64, 0);
        for word in 0..self.rows.div_ceil(64) {
            // 64 customers and 64 targets at a time.
            for group in 0..width {
                let mut square = [0; 64];
                let targets = self.found[group * 64..].iter().take(64);
                targets.zip(&mut square).for_each(|(bits, row)| *row = bits[word]);
                transpose(&mut square);
                for (at, row) in square.into_iter().enumerate() {
                    self.words[at * width + group] = row;
                }
            }
            for at in 0..(self.rows - word * 64).min(64) {
                call(word * 64 + at, &self.words[at * width..(at + 1) * width]);
            }
        }
    }
}

/// Makes of 64 rows of 64 bits the columns (Warren, "Hacker's Delight", 7-3).
fn transpose(square: &mut [u64; 64]) {
    let (mut width, mut mask) = (32, 0x0000_0000_ffff_ffff_u64);
    while width != 0 {
        let mut row = 0;
        while row < 64 {
            let swapped = (square[row] >> width ^ square[row + width]) & mask;
            square[row] ^= swapped << width;
            square[row + width] ^= swapped;
            row = (row + width + 1) & !width;
        }
        width >>= 1;
        mask ^= mask << width;
    }
}

impl<'a> Judge<'a> {
    /// Makes ready to judge.
    pub fn new(audience: &'a Audience) -> Judge<'a> {
        let (policy, sieve) = (&audience.policy, &audience.sieve);
        let mut profile = Profile::new(policy, SmolStr::default());
        profile.now = audience.at;
        let slots = sieve.asked.iter().map(|asked| match asked {
            Asked::Condition((expr, _)) => slots_of(&policy.plan, *expr),
            Asked::Consent(..) => [].into(),
        });
        Judge {
            moment: Moment::new(policy),
            profile,
            slots: slots.collect(),
            feeds: sieve.feeds.iter().map(|_| Fed { keys: Vec::new() }).collect(),
            tests: vec![[0; WORDS]; sieve.tests.len()],
            clauses: vec![[0; WORDS]; sieve.clauses.len()],
            asked: vec![[0; WORDS]; sieve.asked.len()],
            verdicts: Verdicts {
                found: vec![[0; WORDS]; sieve.wholes.len()],
                held_out: vec![[0; WORDS]; sieve.wholes.len()],
                rows: 0,
                words: Vec::new(),
            },
            audience,
        }
    }

    /// Judges the customers of a part from one on, a whole number of [`ROWS`] from the beginning, up to [`ROWS`] of them.
    pub fn block(&mut self, part: &Part, start: usize) -> &mut Verdicts {
        let rows = part.len().saturating_sub(start).min(ROWS);
        self.verdicts.rows = rows;
        self.feed(part, start, rows);
        self.test(part, start, rows);
        let sieve = &self.audience.sieve;
        for (clause, bits) in sieve.clauses.iter().zip(&mut self.clauses) {
            *bits = [0; WORDS];
            clause.tests.iter().for_each(|test| or(bits, &self.tests[*test as usize]));
        }
        if !sieve.asked.is_empty() {
            self.ask(part, start, rows);
        }
        let present = present(rows);
        for (at, whole) in sieve.wholes.iter().enumerate() {
            let mut found = present;
            self.pass(&whole.common, &mut found);
            if let Some(ways) = &whole.ways {
                let mut passing = [0; WORDS];
                for way in ways {
                    let mut bits = found;
                    self.pass(way, &mut bits);
                    or(&mut passing, &bits);
                }
                found = passing;
            }
            let mut held_out = [0; WORDS];
            for test in &whole.held_out {
                or(&mut held_out, &self.tests[*test as usize]);
            }
            let held = held_out;
            and(&mut held_out, &found);
            found.iter_mut().zip(held).for_each(|(word, held)| *word &= !held);
            (self.verdicts.found[at], self.verdicts.held_out[at]) = (found, held_out);
        }
        &mut self.verdicts
    }

    fn pass(&self, all: &All, bits: &mut Bits) {
        for clause in all.tested.iter().chain(&all.asked) {
            and(bits, &self.clauses[*clause as usize]);
        }
    }

    /// What is said of each customer besides the attributes.
    fn feed(&mut self, part: &Part, start: usize, rows: usize) {
        let policy = &self.audience.policy;
        let plan = &policy.plan;
        let mut locals: Option<Vec<Local>> = None;
        for (feed, fed) in self.audience.sieve.feeds.iter().zip(&mut self.feeds) {
            let keys = &mut fed.keys;
            keys.clear();
            let subjects = part.subjects[start..start + rows].iter();
            match feed {
                Feed::Attribute(_) => {}
                Feed::Reachable(channel) => {
                    let address = match plan.channels[channel.index()].kind {
                        ChannelKind::Address(attribute) | ChannelKind::Device(attribute) => {
                            part.column(attribute)
                        }
                        ChannelKind::Inbound => None,
                    };
                    let known = |row: usize| address.map_or(0, |column| column.known[row / 64] >> (row % 64));
                    keys.extend((start..start + rows).map(|row| (known(row) & 1) as i64));
                }
                Feed::Bucket(salt) => {
                    keys.extend(subjects.map(|subject| key(Type::Percent, bucket(salt, subject).to_bits())));
                }
                Feed::Arm(experiment) => {
                    let experiment = &plan.experiments[experiment.index()];
                    keys.extend(subjects.map(|subject| i64::from(arm_of(experiment, subject))));
                }
                local => {
                    let locals = locals.get_or_insert_with(|| self.audience.locals(part, start, rows));
                    keys.extend(locals.iter().map(|at| match local {
                        Feed::LocalDate => at.date,
                        Feed::LocalTime => at.time,
                        Feed::LocalHour => at.hour(),
                        Feed::LocalWeekday => i64::from(at.weekday()),
                        Feed::LocalMonth => i64::from(at.month()),
                        _ => i64::from(at.day()),
                    }));
                }
            }
        }
    }

    /// What holds for whom, of what can be said of a whole column.
    fn test(&mut self, part: &Part, start: usize, rows: usize) {
        let sieve = &self.audience.sieve;
        let words = rows.div_ceil(64);
        for ((feed, test), bits) in sieve.tests.iter().zip(&mut self.tests) {
            let (keys, known) = match &sieve.feeds[*feed as usize] {
                Feed::Attribute(attribute) => match part.column(*attribute) {
                    Some(column) => (&column.keys[start..start + rows], &column.known[start / 64..][..words]),
                    None => continue,
                },
                _ => (&self.feeds[*feed as usize].keys[..], &KNOWN[..words]),
            };
            test.mark(keys, known, &mut bits[..words]);
            bits[words..].fill(0);
        }
    }

    /// Asks customer by customer, as far as it can still matter, and adds what holds to the clauses.
    fn ask(&mut self, part: &Part, start: usize, rows: usize) {
        let sieve = &self.audience.sieve;
        let present = present(rows);
        // Whom each question is put to.
        let mut wanted = vec![[0; WORDS]; sieve.asked.len()];
        let tested = |all: &All, bits: &mut Bits| {
            all.tested.iter().for_each(|clause| and(bits, &self.clauses[*clause as usize]));
        };
        let mut want = |all: &All, bits: &Bits| {
            for clause in &all.asked {
                let clause_bits = &self.clauses[*clause as usize];
                let open: Bits = std::array::from_fn(|at| bits[at] & !clause_bits[at]);
                let asked = &sieve.clauses[*clause as usize].asked;
                asked.iter().for_each(|asked| or(&mut wanted[*asked as usize], &open));
            }
        };
        for whole in &sieve.wholes {
            let mut common = present;
            tested(&whole.common, &mut common);
            if let Some(ways) = &whole.ways {
                let mut any = [0; WORDS];
                for way in ways {
                    let mut bits = common;
                    tested(way, &mut bits);
                    want(way, &bits);
                    or(&mut any, &bits);
                }
                common = any;
            }
            want(&whole.common, &common);
        }
        self.asked.iter_mut().for_each(|bits| *bits = [0; WORDS]);
        for row in 0..rows {
            let (word, bit) = (row / 64, 1 << (row % 64));
            if !wanted.iter().any(|bits| bits[word] & bit != 0) {
                continue;
            }
            self.become_customer(part, start + row);
            for (at, bits) in wanted.iter().enumerate() {
                if bits[word] & bit != 0 && self.holds(at) {
                    self.asked[at][word] |= bit;
                }
            }
        }
        for (clause, bits) in sieve.clauses.iter().zip(&mut self.clauses) {
            clause.asked.iter().for_each(|asked| or(bits, &self.asked[*asked as usize]));
        }
    }

    /// From now on a customer of the part is the one who is asked.
    fn become_customer(&mut self, part: &Part, row: usize) {
        let policy = &self.audience.policy;
        let profile = &mut self.profile;
        profile.subject = part.subjects[row].clone();
        profile.ledger = Default::default();
        for (wanted, column) in self.audience.sieve.columns.iter().zip(&part.columns) {
            profile.set_attribute(policy, wanted.attribute, column.value(row), i64::MIN);
        }
        if let Some(consents) = part.consents.get(row) {
            for (at, consent) in consents.iter().enumerate() {
                profile.import_consent(consent.clone(), at);
            }
        }
        self.moment.changed();
    }

    fn holds(&mut self, asked: usize) -> bool {
        let policy = &self.audience.policy;
        match self.audience.sieve.asked[asked] {
            Asked::Condition((expr, negated)) => {
                self.moment.fill(policy, &mut self.profile, &self.slots[asked], &[]);
                policy.engine.holds(expr, self.moment.frame_mut()) != negated
            }
            Asked::Consent(purpose, channel) => {
                self.moment.consent(policy, &mut self.profile, purpose, channel).is_some()
            }
        }
    }
}

impl Audience {
    /// The local time of each customer.
    fn locals(&self, part: &Part, start: usize, rows: usize) -> Vec<Local> {
        let utc = Zone::utc().local(self.at);
        let Some(column) = self.policy.plan.timezone.and_then(|timezone| part.column(timezone)) else {
            return vec![utc; rows];
        };
        let mut known: FxHashMap<SmolStr, Local> = FxHashMap::default();
        let texts = &self.policy.plan.texts;
        let local = |row: usize| {
            let name = match column.value(row) {
                Some(Value::Cell(text)) => texts.get(text as usize).cloned(),
                Some(Value::Text(text)) => Some(text),
                _ => None,
            };
            let Some(name) = name else { return utc };
            *known
                .entry(name)
                .or_insert_with_key(|name| Zone::named(name).map_or(utc, |zone| zone.local(self.at)))
        };
        (start..start + rows).map(local).collect()
    }
}

fn present(rows: usize) -> Bits {
    std::array::from_fn(|word| match rows.saturating_sub(word * 64) {
        0 => 0,
        left @ 1..64 => (1 << left) - 1,
        _ => !0,
    })
}

fn and(bits: &mut Bits, other: &Bits) {
    bits.iter_mut().zip(other).for_each(|(word, other)| *word &= other);
}

fn or(bits: &mut Bits, other: &Bits) {
    bits.iter_mut().zip(other).for_each(|(word, other)| *word |= other);
}
