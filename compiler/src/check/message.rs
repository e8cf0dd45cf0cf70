//! Messages (language reference §7).

use super::scope::{Root, Scope, Source, shown};
use super::types::TypePlace;
use super::{Checker, MessageAttribute};
use crate::checked::{self, ChannelKind, Constant, Expr, Location, Message};
use crate::diagnostic::{at, quoted};
use crate::ids::*;
use crate::mistakes::{self, declared_twice};
use crate::resolve::{Declared, Symbol};
use crate::types::Type;
use comity_grammar::Span;
use comity_grammar::tree::{self, MessagePropertyKind as Property};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// The properties of a message that stand once, as they are found.
#[derive(Default)]
struct Found<'m> {
    places: BTreeMap<&'static str, Option<Location>>,
    when: Option<&'m tree::Expr>,
    unless: Option<&'m tree::Expr>,
    value: Option<&'m tree::Expr>,
    propensity: Option<&'m tree::Expr>,
    lever: Option<&'m tree::Expr>,
    attributes: BTreeMap<SmolStr, (Location, &'m tree::Expr)>,
    contents: Vec<(&'m tree::Content, Location)>,
    broken: bool,
    /// A channel or a placement isn't known.
    ways_broken: bool,
    /// A purpose isn't known.
    purposes_broken: bool,
}

impl Checker<'_> {
    /// `every message has { … }`
    pub(super) fn every_message(&mut self) {
        let names = self.names;
        let mut first: BTreeMap<usize, Location> = BTreeMap::new();
        for block in &names.every_message {
            let package = self.project.package_of(block.file);
            if let Some(place) = first.get(&package) {
                self.report(mistakes::only_once::every_message(block.at, *place));
                continue;
            }
            first.insert(package, block.at);
            for attribute in &block.node.attributes {
                let name = attribute.name.text.clone();
                let here = at(block.file, attribute.name.span);
                if let Some(problem) = mistakes::attribute_named_like_property::check(&name, here) {
                    self.report(problem);
                    continue;
                }
                if let Some(other) = self.message_attributes.iter().find(|one| one.name == name) {
                    self.report(declared_twice::part(&name, here, other.at));
                    continue;
                }
                let Some((ty, _)) = self.written_type(block.file, &attribute.ty, TypePlace::MessageAttribute)
                else {
                    self.broken_message_attributes.insert(name);
                    continue;
                };
                let default = self.default(block.file, attribute, ty);
                self.message_attributes.push(MessageAttribute { name, ty, default, at: here });
            }
        }
        self.message_attributes.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Gives messages and purposes their names before anything looks at them.
    pub(super) fn announce_rest(&mut self) {
        let names = self.names;
        let models = names.models.iter();
        self.checked.models = models
            .map(|one| checked::Model {
                name: one.full.clone(),
                at: one.at,
                features: Vec::new(),
                row: Vec::new(),
                ensemble: None,
            })
            .collect();
        let journeys = names.journeys.iter();
        self.checked.journeys =
            journeys.map(|one| checked::Journey::named(one.full.clone(), one.at)).collect();
        for one in &names.purposes {
            let name = one.full.clone();
            self.checked.purposes.push(checked::Purpose { name, at: one.at, rules: Vec::new() });
        }
        for one in &names.messages {
            self.checked.messages.push(Message {
                name: one.full.clone(),
                at: one.at,
                class: ClassId(0),
                purposes: Vec::new(),
                tags: Vec::new(),
                owner: None,
                attributes: Vec::new(),
                active: None,
                when: None,
                unless: None,
                triggers: Vec::new(),
                placements: Vec::new(),
                value: None,
                propensity: None,
                lever: None,
                expires: None,
                via: Vec::new(),
                content: Vec::new(),
            });
        }
    }

    pub(super) fn any_message(&mut self) {
        if self.names.messages.is_empty() && !self.project.own_files().is_empty() {
            self.report(mistakes::no_messages::policy());
        }
    }

    pub(super) fn messages(&mut self) {
        let names = self.names;
        for (position, one) in names.messages.iter().enumerate() {
            let message = self.message(MessageId::at(position), one);
            self.checked.messages[position] = message;
        }
        self.diagnostics.extend(mistakes::values_in_two_currencies::check(&self.checked));
    }

    fn message(&mut self, id: MessageId, one: &Declared<'_, tree::Message>) -> Message {
        let file = one.file;
        let mut message = self.checked.messages[id.index()].clone();
        let mut found = Found::default();
        for property in &one.node.properties {
            self.message_property(file, property, &mut message, &mut found);
        }
        if !found.broken {
            let what = || format!("the message `{}`", one.name.text);
            let has = |word: &str| found.places.contains_key(word);
            let (class, purpose, out) = (has("class"), has("purpose"), has("via") || has("at"));
            let missing = mistakes::property_missing::one_of;
            if !class {
                let classes = self.such(file, |symbol| matches!(symbol, Symbol::Class(_)));
                let problem = missing(&what(), "class", &classes, "promotional", one.at);
                // Which purpose a message has is for its author to say; which class, where there is one, is not.
                self.report(match (classes.as_slice(), one.node.properties.first()) {
                    ([only], Some(first)) => {
                        let start = first.span.start as usize;
                        let place = at(file, Span::new(start, start));
                        problem.mend(format!("write `class {only}`"), place, format!("class {only}\n  "))
                    }
                    _ => problem,
                });
            }
            if !purpose {
                let purposes = self.such(file, |symbol| matches!(symbol, Symbol::Purpose(_)));
                self.report(missing(&what(), "purpose", &purposes, "marketing", one.at));
            }
            if !out {
                let inbound = |id: ChannelId| self.checked.channels[id.index()].kind == ChannelKind::Inbound;
                let channels =
                    self.such(file, |symbol| matches!(symbol, Symbol::Channel(id) if !inbound(id)));
                let placements = self.such(file, |symbol| matches!(symbol, Symbol::Placement(_)));
                self.report(mistakes::property_missing::no_way_out(&what(), &channels, &placements, one.at));
            }
        }
        if found.purposes_broken {
            self.unclear_purposes.insert(id);
        }
        self.conditions(id, one, &mut message, &found);
        self.attributes(one, &mut message, &found);
        message
    }

    fn message_property<'m>(
        &mut self,
        file: FileId,
        property: &'m tree::MessageProperty,
        message: &mut Message,
        found: &mut Found<'m>,
    ) {
        let here = at(file, property.keyword);
        let single = match &property.kind {
            Property::Class(_) => "class",
            Property::Purpose(_) => "purpose",
            Property::Owner(_) => "owner",
            Property::Tags(_) => "tags",
            Property::Active(_) => "active",
            Property::When(_) => "when",
            Property::Unless(_) => "unless",
            Property::At(_) => "at",
            Property::Value(_) => "value",
            Property::Propensity(_) => "propensity",
            Property::Lever(_) => "lever",
            Property::Expires(_) => "expires",
            Property::Via(_) => "via",
            Property::Error | Property::Attribute { .. } | Property::On(_) | Property::Content(_) => "",
        };
        if !single.is_empty() {
            let mut place = found.places.get(single).copied().flatten();
            let first = self.once(&mut place, here);
            found.places.insert(single, place);
            if !first {
                return;
            }
        }
        match &property.kind {
            Property::Error => found.broken = true,
            Property::Class(path) => message.class = self.class_id(file, path).unwrap_or(ClassId(0)),
            Property::Purpose(paths) => {
                message.purposes =
                    self.each_once(file, paths, |checker, file, path| checker.purpose_id(file, path));
                found.purposes_broken = message.purposes.len() < paths.len();
            }
            Property::Owner(text) => message.owner = Some(text.value.clone()),
            Property::Tags(tags) => {
                self.named_once(file, tags);
                message.tags = tags.iter().filter_map(|tag| self.tag(&tag.text)).collect();
                message.tags.sort_unstable();
                message.tags.dedup();
            }
            Property::Attribute { name, value } => {
                if let Some((first, _)) = found.attributes.get(&name.text) {
                    self.report(mistakes::said_twice::property(&name.text, here, *first));
                    return;
                }
                found.attributes.insert(name.text.clone(), (at(file, name.span), value));
            }
            Property::Active(range) => {
                self.uses_local_time(here, "`active` means local dates");
                match self.range(file, range, Some(Type::Date)) {
                    Some((checked::Range { start: Constant::Date(from), end: Constant::Date(to) }, _)) => {
                        message.active = Some((from, to));
                    }
                    Some((_, ty)) => {
                        let ty = self.type_name(ty);
                        self.report(mistakes::wrong_type::active(&ty, at(file, range.span)));
                    }
                    None => {}
                }
            }
            Property::When(expr) => found.when = Some(expr),
            Property::Unless(expr) => found.unless = Some(expr),
            Property::Value(expr) => found.value = Some(expr),
            Property::Propensity(expr) => found.propensity = Some(expr),
            Property::Lever(expr) => found.lever = Some(expr),
            Property::On(occurrence) => {
                let scope = Scope::customer(file, "the `on` of a message");
                message.triggers.extend(self.occurrence(&scope, occurrence));
            }
            Property::At(paths) => {
                let before = self.diagnostics.len();
                message.placements = self.each_once(file, paths, |checker, file, path| {
                    checker.lookup(file, path, "a placement", |symbol| match symbol {
                        Symbol::Placement(id) => Some(id),
                        _ => None,
                    })
                });
                found.ways_broken |= self.diagnostics.len() > before;
            }
            Property::Expires(duration) => {
                message.expires = self.positive_duration(file, duration, "`expires`");
            }
            Property::Via(paths) => {
                message.via = self.each_once(file, paths, |checker, file, path| {
                    let id = checker.channel_id(file, path)?;
                    checker.outbound(file, path, id);
                    Some(id)
                });
                found.ways_broken |= message.via.len() < paths.len();
            }
            Property::Content(content) => found.contents.push((content, here)),
        }
    }

    /// A channel in `via` is one by which something can be sent.
    fn outbound(&mut self, file: FileId, path: &tree::Path, id: ChannelId) {
        let channel = &self.checked.channels[id.index()];
        let declared = self.names.channels[id.index()].node;
        let inbound = channel.kind == ChannelKind::Inbound
            && declared.properties.iter().any(|one| matches!(one.kind, tree::ChannelPropertyKind::Inbound));
        if inbound {
            let (here, declared) = (at(file, path.span()), channel.at);
            self.report(mistakes::nothing_goes_out::inbound(&path.name.text, here, declared));
        }
    }

    /// Everything in a message that is worked out: its conditions, its score, its content.
    fn conditions(
        &mut self,
        id: MessageId,
        one: &Declared<'_, tree::Message>,
        message: &mut Message,
        found: &Found<'_>,
    ) {
        let mut scope = Scope::customer(one.file, "a message's condition");
        scope.message = true;
        scope.event = Root::Sources(self.proposers(id, one).into());
        let mut facts = Vec::new();
        if let Some(when) = found.when {
            let when = self.value(&mut scope, when, Type::Bool, "`when`");
            facts.extend(shown(&when, true));
            scope.facts.extend(facts.iter().cloned());
            message.when = Some(when);
        }
        if let Some(unless) = found.unless {
            let unless = self.value(&mut scope, unless, Type::Bool, "`unless`");
            facts.extend(shown(&unless, false));
            message.unless = Some(unless);
        }
        scope.facts = facts;
        scope.channel = true;
        scope.place = "a message's score";
        message.value = found.value.map(|expr| self.worth(&mut scope, expr));
        message.propensity =
            found.propensity.map(|expr| self.value(&mut scope, expr, Type::Percent, "`propensity`"));
        message.lever = found.lever.map(|expr| self.value(&mut scope, expr, Type::Number, "`lever`"));
        scope.place = "content";
        self.contents(&mut scope, one, message, &found.contents, found.broken || found.ways_broken);
    }

    /// `value`: a number or money.
    fn worth(&mut self, scope: &mut Scope, expr: &tree::Expr) -> Expr {
        let value = self.expression(scope, expr, None);
        let value = match value.ty {
            Type::Money(_) => value,
            _ => self.fit(value, Type::Number, "`value`"),
        };
        self.known(value)
    }

    /// What can have proposed a message: its own `on` and `at`, and the triggers of the journeys that send it.
    fn proposers(&self, id: MessageId, one: &Declared<'_, tree::Message>) -> Vec<Source> {
        let mut sources = Vec::new();
        // What couldn't be read may be what proposes it.
        let mut unread = self.lost_sends;
        for property in &one.node.properties {
            match &property.kind {
                Property::On(occurrence) => sources.push(self.source(one.file, occurrence)),
                Property::Error => unread = true,
                Property::At(_) => {
                    sources.push(Source::Other("a placement", at(one.file, property.keyword)));
                }
                _ => {}
            }
        }
        for journey in self.senders.get(&id).into_iter().flatten() {
            let journey = &self.names.journeys[*journey];
            for property in &journey.node.properties {
                if let tree::JourneyPropertyKind::On(occurrence) = &property.kind {
                    sources.push(self.source(journey.file, occurrence));
                }
            }
        }
        if sources.is_empty() && unread {
            sources.push(Source::Unknown);
        }
        sources
    }

    fn attributes(&mut self, one: &Declared<'_, tree::Message>, message: &mut Message, found: &Found<'_>) {
        for (name, (here, _)) in &found.attributes {
            if !self.message_attributes.iter().any(|attribute| attribute.name == *name) {
                let name = tree::Name { text: name.clone(), span: here.span };
                self.no_message_attribute(one.file, &name);
            }
        }
        let mut missing = Vec::new();
        for position in 0..self.message_attributes.len() {
            let attribute = &self.message_attributes[position];
            let (name, ty, default) = (attribute.name.clone(), attribute.ty, attribute.default.clone());
            let value = match found.attributes.get(&name) {
                Some((_, expr)) => {
                    let mut scope = Scope::customer(one.file, "an attribute of a message");
                    self.constant(&mut scope, expr, ty, &format!("`{name}`"))
                }
                None => {
                    if default.is_none() {
                        missing.push((quoted(&name), attribute.at));
                    }
                    default
                }
            };
            if let Some(value) = value {
                message.attributes.push(checked::MessageAttribute { name, ty, value });
            }
        }
        if let Some((_, declared)) = missing.first() {
            let names: Vec<String> = missing.iter().map(|(name, _)| name.clone()).collect();
            self.report(mistakes::attribute_unsaid::message(&one.name.text, &names, one.at, *declared));
        }
    }
}
