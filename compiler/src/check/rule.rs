//! Rules that govern messages: selectors, caps, suppression, arbitration (language reference §7).

use super::Checker;
use super::scope::Scope;
use crate::checked::{Arbitrate, Cap, Location, Suppress};
use crate::diagnostic::{at, line_and_column};
use crate::ids::*;
use crate::mistakes;
use crate::plan::{CapPer, CapSpan, Pick, Selector};
use crate::types::Type;
use comity_grammar::tree::{self, ArbitratePropertyKind as Property, MessagePropertyKind};
use smol_str::SmolStr;
use std::collections::BTreeSet;

impl<'t> Checker<'t> {
    /// All tags that messages have or selectors name, by name.
    pub(super) fn tags(&mut self) {
        let mut tags: BTreeSet<SmolStr> = self.message_tags();
        for (_, selector) in self.selectors() {
            tags.extend(selector.tags.iter().map(|tag| tag.text.clone()));
        }
        self.checked.tags = tags.into_iter().collect();
    }

    fn message_tags(&self) -> BTreeSet<SmolStr> {
        let mut tags = BTreeSet::new();
        for message in &self.names.messages {
            for property in &message.node.properties {
                if let MessagePropertyKind::Tags(names) = &property.kind {
                    tags.extend(names.iter().map(|tag| tag.text.clone()));
                }
            }
        }
        tags
    }

    fn selectors(&self) -> Vec<(FileId, &'t tree::Selector)> {
        let names = self.names;
        let caps = names.caps.iter().map(|one| (one.file, &one.node.selector));
        let suppressions = names.suppressions.iter().map(|one| (one.file, &one.node.selector));
        let invariants = names.invariants.iter().map(|one| (one.file, &one.node.selector));
        caps.chain(suppressions).chain(invariants).collect()
    }

    pub(super) fn tag(&self, name: &str) -> Option<TagId> {
        self.checked.tags.binary_search_by(|tag| tag.as_str().cmp(name)).ok().map(TagId::at)
    }

    pub(super) fn unused_tags(&mut self) {
        let found = mistakes::unused_tag::check(&self.selected_tags, &self.message_tags());
        self.diagnostics.extend(found);
    }

    pub(super) fn selector(&mut self, file: FileId, selector: &tree::Selector) -> Selector {
        let classes =
            self.each_once(file, &selector.classes, |checker, file, path| checker.class_id(file, path));
        let channels =
            self.each_once(file, &selector.channels, |checker, file, path| checker.channel_id(file, path));
        self.named_once(file, &selector.tags);
        let mut tags: Vec<TagId> = Vec::new();
        for tag in &selector.tags {
            self.selected_tags.push((tag.text.clone(), at(file, tag.span)));
            tags.extend(self.tag(&tag.text));
        }
        let mut checked = Selector { classes, tags, channels };
        checked.classes.sort_unstable();
        checked.tags.sort_unstable();
        checked.tags.dedup();
        checked.channels.sort_unstable();
        checked
    }

    pub(super) fn caps(&mut self) {
        let names = self.names;
        for one in &names.caps {
            let limit = self
                .positive_int(one.file, &one.node.limit, "a cap", |_, here| {
                    mistakes::cap_of_nothing::cap(here)
                })
                .unwrap_or(1);
            let span = match &one.node.span_of {
                tree::CapSpan::Error(_) => CapSpan::Day,
                tree::CapSpan::Rolling(duration) => CapSpan::Rolling(
                    self.positive_duration(one.file, duration, "the span of a cap").unwrap_or(1),
                ),
                tree::CapSpan::Day(span) => self.calendar_cap(at(one.file, *span), CapSpan::Day),
                tree::CapSpan::Week(span) => self.calendar_cap(at(one.file, *span), CapSpan::Week),
                tree::CapSpan::Month(span) => self.calendar_cap(at(one.file, *span), CapSpan::Month),
            };
            let selector = self.selector(one.file, &one.node.selector);
            let per = one.node.per.as_ref().map(|(per, _)| match per {
                tree::CapPer::Message => CapPer::Message,
                tree::CapPer::Tag => CapPer::Tag,
                tree::CapPer::Channel => CapPer::Channel,
            });
            self.checked.caps.push(Cap { name: one.full.clone(), at: one.at, limit, span, selector, per });
        }
    }

