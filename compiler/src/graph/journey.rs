//! A journey as a diagram.

use super::{Arrow, Card, Diagram, Kind, Line};
use crate::ids::JourneyId;
use crate::lower::words::{expression, short_duration, trigger};
use crate::plan::{Journey, Next, Plan, Reenter, Step, StepKind, Trigger};

/// The diagram of a journey.
pub(super) fn diagram(plan: &Plan, id: JourneyId) -> Diagram {
    let Some(journey) = plan.journeys.get(id.index()) else { return Diagram::default() };
    let class = journey.class.and_then(|class| plan.classes.get(class.index()));
    let mut builder = Builder { plan, journey, cards: Vec::new(), arrows: Vec::new(), of_step: Vec::new() };
    builder.build();
    Diagram {
        name: journey.name.to_string(),
        caption: class
            .map_or_else(|| "journey".to_owned(), |class| format!("journey of class {}", class.name)),
        facts: facts(plan, journey),
        cards: builder.cards,
        arrows: builder.arrows,
        in_columns: false,
    }
}

/// What holds for all its instances.
fn facts(plan: &Plan, journey: &Journey) -> Vec<(String, String)> {
    let mut facts: Vec<(String, String)> = Vec::new();
    let mut add = |what: &str, value: String| facts.push((what.to_owned(), value));
    if let Some(key) = journey.key {
        add("key", of_trigger(expression(plan, key, false)));
    }
    if let Some(when) = journey.when {
        add("when", of_trigger(expression(plan, when, false)));
    }
    match journey.reenter {
        Reenter::Never => add("reenter", "never".to_owned()),
        Reenter::After(length) => add("reenter", format!("after {}", short_duration(length))),
        Reenter::Always => add("reenter", "always".to_owned()),
        Reenter::WhenFinished => {}
    }
    if let Some(touches) = journey.touches {
        add("touches", touches.to_string());
    }
    for stop in &journey.stops {
        add("stop on", of_trigger(trigger(plan, &stop.on)));
    }
    let global =
        plan.stops.iter().filter(|stop| journey.class.is_some_and(|class| stop.classes.contains(&class)));
    for stop in global {
        add("stop on", trigger(plan, &stop.stop.on));
    }
    for guard in &journey.stop_when {
        let clause = |clause: &crate::plan::Clause| {
            let literals = clause.literals.iter().filter_map(|literal| {
                let atom = plan.atoms.get(literal.atom.index())?;
                Some(expression(plan, atom.expr, literal.negated))
            });
            let all = literals.collect::<Vec<_>>();
            if all.len() > 1 && guard.clauses.len() > 1 {
                format!("({})", all.join(" or "))
            } else {
                all.join(" or ")
            }
        };
        add("stop when", of_trigger(guard.clauses.iter().map(clause).collect::<Vec<_>>().join(" and ")));
    }
    if let Some(goal) = &journey.goal {
        add(
            "goal",
            format!("{} within {}", of_trigger(trigger(plan, &goal.on)), short_duration(goal.within)),
        );
    }
    facts
}

/// Inside a journey the event that is looked at is its trigger.
fn of_trigger(words: String) -> String {
    words.replace("event.", "trigger.")
}

struct Builder<'p> {
    plan: &'p Plan,
    journey: &'p Journey,
    cards: Vec<Card>,
    arrows: Vec<Arrow>,
    /// By step: its card.
    of_step: Vec<usize>,
}

