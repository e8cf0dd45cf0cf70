//! Experiments and holdouts (language reference §11).

use super::Checker;
use super::scope::Scope;
use crate::checked::{Constant, Experiment, Goal, Holdout, Location};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes::{self, declared_twice};
use crate::types::Type;
use comity_grammar::tree::{self, ExperimentPropertyKind as Property};
use smol_str::SmolStr;

impl Checker<'_> {
    /// Arms, shares and salts; goals need events and come later.
    pub(super) fn experiments(&mut self) {
        let names = self.names;
        for one in &names.experiments {
            let (mut arms_at, mut salt_at, mut broken) = (None, None, false);
            let mut arms: Vec<(SmolStr, f64)> = Vec::new();
            let mut salt = one.name.text.clone();
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    Property::Error => broken = true,
                    Property::Arms(list) => {
                        if self.once(&mut arms_at, here) {
                            let place = at(one.file, property.span);
                            arms = self.arms(one.file, list, place);
                            if list.len() == 1 {
                                self.report(mistakes::lone_arm::only(&one.name.text, place));
                            }
                        }
                    }
                    Property::Salt(text) => {
                        if self.once(&mut salt_at, here) {
                            salt = text.value.clone();
                        }
                    }
                    Property::Goal { .. } => {}
                }
            }
            if arms_at.is_none() && !broken {
                let what = format!("the experiment `{}`", one.name.text);
                self.missing(one.at, &what, "arms", "arms with 50%, without 50%");
            }
            let name = one.full.clone();
            self.checked.experiments.push(Experiment { name, at: one.at, arms, salt, goal: None });
        }
    }

    fn arms(
        &mut self,
        file: FileId,
        list: &[(tree::Name, tree::Literal)],
        here: Location,
    ) -> Vec<(SmolStr, f64)> {
        let mut arms: Vec<(SmolStr, f64)> = Vec::new();
        let mut whole = true;
        for (name, share) in list {
            if let Some(first) = arms.iter().position(|(arm, _)| *arm == name.text) {
                let first = at(file, list[first].0.span);
                self.report(declared_twice::part(&name.text, at(file, name.span), first));
                whole = false;
                continue;
            }
            let share = self.share(file, share, "the share of an arm");
            whole &= share.is_some();
            arms.push((name.text.clone(), share.unwrap_or(0.0)));
        }
        if whole {
            let shares = arms.iter().map(|(_, share)| *share);
            self.diagnostics.extend(mistakes::bad_share::check_sum(shares, here));
        }
        arms
    }

    /// A percent between 0% and 100%.
    fn share(&mut self, file: FileId, literal: &tree::Literal, what: &str) -> Option<f64> {
        let Constant::Number(share) = self.literal_of(file, literal, Type::Percent, what)? else {
            return None;
        };
        if (0.0..=1.0).contains(&share) {
            return Some(share);
        }
        let here = at(file, literal.span);
        self.report(mistakes::bad_share::out_of_range(what, here));
        None
    }

    pub(super) fn experiment_goals(&mut self) {
        let names = self.names;
        for (position, one) in names.experiments.iter().enumerate() {
            let mut goal = None;
            for property in &one.node.properties {
                if let Property::Goal { occurrence, within } = &property.kind {
                    self.once(&mut goal, at(one.file, property.keyword));
                    let scope = Scope::customer(one.file, "the goal of an experiment");
                    let on = self.occurrence(&scope, occurrence);
                    let within = self.positive_duration(one.file, within, "what follows `within`");
                    if let (Some(on), Some(within)) = (on, within) {
                        self.checked.experiments[position].goal = Some(Goal { on, within });
                    }
                }
            }
        }
    }

    pub(super) fn holdouts(&mut self) {
        let names = self.names;
        for one in &names.holdouts {
            let share = self.share(one.file, &one.node.share, "the share of a holdout").unwrap_or(0.0);
            let mut classes = Vec::new();
            for id in self
                .each_once(one.file, &one.node.classes, |checker, file, path| checker.class_id(file, path))
            {
                let class = &self.checked.classes[id.index()];
                if class.ignores_holdout {
                    let (name, place) = (class.name.clone(), class.at);
                    let here = one
                        .node
                        .classes
                        .iter()
                        .find(|path| {
                            self.names
                                .find(one.file, path)
                                .is_some_and(|(found, _)| found == crate::resolve::Symbol::Class(id))
                        })
                        .map_or(one.at, |path| at(one.file, path.span()));
                    self.report(mistakes::holdout_ignored::class(&one.name.text, &name, here, place));
                }
                classes.push(id);
            }
            classes.sort_unstable();
            let salt =
                one.node.salt.as_ref().map_or_else(|| one.name.text.clone(), |text| text.value.clone());
            self.checked.holdouts.push(Holdout { name: one.full.clone(), at: one.at, share, classes, salt });
        }
        self.diagnostics.extend(mistakes::shared_salt::check(&self.checked));
    }
}
