//! Journeys and stops (language reference §10): every name and type in them.

mod statement;

use super::Checker;
use super::scope::{Root, Scope, Source};
use crate::checked::{self, Journey, Location};
use crate::diagnostic::at;
use crate::mistakes;
use crate::resolve::{Declared, Symbol};
use crate::types::Type;
use comity_grammar::tree::{self, JourneyPropertyKind as Property, StatementKind};
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Which journeys send which messages.
    pub(super) fn senders(&mut self) {
        let names = self.names;
        for (position, journey) in names.journeys.iter().enumerate() {
            let mut sent = Vec::new();
            each_statement(&journey.node.body, &mut |statement| {
                if let StatementKind::Send(send) = &statement.kind {
                    sent.push(&send.message);
                }
            });
            for path in sent {
                match self.names.find(journey.file, path) {
                    Some((Symbol::Message(id), _)) => {
                        self.senders.entry(id).or_default().insert(position);
                    }
                    _ => self.lost_sends = true,
                }
            }
        }
    }

    pub(super) fn journeys(&mut self) {
        let names = self.names;
        for (position, one) in names.journeys.iter().enumerate() {
            self.checked.journeys[position] = self.journey(one);
        }
        self.diagnostics.extend(mistakes::journey_circle::check(names));
        let checked = &self.checked;
        for found in [
            mistakes::not_sendable::find(checked),
            mistakes::delivery_of_others::find(checked),
            mistakes::trigger_not_handed_on::find(checked),
            mistakes::timeless_circle::find(checked),
        ] {
            self.diagnostics.extend(found);
        }
        for one in &names.stops {
            let classes = self
                .each_once(one.file, &one.node.classes, |checker, file, path| checker.class_id(file, path));
            let scope = Scope::customer(one.file, "`stop`");
            if let Some(on) = self.occurrence(&scope, &one.node.on) {
                self.checked.stops.push(checked::Stop { classes, on, at: one.at });
            }
        }
    }

    fn journey(&mut self, one: &Declared<'_, tree::Journey>) -> Journey {
        let mut journey = Journey::named(one.full.clone(), one.at);
        let file = one.file;
        let mut sources: Vec<Source> = Vec::new();
        for property in &one.node.properties {
            if let Property::On(occurrence) = &property.kind {
                sources.push(self.source(file, occurrence));
            }
        }
        let mut scope = Scope::customer(file, "a journey");
        scope.trigger = Root::Sources(sources.into());
        scope.event = Root::Absent("inside a journey, the event that started it is `trigger`");
        let mut places: BTreeMap<&str, Option<Location>> = BTreeMap::new();
        let mut broken = false;
        for property in &one.node.properties {
            let here = at(file, property.keyword);
            let single = match &property.kind {
                Property::Class(_) => "class",
                Property::Key(_) => "key",
                Property::When(_) => "when",
                Property::Reenter(_) => "reenter",
                Property::Touches(_) => "touches",
                Property::Goal { .. } => "goal",
                Property::On(_) => "on",
                Property::Error | Property::StopOn(_) | Property::StopWhen(_) => "",
            };
            let place = places.entry(single).or_default();
            if single.is_empty() || single == "on" {
                *place = Some(here);
            } else {
                let mut place = *place;
                self.once(&mut place, here);
                places.insert(single, place);
            }
            broken |= property.kind == Property::Error;
            self.journey_property(&mut journey, &mut scope, &property.kind);
        }
        let what = format!("the journey `{}`", one.name.text);
        if !broken && !places.contains_key("on") {
            let own =
                |symbol| matches!(symbol, Symbol::Event(id) if self.checked.events[id.index()].at.is_some());
            let events = self.such(file, own);
            self.report(mistakes::property_missing::one_of(&what, "on", &events, "purchase", one.at));
        }
        journey.body = self.statements(&mut scope, &one.node.body);
        self.diagnostics.extend(mistakes::journey_too_long::check(&journey));
        journey
    }

    fn journey_property(&mut self, journey: &mut Journey, scope: &mut Scope, property: &Property) {
        let file = scope.file;
        match property {
            Property::Error => {}
            Property::Class(path) => journey.class = self.class_id(file, path),
            Property::On(occurrence) => {
                let start = Scope::customer(file, "the `on` of a journey");
                journey.triggers.extend(self.occurrence(&start, occurrence));
            }
            Property::Key(key) => {
                let key = self.expression(scope, key, None);
                if let Type::Set(_) = key.ty {
                    let ty = self.type_name(key.ty);
                    self.report(mistakes::unusable_key::set(&ty, key.at));
                }
                journey.key = Some(self.known(key));
            }
            Property::When(condition) => {
                journey.when = Some(self.value(scope, condition, Type::Bool, "`when`"));
            }
            Property::Reenter(reenter) => {
                journey.reenter = match reenter {
                    tree::Reenter::After(duration) => {
                        let after = self.positive_duration(file, duration, "what follows `after`");
                        checked::Reenter::After(after.unwrap_or_default())
                    }
                    tree::Reenter::Never => checked::Reenter::Never,
                    tree::Reenter::Always => checked::Reenter::Always,
                    tree::Reenter::WhenFinished | tree::Reenter::Error => checked::Reenter::WhenFinished,
                }
            }
            Property::Touches(count) => {
                journey.touches = self.positive_int(file, count, "`touches`", mistakes::not_positive::count);
            }
            Property::StopOn(occurrence) => journey.stop_on.extend(self.occurrence(scope, occurrence)),
            Property::StopWhen(condition) => {
                let condition = self.value(scope, condition, Type::Bool, "`stop when`");
                let used = self.time_use(&condition);
                self.segment_time(&used);
                journey.stop_when.push(condition);
            }
            Property::Goal { occurrence, within } => {
                let on = self.occurrence(scope, occurrence);
                let within = self.positive_duration(file, within, "what follows `within`");
                if let (Some(on), Some(within)) = (on, within) {
                    journey.goal = Some(checked::Goal { on, within });
                }
            }
        }
    }
}

/// Visits every statement, nested ones included.
pub(crate) fn each_statement<'t>(
    statements: &'t [tree::Statement],
    visit: &mut dyn FnMut(&'t tree::Statement),
) {
    for statement in statements {
        visit(statement);
        match &statement.kind {
            StatementKind::WaitFor { then, otherwise, .. } => {
                for branch in [then, otherwise].into_iter().flatten() {
                    each_statement(branch, visit);
                }
            }
            StatementKind::Send(send) => {
                if let Some(branch) = &send.otherwise {
                    each_statement(branch, visit);
                }
            }
            StatementKind::If { then, otherwise, .. } => {
                each_statement(then, visit);
                if let Some(branch) = otherwise {
                    each_statement(branch, visit);
                }
            }
            StatementKind::Split { arms, .. } => {
                for (_, branch) in arms {
                    each_statement(branch, visit);
                }
            }
            StatementKind::Repeat { body, .. } => each_statement(body, visit),
            StatementKind::Together(branches) => {
                for branch in branches {
                    each_statement(branch, visit);
                }
            }
            StatementKind::Error
            | StatementKind::Wait { .. }
            | StatementKind::WaitUntil { .. }
            | StatementKind::Set { .. }
            | StatementKind::Emit { .. }
            | StatementKind::Enter(_)
            | StatementKind::Exit => {}
        }
    }
}