impl Builder<'_> {
    fn build(&mut self) {
        let starts = self.journey.triggers.len();
        for on in &self.journey.triggers {
            let (title, lines) = occasion(self.plan, on);
            self.cards.push(card(Kind::Event, title, lines));
        }
        for step in &self.journey.steps {
            let card = self.card(step);
            self.of_step.push(self.cards.len());
            self.cards.push(card);
        }
        let end = self.cards.len();
        self.cards.push(card(Kind::End, "end".to_owned(), Vec::new()));
        let first = self.of_step.first().copied().unwrap_or(end);
        for start in 0..starts {
            self.arrow(start, first, None, Line::Plain);
        }
        for index in 0..self.journey.steps.len() {
            self.arrows_of(index, end);
        }
    }

    fn card(&self, step: &Step) -> Card {
        let plan = self.plan;
        let text = statement(step);
        let after = |start: &str| text.strip_prefix(start).unwrap_or(&text).to_owned();
        match &step.kind {
            StepKind::Wait { duration, restart, .. } => {
                let mut lines = Vec::new();
                if let Some(restart) = restart {
                    let limit = restart.up_to.map(|limit| format!(", up to {}", short_duration(limit)));
                    let on = of_trigger(trigger(plan, &restart.on));
                    lines.push(format!("restart on {on}{}", limit.unwrap_or_default()));
                }
                card(Kind::Wait, format!("wait {}", short_duration(*duration)), lines)
            }
            StepKind::WaitUntil { .. } => card(Kind::Wait, text, Vec::new()),
            StepKind::WaitFor { on, .. } => {
                let mut lines: Vec<String> = on.iter().map(|on| of_trigger(trigger(plan, on))).collect();
                let last = lines.len().saturating_sub(1);
                lines.iter_mut().take(last).for_each(|line| line.push_str(" or"));
                card(Kind::Await, "wait for".to_owned(), lines)
            }
            StepKind::Send { message, via, chain, .. } => {
                let name = plan.messages.get(message.index()).map_or("?", |message| &message.name);
                let names: Vec<&str> = via
                    .iter()
                    .filter_map(|id| plan.channels.get(id.index()).map(|channel| channel.name.as_str()))
                    .collect();
                let mut lines = Vec::new();
                match chain {
                    Some(within) if names.len() > 1 => {
                        lines.push(format!("via {}", names.join(" then ")));
                        lines.push(format!("next if not delivered in {}", short_duration(*within)));
                    }
                    Some(within) => {
                        lines.push(format!(
                            "via {}, delivered within {}",
                            names.join(""),
                            short_duration(*within)
                        ));
                    }
                    None => lines.push(format!("via {}", names.join(", "))),
                }
                card(Kind::Message, name.to_owned(), lines)
            }
            StepKind::If { .. } => {
                card(Kind::Branch, "if".to_owned(), vec![self.condition(step, &after("if "))])
            }
            StepKind::Split { experiment, .. } => {
                let name = plan.experiments.get(experiment.index()).map_or("?", |one| &one.name);
                card(Kind::Split, format!("split {name}"), Vec::new())
            }
            StepKind::Repeat { times, .. } => card(Kind::Repeat, format!("repeat {times} times"), Vec::new()),
            StepKind::Again { repeat } => {
                let times = match self.journey.steps.get(*repeat as usize).map(|step| &step.kind) {
                    Some(StepKind::Repeat { times, .. }) => *times,
                    _ => 0,
                };
                card(Kind::Again, format!("done {times} times?"), Vec::new())
            }
            StepKind::Together { .. } => card(Kind::Together, "together".to_owned(), Vec::new()),
            StepKind::Join { .. } => card(Kind::Join, "all have ended".to_owned(), Vec::new()),
            StepKind::Set { .. } => {
                let text = after("set ");
                let line = text.split_once(" = ").map(|(what, value)| format!("{what} = {}", bare(value)));
                card(Kind::Set, "set".to_owned(), vec![line.unwrap_or(text)])
            }
            StepKind::Emit { event, fields, .. } => {
                let fields = fields.iter();
                let lines = fields
                    .map(|(name, value)| format!("{name}: {}", of_trigger(expression(plan, *value, false))))
                    .collect();
                card(Kind::Emit, format!("emit {event}"), lines)
            }
            StepKind::Enter { journey, .. } => {
                let name = plan.journeys.get(journey.index()).map_or("?", |journey| &journey.name);
                card(Kind::Enter, format!("enter {name}"), Vec::new())
            }
            StepKind::Exit => card(Kind::End, "exit".to_owned(), Vec::new()),
        }
    }

    /// A condition: with the names of definitions where it has any, else with no more parentheses than it needs.
    fn condition(&self, step: &Step, text: &str) -> String {
        let StepKind::If { condition, .. } = step.kind else { return text.to_owned() };
        let plain = of_trigger(expression(self.plan, condition, false));
        let signs = |text: &str| text.chars().filter(|c| !matches!(c, '(' | ')')).count();
        if signs(&plain) <= signs(text) { plain } else { bare(text).to_owned() }
    }

    fn arrows_of(&mut self, index: usize, end: usize) {
        let journey = self.journey;
        let from = self.of_step[index];
        match &journey.steps[index].kind {
            StepKind::WaitFor { up_to, then, otherwise, .. } => {
                let late = format!("not within {}", short_duration(*up_to));
                self.pair(from, (*then, "it happens"), (*otherwise, &late), end);
            }
            StepKind::If { then, otherwise, .. } => self.pair(from, (*then, "yes"), (*otherwise, "no"), end),
            StepKind::Send { otherwise, next, .. } => {
                self.go(from, *next, None, Line::Plain, end);
                if otherwise != next {
                    self.go(from, *otherwise, Some("can't be sent".to_owned()), Line::Fallback, end);
                }
            }
            StepKind::Split { experiment, arms } => {
                let names = self.plan.experiments.get(experiment.index()).map_or(&[][..], |one| &one.arms);
                for (arm, (name, share)) in arms.iter().zip(names) {
                    let share = format!("{}%", (share * 1e6).round() / 1e4);
                    self.go(from, *arm, Some(format!("{name} {share}")), Line::Plain, end);
                }
            }
            StepKind::Repeat { body, .. } => self.go(from, *body, None, Line::Plain, end),
            StepKind::Again { repeat } => {
                let start = self.of_step[*repeat as usize];
                self.arrow(from, start, Some("again".to_owned()), Line::Back);
                if let Some(StepKind::Repeat { next, .. }) =
                    journey.steps.get(*repeat as usize).map(|step| &step.kind)
                {
                    self.go(from, *next, Some("yes".to_owned()), Line::Yes, end);
                }
            }
            StepKind::Together { branches, .. } => {
                for branch in branches {
                    self.go(from, *branch, None, Line::Plain, end);
                }
            }
            StepKind::Join { together } => {
                if let Some(StepKind::Together { next, .. }) =
                    journey.steps.get(*together as usize).map(|step| &step.kind)
                {
                    self.go(from, *next, None, Line::Plain, end);
                }
            }
            StepKind::Wait { next, .. }
            | StepKind::WaitUntil { next, .. }
            | StepKind::Set { next, .. }
            | StepKind::Emit { next, .. }
            | StepKind::Enter { next, .. } => self.go(from, *next, None, Line::Plain, end),
            StepKind::Exit => {}
        }
    }

    /// Two ways on, or one where both are the same.
    fn pair(&mut self, from: usize, then: (Next, &str), otherwise: (Next, &str), end: usize) {
        if then.0 == otherwise.0 {
            let both = format!("{}, or {}", then.1, otherwise.1);
            return self.go(from, then.0, Some(both), Line::Plain, end);
        }
        self.go(from, then.0, Some(then.1.to_owned()), Line::Yes, end);
        self.go(from, otherwise.0, Some(otherwise.1.to_owned()), Line::No, end);
    }

    fn go(&mut self, from: usize, next: Next, label: Option<String>, line: Line, end: usize) {
        let to = next.and_then(|next| self.of_step.get(next as usize)).copied().unwrap_or(end);
        self.arrow(from, to, label, line);
    }

    fn arrow(&mut self, from: usize, to: usize, label: Option<String>, line: Line) {
        self.arrows.push(Arrow { from, to, label, line });
    }
}

/// A condition without parentheses around all of it.
fn bare(condition: &str) -> &str {
    let Some(inside) = condition.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return condition;
    };
    let mut depth = 0_i32;
    let closes_early = inside.chars().any(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth < 0
    });
    if closes_early { condition } else { inside }
}

/// A statement's line, without the number that tells it from others that say the same.
fn statement(step: &Step) -> String {
    let text = step.text.as_str();
    let bare = text.strip_suffix(')').and_then(|rest| {
        let (bare, number) = rest.rsplit_once(" (")?;
        (!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())).then_some(bare)
    });
    bare.unwrap_or(text).to_owned()
}

/// What starts something: its name, and which of them.
pub(super) fn occasion(plan: &Plan, on: &Trigger) -> (String, Vec<String>) {
    let words = trigger(plan, on);
    match words.split_once(" where ") {
        Some((name, filter)) => (name.to_owned(), vec![format!("where {filter}")]),
        None => (words, Vec::new()),
    }
}

fn card(kind: Kind, title: String, lines: Vec<String>) -> Card {
    Card { kind, title, lines, column: 0 }
}
