//! Journeys in an outline: their steps, each with where it goes on.

use super::{Print, duration, guard, names};
use crate::plan::{Journey, Next, Reenter, StepKind, StopOn};
use std::fmt::Write;

impl Print<'_> {
    pub(super) fn journey(&mut self, journey: &Journey) {
        self.text.push('\n');
        let class = journey.class.map(|class| &self.plan.classes[class.index()].name);
        let class = class.map_or_else(String::new, |class| format!(": {class}"));
        self.line(0, format_args!("journey {}{class}", journey.name));
        for trigger in &journey.triggers {
            let line = self.trigger(trigger);
            self.line(1, line);
        }
        for (word, expr) in [("key", journey.key), ("when", journey.when)] {
            if let Some(expr) = expr {
                let line = format!("{word} {}", self.expr(expr));
                self.line(1, line);
            }
        }
        match journey.reenter {
            Reenter::Never => self.line(1, "reenter never"),
            Reenter::After(length) => self.line(1, format_args!("reenter after {}", duration(length))),
            Reenter::WhenFinished => self.line(1, "reenter when finished"),
            Reenter::Always => self.line(1, "reenter always"),
        }
        if let Some(touches) = journey.touches {
            self.line(1, format_args!("touches {touches}"));
        }
        for stop in &journey.stops {
            let line = self.stop_on(stop);
            self.line(1, line);
        }
        for stop in &journey.stop_when {
            self.line(1, format_args!("stop when {}", guard(stop)));
        }
        if let Some(goal) = &journey.goal {
            let line = format!("goal {} within {}", self.trigger(&goal.on), duration(goal.within));
            self.line(1, line);
        }
        for (index, step) in journey.steps.iter().enumerate() {
            let mut line = format!("{index:>3} {} {}", step.id, step.text);
            let _ = match &step.kind {
                StepKind::Wait { next, .. }
                | StepKind::WaitUntil { next, .. }
                | StepKind::Set { next, .. }
                | StepKind::Emit { next, .. }
                | StepKind::Enter { next, .. } => write!(line, " -> {}", goes(*next)),
                StepKind::WaitFor { then, otherwise, .. } | StepKind::If { then, otherwise, .. } => {
                    write!(line, " -> {}, else {}", goes(*then), goes(*otherwise))
                }
                StepKind::Send { otherwise, next, .. } => {
                    write!(line, " -> {}, else {}", goes(*next), goes(*otherwise))
                }
                StepKind::Split { arms, .. } => {
                    let arms: Vec<String> = arms.iter().map(|arm| goes(*arm)).collect();
                    write!(line, " -> {}", arms.join(" | "))
                }
                StepKind::Repeat { body, next, .. } => {
                    write!(line, " -> {}, then {}", goes(*body), goes(*next))
                }
                StepKind::Together { branches, next } => {
                    let branches: Vec<String> = branches.iter().map(|branch| goes(*branch)).collect();
                    write!(line, " -> {}, then {}", branches.join(" & "), goes(*next))
                }
                StepKind::Again { repeat } => write!(line, " {repeat}"),
                StepKind::Join { together } => write!(line, " {together}"),
                StepKind::Exit => Ok(()),
            };
            if !step.opens.is_empty() {
                let opens: Vec<String> = step.opens.iter().map(u32::to_string).collect();
                let _ = write!(line, " (opens {})", opens.join(", "));
            }
            self.line(1, line);
        }
    }

    pub(super) fn stops(&mut self) {
        let plan = self.plan;
        let mut lines = Vec::with_capacity(plan.stops.len());
        for stop in &plan.stops {
            let classes = names(&stop.classes, |class| &plan.classes[class.index()].name);
            lines.push(format!("{classes} journeys: {}", self.stop_on(&stop.stop)));
        }
        self.section("stops", lines);
    }

    fn stop_on(&mut self, stop: &StopOn) -> String {
        let known = stop.known.map_or_else(String::new, |known| format!(", known from {}", self.expr(known)));
        format!("stop {}{known}", self.trigger(&stop.on))
    }
}

fn goes(next: Next) -> String {
    next.map_or_else(|| "end".to_owned(), |next| next.to_string())
}
