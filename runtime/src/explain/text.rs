//! Explanations for people, as plain text.

use super::{
    Change, Clause, Condition, Explanation, Flip, Gate, LastEvent, Passage, Place, Proposals, Seen, Verdict,
    Why, instant_text,
};
use std::fmt::Write;

/// What a part of the text is, so that it can be painted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Something that holds.
    Good,
    /// Something that doesn't.
    Bad,
    /// What is said beside the point: places, values.
    Dim,
    /// A heading.
    Strong,
}

/// Paints a part of the text.
pub type Paint<'a> = &'a dyn Fn(Mark, &str) -> String;

/// Paints nothing.
pub fn plain(_: Mark, text: &str) -> String {
    text.to_owned()
}

impl Explanation {
    /// What comes out, in one sentence.
    pub fn summary(&self) -> String {
        let outcome = match (&self.outcome, self.decided) {
            (Verdict::Sent { channel }, true) => format!("was sent by {channel}"),
            (Verdict::Sent { channel }, false) => format!("would be sent by {channel}, were it proposed"),
            (Verdict::Shown { placement }, true) => format!("was shown at {placement}"),
            (Verdict::Shown { placement }, false) => format!("would be shown at {placement}"),
            (Verdict::Deferred { channel, until }, true) => {
                format!("was held back by the quiet hours of {channel} until {}", instant_text(*until))
            }
            (Verdict::Deferred { channel, until }, false) => {
                format!("would wait for the end of the quiet hours of {channel} at {}", instant_text(*until))
            }
            (Verdict::HeldOut { holdout }, true) => {
                format!("would have been sent, but {holdout} holds the customer out")
            }
            (Verdict::HeldOut { holdout }, false) => {
                format!("would not be sent: {holdout} holds the customer out")
            }
            (Verdict::Blocked { reason }, true) => format!("was blocked: {reason}"),
            (Verdict::Blocked { reason }, false) => format!("would be blocked: {reason}"),
            (Verdict::Open, _) => "depends on the event that proposes it".to_owned(),
        };
        format!("{} {outcome}", self.message)
    }

    /// When it was decided and what proposed it.
    fn occasion(&self) -> String {
        let at = instant_text(self.at);
        match (&self.cause, self.decided) {
            (Some(cause), true) => format!("at {at}, proposed by {cause}"),
            (None, true) => format!("at {at}"),
            (Some(cause), false) => format!("if it were proposed at {at} by {cause}"),
            (None, false) => format!("if it were proposed at {at}"),
        }
    }

    /// Whether another one finds the same at each gate.
    fn comes_to_the_same(&self, other: &Explanation) -> bool {
        let gates = |one: &Explanation| -> Vec<(Passage, Option<String>)> {
            let ways = one.ways.iter().flat_map(|way| &way.gates);
            one.gates.iter().chain(ways).map(|gate| (gate.result, gate.reason.clone())).collect()
        };
        let clauses = |one: &Explanation| -> Vec<Vec<Clause>> {
            one.gates.iter().map(|gate| gate.clauses.clone()).collect()
        };
        gates(self) == gates(other) && clauses(self) == clauses(other)
    }

    /// The whole explanation: the gates with their conditions, and what would change the outcome.
    pub fn text(&self, paint: Paint<'_>) -> String {
        let mut out = String::new();
        let good = matches!(self.outcome, Verdict::Sent { .. } | Verdict::Shown { .. });
        let mark = if good { Mark::Good } else { Mark::Bad };
        line(&mut out, 0, &paint(mark, &self.summary()));
        line(&mut out, 0, &paint(Mark::Dim, &self.occasion()));
        out.push('\n');
        self.gates.iter().for_each(|gate| push_gate(&mut out, gate, paint));
        for way in &self.ways {
            let name = match &way.placement {
                Some(placement) => format!("{placement} ({})", way.channel),
                None => way.channel.to_string(),
            };
            line(&mut out, 0, &paint(Mark::Strong, &name));
            way.gates.iter().for_each(|gate| push_gate(&mut out, gate, paint));
        }
        if !self.flips.is_empty() {
            out.push('\n');
            let heading = if good { "What would have stopped it" } else { "What would change that" };
            line(&mut out, 0, &paint(Mark::Strong, heading));
            for flip in &self.flips {
                line(&mut out, 1, &flip.sentence());
            }
        }
        out
    }
}

