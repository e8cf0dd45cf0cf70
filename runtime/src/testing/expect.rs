//! What a test expects, held against what happened.

use super::story::Teller;
use super::tell::instant;
use super::values::{show, value};
use crate::effect::{Decided, EffectKind, Lifecycle, Outcome};
use crate::publish::reason_word;
use comity_compiler::checked::{Expectation, JourneyState};
use comity_compiler::ids::*;
use comity_compiler::plan::Plan;

/// `None` where it is so; else what was expected and what happened instead.
pub(super) fn expect(teller: &mut Teller<'_>, expectation: &Expectation) -> Option<(String, String)> {
    let expected = wanted(teller, expectation);
    let plan = &teller.policy.plan;
    let found = match expectation {
        Expectation::Sent { message, via, times } => {
            let all = sends(teller, *message);
            let count = all.iter().filter(|(channel, _)| via.is_none() || *channel == *via).count() as u64;
            if times.map_or(count > 0, |times| count == times) {
                return None;
            }
            match all.is_empty() {
                true => fate(teller, *message),
                false => format!("it was sent {}", list(plan, &all)),
            }
        }
        Expectation::NotSent(message) => match sends(teller, *message) {
            all if all.is_empty() => return None,
            all => format!("it was sent {}", list(plan, &all)),
        },
        Expectation::OnlySent(messages) => only(teller, messages)?,
        Expectation::Shown(messages) => {
            if teller.shown == *messages {
                return None;
            }
            let missing = messages.iter().find(|message| !teller.shown.contains(message));
            let why =
                missing.map(|message| format!("; `{}`: {}", name(plan, *message), fate(teller, *message)));
            match teller.shown.as_slice() {
                [] => format!("nothing was shown{}", why.unwrap_or_default()),
                shown => format!("{} {} shown{}", names(plan, shown), were(shown), why.unwrap_or_default()),
            }
        }
        Expectation::Blocked { message, reason } => {
            let last = last(teller, *message);
            if last.iter().any(|(_, decided)| word(plan, decided).split(':').next() == Some(reason)) {
                return None;
            }
            fate(teller, *message)
        }
        Expectation::Journey { journey, state } => journey_is(teller, *journey, *state)?,
        Expectation::Profile(attribute, given) => {
            let ty = plan.attributes[attribute.index()].ty;
            let is = teller.profile.attribute(*attribute);
            if is == Some(value(&teller.policy, given, ty)) {
                return None;
            }
            format!("it is {}", show(&teller.policy, is.as_ref(), ty))
        }
        Expectation::Segment { segment, negated } => {
            let now = teller.now();
            let inside = teller.stepper.is_in_segment(&teller.profile, *segment, now);
            if inside != *negated {
                return None;
            }
            if inside { "the customer is in it".to_owned() } else { "the customer isn't in it".to_owned() }
        }
    };
    Some((expected, found))
}

/// What is expected, as a sentence.
fn wanted(teller: &Teller<'_>, expectation: &Expectation) -> String {
    let plan = &teller.policy.plan;
    match expectation {
        Expectation::Sent { message, via, times } => {
            let via = via.map(|channel| format!(" via {}", plan.channels[channel.index()].name));
            let times = times.map(|times| format!(" {times} time{}", if times == 1 { "" } else { "s" }));
            let (via, times) = (via.unwrap_or_default(), times.unwrap_or_default());
            format!("`{}` is sent{via}{times}", name(plan, *message))
        }
        Expectation::NotSent(message) => format!("`{}` is not sent", name(plan, *message)),
        Expectation::OnlySent(messages) => format!("only {} {} sent", names(plan, messages), are(messages)),
        Expectation::Shown(messages) => format!("{} {} shown", names(plan, messages), are(messages)),
        Expectation::Blocked { message, reason } => {
            format!("`{}` is blocked because of `{reason}`", name(plan, *message))
        }
        Expectation::Journey { journey, state } => {
            let state = match state {
                JourneyState::Active => "is active",
                JourneyState::Stopped => "is stopped",
                JourneyState::Finished => "is finished",
            };
            format!("the journey `{}` {state}", plan.journeys[journey.index()].name)
        }
        Expectation::Profile(attribute, given) => {
            let attribute = &plan.attributes[attribute.index()];
            let value = value(&teller.policy, given, attribute.ty);
            format!("`profile.{}` is {}", attribute.name, show(&teller.policy, Some(&value), attribute.ty))
        }
        Expectation::Segment { segment, negated } => {
            let word = if *negated { "is not" } else { "is" };
            format!("the customer {word} in the segment `{}`", plan.segments[segment.index()].name)
        }
    }
}

/// What became of a message, with the statement and the local time.
fn decisions<'t>(teller: &'t Teller<'_>) -> impl Iterator<Item = (usize, &'t str, &'t Decided)> {
    teller.story.log.iter().filter_map(|one| match &one.effect.kind {
        EffectKind::Message(decided) => Some((one.statement, one.when.as_str(), &**decided)),
        _ => None,
    })
}

/// Each time that a message was sent: the channel and when.
fn sends(teller: &Teller<'_>, message: MessageId) -> Vec<(Option<ChannelId>, String)> {
    let sent = decisions(teller).filter(|(.., one)| one.message == message && one.outcome == Outcome::Sent);
    sent.map(|(_, when, one)| (one.channel, when.to_owned())).collect()
}

