//! Channels, placements and classes (language reference §7).

use super::Checker;
use super::scope::Scope;
use crate::checked::{Channel, ChannelKind, Class, ExprKind, Location, Placement, Quiet};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes;
use crate::resolve::Symbol;
use crate::types::Type;
use comity_grammar::Span;
use comity_grammar::tree::{self, ChannelPropertyKind as Property, PlacementPropertyKind};
use smol_str::SmolStr;

/// All seven days.
const EVERY_DAY: u8 = 0b111_1111;

impl Checker<'_> {
    /// Whether a property stands for the first time; else after a diagnostic.
    pub(super) fn once(&mut self, first: &mut Option<Location>, here: Location) -> bool {
        match *first {
            None => {
                *first = Some(here);
                true
            }
            Some(place) => {
                let word = self.quote(here).unwrap_or_else(|| "this property".to_owned());
                self.report(mistakes::said_twice::property(&word, here, place));
                false
            }
        }
    }

    /// How each channel reaches the customer; the rest of them needs expressions and comes later.
    pub(super) fn channel_kinds(&mut self) {
        let names = self.names;
        for one in &names.channels {
            let mut ways: Vec<(Location, Option<ChannelKind>)> = Vec::new();
            let mut broken = false;
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    Property::Error => broken = true,
                    Property::Inbound => ways.push((here, Some(ChannelKind::Inbound))),
                    Property::To { device, address } => {
                        ways.push((here, self.address(one.file, *device, address)));
                    }
                    Property::Quiet(_) | Property::Spread(_) | Property::Cost(_) => {}
                }
            }
            let kind = ways.first().and_then(|(_, kind)| *kind);
            match ways.as_slice() {
                [] if !broken => {
                    self.report(mistakes::channel_address::none(&one.name.text, one.at));
                }
                [(first, _), (second, _), ..] => {
                    self.report(mistakes::channel_address::twice(&one.name.text, *second, *first));
                }
                _ => {}
            }
            self.checked.channels.push(Channel {
                name: one.full.clone(),
                at: one.at,
                kind: kind.unwrap_or(ChannelKind::Inbound),
                quiet: Vec::new(),
                spread: 0,
                cost: None,
            });
        }
    }

    fn address(&mut self, file: FileId, device: bool, address: &tree::Expr) -> Option<ChannelKind> {
        let mut scope = Scope::customer(file, "a channel's address");
        let found = self.expression(&mut scope, address, None);
        let here = at(file, address.span);
        match found.kind {
            ExprKind::Error => None,
            ExprKind::Attribute(id) => {
                let good = match device {
                    true => found.ty == Type::Text,
                    false => matches!(found.ty, Type::Email | Type::Phone | Type::Text | Type::Url),
                };
                if !good || !found.optional {
                    let ty = self.type_name(found.ty);
                    let attribute = &self.checked.attributes[id.index()];
                    let (declared, name) = (attribute.at, attribute.name.clone());
                    self.report(match good {
                        false => mistakes::channel_address::no_address(&name, &ty, device, here, declared),
                        true => mistakes::channel_address::always_known(&name, &ty, device, here, declared),
                    });
                    return None;
                }
                Some(if device { ChannelKind::Device(id) } else { ChannelKind::Address(id) })
            }
            _ => {
                self.report(mistakes::channel_address::no_attribute(here));
                None
            }
        }
    }

    /// Quiet hours, spread and cost.
    pub(super) fn channels(&mut self) {
        let names = self.names;
        for (position, one) in names.channels.iter().enumerate() {
            let (mut spread, mut cost) = (None, None);
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    Property::Error | Property::Inbound | Property::To { .. } => {}
                    Property::Quiet(quiet) => {
                        if let Some(quiet) = self.quiet(one.file, quiet, here) {
                            self.checked.channels[position].quiet.push(quiet);
                        }
                    }
                    Property::Spread(duration) => {
                        let found = self.positive_duration(one.file, duration, "`spread`");
                        if self.once(&mut spread, here) {
                            self.checked.channels[position].spread = found.unwrap_or(0);
                        }
                    }
                    Property::Cost(amount) => {
                        let found = self.cost(one.file, amount);
                        if self.once(&mut cost, here) {
                            self.checked.channels[position].cost = found;
                        }
                    }
                }
            }
        }
    }

    fn quiet(&mut self, file: FileId, quiet: &tree::Quiet, here: Location) -> Option<Quiet> {
        self.uses_local_time(here, "quiet hours are local times");
        let condition = quiet.condition.as_ref().map(|condition| {
            let mut scope = Scope::customer(file, "quiet hours");
            self.condition(&mut scope, condition)
        });
        let mut weekdays = 0;
        for day in &quiet.weekdays {
            weekdays |= 1 << self.weekday(file, day)?;
        }
        let range_at = at(file, quiet.range.span);
        let (range, ty) = self.quiet_range(file, &quiet.range)?;
        let (crate::checked::Constant::Time(from), crate::checked::Constant::Time(to)) =
            (range.start, range.end)
        else {
            let ty = self.type_name(ty);
            self.report(mistakes::wrong_type::quiet_hours(&ty, range_at));
            return None;
        };
        let weekdays = if weekdays == 0 { EVERY_DAY } else { weekdays };
        Some(Quiet { from, to, weekdays, when: condition })
    }

    /// The range of quiet hours; equal ends have a message of their own.
    fn quiet_range(&mut self, file: FileId, range: &tree::Range) -> Option<(crate::checked::Range, Type)> {
        if let (tree::LiteralKind::Time(start), tree::LiteralKind::Time(end)) =
            (&range.start.kind, &range.end.kind)
            && start == end
        {
            let place = at(file, range.span);
            self.report(mistakes::quiet_hours_empty::range(place));
            return None;
        }
        self.range(file, range, Some(Type::Time))
    }

    pub(super) fn placements(&mut self) {
        let names = self.names;
        for one in &names.placements {
            let (mut on, mut show, mut distinct) = (None, None, None);
            let mut broken = false;
            let mut placement = Placement {
                name: one.full.clone(),
                at: one.at,
                channel: ChannelId(0),
                show: 1,
                distinct: None,
            };
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    PlacementPropertyKind::Error => broken = true,
                    PlacementPropertyKind::On(channel) => {
                        let found = self.channel_id(one.file, channel);
                        if self.once(&mut on, here) {
                            match found {
                                Some(channel) => placement.channel = channel,
                                None => broken = true,
                            }
                        }
                    }
                    PlacementPropertyKind::Show(count) => {
                        let found =
                            self.positive_int(one.file, count, "`show`", mistakes::not_positive::count);
                        if self.once(&mut show, here) {
                            placement.show = found.unwrap_or(1);
                        }
                    }
                    PlacementPropertyKind::Distinct(name) => {
                        if self.message_attributes.iter().any(|attribute| attribute.name == name.text) {
                            if self.once(&mut distinct, here) {
                                placement.distinct = Some(name.text.clone());
                            }
                        } else {
                            self.no_message_attribute(one.file, name);
                        }
                    }
                }
            }
            let what = format!("the placement `{}`", one.name.text);
            if on.is_none() && !broken {
                let inbound = |symbol| match symbol {
                    Symbol::Channel(id) => self.checked.channels[id.index()].kind == ChannelKind::Inbound,
                    _ => false,
                };
                let channels = self.such(one.file, inbound);
                self.report(mistakes::property_missing::one_of(&what, "on", &channels, "web", one.at));
            }
            if show.is_none() && !broken {
                self.missing(one.at, &what, "show", "show 1");
            }
            if broken || on.is_none() {
                self.broken_placements.insert(PlacementId::at(self.checked.placements.len()));
            }
            self.checked.placements.push(placement);
        }
    }

    /// The names of a kind that a file can use, as it would write them.
    pub(super) fn such(&self, file: FileId, pick: impl Fn(Symbol) -> bool) -> Vec<SmolStr> {
        let known = self.names.known(file).into_iter().filter(|(_, symbol)| pick(*symbol));
        known.map(|(name, _)| name).collect()
    }

    pub(super) fn missing(&mut self, owner: Location, what: &str, property: &str, example: &str) {
        self.report(mistakes::property_missing::of(what, property, example, owner));
    }

    /// An attribute that `every message has` doesn't name.
    pub(super) fn no_message_attribute(&mut self, file: FileId, name: &tree::Name) {
        if self.broken_message_attributes.contains(&name.text) {
            return;
        }
        let here = at(file, name.span);
        let known = self.message_attributes.iter().map(|one| one.name.as_str());
        self.report(mistakes::unknown_part::of_messages(&name.text, here, known));
    }

    pub(super) fn classes(&mut self) {
        let names = self.names;
        for one in &names.classes {
            let mut class = Class {
                name: one.full.clone(),
                at: one.at,
                rank: 0,
                ignores_quiet: false,
                ignores_caps: false,
                ignores_suppression: false,
                ignores_holdout: false,
            };
            for (position, word) in one.node.ignores.iter().enumerate() {
                let flag = match word.text.as_str() {
                    "quiet" => &mut class.ignores_quiet,
                    "caps" => &mut class.ignores_caps,
                    "suppression" => &mut class.ignores_suppression,
                    "holdout" => &mut class.ignores_holdout,
                    other => {
                        let here = at(one.file, word.span);
                        self.report(mistakes::unknown_name::exemption(other, here));
                        continue;
                    }
                };
                if std::mem::replace(flag, true) {
                    let words = &one.node.ignores;
                    let first = words.iter().find(|other| other.text == word.text).unwrap_or(word);
                    let before = words[position.saturating_sub(1)].span.end as usize;
                    let with_comma = Span::new(before, word.span.end as usize);
                    self.report(mistakes::said_twice::name(
                        &word.text,
                        at(one.file, word.span),
                        at(one.file, first.span),
                        (position > 0).then(|| at(one.file, with_comma)),
                    ));
                }
            }
            self.checked.classes.push(class);
        }
    }
}
