//! What an event, or a change of segments, means for journeys: (2) to (5) of a step (reference §10).

use super::enter::Start;
use super::{Settled, State, hash_of};
use crate::effect::Effect;
use crate::moment::Passage;
use crate::profile::{Cause, Profile, Snapshot, text_of};
use crate::step::{Candidate, Step};
use comity_compiler::builtin;
use comity_compiler::ids::*;
use comity_compiler::plan::{StepKind, Trigger};
use std::sync::Arc;

/// An event that has entered the history.
pub(crate) struct Occurred<'e> {
    pub(crate) event: &'e Arc<Snapshot>,
    /// Its own time, µs.
    pub(crate) time: i64,
    /// It came after a later one.
    pub(crate) late: bool,
    /// So late that it starts and moves nothing.
    pub(crate) too_late: bool,
}

/// Segments that were entered (true) and left, by name.
pub(crate) type Changes<'c> = &'c [(SegmentId, bool)];

impl Step<'_> {
    /// (2) stops, (3) waits, (4) entries and (5) triggered messages, up to what journeys propose.
    pub(crate) fn occur(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let late = event.is_some_and(|event| event.late);
        let too_late = event.is_some_and(|event| event.too_late);
        self.stop_journeys(profile, event, changes, effects);
        self.meet_goals(profile, event, changes, effects);
        if too_late {
            return;
        }
        self.late |= late;
        self.move_journeys(profile, event, changes, candidates, effects);
        self.enter_journeys(profile, event, changes, effects);
        self.propose_by_segments(profile, changes, late, candidates);
        if let Some(event) = event {
            self.propose_by_event(profile, event.event, late, candidates);
        }
        self.go_on(profile, candidates, effects);
    }

    /// Whether a pattern matches; inside a journey delivery patterns match what the instance sent itself.
    pub(super) fn matches(
        &mut self,
        profile: &mut Profile,
        on: &Trigger,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        instance: Option<(u32, Option<&Arc<Snapshot>>)>,
    ) -> bool {
        match *on {
            Trigger::Event { event: kind, filter } => {
                let Some(occurred) = event.filter(|occurred| occurred.event.event == kind) else {
                    return false;
                };
                let fields = &occurred.event.fields;
                if let Some((number, _)) = instance
                    && builtin::is_delivery(kind)
                    && !self
                        .send_of(occurred.event)
                        .is_some_and(|send| profile.journeys.sent_by(number, send))
                {
                    return false;
                }
                let Some(filter) = filter else { return true };
                self.moment.look_at(self.policy, instance.and_then(|(_, trigger)| trigger));
                self.moment.holds(self.policy, profile, filter, fields)
            }
            Trigger::Enter(segment) => changes.contains(&(segment, true)),
            Trigger::Leave(segment) => changes.contains(&(segment, false)),
            Trigger::Every { .. } => false,
        }
    }

    /// The send that a delivery event is about.
    fn send_of(&self, event: &Snapshot) -> Option<u64> {
        let send = event.fields.get(2)?.as_ref()?;
        Some(hash_of(&text_of(self.policy, send)?))
    }

    /// (3) waits that the event ends or restarts.
    fn move_journeys(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        if event.is_none() && changes.is_empty() {
            return;
        }
        let policy = self.policy;
        let time = event.map_or(profile.now, |event| event.time);
        for number in self.numbers(profile) {
            let Some(at) = profile.journeys.find(number) else { continue };
            let origin = Arc::clone(&profile.journeys.instances[at].origin);
            let instance = Some((number, origin.event()));
            let steps = &policy.plan.journeys[origin.journey.index()].steps;
            let looks = profile.journeys.instances[at].more.as_ref().map_or(0, |more| more.looks.len());
            for look in 0..looks {
                let Some(known) =
                    profile.journeys.instances[at].more.as_ref().and_then(|more| more.looks.get(look))
                else {
                    continue;
                };
                let (wait, from, seen) = (known.wait, known.from, known.seen);
                let StepKind::WaitFor { on, .. } = &steps[wait as usize].kind else { continue };
                if !seen
                    && from <= time
                    && on.iter().any(|on| self.matches(profile, on, event, changes, instance))
                    && let Some(more) = &mut profile.journeys.instances[at].more
                {
                    more.looks[look].seen = true;
                }
            }
            let mut place = 0;
            while let Some(standing) = profile.journeys.instances[at].places.get(place) {
                let (step, state, due) = (standing.step, standing.state, standing.due);
                let count = profile.journeys.instances[at].places.len();
                match (&steps[step as usize].kind, state) {
                    (StepKind::Wait { duration, restart: Some(restart), .. }, State::Waiting(since))
                        if self.matches(profile, &restart.on, event, changes, instance) =>
                    {
                        let limit = restart.up_to.map_or(i64::MAX, |limit| since.saturating_add(limit));
                        let again = time.saturating_add(*duration).min(limit);
                        profile.journeys.instances[at].places[place].due = due.max(again);
                    }
                    (StepKind::WaitFor { then, .. }, State::Waiting(_)) => {
                        let instance = &mut profile.journeys.instances[at];
                        let look = instance.look_of(step, i64::MAX);
                        if look.seen && time <= due {
                            instance.close_look(step);
                            for wait in &steps[step as usize].opens {
                                instance.look(*wait, time);
                            }
                            let passage = Passage::Branch(instance.origin.journey, step, 0);
                            super::advance::lead(instance, place, *then);
                            self.moment.passes(passage);
                        }
                    }
                    (_, State::Open { send, .. }) => {
                        if let Some(occurred) = event
                            && self.send_of(occurred.event) == Some(send)
                        {
                            match occurred.event.event {
                                builtin::DELIVERED => {
                                    profile.journeys.instances[at].places.remove(place);
                                }
                                builtin::FAILED => {
                                    self.try_next(profile, number, place, candidates);
                                }
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
                if profile.journeys.instances[at].places.len() == count {
                    place += 1;
                }
            }
            self.finish_if_done(profile, number, effects);
        }
    }

    /// (4) journeys that the event, or a change, starts.
    fn enter_journeys(
        &mut self,
        profile: &mut Profile,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        if changes.is_empty() {
            let Some(event) = event else { return };
            for id in &policy.events[event.event.event.index()].starts {
                self.enter_if(profile, *id, Some(event), changes, effects);
            }
            return;
        }
        for index in 0..policy.plan.journeys.len() {
            self.enter_if(profile, JourneyId::at(index), event, changes, effects);
        }
    }

    /// Enters a journey, if the event or a change starts it.
    fn enter_if(
        &mut self,
        profile: &mut Profile,
        id: JourneyId,
        event: Option<&Occurred<'_>>,
        changes: Changes<'_>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        for on in &policy.plan.journeys[id.index()].triggers {
            let cause = match *on {
                Trigger::Event { event: kind, .. } => match event {
                    Some(occurred) if occurred.event.event == kind => {
                        if !self.matches(profile, on, event, changes, None) || self.sent_again(id, kind) {
                            continue;
                        }
                        Cause::Event(Arc::clone(occurred.event))
                    }
                    _ => continue,
                },
                Trigger::Enter(segment) if changes.contains(&(segment, true)) => {
                    Cause::Entered(segment, profile.now)
                }
                Trigger::Leave(segment) if changes.contains(&(segment, false)) => {
                    Cause::Left(segment, profile.now)
                }
                Trigger::Enter(_) | Trigger::Leave(_) | Trigger::Every { .. } => continue,
            };
            let time = match (&cause, event) {
                (Cause::Event(_), Some(occurred)) => occurred.time,
                _ => profile.now,
            };
            self.enter_journey(profile, &Start { journey: id, cause: &cause, time }, effects);
            return;
        }
    }

    /// Journeys that a schedule starts.
    pub(crate) fn enter_by_schedules(
        &mut self,
        profile: &mut Profile,
        due: &[(JourneyId, i64)],
        effects: &mut Vec<Effect>,
    ) {
        for (journey, date) in due {
            let cause = Cause::Schedule(*date);
            let start = Start { journey: *journey, cause: &cause, time: profile.now };
            self.enter_journey(profile, &start, effects);
        }
    }

    /// What leaves starts a journey once in a step, else journeys that send could go on for ever.
    fn sent_again(&mut self, journey: JourneyId, kind: EventId) -> bool {
        if kind != builtin::SENT && kind != builtin::SHOWN {
            return false;
        }
        let again = self.started_by_sends.contains(&journey);
        self.started_by_sends.push(journey);
        again
    }

    /// The instances that run, oldest first.
    pub(super) fn numbers(&self, profile: &Profile) -> smallvec::SmallVec<[u32; 4]> {
        if profile.journeys.instances.is_empty() {
            return smallvec::SmallVec::new();
        }
        profile.journeys.instances.iter().map(|instance| instance.number).collect()
    }

    /// Notes what became of a proposal.
    pub(crate) fn settled(&mut self, cause: &Cause, settled: Settled) {
        if let Cause::Journey(proposal) = cause {
            self.settled.push((proposal.number, proposal.act, settled));
        }
    }
}