    fn calendar_cap(&mut self, here: Location, span: CapSpan) -> CapSpan {
        self.uses_local_time(here, "a calendar span is used here");
        span
    }

    pub(super) fn suppressions(&mut self) {
        let names = self.names;
        for one in &names.suppressions {
            let mut scope = Scope::customer(one.file, "a suppress rule");
            scope.message = true;
            scope.channel = true;
            let selector = self.selector(one.file, &one.node.selector);
            let condition = self.condition(&mut scope, &one.node.condition);
            let name = match self.project.file(one.file) {
                Some((path, text)) => format!("{path}:{}", line_and_column(text, one.at.span.start).0).into(),
                None => SmolStr::default(),
            };
            self.checked.suppressions.push(Suppress { name, at: one.at, selector, condition });
        }
    }

    pub(super) fn arbitrate(&mut self) {
        let names = self.names;
        let mut ranked = false;
        for (position, one) in names.arbitrates.iter().enumerate() {
            if position > 0 {
                self.report(mistakes::only_once::arbitrate(one.at, names.arbitrates[0].at));
                continue;
            }
            let (mut rank, mut score, mut broken) = (None, None, false);
            let mut arbitrate = Arbitrate { at: one.at, score: None, picks: Vec::new() };
            let mut pick = None;
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    Property::Error => broken = true,
                    Property::Rank(classes) => {
                        if self.once(&mut rank, here) {
                            self.rank(one.file, classes, here);
                        }
                    }
                    Property::Score(expr) => {
                        let checked = self.score(one.file, expr);
                        if self.once(&mut score, here) {
                            arbitrate.score = Some(checked);
                        }
                    }
                    Property::Pick { limit, per_channel } => {
                        let limit =
                            self.positive_int(one.file, limit, "`pick`", mistakes::not_positive::count);
                        if self.once(&mut pick, here) {
                            arbitrate
                                .picks
                                .extend(limit.map(|limit| Pick { limit, per_channel: *per_channel }));
                        }
                    }
                }
            }
            ranked = rank.is_some() || broken;
            self.checked.arbitrate = Some(arbitrate);
        }
        if !ranked && names.classes.len() > 1 {
            self.unranked();
        }
    }

    fn score(&mut self, file: FileId, expr: &tree::Expr) -> crate::checked::Expr {
        let mut scope = Scope::customer(file, "the score");
        scope.message = true;
        scope.channel = true;
        scope.score = true;
        let score = self.expression(&mut scope, expr, Some(Type::Number));
        let score = match score.ty {
            // In a score, a percent is a number.
            Type::Percent => score,
            _ => self.fit(score, Type::Number, "a score"),
        };
        self.known(score)
    }

    fn unranked(&mut self) {
        let names = self.names;
        let (place, label) = match names.arbitrates.first() {
            Some(one) => (one.at, "without `rank`"),
            None => (names.classes[1].at, "one of them"),
        };
        let classes = names.classes.iter().map(|one| one.full.as_str());
        self.report(mistakes::classes_unranked::policy(classes, place, label));
    }

    /// `rank` names every class, each once.
    fn rank(&mut self, file: FileId, classes: &[tree::Path], here: Location) {
        let before = self.diagnostics.len();
        let ranked = self.each_once(file, classes, |checker, file, path| checker.class_id(file, path));
        for (rank, id) in ranked.iter().enumerate() {
            self.checked.classes[id.index()].rank = rank as u32;
        }
        if self.diagnostics.len() > before {
            return;
        }
        let missing: Vec<(String, Location)> = self
            .checked
            .classes
            .iter()
            .enumerate()
            .filter(|(position, _)| !ranked.contains(&ClassId::at(*position)))
            .map(|(_, class)| (class.name.to_string(), class.at))
            .collect();
        let own = missing
            .first()
            .is_none_or(|(_, at)| self.project.package_of(at.file) == self.project.package_of(file));
        self.diagnostics.extend(match own {
            true => mistakes::rank_incomplete::lacks(&missing, here),
            false => mistakes::rank_incomplete::elsewhere(&missing, here),
        });
    }
}
