//! Tests and invariants (language reference §12): every name and type in them.

use super::Checker;
use super::scope::Scope;
use crate::checked::Invariant;
use crate::diagnostic::{at, quoted};
use crate::ids::FileId;
use crate::mistakes;
use crate::resolve::Symbol;
use crate::types::Type;
use comity_grammar::tree::{self, Expectation, FieldValue, Name, TestStatementKind as Statement};

const REASONS: [&str; 12] = [
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
            let name = one.name.text.clone();
            self.checked.invariants.push(Invariant { name, at: one.at, selector, condition });
        }
    }

    pub(super) fn tests(&mut self) {
        let names = self.names;
        for one in &names.tests {
            for statement in &one.node.statements {
                self.test_statement(one.file, &statement.kind);
            }
        }
        self.diagnostics.extend(mistakes::hopeless_expectation::check(names, &self.checked));
        self.diagnostics.extend(mistakes::time_goes_back::check(names));
    }

    fn test_statement(&mut self, file: FileId, statement: &Statement) {
        match statement {
            Statement::Error | Statement::Subject(_) => {}
            Statement::Profile(values) => {
                self.named_once(file, values.iter().map(|value| &value.name));
                for value in values {
                    if let Some(id) = self.attribute(file, &value.name, None) {
                        let ty = self.checked.attributes[id.index()].ty;
                        self.test_value(file, value, ty);
                    }
                }
            }
            Statement::Consent { purpose, channels, .. } | Statement::Withdraw { purpose, channels } => {
                self.purpose_id(file, purpose);
                self.each_once(file, channels, |checker, file, path| checker.channel_id(file, path));
            }
            Statement::Holdout(path) => {
                self.lookup(file, path, "a holdout", |symbol| match symbol {
                    Symbol::Holdout(id) => Some(id),
                    _ => None,
                });
            }
            Statement::Arm { experiment, arm } => {
                if let Some(id) = self.experiment_id(file, experiment)
                    && self.member(&arm.text, Type::Arm(id)).is_none()
                {
                    let known = self.member_names(Type::Arm(id));
                    let known: Vec<&str> = known.iter().map(|name| name.as_str()).collect();
                    self.unknown_word(file, arm, &format!("`{}` has no arm", experiment.name.text), &known);
                }
            }
            Statement::At { date, time } => {
                self.literal_of(file, date, Type::Date, "the day of `at`");
                let scope = Scope::customer(file, "a test");
                self.time_literal(&scope, time);
            }
            Statement::After(duration) => {
                self.positive_duration(file, duration, "what follows `after`");
            }
            Statement::Event { event, message, fields } => {
                self.test_event(file, event, message.as_ref(), fields)
            }
            Statement::Decide(path) => drop(self.placement_id(file, path)),
            Statement::Expect(expectation) => self.expectation(file, expectation),
        }
    }

    /// A value of a type; a list for a set, `unknown` aside.
    fn test_value(&mut self, file: FileId, value: &FieldValue, ty: Type) {
        let mut scope = Scope::customer(file, "a test");
        let what = format!("`{}`", value.name.text);
        match (ty, &value.value.kind) {
            (Type::Set(element), tree::ExprKind::List(items)) => {
                for item in items {
                    self.constant(&mut scope, item, element.ty(), &what);
                }
            }
            (Type::Set(element), _) => {
                let member = self.type_name(element.ty());
                let place = at(file, value.value.span);
                self.report(mistakes::wrong_type::not_a_list(&what, &member, place));
            }
            _ => drop(self.constant(&mut scope, &value.value, ty, &what)),
        }
    }

    fn test_event(
        &mut self,
        file: FileId,
        event: &tree::Path,
        message: Option<&tree::Path>,
        fields: &Option<Vec<FieldValue>>,
    ) {
        if let Some(message) = message {
            self.message_id(file, message);
        }
        let id = self.lookup(file, event, "an event", |symbol| match symbol {
            Symbol::Event(id) => Some(id),
            _ => None,
        });
        let Some(id) = id else { return };
        let declared = self.checked.events[id.index()].clone();
        if let (Some(message), false) = (message, crate::builtin::is_delivery(id)) {
            self.report(mistakes::not_about_a_message::event(&declared.name, at(file, message.span())));
        }
        let values = fields.as_deref().unwrap_or_default();
        self.named_once(file, values.iter().map(|value| &value.name));
        for value in values {
            match declared.fields.iter().find(|field| field.name == value.name.text) {
                Some(field) => self.test_value(file, value, field.ty),
                // `identify` carries attributes, whatever they are.
                None if id == crate::builtin::IDENTIFY => {
                    if let Some(attribute) = self.attribute(file, &value.name, None) {
                        let ty = self.checked.attributes[attribute.index()].ty;
                        self.test_value(file, value, ty);
                    }
                }
                None if self.broken_events.contains(&id) => {}
                None => {
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
        if !missing.is_empty() {
            self.report(mistakes::event_incomplete::lacks(&missing, at(file, event.span()), declared.at));
        }
    }

    fn placement_id(&mut self, file: FileId, path: &tree::Path) -> Option<crate::ids::PlacementId> {
        self.lookup(file, path, "a placement", |symbol| match symbol {
            Symbol::Placement(id) => Some(id),
            _ => None,
        })
    }

    fn expectation(&mut self, file: FileId, expectation: &Expectation) {
        match expectation {
            Expectation::Error => {}
            Expectation::Sent { message, via, times } => {
                self.message_id(file, message);
                if let Some(channel) = via {
                    self.channel_id(file, channel);
                }
                if let Some(times) = times {
                    self.literal_of(file, times, Type::Int, "how many times");
                }
            }
            Expectation::NotSent(message) => drop(self.message_id(file, message)),
            Expectation::OnlySent(messages) | Expectation::Shown(messages) => {
                self.each_once(file, messages, |checker, file, path| checker.message_id(file, path));
            }
            Expectation::Blocked { message, reason } => {
                self.message_id(file, message);
                if !REASONS.contains(&reason.text.as_str()) {
                    self.unknown_word(file, reason, "there is no reason", &REASONS);
                }
            }
            Expectation::Journey { journey, state } => {
                self.journey_id(file, journey);
                let states = ["active", "stopped", "finished"];
                if !states.contains(&state.text.as_str()) {
                    self.unknown_word(file, state, "a journey is never", &states);
                }
            }
            Expectation::Profile { attribute, value } => {
                if let Some(id) = self.attribute(file, attribute, None) {
                    let ty = self.checked.attributes[id.index()].ty;
                    let value = FieldValue { name: attribute.clone(), value: value.clone() };
                    self.test_value(file, &value, ty);
                }
            }
            Expectation::Segment { segment, .. } => drop(self.segment_id(file, segment)),
        }
    }

    fn unknown_word(&mut self, file: FileId, word: &Name, what: &str, known: &[&str]) {
        self.report(mistakes::unknown_word::word(what, &word.text, at(file, word.span), known));
    }
}