impl Why {
    /// All of it: what was decided, of that the last few; the explanations; what proposes the message.
    pub fn text(&self, last: usize, paint: Paint<'_>) -> String {
        let mut out = String::new();
        if self.decided.is_empty() {
            let at = instant_text(self.at);
            line(
                &mut out,
                0,
                &format!("Up to {at} nothing was decided about {} and {}", self.message, self.subject),
            );
        } else {
            line(
                &mut out,
                0,
                &paint(
                    Mark::Strong,
                    &format!("What was decided about {} and {}", self.message, self.subject),
                ),
            );
            let left_out = self.decided.len().saturating_sub(last);
            if left_out > 0 {
                line(&mut out, 1, &paint(Mark::Dim, &format!("… {left_out} before these")));
            }
            for decision in &self.decided[left_out..] {
                line(&mut out, 1, &format!("{} {}", instant_text(decision.time), decision.outcome.words()));
            }
        }
        for (index, explanation) in self.explanations.iter().enumerate() {
            out.push('\n');
            match self.explanations[..index].iter().find(|before| before.comes_to_the_same(explanation)) {
                Some(_) => line(
                    &mut out,
                    0,
                    &format!("{}, for the same reasons, {}", explanation.summary(), explanation.occasion()),
                ),
                None => out += &explanation.text(paint),
            }
        }
        out.push('\n');
        out += &self.proposals.text(paint);
        out
    }
}

impl Verdict {
    /// `sent by email`, `blocked (capped:weekly)`
    pub fn words(&self) -> String {
        match self {
            Verdict::Sent { channel } => format!("sent by {channel}"),
            Verdict::Shown { placement } => format!("shown at {placement}"),
            Verdict::Deferred { channel, until } => {
                format!("deferred on {channel} until {}", instant_text(*until))
            }
            Verdict::HeldOut { holdout } => format!("held out by {holdout}"),
            Verdict::Blocked { reason } => format!("blocked ({reason})"),
            Verdict::Open => "open".to_owned(),
        }
    }
}

impl Flip {
    /// `sent by email if profile.open_tickets were 0 (it is 2)`
    pub fn sentence(&self) -> String {
        let outcome = self.outcome.words();
        let (times, others): (Vec<&Change>, Vec<&Change>) =
            self.changes.iter().partition(|change| matches!(change, Change::Time { .. }));
        let words = |changes: &[&Change]| {
            changes.iter().map(|change| change.words()).collect::<Vec<_>>().join(" and ")
        };
        match (times.is_empty(), others.is_empty()) {
            (true, _) => format!("{outcome} if {}", words(&others)),
            (false, true) => format!("{outcome} {}, if nothing happens before", words(&times)),
            (false, false) => {
                let others = words(&others).replace(" (it is ", " (it would be ");
                format!("{outcome} {} if then {others}", words(&times))
            }
        }
    }
}

impl Change {
    /// `profile.open_tickets were 0 (it is 2)`
    pub fn words(&self) -> String {
        match self {
            Change::Attribute { what, from, to } | Change::Value { what, from, to } => {
                let from = from.as_ref().filter(|_| to != "known");
                let is = from.map(|from| format!(" (it is {from})")).unwrap_or_default();
                format!("{what} were {to}{is}")
            }
            Change::Consent { purpose, channel, confirmed } => {
                let confirmed = if *confirmed { " and confirmed" } else { "" };
                format!("consent {purpose} on {channel} were granted{confirmed}")
            }
            Change::Withdrawal { purpose, channel } => {
                format!("consent {purpose} on {channel} were withdrawn")
            }
            Change::Time { at } => format!("from {}", instant_text(*at)),
            Change::Without { message } => format!("{message} were not proposed at the same time"),
            Change::Holdout { holdout } => format!("{holdout} didn't hold the customer out"),
        }
    }
}

