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
    /// Those that are events and haven't been decided.
    pub(super) events: Vec<Option<Waiting>>,
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
}

/// How far one customer has got in a batch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turn {
    /// Nothing more happens at positions before this one.
    position: usize,
    /// The clock after the customer's last event, or before the batch: timers that were due by then have their turn
    /// when it moves on.
    clock: i64,
    /// The latest timer that had its turn since.
    due: i64,
}

impl Turn {
    /// After an event of the customer.
    pub(super) fn after(position: u32, clock: i64) -> Turn {
        Turn { position: position as usize + 1, clock, due: i64::MIN }
    }

    /// Whether a timer has its turn before the clock stands at `clock`; if so, it has had it.
    pub(super) fn takes(&mut self, due: i64, clock: i64) -> bool {
        let takes = due.max(self.clock) < clock;
        self.due = if takes { self.due.max(due) } else { self.due };
        takes
    }

    /// Where the last timer had its turn.
    pub(super) fn key(&self, clocks: &[i64], customer: u32) -> Key {
        let passed = self.due.max(self.clock);
        let rest = clocks.get(self.position..).unwrap_or_default();
        let position = self.position + rest.partition_point(|clock| *clock <= passed);
        Key { position: position as u32, own: false, due: self.due, customer }
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

    /// The clock after the last of them.
    pub(super) fn clock(&self) -> i64 {
        self.clocks.last().copied().unwrap_or(i64::MIN)
    }

    /// The number under which the event at a position is received.
    pub(super) fn order(&self, position: u32) -> u64 {
        // Between two events of a customer there is room for some million timers.
        (self.passed + u64::from(position) + 1) << 24
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
