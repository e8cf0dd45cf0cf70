//! E0701: a purpose that doesn't govern a channel.

use super::prelude::*;
use crate::checked::print_expression::key;
use crate::checked::{ConsentRule, Constant, Expr, ExprKind};
use crate::ids::*;
use crate::plan::Comparison;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CODE: Code = Code::new("E0701", include_str!("../../../docs/diagnostics/E0701.md"));

/// A purpose on a channel, and the places that need it: whether the purpose says for every customer how the channel is
/// governed. `None` where it does.
pub(crate) fn check(
    policy: &Checked,
    purpose: PurposeId,
    channel: ChannelId,
    needed: &[Location],
) -> Option<Diagnostic> {
    let declared = &policy.purposes[purpose.index()];
    let rules: Vec<&ConsentRule> =
        declared.rules.iter().filter(|rule| rule.channels.contains(&channel)).collect();
    let broken = rules.iter().any(|rule| rule.when.as_ref().is_some_and(Expr::is_error));
    if broken || rules.iter().any(|rule| rule.when.is_none()) || exhaustive(policy, &rules) {
        return None;
    }
    let (name, channel) = (&declared.name, &policy.channels[channel.index()].name);
    let (message, label) = match rules.last() {
        None => (
            format!("the purpose `{name}` doesn't say whether `{channel}` may be used"),
            format!("no rule for `{channel}`"),
        ),
        Some(_) => (
            format!("the purpose `{name}` doesn't say for every customer whether `{channel}` may be used"),
            format!("its rules for `{channel}` all have a `when`"),
        ),
    };
    let mut problem = CODE.at(declared.at, message, label);
    for place in needed.iter().take(3) {
        problem = problem.also(*place, format!("needs it on `{channel}`"));
    }
    Some(problem.help(format!(
        "end with a rule without `when`: `opt_in on {channel}`, or `never on {channel}` where it isn't allowed"
    )))
}

/// Whether conditions are such that one of them always holds: a condition and its opposite, or all members of an
/// enum, or `x is known` and `x is unknown`.
fn exhaustive(policy: &Checked, rules: &[&ConsentRule]) -> bool {
    let conditions: Vec<&Expr> = rules.iter().filter_map(|rule| rule.when.as_ref()).collect();
    let keys: BTreeSet<String> = conditions.iter().map(|condition| key(condition)).collect();
    let opposite = |condition: &&&Expr| match &condition.kind {
        ExprKind::Not(inner) => keys.contains(&key(inner)),
        ExprKind::IsUnknown(inner) => keys.contains(&format!("({} is known)", key(inner))),
        _ => false,
    };
    if conditions.iter().any(|condition| opposite(&condition)) {
        return true;
    }
    // Which members of an enum each value is compared with.
    let mut members: BTreeMap<String, (usize, BTreeSet<u32>)> = BTreeMap::new();
    for condition in conditions {
        let (subject, constants) = match &condition.kind {
            ExprKind::Compare(Comparison::Equal, a, b) => match (&a.kind, &b.kind) {
                (_, ExprKind::Constant(constant)) => (a, vec![constant]),
                (ExprKind::Constant(constant), _) => (b, vec![constant]),
                _ => continue,
            },
            ExprKind::InList(a, constants) => (a, constants.iter().collect()),
            _ => continue,
        };
        let Type::Enum(id) = subject.ty else { continue };
        let all = policy.enums[id.index()].members.len();
        let entry = members.entry(key(subject)).or_insert((all, BTreeSet::new()));
        entry.1.extend(constants.iter().filter_map(|constant| match constant {
            Constant::Member(position) => Some(*position),
            _ => None,
        }));
    }
    members.values().any(|(all, named)| named.len() == *all)
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn channels_of_which_a_purpose_says_nothing() {
        with_messages(
            r#"purpose care { opt_in on email }
//      ^^^^ E0701
purpose news { opt_in on sms when profile.name is known }
//      ^^^^ E0701
message a { class promotional purpose care on cart via sms content sms { text "x" } }
message b { class promotional purpose news on cart via sms content sms { text "x" } }
"#,
        );
    }

    #[test]
    fn conditions_that_leave_nobody_out() {
        with_messages(
            r#"purpose care {
  opt_in on email when profile.tier == gold
  opt_out on email when profile.tier in [silver, bronze]
  never on sms when profile.name is known
  always on sms when profile.name is unknown
  opt_in on push when not (profile.tier == gold)
  opt_in on push when profile.tier == gold
}
message y {
  class lifecycle purpose care on cart via email, sms, push
  content email { subject "a" body "b" } content sms { text "a" } content push { text "a" }
}
"#,
        );
    }
}
