//! What happened, for people.

use crate::effect::{Effect, EffectKind, GoalOf, Outcome};
use crate::publish::reason_word;
use crate::zone::{HOUR, MINUTE, SECOND, Zone};
use comity_compiler::plan::Plan;

/// An instant (µs) as the customer's calendar and clock show it: `2026-11-02 10:00`, with seconds where there are.
pub fn instant(zone: &Zone, at: i64) -> String {
    let local = zone.local(at);
    let civil = local.civil();
    let time = local.time;
    let minutes = format!(
        "{:04}-{:02}-{:02} {:02}:{:02}",
        civil.year,
        civil.month,
        civil.day,
        time / HOUR,
        time % HOUR / MINUTE
    );
    match time % MINUTE / SECOND {
        0 => minutes,
        seconds => format!("{minutes}:{seconds:02}"),
    }
}

/// What an effect is, in the names of the policy.
pub fn tell(plan: &Plan, effect: &Effect) -> String {
    match &effect.kind {
        EffectKind::Message(decided) => {
            let message = &plan.messages[decided.message.index()].name;
            let on = |word: &str| match decided.channel {
                Some(channel) => format!(" {word} {}", plan.channels[channel.index()].name),
                None => String::new(),
            };
            match &decided.outcome {
                Outcome::Sent => format!("sent {message}{}", on("via")),
                Outcome::Shown => match decided.placement {
                    Some(placement) => {
                        format!("shown {message} on {}", plan.placements[placement.index()].name)
                    }
                    None => format!("shown {message}{}", on("on")),
                },
                Outcome::Deferred(_) => format!("deferred {message}{}: quiet hours", on("on")),
                Outcome::HeldOut(holdout) => {
                    format!("held out {message}{}: {}", on("via"), plan.holdouts[holdout.index()].name)
                }
                Outcome::Blocked(reason) => {
                    format!("blocked {message}{}: {}", on("on"), reason_word(plan, *reason))
                }
            }
        }
        EffectKind::Segment { segment, entered } => {
            let word = if *entered { "entered" } else { "left" };
            format!("segment {} {word}", plan.segments[segment.index()].name)
        }
        EffectKind::Journey(journey) => match &journey.reason {
            Some(reason) => format!("journey {} {} ({reason})", journey.journey, journey.state.word()),
            None => format!("journey {} {}", journey.journey, journey.state.word()),
        },
        EffectKind::Goal(goal) => match &goal.of {
            GoalOf::Journey(journey, _) => format!("goal of {} met", plan.journeys[journey.index()].name),
            GoalOf::Experiment(experiment, _) => {
                format!("goal of {} met", plan.experiments[experiment.index()].name)
            }
        },
        EffectKind::Exposed(exposed) => {
            let experiment = &plan.experiments[exposed.experiment.index()];
            let arm = experiment.arms.get(exposed.arm as usize).map_or("", |(name, _)| name);
            format!("exposed to {}: {arm}", experiment.name)
        }
        EffectKind::Set(set) => format!("set profile.{}", plan.attributes[set.attribute.index()].name),
        EffectKind::Emit(emit) => format!("emitted {}", emit.event),
    }
}
