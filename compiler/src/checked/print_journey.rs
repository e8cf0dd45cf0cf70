//! Checked journeys as text: each statement's own line, without what stands in its braces.

use super::print_expression::{Printer, WEEKDAYS, duration};
use super::*;

impl Printer<'_> {
    /// What starts, stops or ends something.
    pub(crate) fn occurrence(self, occurrence: &Occurrence) -> String {
        let segment = |id: SegmentId| {
            let all = self.checked.map_or(&[][..], |checked| &checked.segments);
            all.get(id.index()).map_or_else(|| format!("segment#{}", id.0), |one| one.name.to_string())
        };
        match &occurrence.kind {
            OccurrenceKind::Event(pattern) => self.pattern(pattern),
            OccurrenceKind::Enter(id) => format!("enter {}", segment(*id)),
            OccurrenceKind::Leave(id) => format!("leave {}", segment(*id)),
            OccurrenceKind::Every { weekday, time } => {
                let day = weekday.map_or("day", |day| WEEKDAYS[day as usize % 7]);
                format!("every {day} at {}", self.constant(&Constant::Time(*time), Type::Time))
            }
        }
    }

    /// A statement's own line: what it says of itself, not what its branches do. It has names and no numbers, so
    /// that it stays the same when other declarations change.
    pub(crate) fn statement(self, statement: &Statement) -> String {
        match &statement.kind {
            StatementKind::Wait { duration: length, restart } => {
                let mut text = format!("wait {}", duration(*length));
                if let Some(restart) = restart {
                    text += &format!(" restart on {}", self.occurrence(&restart.on));
                    if let Some(limit) = restart.up_to {
                        text += &format!(" up to {}", duration(limit));
                    }
                }
                text
            }
            StatementKind::WaitUntil { time, weekday } => {
                let on =
                    weekday.map_or_else(String::new, |day| format!(" on {}", WEEKDAYS[day as usize % 7]));
                format!("wait until {}{on}", self.constant(&Constant::Time(*time), Type::Time))
            }
            StatementKind::WaitFor { occurrences, up_to, .. } => {
                let all: Vec<String> = occurrences.iter().map(|one| self.occurrence(one)).collect();
                format!("wait for {} up to {}", all.join(" or "), duration(*up_to))
            }
            StatementKind::Send(send) => {
                let mut text = format!("send {}", self.message(send.message));
                if !send.via.is_empty() {
                    let channel = |id: &ChannelId| self.constant(&Constant::Channel(*id), Type::Channel);
                    let via: Vec<String> = send.via.iter().map(channel).collect();
                    text += &format!(" via {}", via.join(if send.chain { " then " } else { ", " }));
                }
                if let Some(within) = send.within {
                    text += &format!(" within {}", duration(within));
                }
                text
            }
            StatementKind::If { condition, .. } => format!("if {}", self.expr(condition)),
            StatementKind::Split { experiment, .. } => {
                let all = self.checked.map_or(&[][..], |checked| &checked.experiments);
                let name = all.get(experiment.index()).map(|one| one.name.as_str());
                format!("split {}", name.unwrap_or("?"))
            }
            StatementKind::Repeat { times, .. } => format!("repeat {times} times"),
            StatementKind::Together(_) => "together".to_owned(),
            StatementKind::Set { attribute, value } => {
                format!("set {} = {}", self.attribute(*attribute), self.expr(value))
            }
            StatementKind::Emit { event, fields } => {
                let fields: Vec<String> =
                    fields.iter().map(|(name, value)| format!("{name}: {}", self.expr(value))).collect();
                if fields.is_empty() {
                    format!("emit {event} {{}}")
                } else {
                    format!("emit {event} {{ {} }}", fields.join(", "))
                }
            }
            StatementKind::Enter(id) => {
                let all = self.checked.map_or(&[][..], |checked| &checked.journeys);
                format!("enter {}", all.get(id.index()).map_or("?", |one| one.name.as_str()))
            }
            StatementKind::Exit => "exit".to_owned(),
        }
    }

    /// The names of a statement's branches, as [`Statement::branches`] has them.
    pub(crate) fn branch_names(self, statement: &Statement) -> Vec<String> {
        match &statement.kind {
            StatementKind::WaitFor { .. } | StatementKind::If { .. } => vec!["then".into(), "else".into()],
            StatementKind::Send(_) => vec!["else".into()],
            StatementKind::Split { experiment, arms } => {
                let all = self.checked.map_or(&[][..], |checked| &checked.experiments);
                let names = all.get(experiment.index()).map_or(&[][..], |one| &one.arms);
                (0..arms.len())
                    .map(|arm| names.get(arm).map_or_else(|| arm.to_string(), |(name, _)| name.to_string()))
                    .collect()
            }
            StatementKind::Repeat { .. } => vec!["body".into()],
            StatementKind::Together(branches) => (1..=branches.len()).map(|at| at.to_string()).collect(),
            _ => Vec::new(),
        }
    }
}

/// The lines of a journey, each with its depth.
pub(super) fn journey(p: Printer<'_>, checked: &Checked, journey: &Journey) -> Vec<(usize, String)> {
    let mut lines = vec![(0, format!("journey {}", journey.name))];
    if let Some(class) = journey.class.and_then(|class| checked.classes.get(class.index())) {
        lines.push((1, format!("class {}", class.name)));
    }
    lines.extend(journey.triggers.iter().map(|one| (1, format!("on {}", p.occurrence(one)))));
    for (word, expr) in [("key", &journey.key), ("when", &journey.when)] {
        lines.extend(expr.iter().map(|expr| (1, format!("{word} {}", p.expr(expr)))));
    }
    let reenter = match journey.reenter {
        Reenter::Never => "never".to_owned(),
        Reenter::After(length) => format!("after {}", duration(length)),
        Reenter::WhenFinished => "when finished".to_owned(),
        Reenter::Always => "always".to_owned(),
    };
    lines.push((1, format!("reenter {reenter}")));
    lines.extend(journey.touches.map(|touches| (1, format!("touches {touches}"))));
    lines.extend(journey.stop_on.iter().map(|one| (1, format!("stop on {}", p.occurrence(one)))));
    lines.extend(journey.stop_when.iter().map(|one| (1, format!("stop when {}", p.expr(one)))));
    lines.extend(journey.goal.iter().map(|goal| (1, self::goal(p, goal))));
    statements(p, &journey.body, 1, &mut lines);
    lines
}

/// `goal PATTERN within D`
pub(super) fn goal(p: Printer<'_>, goal: &Goal) -> String {
    format!("goal {} within {}", p.occurrence(&goal.on), duration(goal.within))
}

fn statements(p: Printer<'_>, body: &[Statement], depth: usize, lines: &mut Vec<(usize, String)>) {
    for statement in body {
        lines.push((depth, p.statement(statement)));
        for (name, branch) in p.branch_names(statement).into_iter().zip(statement.branches()) {
            if !branch.is_empty() {
                lines.push((depth + 1, format!("{name}:")));
                statements(p, branch, depth + 2, lines);
            }
        }
    }
}
