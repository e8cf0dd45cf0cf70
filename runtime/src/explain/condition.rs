//! Conditions as they are told: clauses of which all must hold, with places and values.

use super::{Clause, Condition, Place, Seen, Sources, instant_text};
use crate::moment::{address, next_of};
use crate::policy::Policy;
use crate::profile::{Profile, Snapshot};
use crate::step::Step;
use comity_compiler::checked::Location;
use comity_compiler::engine::slots_of;
use comity_compiler::ids::*;
use comity_compiler::lower::{Declaration, wakes, words};
use comity_compiler::plan::{Fold, Guard, Plan, Source};
use comity_compiler::types::{Element, Type};
use comity_compiler::value::Value;

/// A condition, and whether its opposite is asked for.
pub(super) type Asked = (ExprId, bool);

/// What a guard asks: of each list one must hold.
pub(super) fn clauses_of_guard(plan: &Plan, guard: &Guard) -> Vec<Vec<Asked>> {
    let asked =
        |literal: &comity_compiler::plan::Literal| (plan.atoms[literal.atom.index()].expr, literal.negated);
    guard.clauses.iter().map(|clause| clause.literals.iter().map(asked).collect()).collect()
}

/// What a condition, or its opposite, asks.
pub(super) fn clauses_of(plan: &Plan, condition: ExprId, negated: bool) -> Vec<Vec<Asked>> {
    let conjuncts = words::conjuncts(plan, condition, negated);
    let either = |(expr, negated): Asked| {
        let opposites = words::conjuncts(plan, expr, !negated);
        opposites.into_iter().map(|(expr, opposite)| (expr, !opposite)).collect()
    };
    conjuncts.into_iter().map(either).collect()
}

/// Whether a condition looks at the event that proposes the message.
pub(super) fn looks_at_event(policy: &Policy, expr: ExprId) -> bool {
    slots_of(&policy.plan, expr).iter().any(|slot| policy.event_slots.contains(slot))
}

impl Step<'_> {
    /// Whether a condition, or part of one, holds as it is asked for.
    pub(super) fn is_so(&mut self, profile: &mut Profile, (expr, negated): Asked) -> bool {
        self.moment.evaluate_part(self.policy, profile, expr).holds() != negated
    }

    /// A clause as it is told.
    pub(super) fn told_clause(
        &mut self,
        profile: &mut Profile,
        clause: &[Asked],
        owners: &[Declaration],
        has_event: bool,
        sources: &Sources<'_>,
    ) -> Clause {
        let mut conditions = Vec::with_capacity(clause.len());
        for asked in clause {
            conditions.push(self.told(profile, *asked, owners, has_event, sources));
        }
        let holds = if conditions.iter().any(|condition| condition.holds == Some(true)) {
            Some(true)
        } else if conditions.iter().any(|condition| condition.holds.is_none()) {
            None
        } else {
            Some(false)
        };
        Clause { holds, conditions }
    }

    fn told(
        &mut self,
        profile: &mut Profile,
        asked: Asked,
        owners: &[Declaration],
        has_event: bool,
        sources: &Sources<'_>,
    ) -> Condition {
        let policy = self.policy;
        let plan = &policy.plan;
        let is_open = !has_event && looks_at_event(policy, asked.0);
        let mut values = Vec::new();
        for slot in slots_of(plan, asked.0) {
            if matches!(plan.slots[slot.index()].source, Source::Field(_)) {
                continue;
            }
            let what = slot_words(plan, slot);
            let open = !has_event && policy.event_slots.contains(&slot);
            let value = if open {
                "of the event that proposes it".to_owned()
            } else {
                self.slot_value(profile, slot)
            };
            values.push(Seen { what, value });
        }
        let holds = (!is_open).then(|| self.is_so(profile, asked));
        let until = next_of(policy, profile, &wakes(plan, asked.0));
        Condition {
            holds,
            text: words::expression(plan, asked.0, asked.1),
            at: sources.places(&sources.origins.written(asked.0, owners)),
            values,
            until: (until < i64::MAX).then_some(until),
        }
    }

    /// A clause of a filter, as it is told of an event.
    pub(super) fn told_of_event(
        &mut self,
        profile: &mut Profile,
        clause: &[Asked],
        event: &Snapshot,
        owners: &[Declaration],
        sources: &Sources<'_>,
    ) -> Clause {
        let policy = self.policy;
        let plan = &policy.plan;
        let declared = plan.events.get(event.event.index()).map_or(&[][..], |event| &event.fields);
        let mut conditions = Vec::with_capacity(clause.len());
        for &(expr, negated) in clause {
            let answer = self.moment.evaluate_of(policy, profile, expr, &event.fields);
            let mut values = Vec::new();
            for slot in slots_of(plan, expr) {
                let Source::Field(position) = plan.slots[slot.index()].source else {
                    values.push(Seen { what: slot_words(plan, slot), value: self.slot_value(profile, slot) });
                    continue;
                };
                let Some(field) = declared.get(position as usize) else { continue };
                let value = event.fields.get(position as usize).and_then(Option::as_ref);
                let value =
                    value.map_or_else(|| "unknown".to_owned(), |value| typed_words(plan, field.ty, value));
                values.push(Seen { what: field.name.to_string(), value });
            }
            conditions.push(Condition {
                holds: Some(answer.holds() != negated),
                text: words::filter(plan, event.event, expr, negated),
                at: sources.places(&sources.origins.written(expr, owners)),
                values,
                until: None,
            });
        }
        Clause { holds: Some(conditions.iter().any(|one| one.holds == Some(true))), conditions }
    }

    /// What a slot holds, as it may be told.
    pub(super) fn slot_value(&mut self, profile: &mut Profile, slot: SlotId) -> String {
        let policy = self.policy;
        let plan = &policy.plan;
        let declared = &plan.slots[slot.index()];
        let answer = self.moment.slot(policy, profile, slot);
        if !answer.known {
            return "unknown".to_owned();
        }
        if is_personal(plan, slot) {
            return PERSONAL.to_owned();
        }
        let value = self.moment.frame().value(plan, declared.ty, answer.cell);
        value_words(plan, slot, Some(&value), profile.now)
    }

    /// Whether the address of a channel is known, in words.
    pub(super) fn address_words(&self, profile: &Profile, channel: ChannelId) -> String {
        use comity_compiler::plan::ChannelKind;
        let plan = &self.policy.plan;
        let kind = plan.channels[channel.index()].kind;
        let (ChannelKind::Address(attribute) | ChannelKind::Device(attribute)) = kind else {
            return "the customer comes by itself".to_owned();
        };
        let name = &plan.attributes[attribute.index()].name;
        let known = address(self.policy, profile, kind).is_some();
        format!("profile.{name} is {}", if known { "known" } else { "unknown" })
    }
}

