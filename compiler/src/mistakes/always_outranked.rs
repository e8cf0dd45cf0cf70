//! W0601: a message that always loses.

use super::prelude::*;
use crate::checked::print_expression::key;
use crate::checked::{Arithmetic, Expr, ExprKind, Message, Occurrence, OccurrenceKind};
use crate::ids::*;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CODE: Code =
    Code::new("W0601", include_str!("../../../docs/diagnostics/W0601.md")).lint("always-outranked");

/// Messages for which as many better ones stand ready as may be picked, whenever they are eligible themselves.
///
/// Proved only where the others are proposed by the same, ask no more of the customer, and go out on the same channels.
pub(crate) fn find(checked: &Checked) -> Vec<Diagnostic> {
    let picks: Vec<_> = checked.arbitrate.iter().flat_map(|one| &one.picks).collect();
    // A score that isn't a number blocks a message, so the score must be one for every message.
    let scored = checked.arbitrate.iter().filter_map(|one| one.score.as_ref()).all(is_plain);
    if picks.is_empty() || !scored || !checked.messages.iter().any(is_common) {
        return Vec::new();
    }
    let sent = checked.sent_by_journeys();
    let words: Vec<Words> = checked.messages.iter().map(Words::of).collect();
    // Only messages with a trigger and the channels in common can always meet, and of those only such as ask nothing, or
    // the same.
    let mut groups: BTreeMap<Group<'_>, Vec<usize>> = BTreeMap::new();
    for (position, message) in checked.messages.iter().enumerate().filter(|(_, message)| is_common(message)) {
        let asked = message.when.is_some().then_some(&words[position].when[..]);
        for trigger in &words[position].triggers {
            groups.entry((trigger, asked, &message.via, message.class)).or_default().push(position);
        }
    }
    let mut problems = Vec::new();
    for (position, message) in checked.messages.iter().enumerate() {
        let Some(first) = message.triggers.first() else { continue };
        if sent.contains(&MessageId::at(position)) || !message.placements.is_empty() {
            continue;
        }
        let picks = picks.iter().filter(|pick| !pick.per_channel || message.via.len() == 1);
        let Some(limit) = picks.map(|pick| pick.limit as usize).min() else { continue };
        let first = trigger_key(first);
        let asked = message.when.is_some().then_some(&words[position].when[..]);
        let rank = checked.classes.get(message.class.index()).map_or(0, |class| class.rank);
        let classes = checked.classes.iter().enumerate().filter(|(_, class)| class.rank < rank);
        let classes: Vec<ClassId> = classes.map(|(index, _)| ClassId::at(index)).collect();
        let mut meeting: Vec<&[usize]> = Vec::new();
        for asked in [None, asked].into_iter().take(1 + usize::from(asked.is_some())) {
            let group = |class: &ClassId| groups.get(&(&first[..], asked, &message.via[..], *class));
            meeting.extend(classes.iter().filter_map(group).map(|group| &group[..]));
        }
        if meeting.iter().map(|group| group.len()).sum::<usize>() < limit {
            continue;
        }
        // Of each group as many as are enough: more change nothing.
        let better = meeting.iter().flat_map(|group| {
            group.iter().copied().filter(|other| beats(checked, &words, *other, position)).take(limit)
        });
        let better: BTreeSet<usize> = better.collect();
        if let Some(first) = better.first().filter(|_| better.len() >= limit) {
            let first = &checked.messages[*first];
            problems.push(
                CODE.at(
                    message.at,
                    format!("`{}` is always outranked by `{}`", message.name, first.name),
                    "never picked",
                )
                .also(first.at, "is proposed by the same, asks no more, and goes first by its class")
                .help("give one of them another `when`, or change the `rank` or the `pick` in `arbitrate`"),
            );
        }
    }
    problems
}

/// What messages have in common: what proposes them, what they ask of the customer, their channels, and their class.
type Group<'w> = (&'w str, Option<&'w str>, &'w [ChannelId], ClassId);

/// What a message says, to be compared.
struct Words {
    triggers: BTreeSet<String>,
    when: String,
    unless: String,
}

impl Words {
    fn of(message: &Message) -> Words {
        let written = |condition: &Option<Expr>| condition.as_ref().map_or_else(String::new, key);
        Words {
            triggers: message.triggers.iter().map(trigger_key).collect(),
            when: written(&message.when),
            unless: written(&message.unless),
        }
    }
}

/// Whether a message can go before others whatever the customer: its score is that of the defaults.
fn is_common(message: &Message) -> bool {
    message.placements.is_empty()
        && [&message.value, &message.propensity, &message.lever].iter().all(|part| part.is_none())
}

