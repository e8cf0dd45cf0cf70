//! Journeys and tests, one line per statement.

use super::expression::{expression, literal, occurrence};
use super::{Outline, name, path, paths, text, with};
use crate::tree::*;

pub(super) fn journey(outline: &mut Outline, journey: &Journey) {
    outline.node(format!("journey {}", name(&journey.name)), |outline| {
        for property in &journey.properties {
            outline.line(match &property.kind {
                JourneyPropertyKind::Error => "<error>".to_owned(),
                JourneyPropertyKind::Class(class) => format!("class {}", path(class)),
                JourneyPropertyKind::On(on) => format!("on {}", occurrence(on)),
                JourneyPropertyKind::Key(key) => format!("key {}", expression(key)),
                JourneyPropertyKind::When(condition) => format!("when {}", expression(condition)),
                JourneyPropertyKind::Reenter(reenter) => match reenter {
                    Reenter::Error => "reenter <error>".to_owned(),
                    Reenter::Never => "reenter never".to_owned(),
                    Reenter::After(duration) => format!("reenter after {}", literal(duration)),
                    Reenter::WhenFinished => "reenter when finished".to_owned(),
                    Reenter::Always => "reenter always".to_owned(),
                },
                JourneyPropertyKind::Touches(count) => format!("touches {}", literal(count)),
                JourneyPropertyKind::StopOn(on) => format!("stop on {}", occurrence(on)),
                JourneyPropertyKind::StopWhen(condition) => format!("stop when {}", expression(condition)),
                JourneyPropertyKind::Goal { occurrence: on, within } => {
                    format!("goal {} (within {})", occurrence(on), literal(within))
                }
            });
        }
        outline.node("body", |outline| statements(outline, &journey.body));
    });
}

fn statements(outline: &mut Outline, all: &[Statement]) {
    for statement in all {
        print(outline, &statement.kind);
    }
}

fn block(outline: &mut Outline, head: &str, body: &Option<Vec<Statement>>) {
    if let Some(body) = body {
        outline.node(head, |outline| statements(outline, body));
    }
}

fn print(outline: &mut Outline, statement: &StatementKind) {
    match statement {
        StatementKind::Error => outline.line("<error>"),
        StatementKind::Wait { duration, restart } => {
            let restart = restart.as_ref().map(|restart| {
                let up_to = with("up-to", &restart.up_to.as_ref().map(literal).unwrap_or_default());
                format!(" (restart-on {}{up_to})", occurrence(&restart.on))
            });
            outline.line(format!("wait {}{}", literal(duration), restart.unwrap_or_default()));
        }
        StatementKind::WaitUntil { time, weekday } => {
            let on = with("on", &weekday.as_ref().map(name).unwrap_or_default());
            outline.line(format!("wait until {}{on}", literal(time)));
        }
        StatementKind::WaitFor { occurrences, up_to, then, otherwise } => {
            let all: Vec<_> = occurrences.iter().map(occurrence).collect();
            let head = format!("wait for {} (up-to {})", all.join(" or "), literal(up_to));
            outline.node(head, |outline| {
                block(outline, "then", then);
                block(outline, "else", otherwise);
            });
        }
        StatementKind::Send(send) => {
            let via = with(if send.chain { "via-chain" } else { "via" }, &paths(&send.via));
            let within = with("within", &send.within.as_ref().map(literal).unwrap_or_default());
            outline.node(format!("send {}{via}{within}", path(&send.message)), |outline| {
                block(outline, "else", &send.otherwise);
            });
        }
        StatementKind::If { condition, then, otherwise } => {
            outline.node(format!("if {}", expression(condition)), |outline| {
                outline.node("then", |outline| statements(outline, then));
                block(outline, "else", otherwise);
            });
        }
        StatementKind::Split { experiment, arms } => {
            outline.node(format!("split {}", path(experiment)), |outline| {
                for (arm, body) in arms {
                    outline.node(name(arm), |outline| statements(outline, body));
                }
            });
        }
        StatementKind::Repeat { times, body } => {
            outline.node(format!("repeat {}", literal(times)), |outline| statements(outline, body));
        }
        StatementKind::Together(branches) => outline.node("together", |outline| {
            for branch in branches {
                outline.node("branch", |outline| statements(outline, branch));
            }
        }),
        StatementKind::Set { attribute, value } => {
            outline.line(format!("set profile.{} = {}", name(attribute), expression(value)));
        }
        StatementKind::Emit { event, fields } => outline.node(format!("emit {}", name(event)), |outline| {
            for (field, value) in fields {
                outline.line(format!("{}: {}", name(field), expression(value)));
            }
        }),
        StatementKind::Enter(journey) => outline.line(format!("enter {}", path(journey))),
        StatementKind::Exit => outline.line("exit"),
    }
}

