//! What is kept of a customer's journeys (reference §10).
//!
//! An instance is a state machine: the step at which it stands ([`Place`]), or one for each branch of a `together`
//! and each send whose delivery is still open, with the instant at which that goes on by time. A customer may be
//! waiting in many journeys, and a million customers may: so an instance is a few words, and of the event that
//! started it only that is kept which its steps can still ask for.

mod advance;
mod carry;
mod chain;
mod enter;
mod exposure;
mod goal;
mod merge;
mod migrate;
mod occur;
mod pack;
mod stop;

pub(crate) use occur::Occurred;

use crate::profile::Cause;
use comity_compiler::ids::*;
use smallvec::SmallVec;
use smol_str::SmolStr;
use std::sync::Arc;

/// All that is kept of a customer's journeys and experiments.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    /// Those that run, in the order of their entries.
    pub(crate) instances: Vec<Instance>,
    /// What instances sent: their delivery patterns match nothing else.
    pub(crate) sent: Vec<Sent>,
    /// Everything else; most customers have nothing of it.
    past: Option<Box<Past>>,
    /// The number of the next instance.
    next: u32,
}

/// What is kept after an instance, beside it, or of experiments.
#[derive(Clone, Debug, Default)]
pub(crate) struct Past {
    /// Who may not enter again yet, or ever.
    pub(crate) left: Vec<Left>,
    /// Goals that can still be met.
    pub(crate) goals: Vec<Watch>,
    /// The experiments to which the customer has been exposed.
    pub(crate) exposed: Vec<ExperimentId>,
}

/// An instance that runs.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// Never given again to another instance of the customer.
    pub(crate) number: u32,
    pub(crate) origin: Arc<Origin>,
    /// Messages sent, ghosts included.
    pub(crate) touches: u32,
    /// How many messages were proposed so far: it tells them apart.
    pub(crate) acts: u32,
    /// Its goal has not been met yet.
    pub(crate) goal_open: bool,
    /// When a `stop when` can become true by time alone, µs.
    pub(crate) stop_due: i64,
    pub(crate) places: SmallVec<[Place; 1]>,
    more: Option<Box<More>>,
}

/// What only some instances need.
#[derive(Clone, Debug, Default)]
struct More {
    /// Waits that look for their events already.
    looks: Vec<Look>,
    /// By the step of the `repeat`: how often its body has run.
    counters: Vec<(u32, u32)>,
}

/// How an instance came to be.
#[derive(Clone, Debug, PartialEq)]
pub struct Origin {
    /// Which journey.
    pub journey: JourneyId,
    /// What started it. Of an event that which the journey can still ask for.
    pub cause: Cause,
    /// The time of that, µs.
    pub time: i64,
    /// When it was entered, µs.
    pub entered: i64,
    /// A hash of the key's value; 0 without a key.
    pub key: u64,
    /// Tells instances apart that have all else in common.
    pub twin: u32,
}

/// Where an instance stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) step: u32,
    /// When it goes on by time, µs; [`i64::MAX`] where it doesn't.
    pub(crate) due: i64,
    pub(crate) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum State {
    /// The step is still to be done.
    Ready,
    /// It waits, since then (µs).
    Waiting(i64),
    /// A message was proposed under this number and isn't sent yet.
    Proposed(u32),
    /// So many branches have not ended yet.
    Joining(u32),
    /// The message left, on the channel before this one, and its delivery is open.
    Open { next: u8, send: u64 },
    /// The same, and the next channel is being tried, under this number.
    Retrying { act: u32 },
}

/// A wait looks for its event, from an instant (µs) on.
#[derive(Clone, Copy, Debug)]
struct Look {
    wait: u32,
    from: i64,
    seen: bool,
}

/// Who has left a journey.
#[derive(Clone, Debug)]
pub(crate) struct Left {
    /// By name: it is remembered however the policy changes.
    pub(crate) journey: SmolStr,
    pub(crate) key: u64,
    /// From then on (µs) one may enter again.
    pub(crate) until: i64,
}

/// A goal that can still be met.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) of: WatchOf,
    /// µs; an event of this time still counts.
    pub(crate) from: i64,
    /// µs; as does one of this.
    pub(crate) until: i64,
}

#[derive(Clone, Debug)]
pub(crate) enum WatchOf {
    Journey(u32, Arc<Origin>),
    Experiment(ExperimentId, u32),
}

/// A message that an instance sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    number: u32,
    send: u64,
}

/// A message that an instance proposes.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The instance, among those of the customer.
    pub number: u32,
    /// The `send`.
    pub step: u32,
    /// How many of its channels have been tried before.
    pub tried: u8,
    /// Which of the instance's proposals it is.
    pub act: u32,
    /// Of the instance.
    pub origin: Arc<Origin>,
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Settled {
    /// It left, on this of the step's channels, as this send; a ghost as none.
    Sent { way: u8, send: Option<u64> },
    /// It is held back, and stays proposed.
    Deferred,
    /// It didn't leave.
    Blocked,
}

impl Journeys {
    /// Whether an instance of a journey runs.
    pub fn is_in(&self, journey: JourneyId) -> bool {
        self.instances.iter().any(|instance| instance.origin.journey == journey)
    }

