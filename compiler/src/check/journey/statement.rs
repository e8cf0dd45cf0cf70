//! The statements of journeys.

use super::super::Checker;
use super::super::scope::{Scope, shown};
use crate::diagnostic::{Diagnostic, at, list, quoted};
use comity_grammar::tree::{self, Statement, StatementKind};

impl Checker<'_> {
    /// Statements one after the other. What a condition has shown holds until time passes.
    pub(super) fn statements(&mut self, scope: &mut Scope, statements: &[Statement]) {
        let before = scope.facts.clone();
        for statement in statements {
            self.statement(scope, statement);
            if takes_time(statement) {
                scope.facts.clear();
            }
        }
        scope.facts = before;
    }

    fn statement(&mut self, scope: &mut Scope, statement: &Statement) {
        let file = scope.file;
        let here = at(file, statement.span);
        match &statement.kind {
            StatementKind::Error | StatementKind::Exit => {}
            StatementKind::Wait { duration, restart } => {
                self.positive_duration(file, duration, "a wait");
                if let Some(restart) = restart {
                    self.occurrence(scope, &restart.on);
                    if let Some(limit) = &restart.up_to {
                        self.positive_duration(file, limit, "what follows `up to`");
                    }
                }
            }
            StatementKind::WaitUntil { time, weekday } => {
                self.uses_local_time(here, "`wait until` means a local time");
                self.time_literal(scope, time);
                if let Some(day) = weekday {
                    self.weekday(file, day);
                }
            }
            StatementKind::WaitFor { occurrences, up_to, then, otherwise } => {
                for occurrence in occurrences {
                    self.occurrence(scope, occurrence);
                }
                self.positive_duration(file, up_to, "what follows `up to`");
                for branch in [then, otherwise].into_iter().flatten() {
                    let mut later = scope.clone();
                    later.facts.clear();
                    self.statements(&mut later, branch);
                }
            }
            StatementKind::Send(send) => self.send(scope, send),
            StatementKind::If { condition, then, otherwise } => {
                let condition = self.condition(scope, condition);
                for (branch, holds) in [(Some(then), true), (otherwise.as_ref(), false)] {
                    if let Some(branch) = branch {
                        let mut inner = scope.clone();
                        inner.facts.extend(shown(&condition, holds));
                        self.statements(&mut inner, branch);
                    }
                }
            }
            StatementKind::Split { experiment, arms } => {
                let found = self.experiment_id(file, experiment);
                if let Some(id) = found {
                    self.split(scope, id, arms, here);
                }
                for (_, branch) in arms {
                    self.statements(&mut scope.clone(), branch);
                }
            }
            StatementKind::Repeat { times, body } => {
                self.positive_int(file, times, "E0307", "`repeat`");
                let mut inner = scope.clone();
                inner.facts.clear();
                self.statements(&mut inner, body);
            }
            StatementKind::Together(branches) => {
                for branch in branches {
                    self.statements(&mut scope.clone(), branch);
                }
            }
            StatementKind::Set { attribute, value } => match self.attribute(file, attribute, None) {
                Some(id) => {
                    let one = &self.checked.attributes[id.index()];
                    let (ty, optional, name) = (one.ty, one.optional, one.name.clone());
                    let found = self.expression(scope, value, Some(ty));
                    let found = self.fit(found, ty, &format!("`profile.{name}`"));
                    if !optional {
                        self.known(found);
                    }
                }
                None => drop(self.expression(scope, value, None)),
            },
            StatementKind::Emit { fields, .. } => {
                for (_, value) in fields {
                    self.expression(scope, value, None);
                }
            }
            StatementKind::Enter(path) => drop(self.journey_id(file, path)),
        }
    }

    fn send(&mut self, scope: &mut Scope, send: &tree::Send) {
        let file = scope.file;
        let message = self.message_id(file, &send.message);
        let via = self.each_once(file, &send.via, |checker, file, path| {
            Some((checker.channel_id(file, path)?, path.span().start))
        });
        if let Some(id) = message {
            for (channel, start) in via {
                if self.checked.messages[id.index()].via.contains(&channel) {
                    continue;
                }
                let place = send.via.iter().find(|path| path.span().start == start);
                let here = place.map_or(at(file, send.message.span()), |path| at(file, path.span()));
                let name = &self.checked.channels[channel.index()].name;
                let message = &self.checked.messages[id.index()];
                let text = format!("the message `{}` doesn't go out on `{name}`", message.name);
                let problem = Diagnostic::error("E0504", text, here, "not one of its channels")
                    .also(message.at, "the message")
                    .help(format!("add `{name}` to its `via`"));
                self.report(problem);
            }
        }
        if let Some(within) = &send.within {
            self.positive_duration(file, within, "what follows `within`");
        }
        if let Some(branch) = &send.otherwise {
            let mut later = scope.clone();
            later.facts.clear();
            self.statements(&mut later, branch);
        }
    }

    /// E0901: a split names every arm, each once.
    fn split(
        &mut self,
        scope: &Scope,
        id: crate::ids::ExperimentId,
        arms: &[(tree::Name, Vec<Statement>)],
        here: crate::checked::Location,
    ) {
        let experiment = self.checked.experiments[id.index()].clone();
        for (position, (arm, _)) in arms.iter().enumerate() {
            let place = at(scope.file, arm.span);
            if let Some((first, _)) = arms[..position].iter().find(|(other, _)| other.text == arm.text) {
                let text = format!("the arm `{}` stands twice", arm.text);
                let problem = Diagnostic::error("E0901", text, place, "again");
                self.report(problem.also(at(scope.file, first.span), "here first"));
            } else if !experiment.arms.iter().any(|(name, _)| *name == arm.text) {
                let text = format!("`{}` has no arm `{}`", experiment.name, arm.text);
                let known: Vec<String> = experiment.arms.iter().map(|(name, _)| quoted(name)).collect();
                self.report(
                    Diagnostic::error("E0901", text, place, "unknown")
                        .also(experiment.at, "the experiment")
                        .help(format!("its arms are {}", list(&known, "and"))),
                );
            }
        }
        let missing: Vec<String> = experiment
            .arms
            .iter()
            .filter(|(name, _)| !arms.iter().any(|(arm, _)| arm.text == *name))
            .map(|(name, _)| quoted(name))
            .collect();
        if !missing.is_empty() {
            let text = format!("the split doesn't say what happens in {}", list(&missing, "and"));
            self.report(
                Diagnostic::error("E0901", text, here, "an arm is missing")
                    .also(experiment.at, "the experiment")
                    .help("an arm in which nothing happens is empty: `control { }`"),
            );
        }
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
