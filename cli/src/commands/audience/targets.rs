//! Which segments and messages are meant.

use crate::commands::declared;
use crate::failure::{Failure, Result};
use crate::report::counted;
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
        let position = position(&segment_names, name, "segment", (&message_names, "message"))?;
        targets.push(Target::Segment(SegmentId::at(position)));
    }
    for name in messages {
        let position = position(&message_names, name, "message", (&segment_names, "segment"))?;
        targets.push(Target::Message(MessageId::at(position)));
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

/// Of a name among those of its kind. It may be one of the other kind.
fn position(names: &[&str], name: &str, kind: &str, (others, other): (&[&str], &str)) -> Result<usize> {
    if !names.contains(&name) && others.contains(&name) {
        return Err(Failure::new(format!("the policy has no {kind} `{name}`"))
            .help(format!("it is a {other}: `--{other} {name}`")));
    }
    let none = format!("it declares none, but it has {}", counted(others.len(), other));
    declared::position(kind, name, names.iter().copied(), none)
}
