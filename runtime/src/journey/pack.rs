//! Journeys as bytes ([`crate::state`]).

use super::{
    Instance, Journeys, Left, Look, More, Origin, Past, Place, Proposal, Sent, State, Watch, WatchOf,
};
use crate::profile::Cause;
use crate::state::{Damage, Reader, Writer};
use comity_compiler::ids::*;
use std::sync::Arc;

impl Journeys {
    pub(crate) fn write(&self, to: &mut Writer<'_>) {
        let past = self.past.as_deref();
        let has_past = past
            .is_some_and(|past| !(past.left.is_empty() && past.goals.is_empty() && past.exposed.is_empty()));
        let runs = !self.instances.is_empty() || !self.sent.is_empty();
        to.number((u64::from(self.next) << 2) | (u64::from(runs) << 1) | u64::from(has_past));
        if runs {
            to.count(self.instances.len());
            self.instances.iter().for_each(|instance| instance.write(to));
            to.count(self.sent.len());
            for sent in &self.sent {
                to.number(sent.number.into());
                to.bytes(&sent.send.to_le_bytes());
            }
        }
        let Some(past) = past.filter(|_| has_past) else { return };
        to.count(past.left.len());
        for Left { journey, key, until } in &past.left {
            to.text(journey);
            write_key(to, *key);
            to.instant(*until);
        }
        to.count(past.goals.len());
        for Watch { of, from, until } in &past.goals {
            match of {
                WatchOf::Journey(number, origin) => {
                    to.number(2 * u64::from(*number));
                    self.write_origin(to, *number, origin);
                }
                WatchOf::Experiment(experiment, arm) => {
                    to.number(2 * u64::from(experiment.0) + 1);
                    to.number((*arm).into());
                }
            }
            to.instant(*from);
            to.instant(*until);
        }
        to.count(past.exposed.len());
        past.exposed.iter().for_each(|experiment| to.number(experiment.0.into()));
    }

    pub(crate) fn read(from: &mut Reader<'_>) -> Result<Journeys, Damage> {
        let plan = from.plan;
        let head = from.number()?;
        let next = u32::try_from(head / 4).map_err(|_| Damage("a number is too large"))?;
        let mut journeys = Journeys { next, ..Journeys::default() };
        if head & 2 != 0 {
            let count = from.count()?;
            journeys.instances.reserve_exact(count);
            for _ in 0..count {
                journeys.instances.push(Instance::read(from)?);
            }
            let count = from.count()?;
            journeys.sent.reserve_exact(count);
            for _ in 0..count {
                let number = from.small()?;
                journeys.sent.push(Sent { number, send: u64::from_le_bytes(from.array()?) });
            }
        }
        if head & 1 == 0 {
            return Ok(journeys);
        }
        let mut past = Past::default();
        for _ in 0..from.count()? {
            let (journey, key) = (from.text()?, read_key(from)?);
            past.left.push(Left { journey, key, until: from.instant()? });
        }
        for _ in 0..from.count()? {
            let of = from.number()?;
            let number = u32::try_from(of / 2).map_err(|_| Damage("a number is too large"))?;
            let of = if of % 2 == 0 {
                WatchOf::Journey(number, journeys.read_origin(from, number)?)
            } else {
                let experiment = plan.experiments.get(number as usize);
                let experiment = experiment.ok_or(Damage("it names what the policy hasn't"))?;
                WatchOf::Experiment(ExperimentId(number), from.below(experiment.arms.len())?)
            };
            past.goals.push(Watch { of, from: from.instant()?, until: from.instant()? });
        }
        for _ in 0..from.count()? {
            past.exposed.push(ExperimentId(from.below(plan.experiments.len())?));
        }
        journeys.past = Some(Box::new(past));
        Ok(journeys)
    }

    /// The origin of an instance, or what was one: those that run have theirs already.
    fn write_origin(&self, to: &mut Writer<'_>, number: u32, origin: &Origin) {
        let running = self.find(number).is_some_and(|at| *self.instances[at].origin == *origin);
        to.presence(std::iter::once(running));
        if !running {
            origin.write(to);
        }
    }

    fn read_origin(&self, from: &mut Reader<'_>, number: u32) -> Result<Arc<Origin>, Damage> {
        if !from.presence(1)?.has(0) {
            return Origin::read(from).map(Arc::new);
        }
        let at = self.find(number).ok_or(Damage("an instance of a journey is missing"))?;
        Ok(Arc::clone(&self.instances[at].origin))
    }
}

impl Proposal {
    pub(crate) fn write(&self, to: &mut Writer<'_>, journeys: &Journeys) {
        to.number(self.number.into());
        journeys.write_origin(to, self.number, &self.origin);
        to.number(self.step.into());
        to.byte(self.tried);
        to.number(self.act.into());
    }

