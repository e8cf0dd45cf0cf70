//! Journeys to state machines (reference §10).

use super::Lowerer;
use super::origins::{Declaration, DeclarationKind};
use super::scope::Scope;
use crate::builtin;
use crate::checked::print_expression::Printer;
use crate::checked::{self, Location, Occurrence, OccurrenceKind, Statement, StatementKind as Kind};
use crate::ids::*;
use crate::plan::{self, Fold, Next, Source, Step, StepKind, Window, WindowSpan, identity};
use crate::types::Type;
use smol_str::SmolStr;

/// An event starts a journey up to an hour (µs) late: for so long its stops have to be known.
const STOPS_ARE_KNOWN: i64 = 61 * 60_000_000;
/// How long a send waits for its delivery where the policy doesn't say, µs.
const UNTIL_DELIVERED: i64 = 7 * 24 * 3_600_000_000;

impl Lowerer<'_> {
    pub(super) fn journeys(&mut self) -> Vec<plan::Journey> {
        let checked = self.checked;
        checked.journeys.iter().map(|journey| self.journey(journey)).collect()
    }

    fn journey(&mut self, journey: &checked::Journey) -> plan::Journey {
        let owner = Declaration { kind: DeclarationKind::Journey, name: journey.name.clone() };
        let scope = Scope::of(&owner);
        let mut lowered = plan::Journey {
            name: journey.name.clone(),
            class: journey.class,
            triggers: journey.triggers.iter().map(|one| self.trigger(&one.kind, &scope)).collect(),
            key: journey.key.as_ref().map(|key| self.expr(key, &scope)),
            when: journey.when.as_ref().map(|when| self.expr(when, &scope)),
            reenter: match journey.reenter {
                checked::Reenter::Never => plan::Reenter::Never,
                checked::Reenter::After(length) => plan::Reenter::After(length),
                checked::Reenter::WhenFinished => plan::Reenter::WhenFinished,
                checked::Reenter::Always => plan::Reenter::Always,
            },
            touches: journey.touches,
            stops: journey.stop_on.iter().map(|one| self.stop_on(one, &scope, true)).collect(),
            stop_when: Vec::new(),
            goal: journey.goal.as_ref().map(|goal| self.goal(goal, &scope)),
            steps: Vec::new(),
        };
        for condition in &journey.stop_when {
            let condition = self.expr(condition, &scope);
            let guard = self.guard(condition);
            lowered.stop_when.push(guard);
        }
        let mut machine = Machine { lowerer: self, scope, steps: Vec::new(), path: Vec::new() };
        machine.block(&journey.body, None);
        lowered.steps = machine.steps;
        lowered
    }

    /// Top-level stops, in an order that doesn't depend on where they stand.
    pub(super) fn stops(&mut self) -> Vec<plan::Stop> {
        let checked = self.checked;
        let printer = Printer { checked: Some(checked), parameters: &[] };
        let mut stops: Vec<_> = checked.stops.iter().collect();
        stops.sort_by_cached_key(|stop| (stop.classes.clone(), printer.occurrence(&stop.on)));
        let mut lowered = Vec::with_capacity(stops.len());
        for stop in stops {
            let owner = Declaration { kind: DeclarationKind::Stop, name: Default::default() };
            let on = self.stop_on(&stop.on, &Scope::of(&owner), false);
            let mut classes = stop.classes.clone();
            classes.sort_unstable();
            lowered.push(plan::Stop { classes, stop: on });
        }
        lowered
    }

    pub(super) fn goal(&mut self, goal: &checked::Goal, scope: &Scope<'_>) -> plan::Goal {
        plan::Goal { on: self.trigger(&goal.on.kind, scope), within: goal.within }
    }

    fn stop_on(&mut self, stop: &Occurrence, scope: &Scope<'_>, of_instance: bool) -> plan::StopOn {
        let on = self.trigger(&stop.kind, scope);
        let known = match &stop.kind {
            // An instance that is about to begin has sent nothing yet.
            OccurrenceKind::Event(pattern) if of_instance && builtin::is_delivery(pattern.event) => None,
            OccurrenceKind::Event(pattern) => {
                let condition = self.pattern(pattern, scope);
                let (own, further) = self.split(condition);
                let stream = StreamId::at(self.b.streams.intern((pattern.event, own)));
                let span = WindowSpan::Rolling(STOPS_ARE_KNOWN);
                let (fold, ty) = (Fold::Count, Type::Int);
                let window = Window { stream, filter: further, fold, field: None, span, ty, optional: false };
                let window = WindowId::at(self.b.windows.intern(window));
                self.notes.needs.entry(window).or_default().insert((stop.at, scope.owner.clone()));
                Some(self.b.slot(Source::Window(window), ty, false))
            }
            _ => None,
        };
        plan::StopOn { on, known }
    }
}

