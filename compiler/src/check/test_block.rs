//! Tests and invariants (language reference §12): every name and type in them.

use super::Checker;
use super::scope::Scope;
use crate::checked::{
    Constant, Expectation, Given, Invariant, JourneyState, Location, Test, TestEvent, TestKind, TestStatement,
};
use crate::diagnostic::{at, quoted};
use crate::ids::*;
use crate::mistakes;
use crate::resolve::Symbol;
use crate::types::Type;
use comity_grammar::tree::{self, FieldValue, Name, TestStatementKind as Statement};
use std::collections::BTreeMap;

const REASONS: [&str; 13] = [
    "inactive",
    "expired",
    "ineligible",
    "consent",
    "unreachable",
    "suppressed",
    "capped",
    "quiet",
    "bad_score",
    "outranked",
    "held_out",
    "superseded",
    "stopped",
];

impl Checker<'_> {
    pub(super) fn invariants(&mut self) {
        let names = self.names;
        for one in &names.invariants {
            let selector = self.selector(one.file, &one.node.selector);
            let mut scope = Scope::customer(one.file, "an invariant");
            scope.message = true;
            scope.channel = true;
            let what = "what an invariant requires";
            let condition = self.value(&mut scope, &one.node.condition, Type::Bool, what);
            let name = one.full.clone();
            self.checked.invariants.push(Invariant { name, at: one.at, selector, condition });
        }
    }

    pub(super) fn tests(&mut self) {
        let names = self.names;
        for one in &names.tests {
            self.said_once(one.file, &one.node.statements);
            let statements = one.node.statements.iter().filter_map(|statement| {
                let kind = self.test_statement(one.file, &statement.kind)?;
                Some(TestStatement { kind, at: at(one.file, statement.span) })
            });
            let statements = statements.collect();
            let title = &one.node.title;
            self.checked.tests.push(Test {
                title: title.value.to_string(),
                at: at(one.file, title.span),
                statements,
            });
        }
        self.diagnostics.extend(mistakes::hopeless_expectation::check(names, &self.checked));
        self.diagnostics.extend(mistakes::time_goes_back::check(names));
    }

    /// Who the customer is holds for the whole test: it is said once.
    fn said_once(&mut self, file: FileId, statements: &[tree::TestStatement]) {
        let mut first: BTreeMap<(&str, &str), Location> = BTreeMap::new();
        for statement in statements {
            let (word, name) = match &statement.kind {
                Statement::Subject(_) => ("subject", ""),
                Statement::Holdout(path) => ("holdout", path.name.text.as_str()),
                Statement::Arm { experiment, .. } => ("arm", experiment.name.text.as_str()),
                _ => continue,
            };
            let here = at(file, statement.span);
            match first.get(&(word, name)) {
                Some(before) => {
                    let what = if name.is_empty() { word.to_owned() } else { format!("{word} {name}") };
                    self.report(mistakes::said_twice::property(&what, here, *before));
                }
                None => drop(first.insert((word, name), here)),
            }
        }
    }

    /// `None` after a diagnostic.
    fn test_statement(&mut self, file: FileId, statement: &Statement) -> Option<TestKind> {
        Some(match statement {
            Statement::Error => return None,
            Statement::Subject(id) => TestKind::Subject(id.value.clone()),
            Statement::Profile(values) => {
                self.named_once(file, values.iter().map(|value| &value.name));
                TestKind::Profile(
                    values.iter().filter_map(|value| self.test_attribute(file, value)).collect(),
                )
            }
            Statement::Consent { purpose, channels, confirmed } => {
                let (purpose, channels) = self.of_purpose(file, purpose, channels)?;
                TestKind::Consent { purpose, channels, confirmed: *confirmed }
            }
            Statement::Withdraw { purpose, channels } => {
                let (purpose, channels) = self.of_purpose(file, purpose, channels)?;
                TestKind::Withdraw { purpose, channels }
            }
            Statement::Holdout(path) => {
                TestKind::Holdout(self.lookup(file, path, "a holdout", |symbol| match symbol {
                    Symbol::Holdout(id) => Some(id),
                    _ => None,
                })?)
            }
            Statement::Arm { experiment, arm } => {
                let id = self.experiment_id(file, experiment)?;
                let path = tree::Path { package: None, name: arm.clone() };
                let Some(Constant::Member(position)) = self.member(file, &path, Type::Arm(id)) else {
                    let known = self.member_names(file, Type::Arm(id));
                    let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
                    self.unknown_word(file, arm, &format!("`{}` has no arm", experiment.name.text), &known);
                    return None;
                };
                TestKind::Arm(id, position)
            }
            Statement::At { date, time } => {
                let date = self.literal_of(file, date, Type::Date, "the day of `at`");
                let time = self.time_literal(&Scope::customer(file, "a test"), time)?;
                let Constant::Date(date) = date? else { return None };
                TestKind::At { date, time }
            }
            Statement::After(duration) => {
                TestKind::After(self.positive_duration(file, duration, "what follows `after`")?)
            }
            Statement::Event { event, message, fields } => {
                TestKind::Event(self.test_event(file, event, message.as_ref(), fields)?)
            }
            Statement::Decide(path) => TestKind::Decide(self.placement_id(file, path)?),
            Statement::Expect(expectation) => TestKind::Expect(self.expectation(file, expectation)?),
        })
    }

    fn of_purpose(
        &mut self,
        file: FileId,
        purpose: &tree::Path,
        channels: &[tree::Path],
    ) -> Option<(PurposeId, Vec<ChannelId>)> {
        let purpose = self.purpose_id(file, purpose);
        let channels = self.each_once(file, channels, |checker, file, path| checker.channel_id(file, path));
        Some((purpose?, channels))
    }

    fn test_attribute(&mut self, file: FileId, value: &FieldValue) -> Option<(AttributeId, Given)> {
        let id = self.attribute(file, &value.name, None)?;
        let ty = self.checked.attributes[id.index()].ty;
        Some((id, self.test_value(file, value, ty)?))
    }

    /// A value of a type; a list for a set. `None` after a diagnostic.
    fn test_value(&mut self, file: FileId, value: &FieldValue, ty: Type) -> Option<Given> {
        let mut scope = Scope::customer(file, "a test");
        let what = format!("`{}`", value.name.text);
        match (ty, &value.value.kind) {
            (Type::Set(element), tree::ExprKind::List(items)) => {
                let items =
                    items.iter().filter_map(|item| self.constant(&mut scope, item, element.ty(), &what));
                Some(Given::Set(items.collect()))
            }
            (Type::Set(element), _) => {
                let member = self.type_name(element.ty());
                let place = at(file, value.value.span);
                self.report(mistakes::wrong_type::not_a_list(&what, &member, place));
                None
            }
            _ => Some(Given::One(self.constant(&mut scope, &value.value, ty, &what)?)),
        }
    }

    fn test_event(
        &mut self,
        file: FileId,
        event: &tree::Path,
        message: Option<&tree::Path>,
        fields: &Option<Vec<FieldValue>>,
    ) -> Option<TestEvent> {
        let about = message.map(|message| self.message_id(file, message));
        let id = self.lookup(file, event, "an event", |symbol| match symbol {
            Symbol::Event(id) => Some(id),
            _ => None,
        });
        let id = id?;
        let declared = self.checked.events[id.index()].clone();
        if let (Some(message), false) = (message, crate::builtin::is_delivery(id)) {
            self.report(mistakes::not_about_a_message::event(&declared.name, at(file, message.span())));
        }
        let values = fields.as_deref().unwrap_or_default();
        self.named_once(file, values.iter().map(|value| &value.name));
        let (mut given, mut attributes) = (Vec::new(), Vec::new());
        // A field that isn't known may be one that seems to lack.
        let mut slips = 0;
        for value in values {
            match declared.fields.iter().position(|field| field.name == value.name.text) {
                Some(at) => {
                    let value = self.test_value(file, value, declared.fields[at].ty);
                    given.extend(value.map(|value| (at as u32, value)));
                }
                // `identify` carries attributes, whatever they are.
                None if id == crate::builtin::IDENTIFY => {
                    attributes.extend(self.test_attribute(file, value));
                }
                None if self.broken_events.contains(&id) => {}
                None => {
                    slips += 1;
                    let known: Vec<&str> = declared.fields.iter().map(|field| field.name.as_str()).collect();
                    self.unknown_word(file, &value.name, &format!("`{}` has no", declared.name), &known);
                }
            }
        }
        let said = |name: &str| values.iter().any(|value| value.name.text == name);
        let needed = |name: &str| match (declared.at, id) {
            (None, _) if crate::builtin::is_delivery(id) => {
                // The message names its latest send; where a send is named, that says all.
                name == "message" && message.is_none() && !said("send")
            }
            (None, crate::builtin::CONSENT_GRANTED) => name == "purpose",
            _ => true,
        };
        let missing: Vec<String> = declared
            .fields
            .iter()
            .filter(|field| !field.optional && !said(&field.name) && needed(&field.name))
            .map(|field| quoted(&field.name))
            .collect();
        if missing.len() > slips {
            self.report(mistakes::event_incomplete::lacks(&missing, at(file, event.span()), declared.at));
        }
        let message = match about {
            Some(message) => Some(message?),
            None => None,
        };
        Some(TestEvent { event: id, message, fields: given, attributes })
    }

    fn placement_id(&mut self, file: FileId, path: &tree::Path) -> Option<PlacementId> {
        self.lookup(file, path, "a placement", |symbol| match symbol {
            Symbol::Placement(id) => Some(id),
            _ => None,
        })
    }

    /// `None` after a diagnostic.
    fn expectation(&mut self, file: FileId, expectation: &tree::Expectation) -> Option<Expectation> {
        use tree::Expectation as Said;
        Some(match expectation {
            Said::Error => return None,
            Said::Sent { message, via, times } => {
                let message = self.message_id(file, message);
                let via = match via {
                    Some(channel) => Some(self.channel_id(file, channel)?),
                    None => None,
                };
                let times = match times {
                    Some(times) => match self.literal_of(file, times, Type::Int, "how many times")? {
                        Constant::Int(times) => Some(times.cast_unsigned()),
                        _ => return None,
                    },
                    None => None,
                };
                Expectation::Sent { message: message?, via, times }
            }
            Said::NotSent(message) => Expectation::NotSent(self.message_id(file, message)?),
            Said::OnlySent(messages) => Expectation::OnlySent(self.messages_once(file, messages)),
            Said::Shown(messages) => Expectation::Shown(self.messages_once(file, messages)),
            Said::Blocked { message, reason } => {
                let message = self.message_id(file, message);
                if !REASONS.contains(&reason.text.as_str()) {
                    self.unknown_word(file, reason, "there is no reason", &REASONS);
                    return None;
                }
                Expectation::Blocked { message: message?, reason: reason.text.clone() }
            }
            Said::Journey { journey, state } => {
                let journey = self.journey_id(file, journey);
                let state = match state.text.as_str() {
                    "active" => JourneyState::Active,
                    "stopped" => JourneyState::Stopped,
                    "finished" => JourneyState::Finished,
                    _ => {
                        let states = ["active", "stopped", "finished"];
                        self.unknown_word(file, state, "a journey is never", &states);
                        return None;
                    }
                };
                Expectation::Journey { journey: journey?, state }
            }
            Said::Profile { attribute, value } => {
                let value = FieldValue { name: attribute.clone(), value: value.clone() };
                let (attribute, value) = self.test_attribute(file, &value)?;
                Expectation::Profile(attribute, value)
            }
            Said::Segment { segment, negated } => {
                Expectation::Segment { segment: self.segment_id(file, segment)?, negated: *negated }
            }
        })
    }

    fn messages_once(&mut self, file: FileId, messages: &[tree::Path]) -> Vec<MessageId> {
        self.each_once(file, messages, |checker, file, path| checker.message_id(file, path))
    }

    fn unknown_word(&mut self, file: FileId, word: &Name, what: &str, known: &[&str]) {
        self.report(mistakes::unknown_word::word(what, &word.text, at(file, word.span), known));
    }
}
