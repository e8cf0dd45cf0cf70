//! What became of a journey's messages, and the channels that are tried one after the other (reference §10).

use super::advance::lead;
use super::{Place, Sent, Settled, State};
use crate::effect::Effect;
use crate::moment::Passage;
use crate::profile::Profile;
use crate::step::{Candidate, Step};
use comity_compiler::plan::StepKind;

impl Step<'_> {
    /// Journeys learn what became of their proposals.
    pub(crate) fn settle(&mut self, profile: &mut Profile, effects: &mut Vec<Effect>) {
        for (number, act, settled) in std::mem::take(&mut self.settled) {
            self.settle_one(profile, number, act, settled);
            self.finish_if_done(profile, number, effects);
        }
    }

    fn settle_one(&mut self, profile: &mut Profile, number: u32, act: u32, settled: Settled) {
        let Some(at) = profile.journeys.find(number) else { return };
        let now = profile.now;
        if let Settled::Sent { send: Some(send), .. } = settled {
            profile.journeys.sent.reserve_exact(1);
            profile.journeys.sent.push(Sent { number, send });
        }
        let instance = &mut profile.journeys.instances[at];
        let steps = &self.policy.plan.journeys[instance.origin.journey.index()].steps;
        let place = instance.places.iter().position(|place| match place.state {
            State::Proposed(mine) | State::Retrying { act: mine } => mine == act,
            _ => false,
        });
        let Some(place) = place else { return };
        let step = instance.places[place].step;
        let StepKind::Send { chain, otherwise, next, .. } = &steps[step as usize].kind else { return };
        let first = matches!(instance.places[place].state, State::Proposed(_));
        let journey = instance.origin.journey;
        match settled {
            Settled::Deferred => {}
            Settled::Sent { .. } => self.moment.passes(Passage::Branch(journey, step, 0)),
            Settled::Blocked => self.moment.passes(Passage::Branch(journey, step, 1)),
        }
        match settled {
            Settled::Deferred => {}
            Settled::Blocked if first => {
                // What came before doesn't count for a wait in `else`, nor for the next statement.
                lead(instance, place, *otherwise);
            }
            Settled::Blocked => {
                instance.places.remove(place);
            }
            Settled::Sent { way, send } => {
                let open = chain.zip(send).map(|(within, send)| Place {
                    step,
                    due: now.saturating_add(within),
                    state: State::Open { next: way.saturating_add(1), send },
                });
                match (first, open) {
                    (true, open) => {
                        lead(instance, place, *next);
                        // A ghost isn't delivered, and would never have another channel tried.
                        instance.places.extend(open);
                    }
                    (false, Some(open)) => instance.places[place] = open,
                    (false, None) => {
                        instance.places.remove(place);
                    }
                }
            }
        }
    }

    /// A send failed, or was not delivered in time: the next channel is tried, where there is one.
    pub(super) fn try_next(
        &mut self,
        profile: &mut Profile,
        number: u32,
        place: usize,
        candidates: &mut Vec<Candidate>,
    ) {
        let Some(at) = profile.journeys.find(number) else { return };
        let instance = &mut profile.journeys.instances[at];
        let steps = &self.policy.plan.journeys[instance.origin.journey.index()].steps;
        let standing = &instance.places[place];
        let (step, state) = (standing.step, standing.state);
        let (StepKind::Send { via, .. }, State::Open { next, .. }) = (&steps[step as usize].kind, state)
        else {
            return;
        };
        if usize::from(next) >= via.len() {
            instance.places.remove(place);
            return;
        }
        let act = instance.acts;
        instance.acts += 1;
        instance.places[place] = Place { step, due: i64::MAX, state: State::Retrying { act } };
        self.propose_of(profile, at, step, next, act, candidates);
    }

    /// (3) by time: the waits that are over.
    pub(crate) fn time_out(
        &mut self,
        profile: &mut Profile,
        until: i64,
        candidates: &mut Vec<Candidate>,
        effects: &mut Vec<Effect>,
    ) {
        let policy = self.policy;
        for number in self.numbers(profile) {
            let Some(at) = profile.journeys.find(number) else { continue };
            let steps = &policy.plan.journeys[profile.journeys.instances[at].origin.journey.index()].steps;
            let mut place = 0;
            while let Some(standing) = profile.journeys.instances[at].places.get(place) {
                let (step, state, due) = (standing.step, standing.state, standing.due);
                let count = profile.journeys.instances[at].places.len();
                if due <= until {
                    let instance = &mut profile.journeys.instances[at];
                    match (&steps[step as usize].kind, state) {
                        (_, State::Open { .. }) => self.try_next(profile, number, place, candidates),
                        (StepKind::Wait { next, .. } | StepKind::WaitUntil { next, .. }, _) => {
                            lead(instance, place, *next);
                        }
                        (StepKind::WaitFor { otherwise, .. }, _) => {
                            instance.close_look(step);
                            let passage = Passage::Branch(instance.origin.journey, step, 1);
                            lead(instance, place, *otherwise);
                            self.moment.passes(passage);
                        }
                        _ => instance.places[place].due = i64::MAX,
                    }
                }
                if profile.journeys.instances[at].places.len() == count {
                    place += 1;
                }
            }
            self.finish_if_done(profile, number, effects);
        }
    }

    /// A change of time zone computes anew until when `wait until` waits.
    pub(crate) fn plan_waits(&mut self, profile: &mut Profile) {
        let (now, zone) = (profile.now, profile.zone);
        for instance in &mut profile.journeys.instances {
            let steps = &self.policy.plan.journeys[instance.origin.journey.index()].steps;
            for place in &mut instance.places {
                if let StepKind::WaitUntil { time, weekday, .. } = steps[place.step as usize].kind
                    && matches!(place.state, State::Waiting(_))
                {
                    place.due = zone.next_local(now, weekday, time);
                }
            }
            if instance.stop_due < i64::MAX {
                instance.stop_due = now;
            }
        }
    }
}