pub(super) fn test(outline: &mut Outline, test: &Test) {
    outline.node(format!("test {}", text(&test.title)), |outline| {
        for statement in &test.statements {
            test_statement(outline, &statement.kind);
        }
    });
}

fn test_statement(outline: &mut Outline, statement: &TestStatementKind) {
    use TestStatementKind as T;
    outline.line(match statement {
        T::Error => "<error>".to_owned(),
        T::Profile(fields) => return given(outline, "profile".to_owned(), fields),
        T::Subject(subject) => format!("subject {}", text(subject)),
        T::Consent { purpose, channels, confirmed } => {
            let confirmed = if *confirmed { " confirmed" } else { "" };
            format!("consent {}{}{confirmed}", path(purpose), with("on", &paths(channels)))
        }
        T::Withdraw { purpose, channels } => {
            format!("withdraw {}{}", path(purpose), with("on", &paths(channels)))
        }
        T::Holdout(holdout) => format!("holdout {}", path(holdout)),
        T::Arm { experiment, arm } => format!("arm {} = {}", path(experiment), name(arm)),
        T::At { date, time } => format!("at {} {}", literal(date), literal(time)),
        T::After(duration) => format!("after {}", literal(duration)),
        T::Event { event, message, fields } => {
            let of = with("of", &message.as_ref().map(path).unwrap_or_default());
            return given(
                outline,
                format!("event {}{of}", path(event)),
                fields.as_deref().unwrap_or_default(),
            );
        }
        T::Decide(placement) => format!("decide {}", path(placement)),
        T::Expect(expectation) => format!("expect {}", expected(expectation)),
    });
}

fn given(outline: &mut Outline, head: String, fields: &[FieldValue]) {
    outline.node(head, |outline| {
        for field in fields {
            outline.line(format!("{}: {}", name(&field.name), expression(&field.value)));
        }
    });
}

fn expected(expectation: &Expectation) -> String {
    match expectation {
        Expectation::Error => "<error>".to_owned(),
        Expectation::Sent { message, via, times } => {
            let via = with("via", &via.as_ref().map(path).unwrap_or_default());
            let times = with("times", &times.as_ref().map(literal).unwrap_or_default());
            format!("sent {}{via}{times}", path(message))
        }
        Expectation::NotSent(message) => format!("not sent {}", path(message)),
        Expectation::OnlySent(messages) => format!("only sent {}", paths(messages)),
        Expectation::Shown(messages) => format!("shown {}", paths(messages)),
        Expectation::Blocked { message, reason } => {
            format!("blocked {} (because {})", path(message), name(reason))
        }
        Expectation::Journey { journey, state } => format!("journey {} {}", path(journey), name(state)),
        Expectation::Profile { attribute, value } => {
            format!("profile.{} == {}", name(attribute), expression(value))
        }
        Expectation::Segment { segment, negated } => {
            format!("{}segment {}", if *negated { "not " } else { "" }, path(segment))
        }
    }
}