    pub(crate) fn read(from: &mut Reader<'_>, journeys: &Journeys) -> Result<Proposal, Damage> {
        let number = from.small()?;
        let origin = journeys.read_origin(from, number)?;
        let step = from.below(from.plan.journeys[origin.journey.index()].steps.len())?;
        Ok(Proposal { number, step, tried: from.byte()?, act: from.small()?, origin })
    }
}

impl Origin {
    fn write(&self, to: &mut Writer<'_>) {
        to.number(self.journey.0.into());
        self.cause.write(to);
        to.instant(self.time);
        to.instant_near(self.entered, self.time);
        write_key(to, self.key);
        to.number(self.twin.into());
    }

    fn read(from: &mut Reader<'_>) -> Result<Origin, Damage> {
        let journey = JourneyId(from.below(from.plan.journeys.len())?);
        let kind = from.number()?;
        let cause = Cause::read(from, kind)?;
        let time = from.instant()?;
        let entered = from.instant_near(time)?;
        Ok(Origin { journey, cause, time, entered, key: read_key(from)?, twin: from.small()? })
    }
}

/// Most keys are 0 or a hash.
fn write_key(to: &mut Writer<'_>, key: u64) {
    to.presence(std::iter::once(key != 0));
    if key != 0 {
        to.bytes(&key.to_le_bytes());
    }
}

fn read_key(from: &mut Reader<'_>) -> Result<u64, Damage> {
    if from.presence(1)?.has(0) { from.array().map(u64::from_le_bytes) } else { Ok(0) }
}

impl Instance {
    fn write(&self, to: &mut Writer<'_>) {
        let more = self.more.as_deref().filter(|more| !(more.looks.is_empty() && more.counters.is_empty()));
        to.number(self.number.into());
        self.origin.write(to);
        to.presence([self.goal_open, more.is_some()].into_iter());
        to.number(self.touches.into());
        to.number(self.acts.into());
        to.instant(self.stop_due);
        to.count(self.places.len());
        self.places.iter().for_each(|place| place.write(to));
        let Some(more) = more else { return };
        to.count(more.looks.len());
        for Look { wait, from, seen } in &more.looks {
            to.number((*wait).into());
            to.instant(*from);
            to.presence(std::iter::once(*seen));
        }
        to.count(more.counters.len());
        for (step, count) in &more.counters {
            to.number((*step).into());
            to.number((*count).into());
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Instance, Damage> {
        let number = from.small()?;
        let origin = Origin::read(from)?;
        let steps = from.plan.journeys[origin.journey.index()].steps.len();
        let has = from.presence(2)?;
        let (touches, acts, stop_due) = (from.small()?, from.small()?, from.instant()?);
        let places = (0..from.count()?).map(|_| Place::read(from, steps));
        let places = places.collect::<Result<_, Damage>>()?;
        let mut instance = Instance {
            number,
            origin: Arc::new(origin),
            touches,
            acts,
            goal_open: has.has(0),
            stop_due,
            places,
            more: None,
        };
        if has.has(1) {
            let mut more = More::default();
            for _ in 0..from.count()? {
                let wait = from.below(steps)?;
                more.looks.push(Look { wait, from: from.instant()?, seen: from.presence(1)?.has(0) });
            }
            for _ in 0..from.count()? {
                more.counters.push((from.below(steps)?, from.small()?));
            }
            instance.more = Some(Box::new(more));
        }
        Ok(instance)
    }
}

impl Place {
    fn write(&self, to: &mut Writer<'_>) {
        to.number(self.step.into());
        to.instant(self.due);
        match self.state {
            State::Ready => to.number(0),
            State::Waiting(since) => {
                to.number(1);
                to.instant(since);
            }
            State::Proposed(act) => {
                to.number(2);
                to.number(act.into());
            }
            State::Joining(branches) => {
                to.number(3);
                to.number(branches.into());
            }
            State::Open { next, send } => {
                to.number(4);
                to.byte(next);
                to.bytes(&send.to_le_bytes());
            }
            State::Retrying { act } => {
                to.number(5);
                to.number(act.into());
            }
        }
    }

    fn read(from: &mut Reader<'_>, steps: usize) -> Result<Place, Damage> {
        let (step, due) = (from.below(steps)?, from.instant()?);
        let state = match from.number()? {
            0 => State::Ready,
            1 => State::Waiting(from.instant()?),
            2 => State::Proposed(from.small()?),
            3 => State::Joining(from.small()?),
            4 => State::Open { next: from.byte()?, send: u64::from_le_bytes(from.array()?) },
            5 => State::Retrying { act: from.small()? },
            _ => return Err(Damage("an instance of a journey stands nowhere")),
        };
        Ok(Place { step, due, state })
    }
}
