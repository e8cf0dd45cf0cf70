//! The events that are decided together, and where in the log things happen.
//!
//! Each line of the log that is decided on has a position. A timer has its turn at the first position whose event
//! moves the clock past it, before that event; so it is known where its records belong, although it is worked
//! out together with all else of its customer.

use crate::intake::Event;
use crate::profile::Profile;

/// No event.
pub(super) const NONE: u32 = u32::MAX;

/// Some lines of the log.
#[derive(Default)]
pub(super) struct Batch {
    /// The clock before the first of them, µs; [`i64::MIN`] where all that is due has its turn, long due or not.
    pub(super) before: i64,
    /// By position: the clock once its event has come, µs. It never goes back.
    pub(super) clocks: Vec<i64>,
    /// Those that are events.
    pub(super) events: Vec<Waiting>,
    /// Who has events here, each once.
    pub(super) customers: Vec<u32>,
    /// How many positions there were before.
    passed: u64,
}

/// An event that waits to be decided.
pub(super) struct Waiting {
    /// Its position in the batch.
    pub(super) position: u32,
    /// Its number in the log.
    pub(super) place: u64,
    pub(super) event: Event,
    /// The customer's next event in the batch, or [`NONE`].
    pub(super) next: u32,
}

/// Where records belong: those of one position in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    position: u32,
    /// They are about the event itself; before it comes what was due.
    own: bool,
    /// µs
    due: i64,
    customer: u32,
}

impl Key {
    /// Of the event at a position.
    pub(super) fn of_event(position: u32) -> Key {
        Key { position, own: true, due: 0, customer: 0 }
    }

    pub(super) fn position(self) -> u32 {
        self.position
    }
}

/// How far one customer has got in a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// Nothing more happens at positions before this one.
    position: usize,
    /// The clock after the customer's last event, or before the batch: timers that were due by then have their turn
    /// when it moves on.
    clock: i64,
    /// The latest timer that had its turn at this position.
    due: i64,
}

impl Turn {
    /// After an event of the customer.
    pub(super) fn after(position: u32, clock: i64) -> Turn {
        Turn { position: position as usize + 1, clock, due: i64::MIN }
    }

    /// Where a timer has its turn that is due at `due`; `None` where it is behind the position `last`.
    pub(super) fn find(&mut self, clocks: &[i64], last: usize, due: i64, customer: u32) -> Option<Key> {
        let passed = due.max(self.clock);
        if clocks.get(last).is_none_or(|clock| *clock <= passed) {
            return None;
        }
        let rest = clocks.get(self.position..=last)?;
        let further = rest.partition_point(|clock| *clock <= passed);
        if further > 0 {
            self.position += further;
            self.due = i64::MIN;
        }
        self.due = self.due.max(due);
        Some(Key { position: self.position as u32, own: false, due: self.due, customer })
    }
}

impl Batch {
    /// The next position, to which the clock stands at an instant.
    pub(super) fn position(&mut self, clock: i64) -> u32 {
        self.clocks.push(clock);
        self.clocks.len() as u32 - 1
    }

    /// How far a customer has got before the batch, or after an event in it.
    pub(super) fn begin(&self, profile: &Profile) -> Turn {
        let clock = if self.before > i64::MIN { self.before.max(profile.timers_done) } else { i64::MIN };
        Turn { position: 0, clock, due: i64::MIN }
    }

    /// The last position.
    pub(super) fn last(&self) -> usize {
        self.clocks.len().saturating_sub(1)
    }

    /// The number under which something is received that happens at a position: later than all before it of the
    /// same customer, who has had so many steps, which this counts.
    pub(super) fn order(&self, position: u32, steps: &mut u32) -> u64 {
        *steps = steps.wrapping_add(1);
        ((self.passed + u64::from(position)) << 24) | u64::from(*steps & 0xff_ffff)
    }

    /// Begins the next one.
    pub(super) fn clear(&mut self, clock: Option<i64>) {
        self.passed += self.clocks.len() as u64;
        self.before = clock.unwrap_or(i64::MIN);
        self.clocks.clear();
        self.events.clear();
        self.customers.clear();
    }
}
