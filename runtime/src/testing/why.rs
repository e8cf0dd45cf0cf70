//! Why something is not as a test expects: the gates that decided it, with their conditions and values.

use super::story::Teller;
use crate::effect::Effect;
use crate::explain::{Explanation, Gate, Passage, Place, Sources, plain};
use comity_compiler::checked::Expectation;
use comity_compiler::ids::MessageId;

/// So many ways to another outcome are told.
const FLIPS: usize = 3;

/// The messages that an expectation is about.
pub(super) fn messages(expectation: &Expectation) -> Vec<MessageId> {
    match expectation {
        Expectation::Sent { message, .. }
        | Expectation::NotSent(message)
        | Expectation::Blocked { message, .. } => vec![*message],
        Expectation::OnlySent(messages) | Expectation::Shown(messages) => messages.clone(),
        Expectation::Journey { .. } | Expectation::Profile(..) | Expectation::Segment { .. } => Vec::new(),
    }
}

/// What decided about the messages of an expectation that isn't met, line by line.
pub(super) fn explain(
    teller: &mut Teller<'_>,
    expectation: &Expectation,
    sources: &Sources<'_>,
) -> Vec<String> {
    // Of a message that was sent, only not as often or not on the channel, the gates say nothing more.
    if let Expectation::Sent { message, .. } = expectation
        && teller.was_sent(*message)
    {
        return Vec::new();
    }
    let all = messages(expectation);
    let only = matches!(expectation, Expectation::OnlySent(_));
    let named = all.len() > 1 || only;
    let mut lines = Vec::new();
    for message in all {
        // Of several messages only what isn't as it should be is told.
        let reached = match expectation {
            Expectation::OnlySent(_) => teller.was_sent(message),
            Expectation::Shown(_) => teller.shown.contains(&message),
            _ => false,
        };
        if named && reached {
            continue;
        }
        let scene = teller.stepper.watched().and_then(|watch| watch.scene(message)).cloned();
        let about = match scene {
            Some(scene) => {
                let told = teller.stepper.explain(&scene, sources);
                decision(&told)
            }
            None => {
                let now = teller.now();
                let effects: Vec<Effect> = teller.story.log.iter().map(|one| one.effect.clone()).collect();
                let told = teller.stepper.proposals(&teller.profile, message, now, &effects, sources);
                told.text(&plain).lines().map(str::to_owned).collect()
            }
        };
        if named {
            lines.push(format!("{}:", teller.policy.plan.messages[message.index()].name));
        }
        lines.extend(about);
    }
    lines
}

/// The gates that a message didn't pass, and what would have changed that.
fn decision(told: &Explanation) -> Vec<String> {
    let mut lines = Vec::new();
    told.gates.iter().for_each(|one| gate(&mut lines, "", one));
    for way in &told.ways {
        let name = format!("{}: ", way.placement.as_ref().unwrap_or(&way.channel));
        way.gates.iter().for_each(|one| gate(&mut lines, &name, one));
    }
    lines.extend(told.flips.iter().take(FLIPS).map(crate::explain::Flip::sentence));
    lines
}

fn gate(lines: &mut Vec<String>, way: &str, gate: &Gate) {
    if gate.result != Passage::Fails {
        return;
    }
    lines.push(format!("✗ {way}{}: {}{}", gate.name, gate.says, places(&gate.at)));
    for clause in gate.clauses.iter().filter(|clause| clause.holds == Some(false)) {
        for condition in &clause.conditions {
            let values = condition.values.iter().filter(|value| value.what != condition.text);
            let values: Vec<String> =
                values.map(|value| format!("{} = {}", value.what, value.value)).collect();
            let values = if values.is_empty() { String::new() } else { format!(" ({})", values.join(", ")) };
            lines.push(format!("  ✗ {}{values}{}", condition.text, places(&condition.at)));
        }
    }
}

fn places(at: &[Place]) -> String {
    let mut all: Vec<String> = at.iter().map(|at| format!("{}:{}", at.file, at.line)).collect();
    all.dedup();
    if all.is_empty() { String::new() } else { format!(" [{}]", all.join(", ")) }
}
