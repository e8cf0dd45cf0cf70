//! An engine for a plan of which only a few messages differ from another engine's: what is new is built, all else shared.

use super::{Engine, Tables};
use crate::ids::*;
use crate::jit::JitError;
use crate::plan::Plan;
use regex::Regex;
use std::sync::Arc;

impl Engine {
    /// An engine for a plan that differs from this one's in some messages only, ascending, and shares with it whatever it
    /// knows of all others.
    ///
    /// Of expressions, atoms, slots, texts and regular expressions the plan may have more, at the end, and it may keep something
    /// else of the past; all else is as it is in this engine's plan. Of the messages, their conditions, scores, contents and active dates may differ, but neither their names and classes nor
    /// what proposes them nor where they go out. None where that isn't so, or where so much has been amended since an engine
    /// was built for a whole plan that it is time to build one again; none of an engine that counts. An error where the
    /// messages aren't well formed, or the machine gives no memory.
    pub fn amended(&self, plan: Arc<Plan>, messages: &[MessageId]) -> Option<Result<Engine, JitError>> {
        if self.seen.is_some() || !is_amended(self.plan(), &plan, messages) {
            return None;
        }
        let needs = self.needs.amended(&plan, messages);
        let all: Vec<MessageId> = needs.amended_messages().collect();
        if all.len() > MOST_AMENDED {
            return None;
        }
        let tables = self.tables.amended(plan);
        let Some(code) = &self.code else {
            return Some(Ok(Engine { tables, needs, slates: self.slates.clone(), code: None, seen: None }));
        };
        if let Err(error) = tables.plan.validate_amended(self.plan(), &all, needs.len()) {
            return Some(Err(JitError::Plan(error)));
        }
        let slates = self.slates.amended(&tables, messages)?;
        match code.amended(&tables.plan, &needs, &slates, messages) {
            Ok(code) => Some(Ok(Engine { tables, needs, slates, code: Some(code?), seen: None })),
            Err(error) => Some(Err(error)),
        }
    }
}

/// An engine in which so many messages have been amended is built anew.
const MOST_AMENDED: usize = 256;

impl Tables {
    fn amended(&self, plan: Arc<Plan>) -> Tables {
        let mut texts = self.texts.clone();
        if plan.texts.len() > self.plan.texts.len() {
            let new = (0..).map(TextId).zip(&plan.texts).skip(self.plan.texts.len());
            Arc::make_mut(&mut texts).extend(new.map(|(id, text)| (text.clone(), id)));
        }
        let mut regexes = self.regexes.clone();
        if plan.regexes.len() > regexes.len() {
            let new = plan.regexes[regexes.len()..].iter().map(|regex| Regex::new(regex).ok());
            regexes = regexes.iter().cloned().chain(new).collect();
        }
        Tables { plan, texts, regexes, scorers: self.scorers.clone() }
    }
}

/// Whether a plan can be another one with some messages amended.
fn is_amended(before: &Plan, plan: &Plan, messages: &[MessageId]) -> bool {
    let tables = |plan: &Plan| {
        [
            plan.enums.len(),
            plan.attributes.len(),
            plan.events.len(),
            plan.segments.len(),
            plan.channels.len(),
            plan.placements.len(),
            plan.classes.len(),
            plan.purposes.len(),
            plan.tags.len(),
            plan.messages.len(),
            plan.caps.len(),
            plan.suppressions.len(),
            plan.holdouts.len(),
            plan.experiments.len(),
            plan.journeys.len(),
            plan.stops.len(),
            plan.models.len(),
        ]
    };
    let is_same = |id: &MessageId| match (before.messages.get(id.index()), plan.messages.get(id.index())) {
        (Some(before), Some(after)) => before.is_proposed_like(after),
        _ => false,
    };
    tables(before) == tables(plan)
        && before.texts.len() <= plan.texts.len()
        && before.regexes.len() <= plan.regexes.len()
        && before.slots.len() <= plan.slots.len()
        && before.exprs.len() <= plan.exprs.len()
        && before.atoms.len() <= plan.atoms.len()
        && messages.is_sorted_by(|a, b| a < b)
        && messages.iter().all(is_same)
}
