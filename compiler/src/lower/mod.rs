//! From the checked policy to the plan: names become slots, lets and tables what they stand for, and what governs
//! a message is instantiated for each of its channels.
//!
//! The way: [`Lowerer`] walks the declarations, which are ordered by name, and builds expressions in which each
//! thing stands once ([`build`]), leaving out what is certain. Guards become clauses over atoms ([`guard`]),
//! patterns become parts of the history and questions to them ([`history`]). At the end [`number`] drops what
//! nothing needs and numbers the rest by a walk over the plan, so that policies that say the same have the same
//! bytes, and [`wakes`] finds when atoms can change by time alone.

mod build;
mod expression;
mod fold;
mod guard;
mod history;
mod inline;
mod intern;
mod journey;
mod message;
mod number;
mod origins;
mod root;
mod scope;
mod state;
mod wakes;
pub mod words;

#[cfg(test)]
mod tests;

pub use origins::{Declaration, DeclarationKind, Need, Origins, Written};
pub(crate) use state::duration;
pub use state::{StateRow, state_report};

use crate::checked::{self, Checked};
use crate::ids::*;
use crate::plan::{self, Plan};
use crate::types::Type;
use build::Builder;
use inline::Results;
use intern::Table;
use origins::Notes;
use rustc_hash::FxHashMap;
use scope::{Scope, Shared, Uses};

/// A plan, and where its parts come from.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Lowered {
    pub plan: Plan,
    pub origins: Origins,
}

/// The plan of a policy without errors. Of one with errors it gives something, in which nothing means anything.
pub fn lower(checked: &Checked) -> Lowered {
    let mut lowerer = Lowerer {
        checked,
        b: Builder::new(checked.messages.iter().map(|message| message.name.clone())),
        atoms: Table::default(),
        notes: Notes::default(),
        shared: FxHashMap::default(),
        active: Vec::new(),
        uses: Uses::default(),
    };
    let draft = lowerer.declarations();
    let Lowerer { b, atoms, notes, .. } = lowerer;
    let mut lowered = number::number(draft, &b, &atoms, &notes);
    let timed = wakes::timed(&lowered.plan);
    lowered.origins.forms = notes.forms;
    lowered.origins.declarations = origins::declarations(checked);
    lowered.origins.steps = checked.journeys.iter().map(journey::places).collect();
    for index in 0..lowered.plan.atoms.len() {
        lowered.plan.atoms[index].wakes = wakes::wakes(&lowered.plan, &timed, lowered.plan.atoms[index].expr);
    }
    lowered
}

/// When a condition can change by time alone, sorted.
pub fn wakes(plan: &Plan, condition: ExprId) -> Vec<plan::Wake> {
    wakes::wakes(plan, &wakes::timed(plan), condition)
}

/// Lowers one policy.
struct Lowerer<'a> {
    checked: &'a Checked,
    b: Builder,
    /// By the expression of the atom.
    atoms: Table<ExprId>,
    notes: Notes,
    /// What lets, tables, segments and rules came to.
    shared: FxHashMap<(Shared, Box<[ExprId]>), Results>,
    /// Those of them that are being lowered.
    active: Vec<Shared>,
    /// What the expression that is being lowered has made use of.
    uses: Uses,
}

