//! The customers of a batch, dealt out to several threads: what happens to one is no matter of the others, and where its
//! records belong is known.

use super::batch::{Batch, Key, NONE, Turn, Waiting};
use super::worker::Worker;
use super::{Customer, Replay};
use crate::effect::Effect;
use crate::profile::Profile;
use crate::step::{Stepper, Taken};
use std::num::NonZeroUsize;
use std::sync::Mutex;

/// Fewer customers than this are looked at sooner than a thread begins.
pub(super) const WORTH_A_THREAD: usize = 64;

/// As much as the first thread of a process has: what is deep there is deep in others, too.
const STACK: usize = 8 << 20;

/// Customers who lie side by side, for one thread.
struct Share<'c> {
    /// The number of the first of them.
    first: u32,
    customers: &'c mut [Customer],
    /// Whose turn it is, and how many events each has.
    turns: Vec<(u32, usize)>,
    /// Of one after the other, in the order of the log.
    events: Vec<Waiting>,
}

impl Replay {
    /// Decides with so many threads. The records are the same, whatever the number.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Replay {
        let worker = || Worker::new(self.policy().clone(), self.worker.detail);
        self.others = (1..threads.get()).map(|_| worker()).collect();
        self
    }

    /// Gives a thread to each so many customers: so tests have several for a few of them.
    #[must_use]
    pub fn customers_for_a_thread(mut self, customers: NonZeroUsize) -> Replay {
        self.worth_a_thread = customers.get();
        self
    }

    /// Decides the events of some customers that wait, and what time brings them until the clock stands where the batch
    /// ends. Each customer is there once.
    pub(super) fn decide_on(&mut self, mut whose: Vec<u32>) {
        whose.sort_unstable();
        let followed = self.worker.followed.as_ref().map(|(subject, _)| subject.clone());
        if let Some(subject) = followed {
            // All others are decided as if nobody looked.
            let followed = self.find(&subject);
            let (followed, others): (Vec<u32>, _) =
                whose.iter().partition(|customer| Some(**customer) == followed);
            self.deal_out(&followed, 1);
            self.swap_bystander();
            self.deal_out(&others, 1);
            self.swap_bystander();
        } else {
            let threads = (whose.len() / self.worth_a_thread).clamp(1, self.others.len() + 1);
            self.deal_out(&whose, threads);
        }
        let Replay { worker, others, batch, .. } = self;
        batch.events.clear();
        for other in others {
            worker.add(other);
        }
        for customer in whose {
            self.schedule(customer);
        }
    }

    /// Who decides about those that aren't followed takes the place of who follows, and back.
    fn swap_bystander(&mut self) {
        if let Some(other) = self.others.first_mut() {
            std::mem::swap(&mut self.worker, other);
        }
    }

    /// Decides on as many threads; each customer is there once, ascending.
    fn deal_out(&mut self, whose: &[u32], threads: usize) {
        let Replay { worker, others, batch, customers, .. } = self;
        let mut shares = Vec::with_capacity(threads);
        let (mut rest, mut passed) = (&mut customers[..], 0);
        for part in whose.chunks(whose.len().div_ceil(threads).max(1)) {
            let mut events = Vec::new();
            let turns = part.iter().map(|customer| {
                let waiting = &mut rest[*customer as usize - passed].waiting;
                let (mut next, _) = std::mem::replace(waiting, (NONE, NONE));
                let before = events.len();
                while let Some(event) = batch.events.get_mut(next as usize).and_then(Option::take) {
                    next = event.next;
                    events.push(event);
                }
                (*customer, events.len() - before)
            });
            let turns = turns.collect();
            let end = part.last().map_or(0, |last| *last as usize + 1);
            let (customers, after) = std::mem::take(&mut rest).split_at_mut(end - passed);
            shares.push(Mutex::new(Some(Share { first: passed as u32, customers, turns, events })));
            (rest, passed) = (after, end);
        }
        let batch = &*batch;
        std::thread::scope(|scope| {
            let (own, shared) = shares.split_at(shares.len().min(1));
            for (worker, share) in others.iter_mut().zip(shared) {
                let decide = || Share::take(share).into_iter().for_each(|share| share.decide(worker, batch));
                // Where there are no threads, this one does it afterwards.
                _ = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, decide);
            }
            own.iter().filter_map(Share::take).for_each(|share| share.decide(worker, batch));
        });
        shares.iter().filter_map(Share::take).for_each(|share| share.decide(worker, batch));
    }
}

impl<'c> Share<'c> {
    /// Whoever comes first does it.
    fn take(share: &Mutex<Option<Share<'c>>>) -> Option<Share<'c>> {
        share.lock().ok()?.take()
    }

    fn decide(self, worker: &mut Worker, batch: &Batch) {
        let mut events = self.events.into_iter();
        for (number, count) in self.turns {
            let own = events.by_ref().take(count);
            self.customers[(number - self.first) as usize].decide(number, own, worker, batch);
        }
    }
}

impl Customer {
    fn decide(
        &mut self,
        number: u32,
        events: impl Iterator<Item = Waiting>,
        worker: &mut Worker,
        batch: &Batch,
    ) {
        let Customer { profile, order, .. } = self;
        // Whoever became another one has no events, but may have been due.
        let Some(profile) = profile else { return events.for_each(drop) };
        let mut turn = batch.begin(profile);
        for Waiting { position, place, mut event, .. } in events {
            let (key, clock) = (Key::of_event(position), batch.clocks[position as usize]);
            worker.timers(batch, (number, profile, order), &mut turn, clock);
            worker.catch_up(profile, order, key, event.time);
            profile.timers_done = clock;
            *order = batch.order(position);
            let behind = profile.now.saturating_sub(event.time);
            let (received, mut taken) = (*order, Taken::Accepted);
            let step = |stepper: &mut Stepper, profile: &mut Profile, effects: &mut Vec<Effect>| {
                taken = stepper.event(profile, &mut event, received, None, effects);
            };
            worker.step(profile, || key, step);
            worker.taken(key, place, &event, &taken, behind);
            turn = Turn::after(position, clock);
        }
        worker.timers(batch, (number, profile, order), &mut turn, batch.clock());
    }
}
