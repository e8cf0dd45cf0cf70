//! Journeys: steps that lead somewhere, and only forward; expressions of the types that are asked for.

use super::expressions::alike;
use super::{Checked, ensure, wrong};
use crate::ids::*;
use crate::plan::*;

impl Plan {
    pub(super) fn check_journeys(&self) -> Checked {
        for journey in &self.journeys {
            self.check_journey(&format!("journey {}", journey.name), journey)?;
        }
        for (index, stop) in self.stops.iter().enumerate() {
            let place = format!("stop {index}");
            ensure(self.are_classes(&stop.classes), &place, "one of its classes doesn't exist")?;
            self.check_stop(&place, &stop.stop)?;
        }
        for experiment in &self.experiments {
            if let Some(goal) = &experiment.goal {
                self.check_goal(&format!("experiment {}", experiment.name), goal)?;
            }
        }
        Ok(())
    }

    fn check_journey(&self, place: &str, journey: &Journey) -> Checked {
        ensure(
            journey.class.is_none_or(|class| class.index() < self.classes.len()),
            place,
            "its class doesn't exist",
        )?;
        for trigger in &journey.triggers {
            self.check_trigger(place, trigger)?;
        }
        if let Some(key) = journey.key {
            self.check_value(place, key)?;
        }
        if let Some(when) = journey.when {
            self.check_condition(place, when)?;
            self.check_no_fields(place, when)?;
        }
        if let Reenter::After(length) = journey.reenter {
            ensure(length >= 0, place, "one enters again before one has left")?;
        }
        for stop in &journey.stops {
            self.check_stop(place, stop)?;
        }
        for stop in &journey.stop_when {
            for atom in self.check_guard(place, stop)? {
                self.check_no_fields(place, atom)?;
            }
        }
        if let Some(goal) = &journey.goal {
            self.check_goal(place, goal)?;
        }
        for (index, step) in journey.steps.iter().enumerate() {
            let place = format!("{place}, step {index}");
            ensure(
                step.id == identity(&step.path, &step.text),
                &place,
                "its id doesn't follow from what it says",
            )?;
            self.check_step(&place, journey, index, step)?;
        }
        // Ends of branches are steps of their own: three for one statement are more than there can be.
        ensure(journey.most_steps() <= 3 * MOST_STATEMENTS, place, "it has too many steps")?;
        let mut ids: Vec<&str> = journey.steps.iter().map(|step| step.id.as_str()).collect();
        ids.sort_unstable();
        ensure(ids.is_sorted_by(|a, b| a < b), place, "two of its steps have one id")
    }

    /// No pattern waits for a time of the week.
    fn check_pattern(&self, place: &str, on: &Trigger) -> Checked {
        ensure(!matches!(on, Trigger::Every { .. }), place, "a time of the week is no event")?;
        self.check_trigger(place, on)
    }

    fn check_goal(&self, place: &str, goal: &Goal) -> Checked {
        ensure(goal.within > 0, place, "its goal has no time")?;
        self.check_pattern(place, &goal.on)
    }

    fn check_stop(&self, place: &str, stop: &StopOn) -> Checked {
        self.check_pattern(place, &stop.on)?;
        let Some(known) = stop.known else { return Ok(()) };
        let node = self.exprs.get(known.index());
        let slot = match node.map(|node| &node.op) {
            Some(Op::Slot(slot)) => self.slots.get(slot.index()),
            _ => None,
        };
        let counts = slot.is_some_and(|slot| match slot.source {
            Source::Window(window) => {
                self.windows.get(window.index()).is_some_and(|window| window.fold == Fold::Count)
            }
            _ => false,
        });
        ensure(counts, place, "what is known of its stops isn't counted")
    }

    fn check_value(&self, place: &str, value: ExprId) -> Checked {
        ensure(value.index() < self.exprs.len(), place, "an expression doesn't exist")?;
        self.check_no_fields(place, value)
    }

    fn check_step(&self, place: &str, journey: &Journey, index: usize, step: &Step) -> Checked {
        for next in step.kind.nexts().into_iter().flatten() {
            let forward = (next as usize) < journey.steps.len() && next as usize > index;
            ensure(forward, place, "it doesn't go forward")?;
        }
        for wait in &step.opens {
            let wait = journey.steps.get(*wait as usize).map(|step| &step.kind);
            ensure(matches!(wait, Some(StepKind::WaitFor { .. })), place, "it opens no wait")?;
        }
        let is = |at: u32, test: fn(&StepKind) -> bool| {
            let step = journey.steps.get(at as usize);
            (at as usize) < index && step.is_some_and(|step| test(&step.kind))
        };
        match &step.kind {
            StepKind::Wait { duration, restart, .. } => {
                ensure(*duration >= 0, place, "it waits for a negative time")?;
                let Some(restart) = restart else { return Ok(()) };
                let limit = restart.up_to.is_none_or(|limit| limit >= 0);
                ensure(limit, place, "it waits for a negative time")?;
                self.check_pattern(place, &restart.on)
            }
            StepKind::WaitUntil { time, weekday, .. } => {
                self.check_trigger(place, &Trigger::Every { weekday: *weekday, time: *time })
            }
            StepKind::WaitFor { on, up_to, .. } => {
                ensure(*up_to >= 0, place, "it waits for a negative time")?;
                on.iter().try_for_each(|on| self.check_pattern(place, on))
            }
            StepKind::Send { message, via, chain, .. } => {
                let Some(message) = self.messages.get(message.index()) else {
                    return wrong(place, "its message doesn't exist");
                };
                let goes = |channel: &ChannelId| message.routes.iter().any(|route| route.channel == *channel);
                ensure(via.iter().all(goes), place, "its message doesn't go out on a channel")?;
                ensure(chain.is_none_or(|within| within >= 0), place, "it waits for a negative time")
            }
            StepKind::If { condition, .. } => {
                self.check_condition(place, *condition)?;
                self.check_no_fields(place, *condition)
            }
            StepKind::Split { experiment, arms } => {
                let experiment = self.experiments.get(experiment.index());
                let fits = experiment.is_some_and(|one| one.arms.len() == arms.len());
                ensure(fits, place, "its arms are not those of its experiment")
            }
            StepKind::Repeat { .. } | StepKind::Together { .. } | StepKind::Exit => Ok(()),
            StepKind::Again { repeat } => {
                let fits = is(*repeat, |kind| matches!(kind, StepKind::Repeat { .. }));
                ensure(fits, place, "it repeats nothing")
            }
            StepKind::Join { together } => {
                let fits = is(*together, |kind| matches!(kind, StepKind::Together { .. }));
                ensure(fits, place, "it joins nothing")
            }
            StepKind::Set { attribute, value, .. } => {
                let Some(attribute) = self.attributes.get(attribute.index()) else {
                    return wrong(place, "its attribute doesn't exist");
                };
                self.check_value(place, *value)?;
                let node = self.expr(*value);
                let fits = alike(node.ty, attribute.ty);
                ensure(fits, place, "its value is not of the attribute's type")
            }
            StepKind::Emit { fields, .. } => {
                fields.iter().try_for_each(|(_, value)| self.check_value(place, *value))
            }
            StepKind::Enter { journey, .. } => {
                ensure(journey.index() < self.journeys.len(), place, "its journey doesn't exist")
            }
        }
    }
}
