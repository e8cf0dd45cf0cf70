//! The statements of journeys.

use super::super::Checker;
use super::super::scope::{Scope, shown};
use crate::checked::{self, StatementKind as Kind};
use crate::diagnostic::at;
use crate::mistakes;
use comity_grammar::tree::{self, Statement, StatementKind};

impl Checker<'_> {
    /// Statements one after the other. What a condition has shown holds until time passes.
    pub(super) fn statements(
        &mut self,
        scope: &mut Scope,
        statements: &[Statement],
    ) -> Vec<checked::Statement> {
        let before = scope.facts.clone();
        let mut found = Vec::with_capacity(statements.len());
        for statement in statements {
            let kind = self.statement(scope, statement);
            found.extend(kind.map(|kind| checked::Statement { kind, at: at(scope.file, statement.span) }));
            if takes_time(statement) {
                scope.facts.clear();
            }
        }
        scope.facts = before;
        found
    }

    /// `None` after a diagnostic.
    fn statement(&mut self, scope: &mut Scope, statement: &Statement) -> Option<Kind> {
        let file = scope.file;
        let here = at(file, statement.span);
        Some(match &statement.kind {
            StatementKind::Error => return None,
            StatementKind::Exit => Kind::Exit,
            StatementKind::Wait { duration, restart } => {
                let duration = self.positive_duration(file, duration, "a wait");
                let restart = restart.as_ref().map(|restart| {
                    let on = self.occurrence(scope, &restart.on);
                    let up_to = restart.up_to.as_ref();
                    let up_to =
                        up_to.and_then(|limit| self.positive_duration(file, limit, "what follows `up to`"));
                    Some(checked::Restart { on: on?, up_to })
                });
                Kind::Wait { duration: duration?, restart: restart.flatten() }
            }
            StatementKind::WaitUntil { time, weekday } => {
                self.uses_local_time(here, "`wait until` means a local time");
                let time = self.time_literal(scope, time);
                let weekday = weekday.as_ref().map(|day| self.weekday(file, day));
                Kind::WaitUntil { time: time?, weekday: weekday.flatten() }
            }
            StatementKind::WaitFor { occurrences, up_to, then, otherwise } => {
                let occurrences: Vec<_> =
                    occurrences.iter().filter_map(|occurrence| self.occurrence(scope, occurrence)).collect();
                let up_to = self.positive_duration(file, up_to, "what follows `up to`");
                let [then, otherwise] = [then, otherwise].map(|branch| {
                    let mut later = scope.clone();
                    later.facts.clear();
                    branch.as_ref().map(|branch| self.statements(&mut later, branch)).unwrap_or_default()
                });
                Kind::WaitFor { occurrences, up_to: up_to?, then, otherwise }
            }
            StatementKind::Send(send) => Kind::Send(self.send(scope, send)?),
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.condition(scope, condition);
                let [then, otherwise] =
                    [(Some(then), true), (otherwise.as_ref(), false)].map(|(branch, holds)| {
                        let mut inner = scope.clone();
                        inner.facts.extend(shown(&condition, holds));
                        branch.map(|branch| self.statements(&mut inner, branch)).unwrap_or_default()
                    });
                Kind::If { condition, then, otherwise }
            }
            StatementKind::Split { experiment, arms } => {
                let found = self.experiment_id(file, experiment);
                if let Some(id) = found {
                    let experiment = &self.checked.experiments[id.index()];
                    self.diagnostics.extend(mistakes::split_arms::check(experiment, arms, file, here));
                }
                let mut bodies: Vec<_> = arms
                    .iter()
                    .map(|(arm, branch)| (&arm.text, self.statements(&mut scope.clone(), branch)))
                    .collect();
                let experiment = found?;
                let names = self.checked.experiments[experiment.index()].arms.iter();
                let in_order = names.map(|(name, _)| {
                    let position = bodies.iter().position(|(arm, _)| *arm == name);
                    position.map(|position| bodies.swap_remove(position).1).unwrap_or_default()
                });
                Kind::Split { experiment, arms: in_order.collect() }
            }
            StatementKind::Repeat { times, body } => {
                let times = self.positive_int(file, times, "`repeat`", mistakes::not_positive::count);
                let mut inner = scope.clone();
                inner.facts.clear();
                let body = self.statements(&mut inner, body);
                Kind::Repeat { times: times?, body }
            }
            StatementKind::Together(branches) => Kind::Together(
                branches.iter().map(|branch| self.statements(&mut scope.clone(), branch)).collect(),
            ),
            StatementKind::Set { attribute, value } => match self.attribute(file, attribute, None) {
                Some(id) => {
                    let one = &self.checked.attributes[id.index()];
                    let (ty, optional, name) = (one.ty, one.optional, one.name.clone());
                    let found = self.expression(scope, value, Some(ty));
                    let mut found = self.fit(found, ty, &format!("`profile.{name}`"));
                    if !optional {
                        found = self.known(found);
                    }
                    Kind::Set { attribute: id, value: found }
                }
                None => {
                    self.expression(scope, value, None);
                    return None;
                }
            },
            StatementKind::Emit { event, fields } => {
                self.named_once(file, fields.iter().map(|(name, _)| name));
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.text.clone(), self.expression(scope, value, None)))
                    .collect();
                Kind::Emit { event: event.text.clone(), fields }
            }
            StatementKind::Enter(path) => Kind::Enter(self.journey_id(file, path)?),
        })
    }

    fn send(&mut self, scope: &mut Scope, send: &tree::Send) -> Option<checked::Send> {
        let file = scope.file;
        let message = self.message_id(file, &send.message);
        let via: Vec<_> = self
            .each_once(file, &send.via, |checker, file, path| checker.channel_id(file, path))
            .into_iter()
            .map(|id| {
                let name = &self.checked.channels[id.index()].name;
                let path = send.via.iter().find(|path| path.name.text == *name);
                (id, path.map_or(0, |path| path.span().start))
            })
            .collect();
        if let Some(id) = message {
            for &(channel, start) in &via {
                if self.checked.messages[id.index()].via.contains(&channel) {
                    continue;
                }
                let place = send.via.iter().find(|path| path.span().start == start);
                let here = place.map_or(at(file, send.message.span()), |path| at(file, path.span()));
                let name = &self.checked.channels[channel.index()].name;
                let message = &self.checked.messages[id.index()];
                let problem = mistakes::content_unused::channel(&message.name, name, here, message.at);
                self.report(problem);
            }
        }
        let within = send.within.as_ref();
        let within = within.and_then(|within| self.positive_duration(file, within, "what follows `within`"));
        let otherwise = send.otherwise.as_ref().map(|branch| {
            let mut later = scope.clone();
            later.facts.clear();
            self.statements(&mut later, branch)
        });
        Some(checked::Send {
            message: message?,
            via: via.into_iter().map(|(channel, _)| channel).collect(),
            chain: send.chain,
            within,
            otherwise: otherwise.unwrap_or_default(),
        })
    }
}

/// Whether time can pass in a statement, or an attribute change.
fn takes_time(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Error | StatementKind::Exit | StatementKind::Emit { .. } | StatementKind::Enter(_) => {
            false
        }
        StatementKind::If { then, otherwise, .. } => {
            then.iter().chain(otherwise.iter().flatten()).any(takes_time)
        }
        _ => true,
    }
}
