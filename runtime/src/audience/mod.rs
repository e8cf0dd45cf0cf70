//! Audiences: which of very many customers are in which segments, and for whom which messages are, by their profiles
//! alone.
//!
//! Customers come in [parts](Part), as columns. A condition on one attribute is looked at for a block of a thousand
//! customers at once ([`comity_compiler::index::columns`]), and what several messages ask for is looked at once for all
//! of them; the segments and messages are then ANDs of bits. What isn't about one attribute is looked at customer by
//! customer, by the same code that decides about events, for those who are left.
//!
//! A message is for a customer where, of the gates of the reference's §9, those let it pass that a profile alone can
//! answer: it is active on the customer's local date, `when` holds and `unless` doesn't, and on one of its channels or
//! placements each purpose allows the channel, the address is known and no rule suppresses it; and the customer isn't
//! held out. Nothing has happened to the customer yet: counts are 0, no cap is full. What depends on the event that would
//! propose the message rules nobody out.

mod block;
mod build;
mod customers;
mod notes;
mod part;

pub use block::{Judge, Verdicts};
pub use customers::Customers;
pub use notes::{Notes, asking_purposes};
pub use part::{Column, Part};

use crate::policy::Policy;
use build::Sieve;
use comity_compiler::ids::*;
use std::sync::Arc;

/// So many customers are judged together.
pub const ROWS: usize = 1024;

/// The words of as many bits.
pub(crate) const WORDS: usize = ROWS / 64;

/// What customers are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// Who is in it.
    Segment(SegmentId),
    /// Whom it is for.
    Message(MessageId),
}

/// What is asked of each customer, made ready.
pub struct Audience {
    policy: Arc<Policy>,
    targets: Box<[Target]>,
    /// µs since 1970-01-01T00:00:00Z.
    at: i64,
    sieve: Sieve,
    notes: Notes,
}

impl Audience {
    /// Makes ready to look for these at an instant (µs since 1970-01-01T00:00:00Z).
    pub fn new(policy: Arc<Policy>, targets: &[Target], at: i64) -> Audience {
        let sieve = Sieve::new(&policy, targets, at);
        let notes = Notes::new(&policy.plan, targets);
        Audience { policy, targets: targets.into(), at, sieve, notes }
    }

    /// The policy.
    pub fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The instant that is meant, µs since 1970-01-01T00:00:00Z.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// What is looked for, in the order in which it was asked for.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// The name of one of them.
    pub fn name(&self, target: Target) -> &str {
        let plan = &self.policy.plan;
        match target {
            Target::Segment(id) => &plan.segments[id.index()].name,
            Target::Message(id) => &plan.messages[id.index()].name,
        }
    }

    /// The attributes that matter, ascending: others need not be read.
    pub fn attributes(&self) -> impl Iterator<Item = AttributeId> {
        self.sieve.columns.iter().map(|column| column.attribute)
    }

    /// Whether consents matter.
    pub fn asks_for_consents(&self) -> bool {
        self.sieve.asks_for_consents
    }

    /// What profiles can't say of what is looked for.
    pub fn notes(&self) -> &Notes {
        &self.notes
    }
}
