//! Purposes, and whether they say how each channel is governed (language reference §8.1).

use super::Checker;
use super::scope::Scope;
use crate::checked::print_expression::key;
use crate::checked::{ChannelKind, ConsentRule, Constant, Expr, ExprKind, Location};
use crate::diagnostic::{Diagnostic, at};
use crate::ids::*;
use crate::mistakes;
use crate::plan::Comparison;
use crate::types::Type;
use std::collections::{BTreeMap, BTreeSet};

impl Checker<'_> {
    pub(super) fn purposes(&mut self) {
        let names = self.names;
        for (position, one) in names.purposes.iter().enumerate() {
            for rule in &one.node.rules {
                let before = self.diagnostics.len();
                let mut scope = Scope::customer(one.file, "a consent rule");
                let channels = self.each_once(one.file, &rule.channels, |checker, file, path| {
                    checker.channel_id(file, path)
                });
                if self.diagnostics.len() > before {
                    self.broken_purposes.insert(PurposeId::at(position));
                }
                let when = rule.condition.as_ref().map(|condition| self.condition(&mut scope, condition));
                let rule = ConsentRule { mode: rule.mode, channels, when, at: at(one.file, rule.span) };
                self.never_decides(PurposeId::at(position), &rule);
                self.checked.purposes[position].rules.push(rule);
            }
        }
        self.diagnostics.extend(mistakes::consent_circle::find(&self.checked));
    }

    /// W0701: a rule after one that always decides.
    fn never_decides(&mut self, purpose: PurposeId, rule: &ConsentRule) {
        let before = &self.checked.purposes[purpose.index()].rules;
        let decided = |channel: &ChannelId| {
            before.iter().find(|one| one.when.is_none() && one.channels.contains(channel)).map(|one| one.at)
        };
        let places: Option<Vec<Location>> = rule.channels.iter().map(decided).collect();
        if let Some([first, ..]) = places.as_deref() {
            let first = *first;
            self.report(
                Diagnostic::warning(
                    "W0701",
                    "this consent rule never decides anything",
                    rule.at,
                    "comes too late",
                )
                .also(first, "holds for every customer")
                .help("the first rule that holds decides: put the one with `when` before it"),
            );
        }
    }

    /// E0701: each purpose of a message governs each of its channels, for every customer.
    pub(super) fn consent_coverage(&mut self) {
        let mut uses: BTreeMap<(PurposeId, ChannelId), Vec<Location>> = BTreeMap::new();
        for (message, declared) in self.checked.messages.iter().zip(&self.names.messages) {
            let sent = |id: &ChannelId| self.checked.channels[id.index()].kind != ChannelKind::Inbound;
            let mut channels: BTreeSet<ChannelId> = message.via.iter().copied().filter(sent).collect();
            let shown = message.placements.iter().filter(|id| !self.broken_placements.contains(id));
            channels.extend(shown.map(|id| self.checked.placements[id.index()].channel));
            for purpose in &message.purposes {
                for channel in &channels {
                    uses.entry((*purpose, *channel)).or_default().push(declared.at);
                }
            }
        }
        for (purpose, channel, place) in std::mem::take(&mut self.asked_consents) {
            uses.entry((purpose, channel)).or_default().push(place);
        }
        for ((purpose, channel), places) in uses {
            if !self.broken_purposes.contains(&purpose) {
                self.governs(purpose, channel, &places);
            }
        }
    }

    fn governs(&mut self, purpose: PurposeId, channel: ChannelId, places: &[Location]) {
        let declared = &self.checked.purposes[purpose.index()];
        let rules: Vec<&ConsentRule> =
            declared.rules.iter().filter(|rule| rule.channels.contains(&channel)).collect();
        let broken = rules.iter().any(|rule| rule.when.as_ref().is_some_and(Expr::is_error));
        if broken || rules.iter().any(|rule| rule.when.is_none()) || self.exhaustive(&rules) {
            return;
        }
        let (name, channel) = (declared.name.clone(), self.checked.channels[channel.index()].name.clone());
        let (message, label) = match rules.last() {
            None => (
                format!("the purpose `{name}` doesn't say whether `{channel}` may be used"),
                format!("no rule for `{channel}`"),
            ),
            Some(_) => (
                format!(
                    "the purpose `{name}` doesn't say for every customer whether `{channel}` may be used"
                ),
                format!("its rules for `{channel}` all have a `when`"),
            ),
        };
        let mut problem = Diagnostic::error("E0701", message, declared.at, label);
        for place in places.iter().take(3) {
            problem = problem.also(*place, format!("needs it on `{channel}`"));
        }
        self.report(problem.help(format!(
            "end with a rule without `when`: `opt_in on {channel}`, or `never on {channel}` where it isn't allowed"
        )));
    }

    /// Whether conditions are such that one of them always holds: a condition and its opposite, or all members of
    /// an enum, or `x is known` and `x is unknown`.
    fn exhaustive(&self, rules: &[&ConsentRule]) -> bool {
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
            let all = self.checked.enums[id.index()].members.len();
            let entry = members.entry(key(subject)).or_insert((all, BTreeSet::new()));
            entry.1.extend(constants.iter().filter_map(|constant| match constant {
                Constant::Member(position) => Some(*position),
                _ => None,
            }));
        }
        members.values().any(|(all, named)| named.len() == *all)
    }
}
