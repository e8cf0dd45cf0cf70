//! W0501: a message that no customer can ever get.

use super::prelude::*;
use crate::checked::{ExprKind, Message};
use crate::ids::*;
use crate::truth::{Chain, Facts, assume, chain, is_short, judge, truth};
use comity_grammar::tree::ConsentMode;

pub(super) const CODE: Code =
    Code::new("W0501", include_str!("../../../docs/diagnostics/W0501.md")).lint("never-eligible");

/// A message that nothing proposes, whose conditions exclude everybody, or that every way out refuses. `is_sent` says
/// whether some journey sends it.
pub(crate) fn find(
    checked: &Checked,
    message: &Message,
    is_sent: bool,
    eligible: &Eligible<'_>,
) -> Option<Diagnostic> {
    let name = &message.name;
    if message.triggers.is_empty() && message.placements.is_empty() && !is_sent {
        let problem = CODE.at(message.at, format!("nothing ever proposes `{name}`"), "never sent");
        return Some(problem.help("write `on` and an event in it, or `send` it in a journey"));
    }
    let problem = eligible.problem.clone();
    problem.or_else(|| refused(checked, message)).or_else(|| suppressed(checked, message, eligible))
}

/// Whom the conditions of a message let pass.
pub(crate) struct Eligible<'c> {
    /// Nobody, and why.
    pub(super) problem: Option<Diagnostic>,
    /// Its `when`, where that is a chain of `and` that was looked at.
    pub(super) when: Option<Chain<'c>>,
    /// What is known of them by its `when`.
    facts: Facts<'c>,
}

/// A message whose `when` never holds, or whose `unless` always does where `when` holds.
pub(crate) fn eligible<'c>(checked: &'c Checked, message: &'c Message) -> Eligible<'c> {
    let (mut facts, mut parts) = (Facts::default(), None);
    let name = &message.name;
    let text = || format!("`{name}` can never be eligible");
    if let Some(when) = message.when.as_ref().filter(|when| is_short(when)) {
        let judged = match when.kind {
            ExprKind::And(..) => {
                let parts = parts.insert(chain(checked, when, &facts));
                (parts.truth(), parts.after.clone())
            }
            _ => judge(checked, when, &facts, true),
        };
        match judged {
            (truth, Some(after)) if truth != Some(false) => facts = after,
            _ => {
                let problem = CODE
                    .at(when.at, text(), "its `when` holds for no customer")
                    .also(message.at, "the message")
                    .help("correct what it compares with");
                return Eligible { problem: Some(problem), when: parts, facts };
            }
        }
    }
    let unless = message.unless.as_ref().filter(|unless| is_short(unless));
    let Some(unless) = unless.filter(|unless| truth(checked, unless, &facts) == Some(true)) else {
        return Eligible { problem: None, when: parts, facts };
    };
    let mut problem = CODE
        .at(unless.at, text(), "its `unless` holds for every customer for whom `when` does")
        .also(message.at, "the message");
    if let Some(when) = &message.when {
        problem = problem.also(when.at, "its `when`");
    }
    Eligible { problem: Some(problem.help("correct one of the two")), when: parts, facts }
}

/// A message of which some purpose never allows any of its channels.
fn refused(checked: &Checked, message: &Message) -> Option<Diagnostic> {
    let channels = channels(checked, message);
    let refusing = |channel: &ChannelId| {
        message.purposes.iter().find_map(|purpose| {
            let rules = &checked.purposes[purpose.index()].rules;
            let mut rules = rules.iter().filter(|rule| rule.channels.contains(channel)).peekable();
            rules.peek()?;
            let first = rules.find(|rule| rule.mode != ConsentMode::Never || rule.when.is_none())?;
            (first.mode == ConsentMode::Never).then_some((*purpose, first.at))
        })
    };
    let all: Option<Vec<(PurposeId, Location)>> = channels.iter().map(refusing).collect();
    let (purpose, at) = *all?.first()?;
    let purpose = &checked.purposes[purpose.index()].name;
    Some(
        CODE.at(
            message.at,
            format!("`{}` can never be eligible", message.name),
            "none of its channels is allowed",
        )
        .also(at, format!("`{purpose}` never allows it"))
        .help("use a channel that its purposes allow, or change their rules"),
    )
}

/// A message that a suppress rule stops whenever it would be eligible, on every channel.
fn suppressed(checked: &Checked, message: &Message, eligible: &Eligible<'_>) -> Option<Diagnostic> {
    if checked.classes.get(message.class.index()).is_none_or(|class| class.ignores_suppression) {
        return None;
    }
    let mut facts = eligible.facts.clone();
    if let Some(unless) = message.unless.as_ref().filter(|unless| is_short(unless)) {
        facts = assume(checked, unless, &facts, false)?;
    }
    let channels = channels(checked, message);
    let rule = checked.suppressions.iter().find(|rule| {
        !channels.is_empty()
            && channels.iter().all(|channel| rule.selector.matches(message.class, &message.tags, *channel))
            && is_short(&rule.condition)
            && truth(checked, &rule.condition, &facts) == Some(true)
            // One that always holds is told of itself.
            && truth(checked, &rule.condition, &Facts::default()).is_none()
    })?;
    Some(
        CODE.at(message.at, format!("`{}` can never be eligible", message.name), "always suppressed")
            .also(rule.condition.at, "holds whenever its `when` does")
            .help("leave the message out of the rule, or change one of the conditions"),
    )
}

fn channels(checked: &Checked, message: &Message) -> Vec<ChannelId> {
    let shown = message.placements.iter().map(|id| checked.placements[id.index()].channel);
    message.via.iter().copied().chain(shown).collect()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn messages_for_nobody() {
        with_messages(
            r#"message a { class promotional purpose marketing via sms content sms { text "b" } }
//      ^ W0501
message b { class promotional purpose marketing on cart when profile.tier > gold via sms content sms { text "b" } }
//                                                           ^^^^^^^^^^^^^^^^^^^ W0501
message c { class promotional purpose marketing on cart when profile.tier == gold unless profile.tier > bronze via sms
//                                                                                       ^^^^^^^^^^^^^^^^^^^^^ W0501
  content sms { text "b" } }
purpose closed { never on sms when profile.age is known never on sms opt_in on email }
message d { class promotional purpose closed on cart via sms content sms { text "b" } }
//      ^ W0501
message e { class promotional purpose closed on cart via sms, email content sms { text "b" } content email { subject "a" body "b" } }
suppress promotional tagged adult when profile.age is unknown
message f { class promotional purpose marketing tags adult on cart when profile.age is unknown via sms
//      ^ W0501
  content sms { text "b" } }
message g { class promotional purpose marketing tags adult on cart when profile.tier == gold via sms
  content sms { text "b" } }
message h { class promotional purpose marketing via sms content sms { text "b" } }
journey j { on cart send h }
"#,
        );
    }
}