impl Lowerer<'_> {
    /// The plan under provisional numbers, without the tables of the builder.
    fn declarations(&mut self) -> Plan {
        let checked = self.checked;
        Plan {
            format: plan::FORMAT,
            policy: checked.name.clone(),
            texts: Vec::new(),
            texts_in_order: Vec::new(),
            regexes: Vec::new(),
            enums: checked.enums.iter().map(lower_enum).collect(),
            attributes: checked.attributes.iter().map(|attribute| self.attribute(attribute)).collect(),
            timezone: checked.timezone,
            language: checked.language,
            events: checked.events.iter().map(lower_event).collect(),
            exprs: Vec::new(),
            slots: Vec::new(),
            atoms: Vec::new(),
            streams: Vec::new(),
            windows: Vec::new(),
            segments: self.segments(),
            channels: self.channels(),
            placements: checked.placements.iter().map(|placement| self.placement(placement)).collect(),
            classes: checked.classes.iter().map(lower_class).collect(),
            purposes: self.purposes(),
            tags: checked.tags.clone(),
            messages: (0..checked.messages.len())
                .map(|index| self.message(MessageId::at(index)).into())
                .collect(),
            caps: checked.caps.iter().map(lower_cap).collect(),
            suppressions: checked.suppressions.iter().map(|rule| rule.name.clone()).collect(),
            picks: checked.arbitrate.as_ref().map(|arbitrate| arbitrate.picks.clone()).unwrap_or_default(),
            holdouts: checked.holdouts.iter().map(lower_holdout).collect(),
            experiments: checked.experiments.iter().map(|one| self.experiment(one)).collect(),
            journeys: self.journeys(),
            stops: self.stops(),
            models: checked.models.iter().map(|model| self.model(model)).collect(),
        }
    }

    fn attribute(&mut self, attribute: &checked::Attribute) -> plan::Attribute {
        let default = match (&attribute.default, attribute.ty) {
            (_, Type::Set(_)) => Some(plan::Constant::EmptySet),
            (Some(default), ty) => Some(self.outside(default, ty)),
            (None, _) => None,
        };
        let checked::Attribute { name, ty, optional, personal, .. } = attribute.clone();
        plan::Attribute { name, ty, optional, default, personal }
    }

    /// A constant that stands outside expressions.
    fn outside(&mut self, constant: &checked::Constant, ty: Type) -> plan::Constant {
        match constant {
            checked::Constant::EmptySet => plan::Constant::EmptySet,
            checked::Constant::Text(text) => plan::Constant::Text(self.b.text(text)),
            constant => plan::Constant::Cell(self.cell(constant, ty)),
        }
    }

    fn segments(&mut self) -> Vec<plan::Segment> {
        let nothing = Declaration { kind: DeclarationKind::Segment, name: Default::default() };
        let mut segments = Vec::with_capacity(self.checked.segments.len());
        for (index, segment) in self.checked.segments.iter().enumerate() {
            let condition = self.inline_segment(SegmentId::at(index), &Scope::of(&nothing));
            segments.push(plan::Segment { name: segment.name.clone(), condition: self.guard(condition) });
        }
        segments
    }

    fn channels(&mut self) -> Vec<plan::Channel> {
        let mut channels = Vec::with_capacity(self.checked.channels.len());
        for (index, channel) in self.checked.channels.iter().enumerate() {
            let owner = Declaration { kind: DeclarationKind::Channel, name: channel.name.clone() };
            let scope = Scope { channel: Some(ChannelId::at(index)), ..Scope::of(&owner) };
            let mut quiet = Vec::with_capacity(channel.quiet.len());
            for span in &channel.quiet {
                let when = match self.rule_condition(span.when.as_ref(), &scope) {
                    Condition::Always => None,
                    Condition::Never => continue,
                    Condition::When(condition) => Some(condition),
                };
                quiet.push(plan::Quiet { from: span.from, to: span.to, weekdays: span.weekdays, when });
            }
            channels.push(plan::Channel {
                name: channel.name.clone(),
                kind: channel.kind,
                quiet,
                spread: channel.spread,
                cost: channel.cost.map(|(nanos, currency)| plan::Cost { nanos, currency }),
            });
        }
        channels
    }

    /// The condition of a rule, where it has one.
    fn rule_condition(&mut self, when: Option<&checked::Expr>, scope: &Scope<'_>) -> Condition {
        let Some(when) = when else { return Condition::Always };
        let condition = self.expr(when, scope);
        match self.b.as_constant(condition) {
            None => Condition::When(condition),
            Some(0) => Condition::Never,
            Some(_) => Condition::Always,
        }
    }

    fn experiment(&mut self, experiment: &checked::Experiment) -> plan::Experiment {
        let checked::Experiment { name, arms, salt, goal, .. } = experiment.clone();
        let owner = Declaration { kind: DeclarationKind::Experiment, name: name.clone() };
        let goal = goal.map(|goal| self.goal(&goal, &Scope::of(&owner)));
        plan::Experiment { name, arms, salt, goal }
    }

    fn model(&mut self, model: &checked::Model) -> plan::Model {
        let owner = Declaration { kind: DeclarationKind::Model, name: model.name.clone() };
        let row = model.row.iter().map(|feature| {
            let (_, value) = model.features.get((*feature)?)?;
            Some(self.expr(value, &Scope::of(&owner)))
        });
        let row = row.collect();
        plan::Model { name: model.name.clone(), row, ensemble: model.ensemble.clone().unwrap_or_default() }
    }

    fn purposes(&mut self) -> Vec<plan::Purpose> {
        let mut purposes = Vec::with_capacity(self.checked.purposes.len());
        for purpose in &self.checked.purposes {
            let owner = Declaration { kind: DeclarationKind::Purpose, name: purpose.name.clone() };
            let channels = (0..self.checked.channels.len()).map(ChannelId::at);
            let channels = channels.map(|channel| self.consent_rules(purpose, channel, &owner)).collect();
            purposes.push(plan::Purpose { name: purpose.name.clone(), channels });
        }
        purposes
    }

    /// The rules of a purpose for a channel up to the one that decides for everybody.
    fn consent_rules(
        &mut self,
        purpose: &checked::Purpose,
        channel: ChannelId,
        owner: &Declaration,
    ) -> Vec<plan::ConsentRule> {
        let scope = Scope { channel: Some(channel), ..Scope::of(owner) };
        let mut rules = Vec::new();
        let mut named = false;
        for rule in purpose.rules.iter().filter(|rule| rule.channels.contains(&channel)) {
            named = true;
            let mode = consent_mode(rule.mode);
            match self.rule_condition(rule.when.as_ref(), &scope) {
                Condition::Never => {}
                Condition::When(condition) => {
                    rules.push(plan::ConsentRule { mode, when: Some(condition) });
                }
                Condition::Always => {
                    rules.push(plan::ConsentRule { mode, when: None });
                    return rules;
                }
            }
        }
        if named {
            // The checker has shown that this is not reached, or that no message comes here.
            rules.push(plan::ConsentRule { mode: plan::ConsentMode::Never, when: None });
        }
        rules
    }

    fn placement(&self, placement: &checked::Placement) -> plan::Placement {
        let attributes = self.checked.messages.first().map_or(&[][..], |message| &message.attributes);
        let distinct = placement.distinct.as_ref().and_then(|distinct| {
            attributes.iter().position(|attribute| attribute.name == *distinct).map(|index| index as u32)
        });
        plan::Placement {
            name: placement.name.clone(),
            channel: placement.channel,
            show: placement.show,
            distinct,
        }
    }
}