    /// Whether the customer has been exposed to an experiment.
    pub(crate) fn is_exposed(&self, experiment: ExperimentId) -> bool {
        self.past().is_some_and(|past| past.exposed.contains(&experiment))
    }

    /// How many instances run.
    pub fn running(&self) -> usize {
        self.instances.len()
    }

    /// The next instant (µs) at which an instance goes on by time alone; [`i64::MAX`] for never.
    pub(crate) fn due(&self) -> i64 {
        self.instances.iter().map(Instance::due).min().unwrap_or(i64::MAX)
    }

    pub(crate) fn find(&self, number: u32) -> Option<usize> {
        self.instances.iter().position(|instance| instance.number == number)
    }

    pub(crate) fn past(&self) -> Option<&Past> {
        self.past.as_deref()
    }

    pub(crate) fn past_mut(&mut self) -> &mut Past {
        self.past.get_or_insert_default()
    }

    /// Whether a send is one of an instance's.
    pub(crate) fn sent_by(&self, number: u32, send: u64) -> bool {
        self.sent.iter().any(|sent| sent.number == number && sent.send == send)
    }

    /// Bytes that they take, about; what is shared counts each time.
    pub fn memory(&self) -> usize {
        let instance = |instance: &Instance| {
            let spilled = if instance.places.spilled() { instance.places.capacity() } else { 0 };
            let more = instance.more.as_ref().map_or(0, |more| {
                size_of::<More>()
                    + more.looks.capacity() * size_of::<Look>()
                    + more.counters.capacity() * size_of::<(u32, u32)>()
            });
            let snapshot = match &instance.origin.cause {
                Cause::Event(event) => 16 + size_of_val(&**event) + event.memory(),
                _ => 0,
            };
            spilled * size_of::<Place>() + more + 16 + size_of::<Origin>() + snapshot
        };
        let past = self.past().map_or(0, |past| {
            size_of::<Past>()
                + past.left.capacity() * size_of::<Left>()
                + past.goals.capacity() * size_of::<Watch>()
                + past.exposed.capacity() * size_of::<ExperimentId>()
        });
        size_of::<Journeys>()
            + self.instances.capacity() * size_of::<Instance>()
            + self.sent.capacity() * size_of::<Sent>()
            + self.instances.iter().map(instance).sum::<usize>()
            + past
    }
}

impl Instance {
    fn due(&self) -> i64 {
        self.places.iter().map(|place| place.due).min().unwrap_or(i64::MAX).min(self.stop_due)
    }

    fn more_mut(&mut self) -> &mut More {
        self.more.get_or_insert_default()
    }

    /// A wait looks for its event from an instant on; what it has seen before doesn't count.
    fn look(&mut self, wait: u32, from: i64) {
        let looks = &mut self.more_mut().looks;
        let look = Look { wait, from, seen: false };
        match looks.iter_mut().find(|look| look.wait == wait) {
            Some(known) => *known = look,
            None => looks.push(look),
        }
    }

    /// The wait is reached: since when it looks, and whether it has seen its event; it begins to look at `now`
    /// where it didn't before.
    fn look_of(&mut self, wait: u32, now: i64) -> Look {
        let known = self.more.as_ref().and_then(|more| more.looks.iter().find(|look| look.wait == wait));
        if let Some(look) = known {
            return *look;
        }
        self.look(wait, now);
        Look { wait, from: now, seen: false }
    }

    fn close_look(&mut self, wait: u32) {
        if let Some(more) = &mut self.more {
            more.looks.retain(|look| look.wait != wait);
            if more.looks.is_empty() && more.counters.is_empty() {
                self.more = None;
            }
        }
    }

    /// How often a body has run: one more.
    fn count(&mut self, repeat: u32) -> u32 {
        let counters = &mut self.more_mut().counters;
        match counters.iter_mut().find(|(step, _)| *step == repeat) {
            Some((_, count)) => {
                *count = count.saturating_add(1);
                *count
            }
            None => {
                counters.push((repeat, 1));
                1
            }
        }
    }

    fn close_count(&mut self, repeat: u32) {
        if let Some(more) = &mut self.more {
            more.counters.retain(|(step, _)| *step != repeat);
        }
    }
}

impl Origin {
    /// The event that started it, where it was one.
    pub(crate) fn event(&self) -> Option<&Arc<crate::profile::Snapshot>> {
        match &self.cause {
            Cause::Event(event) => Some(event),
            _ => None,
        }
    }
}

/// How a send is remembered.
pub(crate) fn hash_of(send: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(send.as_bytes())
}

/// The id of an instance: it follows from the policy's names, the customer and what started it.
pub fn instance_id(plan: &comity_compiler::plan::Plan, subject: &str, origin: &Origin) -> SmolStr {
    let name = plan.journeys.get(origin.journey.index()).map_or("", |journey| &journey.name);
    let cause = origin.cause.text(plan);
    let key = format!("{:x}:{}", origin.key, origin.twin);
    let parts: [&str; 6] = [&plan.policy, "journey", name, subject, cause.as_str(), &key];
    crate::record::effect_id("i_", &parts)
}
