//! Which segments and messages are meant.

use crate::failure::{Failure, Result};
use comity_compiler::ids::{MessageId, SegmentId};
use comity_compiler::plan::Plan;
use comity_runtime::audience::Target;

/// Segments first, then messages, each by name and once; all of them where none is named.
pub(super) fn find(plan: &Plan, segments: &[String], messages: &[String]) -> Result<Vec<Target>> {
    let all = segments.is_empty() && messages.is_empty();
    let segment_names: Vec<&str> = plan.segments.iter().map(|segment| segment.name.as_str()).collect();
    let message_names: Vec<&str> = plan.messages.iter().map(|message| message.name.as_str()).collect();
    let mut targets = Vec::new();
    for name in segments {
        targets.push(Target::Segment(SegmentId::at(position(
            &segment_names,
            name,
            "segment",
            &message_names,
        )?)));
    }
    for name in messages {
        targets.push(Target::Message(MessageId::at(position(
            &message_names,
            name,
            "message",
            &segment_names,
        )?)));
    }
    if all {
        targets.extend((0..plan.segments.len()).map(|at| Target::Segment(SegmentId::at(at))));
        targets.extend((0..plan.messages.len()).map(|at| Target::Message(MessageId::at(at))));
    }
    targets.sort_unstable();
    targets.dedup();
    if targets.is_empty() {
        return Err(Failure::new("the policy has neither segments nor messages")
            .help("declare one: `segment big_spender = profile.lifetime_value >= 500 EUR`"));
    }
    Ok(targets)
}

fn position(names: &[&str], name: &str, what: &str, others: &[&str]) -> Result<usize> {
    if let Some(position) = names.iter().position(|known| *known == name) {
        return Ok(position);
    }
    let failure = Failure::new(format!("the policy has no {what} `{name}`"));
    let other = if what == "segment" { "message" } else { "segment" };
    Err(if others.contains(&name) {
        failure.help(format!("it is a {other}: `--{other} {name}`"))
    } else if names.is_empty() {
        failure.help(format!("it declares none, but it has {}", crate::report::counted(others.len(), other)))
    } else {
        failure.did_you_mean(name, names.iter().copied(), "it has")
    })
}