enum Condition {
    Always,
    Never,
    When(ExprId),
}

fn consent_mode(mode: comity_grammar::tree::ConsentMode) -> plan::ConsentMode {
    use comity_grammar::tree::ConsentMode;
    match mode {
        ConsentMode::OptIn => plan::ConsentMode::OptIn,
        ConsentMode::DoubleOptIn => plan::ConsentMode::DoubleOptIn,
        ConsentMode::OptOut => plan::ConsentMode::OptOut,
        ConsentMode::Always => plan::ConsentMode::Always,
        ConsentMode::Never => plan::ConsentMode::Never,
    }
}

fn lower_enum(declared: &checked::Enum) -> plan::Enum {
    let checked::Enum { name, ordered, members, .. } = declared.clone();
    plan::Enum { name, ordered, members }
}

fn lower_event(event: &checked::Event) -> plan::Event {
    let field = |field: &checked::Field| plan::Field {
        name: field.name.clone(),
        ty: field.ty,
        optional: field.optional,
    };
    plan::Event { name: event.name.clone(), fields: event.fields.iter().map(field).collect() }
}

fn lower_class(class: &checked::Class) -> plan::Class {
    plan::Class {
        name: class.name.clone(),
        rank: class.rank,
        ignores_quiet: class.ignores_quiet,
        ignores_caps: class.ignores_caps,
        ignores_suppression: class.ignores_suppression,
        ignores_holdout: class.ignores_holdout,
    }
}

fn lower_cap(cap: &checked::Cap) -> plan::Cap {
    let checked::Cap { name, limit, span, selector, per, .. } = cap.clone();
    plan::Cap { name, limit, span, selector, per }
}

fn lower_holdout(holdout: &checked::Holdout) -> plan::Holdout {
    let checked::Holdout { name, share, classes, salt, .. } = holdout.clone();
    plan::Holdout { name, share, classes, salt }
}