/// Whether one message, which is common, is eligible and goes first whenever the other is eligible.
fn beats(checked: &Checked, words: &[Words], one: usize, other: usize) -> bool {
    let (asks, asks_other) = (&words[one], &words[other]);
    let (one, other) = (&checked.messages[one], &checked.messages[other]);
    let (Some(a), Some(b)) =
        (checked.classes.get(one.class.index()), checked.classes.get(other.class.index()))
    else {
        return false;
    };
    let asks_no_more = one.when.is_none() || (other.when.is_some() && asks.when == asks_other.when);
    let excludes_no_more =
        one.unless.is_none() || (other.unless.is_some() && asks.unless == asks_other.unless);
    if a.rank >= b.rank || one.via != other.via {
        return false;
    }
    asks_no_more
        && excludes_no_more
        && one.purposes.iter().all(|purpose| other.purposes.contains(purpose))
        && asks_other.triggers.is_subset(&asks.triggers)
        && one.active.is_none_or(|active| other.active == Some(active))
        && one.expires.is_none_or(|expires| other.expires.is_some_and(|sooner| sooner <= expires))
        && (a.ignores_quiet || !b.ignores_quiet)
        && held_back_alike(checked, one, other)
}

/// Whether a score is made of nothing but the parts of a message and constants, added and multiplied.
fn is_plain(score: &Expr) -> bool {
    score
        .find(&mut |expr| {
            let plain = match expr.kind {
                ExprKind::Constant(_)
                | ExprKind::Propensity
                | ExprKind::Value
                | ExprKind::Lever
                | ExprKind::MessageAttribute(_)
                | ExprKind::ToNumber(_)
                | ExprKind::Negate(_) => true,
                ExprKind::Arithmetic(operation, ..) => operation != Arithmetic::Divide,
                _ => false,
            };
            (!plain).then_some(())
        })
        .is_none()
}

/// Whether every rule that can stop the one stops the other, too.
fn held_back_alike(checked: &Checked, one: &Message, other: &Message) -> bool {
    let (a, b) = (&checked.classes[one.class.index()], &checked.classes[other.class.index()]);
    let customer_only = |condition: &Expr| {
        condition
            .find(&mut |expr| {
                matches!(
                    expr.kind,
                    ExprKind::MessageAttribute(_)
                        | ExprKind::MessageName
                        | ExprKind::MessageClass
                        | ExprKind::Channel
                )
                .then_some(())
            })
            .is_none()
    };
    let suppressed = a.ignores_suppression
        || checked.suppressions.iter().all(|rule| {
            one.via.iter().all(|channel| {
                !rule.selector.matches(one.class, &one.tags, *channel)
                    || (!b.ignores_suppression
                        && customer_only(&rule.condition)
                        && rule.selector.matches(other.class, &other.tags, *channel))
            })
        });
    let capped = a.ignores_caps
        || checked.caps.iter().all(|cap| {
            one.via.iter().all(|channel| {
                !cap.selector.matches(one.class, &one.tags, *channel)
                    || (!b.ignores_caps
                        && cap.per.is_none()
                        && cap.selector.matches(other.class, &other.tags, *channel))
            })
        });
    let held_out = checked
        .holdouts
        .iter()
        .all(|holdout| !holdout.classes.contains(&one.class) || holdout.classes.contains(&other.class));
    suppressed && capped && held_out
}

fn trigger_key(trigger: &Occurrence) -> String {
    match &trigger.kind {
        OccurrenceKind::Event(pattern) => format!(
            "{:?} {:?} {}",
            pattern.event,
            pattern.message,
            pattern.filter.as_ref().map_or_else(String::new, |filter| key(filter))
        ),
        other => format!("{other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn messages_that_always_lose() {
        fixture(
            r#"profile { email: email?  phone: phone?  vip: bool = false }
event cart {}
event other {}
class service
class offer
arbitrate { rank service, offer  pick 1 per channel }
channel email { to profile.email }
channel sms { to profile.phone }
purpose news { opt_in on email, sms }
cap few at most 3 per 7d for any
message first_one { class service purpose news on cart when profile.vip via email content email { subject "a" body "b" } }
message loses { class offer purpose news on cart when profile.vip via email content email { subject "a" body "b" } }
//      ^^^^^ W0601
message asks_less { class offer purpose news on cart via email content email { subject "a" body "b" } }
message elsewhere { class offer purpose news on cart when profile.vip via sms content sms { text "b" } }
message otherwise_too { class offer purpose news on cart on other when profile.vip via email content email { subject "a" body "b" } }
"#,
        );
    }
}