/// What the last statement that decided about a message decided.
fn last<'t>(teller: &'t Teller<'_>, message: MessageId) -> Vec<(&'t str, &'t Decided)> {
    let of_message = || decisions(teller).filter(move |(.., one)| one.message == message);
    let statement = of_message().map(|(statement, ..)| statement).max();
    of_message().filter(|(at, ..)| Some(*at) == statement).map(|(_, when, one)| (when, one)).collect()
}

/// What became of a message in the end.
fn fate(teller: &Teller<'_>, message: MessageId) -> String {
    let plan = &teller.policy.plan;
    let last = last(teller, message);
    let Some((when, decided)) = last.last() else {
        return "nothing proposed it".to_owned();
    };
    match &decided.outcome {
        Outcome::Sent => format!("it was sent{} at {when}", via(plan, decided.channel)),
        Outcome::Shown => format!("it was shown at {when}"),
        Outcome::Deferred(until) => format!(
            "quiet hours{} hold it back since {when}, until {}",
            on(plan, decided.channel),
            instant(teller.profile.zone, *until)
        ),
        Outcome::HeldOut(holdout) => format!(
            "it would have left at {when}, but the customer is held out by `{}`",
            plan.holdouts[holdout.index()].name
        ),
        Outcome::Blocked(reason) => {
            format!("it was blocked{} at {when}: {}", on(plan, decided.channel), reason_word(plan, *reason))
        }
    }
}

/// The gate's word with what follows the colon; of what left, nothing.
fn word(plan: &Plan, decided: &Decided) -> String {
    match &decided.outcome {
        Outcome::Sent | Outcome::Shown => String::new(),
        Outcome::Deferred(_) => "quiet".to_owned(),
        Outcome::HeldOut(_) => "held_out".to_owned(),
        Outcome::Blocked(reason) => reason_word(plan, *reason),
    }
}

fn only(teller: &Teller<'_>, messages: &[MessageId]) -> Option<String> {
    let plan = &teller.policy.plan;
    let mut sent: Vec<MessageId> = Vec::new();
    for (.., decided) in decisions(teller).filter(|(.., one)| one.outcome == Outcome::Sent) {
        if !sent.contains(&decided.message) {
            sent.push(decided.message);
        }
    }
    let extra: Vec<MessageId> = sent.iter().copied().filter(|message| !messages.contains(message)).collect();
    let missing = messages.iter().find(|message| !sent.contains(message));
    match (extra.as_slice(), missing) {
        ([], None) => None,
        ([], Some(message)) => Some(format!("`{}`: {}", name(plan, *message), fate(teller, *message))),
        (extra, _) => {
            let each: Vec<String> = extra
                .iter()
                .map(|message| format!("`{}` {}", name(plan, *message), list(plan, &sends(teller, *message))))
                .collect();
            Some(format!("there was also {}", each.join(", ")))
        }
    }
}

fn journey_is(teller: &Teller<'_>, journey: JourneyId, wanted: JourneyState) -> Option<String> {
    let active = teller.profile.journeys.is_in(journey);
    let name = &teller.policy.plan.journeys[journey.index()].name;
    let changes = teller.story.log.iter().filter_map(|one| match &one.effect.kind {
        EffectKind::Journey(effect) if effect.journey == *name => Some((one.when.as_str(), &**effect)),
        _ => None,
    });
    let ended = changes.rev().find(|(_, effect)| effect.state != Lifecycle::Entered);
    let state = ended.map(|(_, effect)| effect.state);
    let so = match wanted {
        JourneyState::Active => active,
        JourneyState::Stopped => state == Some(Lifecycle::Stopped),
        JourneyState::Finished => state == Some(Lifecycle::Finished),
    };
    if so {
        return None;
    }
    Some(match ended {
        Some((when, effect)) => {
            let reason = effect.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            let again = if active { ", and the customer is in it again" } else { "" };
            format!("it {} at {when}{reason}{again}", past(effect.state))
        }
        None if active => "the customer is in it".to_owned(),
        None => "the customer never entered it".to_owned(),
    })
}

fn past(state: Lifecycle) -> &'static str {
    match state {
        Lifecycle::Entered => "was entered",
        Lifecycle::Stopped => "was stopped",
        Lifecycle::Finished => "finished",
        Lifecycle::Migrated => "ended as its statement is gone",
    }
}

fn name(plan: &Plan, message: MessageId) -> &str {
    &plan.messages[message.index()].name
}

fn names(plan: &Plan, messages: &[MessageId]) -> String {
    let names: Vec<String> = messages.iter().map(|message| format!("`{}`", name(plan, *message))).collect();
    names.join(", ")
}

fn list(plan: &Plan, sends: &[(Option<ChannelId>, String)]) -> String {
    let each = sends.iter().map(|(channel, when)| format!("{} at {when}", via(plan, *channel).trim_start()));
    each.collect::<Vec<_>>().join(", ")
}

fn via(plan: &Plan, channel: Option<ChannelId>) -> String {
    channel.map(|channel| format!(" via {}", plan.channels[channel.index()].name)).unwrap_or_default()
}

fn on(plan: &Plan, channel: Option<ChannelId>) -> String {
    channel.map(|channel| format!(" on {}", plan.channels[channel.index()].name)).unwrap_or_default()
}

fn are(messages: &[MessageId]) -> &'static str {
    if messages.len() == 1 { "is" } else { "are" }
}

fn were(messages: &[MessageId]) -> &'static str {
    if messages.len() == 1 { "was" } else { "were" }
}