impl Proposals {
    /// What proposes the message, and how the customer stands to it.
    pub fn text(&self, paint: Paint<'_>) -> String {
        let mut out = String::new();
        line(&mut out, 0, &paint(Mark::Strong, "What proposes it"));
        for trigger in &self.triggers {
            let next = trigger.next.map(|at| format!(", next at {}", instant_text(at))).unwrap_or_default();
            line(&mut out, 1, &format!("on {}{next}", trigger.on));
            push_last(&mut out, 2, trigger.last.as_ref(), paint);
        }
        for placement in &self.placements {
            line(&mut out, 1, &format!("a request of {placement}"));
        }
        for journey in &self.journeys {
            let at = places(&journey.at, paint);
            line(&mut out, 1, &format!("journey {}{at}", journey.journey));
            for trigger in &journey.on {
                line(&mut out, 2, &format!("entered on {}", trigger.on));
                push_last(&mut out, 3, trigger.last.as_ref(), paint);
            }
            for clause in &journey.when {
                push_clause(&mut out, 2, clause, paint);
            }
            match journey.barred {
                Some(i64::MAX) => line(&mut out, 2, &paint(Mark::Bad, "left once, and not entered again")),
                Some(until) => {
                    let text = format!("not entered again before {}", instant_text(until));
                    line(&mut out, 2, &paint(Mark::Bad, &text));
                }
                None => {}
            }
            for past in &journey.past {
                let reason = past.reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
                line(&mut out, 2, &format!("{} {}{reason}", instant_text(past.time), past.state));
            }
            if journey.instances.is_empty() {
                line(&mut out, 2, "the customer is not in it");
            }
            for instance in &journey.instances {
                for stands in &instance.stands {
                    let until =
                        stands.until.map(|at| format!(" until {}", instant_text(at))).unwrap_or_default();
                    let text = format!(
                        "in it since {}, at `{}`{until}",
                        instant_text(instance.entered),
                        stands.statement
                    );
                    line(&mut out, 2, &format!("{text}{}", places(&stands.at, paint)));
                }
            }
        }
        out
    }
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to memory can't fail.
    let _ = writeln!(out, "{:indent$}{text}", "", indent = 2 * depth);
}

fn push_gate(out: &mut String, gate: &Gate, paint: Paint<'_>) {
    let (sign, mark) = match gate.result {
        Passage::Passes => ("✓", Mark::Good),
        Passage::Fails => ("✗", Mark::Bad),
        Passage::Unasked => ("·", Mark::Dim),
        Passage::Open => ("?", Mark::Dim),
    };
    let head = paint(mark, &format!("{sign} {:>2} {:<10}", gate.number, gate.name));
    line(out, 1, &format!("{head} {}{}", gate.says, places(&gate.at, paint)));
    // What lets it pass is told where it was asked for: by an author's conditions, not by rules about all messages.
    let tells =
        |clause: &&Clause| gate.result == Passage::Fails || gate.number == 2 || clause.holds.is_none();
    for clause in
        gate.clauses.iter().filter(tells).filter(|clause| gate.number == 2 || clause.holds != Some(true))
    {
        push_clause(out, 3, clause, paint);
    }
}

fn push_last(out: &mut String, depth: usize, last: Option<&LastEvent>, paint: Paint<'_>) {
    let Some(last) = last else { return };
    let at = instant_text(last.time);
    line(out, depth, &paint(Mark::Dim, &format!("the last {} was {} at {at}", last.event, last.id)));
    last.clauses.iter().for_each(|clause| push_clause(out, depth + 1, clause, paint));
}

fn push_clause(out: &mut String, depth: usize, clause: &Clause, paint: Paint<'_>) {
    match &clause.conditions[..] {
        [one] => push_condition(out, depth, one, paint),
        all => {
            line(out, depth, &format!("{} one of", sign(clause.holds, paint)));
            all.iter().for_each(|one| push_condition(out, depth + 1, one, paint));
        }
    }
}

fn push_condition(out: &mut String, depth: usize, condition: &Condition, paint: Paint<'_>) {
    let values: Vec<String> =
        condition.values.iter().filter(|seen| seen.what != condition.text).map(seen_words).collect();
    let values = if values.is_empty() { String::new() } else { format!("  {}", values.join(", ")) };
    let until = match (condition.holds, condition.until) {
        (Some(_), Some(at)) => format!(", may change at {}", instant_text(at)),
        _ => String::new(),
    };
    let text = format!("{} {}", sign(condition.holds, paint), condition.text);
    let beside = paint(Mark::Dim, &format!("{values}{until}"));
    line(out, depth, &format!("{text}{beside}{}", places(&condition.at, paint)));
}

fn seen_words(seen: &Seen) -> String {
    format!("{} = {}", seen.what, seen.value)
}

fn sign(holds: Option<bool>, paint: Paint<'_>) -> String {
    match holds {
        Some(true) => paint(Mark::Good, "✓"),
        Some(false) => paint(Mark::Bad, "✗"),
        None => paint(Mark::Dim, "?"),
    }
}

fn places(at: &[Place], paint: Paint<'_>) -> String {
    if at.is_empty() {
        return String::new();
    }
    let all: Vec<String> = at.iter().map(|at| format!("{}:{}:{}", at.file, at.line, at.column)).collect();
    paint(Mark::Dim, &format!("  [{}]", all.join(", ")))
}