/// What stands for a value that may not be told.
pub(super) const PERSONAL: &str = "(personal)";

/// Whether a slot holds what may not be told.
pub(super) fn is_personal(plan: &Plan, slot: SlotId) -> bool {
    match plan.slots[slot.index()].source {
        Source::Attribute(id) => plan.attributes[id.index()].personal,
        _ => false,
    }
}

/// What a slot holds, in words; of the instant of an event, how long ago it was.
pub(super) fn slot_words(plan: &Plan, slot: SlotId) -> String {
    words::slot(plan, slot)
}

/// A value of a slot, in words.
pub(super) fn value_words(plan: &Plan, slot: SlotId, value: Option<&Value>, now: i64) -> String {
    let declared = &plan.slots[slot.index()];
    let Some(value) = value else { return "unknown".to_owned() };
    if let (Source::Window(window), Value::Cell(cell)) = (&declared.source, value)
        && matches!(plan.windows[window.index()].fold, Fold::LastTime | Fold::FirstTime)
    {
        return age_words(now.saturating_sub(*cell as i64));
    }
    typed_words(plan, declared.ty, value)
}

/// How long ago something was, in its two largest units.
fn age_words(length: i64) -> String {
    const UNITS: [(i64, &str); 4] =
        [(86_400_000_000, "d"), (3_600_000_000, "h"), (60_000_000, "m"), (1_000_000, "s")];
    let mut rest = length.max(0);
    let mut parts = Vec::new();
    for (unit, name) in UNITS {
        if rest >= unit && parts.len() < 2 {
            parts.push(format!("{}{name}", rest / unit));
            rest %= unit;
        }
    }
    if parts.is_empty() { words::short_duration(length.max(0)) } else { parts.join(" ") }
}

/// A value of a type, in words.
pub(super) fn typed_words(plan: &Plan, ty: Type, value: &Value) -> String {
    match (ty, value) {
        (Type::Instant, Value::Cell(cell)) => instant_text(*cell as i64),
        (Type::Duration, Value::Cell(cell)) => words::short_duration(*cell as i64),
        (Type::Time, Value::Cell(cell)) => time_words(*cell as i64),
        (Type::Percent, Value::Cell(cell)) => percent_words(f64::from_bits(*cell)),
        (_, Value::Cell(cell)) => words::constant(plan, *cell, ty),
        (_, Value::Text(text)) => format!("{text:?}"),
        (Type::Set(element), Value::Set(members)) => {
            let member = |value: &Value| typed_words(plan, Element::ty(element), value);
            format!("[{}]", members.iter().map(member).collect::<Vec<_>>().join(", "))
        }
        (_, Value::Set(_)) => "[]".to_owned(),
    }
}

/// The fewest decimals that mean the same percent.
fn percent_words(share: f64) -> String {
    // Multiplied by 100 it could be another number.
    let text = share.to_string();
    let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = format!("{part:0<2}");
    let (more, part) = part.split_at(2);
    let whole = format!("{whole}{more}");
    let whole = whole.trim_start_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{part}%", if whole.is_empty() { "0" } else { whole })
}

/// A time of day, its seconds only where it has any.
fn time_words(time: i64) -> String {
    let seconds = time / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if second == 0 { format!("{hour:02}:{minute:02}") } else { format!("{hour:02}:{minute:02}:{second:02}") }
}

impl Sources<'_> {
    /// Places as people know them, in the order of the text, each once.
    pub(super) fn places(&self, at: &[Location]) -> Vec<Place> {
        let mut places: Vec<Place> = at.iter().filter_map(|at| (self.place)(*at)).collect();
        places.sort();
        places.dedup();
        places
    }
}
