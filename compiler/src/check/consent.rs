//! Purposes, and whether they say how each channel is governed (language reference §8.1).

use super::Checker;
use super::scope::Scope;
use crate::checked::{ChannelKind, ConsentRule, Location};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes;
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
                let before = &self.checked.purposes[position].rules;
                if let Some(problem) = mistakes::consent_rule_unreached::check(before, &rule) {
                    self.report(problem);
                }
                self.checked.purposes[position].rules.push(rule);
            }
        }
        self.diagnostics.extend(mistakes::consent_circle::find(&self.checked));
    }

    /// Each purpose of a message governs each of its channels, for every customer.
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
            if self.broken_purposes.contains(&purpose) {
                continue;
            }
            let found = mistakes::consent_uncovered::check(&self.checked, purpose, channel, &places);
            self.diagnostics.extend(found);
        }
    }
}