/// Lowers the statements of one journey.
struct Machine<'l, 'c, 's> {
    lowerer: &'l mut Lowerer<'c>,
    scope: Scope<'s>,
    steps: Vec<Step>,
    path: Vec<SmolStr>,
}

impl Machine<'_, '_, '_> {
    /// Statements one after the other, which then go on at `after`; returns where they begin.
    fn block(&mut self, body: &[Statement], after: Next) -> Next {
        let start = self.here();
        let mut written: Vec<SmolStr> = Vec::new();
        for (position, statement) in body.iter().enumerate() {
            let line = SmolStr::new(self.printer().statement(statement));
            let again = written.iter().filter(|other| **other == line).count();
            written.push(line.clone());
            let text = if again == 0 { line } else { SmolStr::new(format!("{line} ({})", again + 1)) };
            let end = self.here() + size(statement);
            let next = if position + 1 < body.len() { Some(end) } else { after };
            self.statement(statement, text, next);
            // The wait that comes next looks from here on.
            if let Some(following) = body.get(position + 1)
                && let Kind::WaitFor { .. } = following.kind
            {
                let at = end - size(statement);
                self.steps[at as usize].opens.push(end);
            }
        }
        if body.is_empty() { after } else { Some(start) }
    }

    fn printer(&self) -> Printer<'_> {
        Printer { checked: Some(self.lowerer.checked), parameters: &[] }
    }

    fn here(&self) -> u32 {
        self.steps.len() as u32
    }

    fn push(&mut self, text: SmolStr, kind: StepKind) {
        let path = self.path.clone();
        self.steps.push(Step { id: identity(&path, &text), path, text, opens: Vec::new(), kind });
    }

    fn statement(&mut self, statement: &Statement, text: SmolStr, next: Next) {
        let at = self.here();
        // Its place is taken before its branches are, and filled when they are known.
        self.push(text.clone(), StepKind::Exit);
        let kind = self.kind(statement, &text, at, next);
        self.steps[at as usize].kind = kind;
    }

    /// A branch of a statement.
    fn branch(&mut self, text: &SmolStr, name: &str, body: &[Statement], after: Next) -> Next {
        self.path.push(SmolStr::new(format!("{text} / {name}")));
        let start = self.block(body, after);
        self.path.pop();
        start
    }

    fn kind(&mut self, statement: &Statement, text: &SmolStr, at: u32, next: Next) -> StepKind {
        let names = self.printer().branch_names(statement);
        let scope = self.scope;
        match &statement.kind {
            Kind::Wait { duration, restart } => {
                let restart = restart.as_ref().map(|restart| plan::Restart {
                    on: self.lowerer.trigger(&restart.on.kind, &scope),
                    up_to: restart.up_to,
                });
                StepKind::Wait { duration: *duration, restart, next }
            }
            Kind::WaitUntil { time, weekday } => StepKind::WaitUntil { time: *time, weekday: *weekday, next },
            Kind::WaitFor { occurrences, up_to, then, otherwise } => {
                let on = occurrences.iter().map(|one| self.lowerer.trigger(&one.kind, &scope)).collect();
                let first = [then, otherwise].map(|branch| branch.first().is_some_and(is_wait_for));
                let then = self.branch(text, "then", then, next);
                let otherwise = self.branch(text, "else", otherwise, next);
                let opened = [then, otherwise].into_iter().zip(first);
                let opened = opened.filter_map(|(start, is_wait)| start.filter(|_| is_wait));
                let opened: Vec<u32> = opened.collect();
                self.steps[at as usize].opens.extend(opened);
                StepKind::WaitFor { on, up_to: *up_to, then, otherwise }
            }
            Kind::Send(send) => {
                let message = self.lowerer.checked.messages.get(send.message.index());
                let all = message.map_or(&[][..], |message| &message.via);
                let via = if send.via.is_empty() { all } else { &send.via };
                let is_chain = send.chain || send.within.is_some();
                let otherwise = self.branch(text, "else", &send.otherwise, next);
                if send.otherwise.first().is_some_and(is_wait_for) {
                    self.steps[at as usize].opens.extend(otherwise);
                }
                StepKind::Send {
                    message: send.message,
                    via: via.to_vec(),
                    chain: is_chain.then(|| send.within.unwrap_or(UNTIL_DELIVERED)),
                    otherwise,
                    next,
                }
            }
            Kind::If { condition, then, otherwise } => {
                let condition = self.lowerer.expr(condition, &scope);
                let then = self.branch(text, "then", then, next);
                let otherwise = self.branch(text, "else", otherwise, next);
                StepKind::If { condition, then, otherwise }
            }
            Kind::Split { experiment, arms } => {
                let arms = arms.iter().zip(&names).map(|(arm, name)| self.branch(text, name, arm, next));
                StepKind::Split { experiment: *experiment, arms: arms.collect() }
            }
            Kind::Repeat { times, body } => {
                let end = at + size(statement) - 1;
                let start = self.branch(text, "body", body, Some(end));
                // A wait at the beginning follows, from the second time on, what stands at the end.
                if let [first, .., last] = body.as_slice()
                    && is_wait_for(first)
                {
                    let last_at = end - size(last);
                    self.steps[last_at as usize].opens.extend(start);
                }
                self.path.push(SmolStr::new(format!("{text} / body")));
                self.push(SmolStr::new_static("again"), StepKind::Again { repeat: at });
                self.path.pop();
                StepKind::Repeat { times: *times, body: start, next }
            }
            Kind::Together(branches) => {
                let end = at + size(statement) - 1;
                let branches: Vec<Next> = branches
                    .iter()
                    .zip(&names)
                    .map(|(branch, name)| self.branch(text, name, branch, Some(end)))
                    .collect();
                self.path.push(SmolStr::new(format!("{text} / end")));
                self.push(SmolStr::new_static("join"), StepKind::Join { together: at });
                self.path.pop();
                StepKind::Together { branches, next }
            }
            Kind::Set { attribute, value } => {
                let lowered = self.lowerer.expr(value, &scope);
                let ty = self.lowerer.checked.attributes.get(attribute.index()).map(|one| one.ty);
                let value = match ty {
                    Some(ty) => self.lowerer.as_type(lowered, ty, value.optional),
                    None => lowered,
                };
                StepKind::Set { attribute: *attribute, value, next }
            }
            Kind::Emit { event, fields } => {
                let fields =
                    fields.iter().map(|(name, value)| (name.clone(), self.lowerer.expr(value, &scope)));
                StepKind::Emit { event: event.clone(), fields: fields.collect(), next }
            }
            Kind::Enter(journey) => StepKind::Enter { journey: *journey, next },
            Kind::Exit => StepKind::Exit,
        }
    }
}

fn is_wait_for(statement: &Statement) -> bool {
    matches!(statement.kind, Kind::WaitFor { .. })
}

/// By step of a journey: where its statement is written.
pub(super) fn places(journey: &checked::Journey) -> Vec<Location> {
    fn block(body: &[Statement], places: &mut Vec<Location>) {
        for statement in body {
            places.push(statement.at);
            statement.branches().into_iter().for_each(|branch| block(branch, places));
            if has_end(statement) {
                places.push(statement.at);
            }
        }
    }
    let mut places = Vec::new();
    block(&journey.body, &mut places);
    places
}

/// Whether it takes a further step, at its end.
fn has_end(statement: &Statement) -> bool {
    matches!(statement.kind, Kind::Repeat { .. } | Kind::Together(_))
}

/// How many steps a statement takes.
fn size(statement: &Statement) -> u32 {
    let inner: u32 = statement.branches().into_iter().flatten().map(size).sum();
    1 + inner + u32::from(has_end(statement))
}
