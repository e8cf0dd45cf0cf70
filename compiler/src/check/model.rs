//! Models (language reference §11): their declarations, and whether their files fit.

use super::Checker;
use super::scope::Scope;
use crate::checked::Expr;
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes::{
    self, declared_twice, model_broken, model_features, model_file, model_too_large, model_unsupported,
};
use crate::model::{Body, Format, Model, Problem};
use crate::resolve::Declared;
use crate::types::Type;
use comity_grammar::token::Kind;
use comity_grammar::tree::{self, ModelPropertyKind};
use rustc_hash::FxHashMap;
use std::sync::Arc;

impl Checker<'_> {
    pub(super) fn models(&mut self) {
        let names = self.names;
        for (position, one) in names.models.iter().enumerate() {
            let (mut format_at, mut format, mut broken) = (None, None, false);
            let mut features: Vec<&tree::Name> = Vec::new();
            for property in &one.node.properties {
                let here = at(one.file, property.keyword);
                match &property.kind {
                    ModelPropertyKind::Error => broken = true,
                    ModelPropertyKind::Format(name) => {
                        if self.once(&mut format_at, here) {
                            format = Format::named(&name.text);
                        }
                        if Format::named(&name.text).is_none() {
                            let place = at(one.file, name.span);
                            self.report(mistakes::unknown_name::model_format(&name.text, place));
                        }
                    }
                    ModelPropertyKind::Feature { name, value } => {
                        if let Some(first) = features.iter().find(|other| other.text == name.text) {
                            let first = at(one.file, first.span);
                            self.report(declared_twice::part(&name.text, at(one.file, name.span), first));
                            broken = true;
                        }
                        features.push(name);
                        let value = self.feature(one.file, value);
                        self.checked.models[position].features.push((name.text.clone(), value));
                    }
                }
            }
            let what = format!("the model `{}`", one.name.text);
            if format_at.is_none() && !broken {
                self.missing(one.at, &what, "format", "format lightgbm");
            }
            if features.is_empty() && !broken {
                self.missing(one.at, &what, "feature", "feature orders = count of purchase within 90d");
            }
            if one.node.file.value.trim().is_empty() {
                self.report(mistakes::property_missing::no_file(&what, at(one.file, one.node.file.span)));
            } else if let Some(format) = format
                && let Some(model) = self.read_model(one, format)
                && !broken
                && !features.is_empty()
            {
                self.fit_model(position, one, &model, &features);
            }
        }
        self.diagnostics.extend(mistakes::defined_by_itself::models(&self.checked));
    }

    /// The model in the file that a declaration names.
    fn read_model(&mut self, one: &Declared<'_, tree::Model>, format: Format) -> Option<Arc<Model>> {
        let path = &one.node.file.value;
        let place = at(one.file, one.node.file.span);
        let read = match self.project.model(one.file, path) {
            Ok(file) => file.model(format),
            Err(unread) => {
                self.report(model_file::unread(place, path, &unread));
                return None;
            }
        };
        let problem = match read {
            Ok(model) => return Some(model),
            Err(Problem::Broken(why)) => {
                let file = self.project.model(one.file, path).ok();
                let is_of =
                    |other: &Format| *other != format && file.as_ref().is_some_and(|file| file.is_of(*other));
                let other = Format::ALL.into_iter().find(is_of);
                model_broken::file(place, path, format.title(), &why, other)
            }
            Err(Problem::Unsupported(why, help)) => model_unsupported::file(place, path, &why, help),
            Err(Problem::TooLarge(why)) => model_too_large::file(place, path, &why),
        };
        self.report(problem);
        None
    }

    /// Finds the features of a model's rows among those that the policy gives.
    fn fit_model(
        &mut self,
        position: usize,
        one: &Declared<'_, tree::Model>,
        model: &Arc<Model>,
        given: &[&tree::Name],
    ) {
        let name = &one.name.text;
        let place = at(one.file, one.name.span);
        let ensemble = &model.ensemble;
        let wanted = ensemble.features as usize;
        let used = ensemble.used();
        if model.names.is_empty() {
            if given.len() != wanted {
                self.report(model_features::count(place, name, wanted, given.len()));
                return;
            }
        } else {
            let strangers =
                given.iter().filter(|given| !model.names.iter().any(|name| means(&given.text, name)));
            let strangers: Vec<_> = strangers.map(|given| (given, at(one.file, given.span))).collect();
            if !strangers.is_empty() {
                let names: Vec<String> = model.names.iter().map(|name| written(name)).collect();
                for (given, here) in strangers {
                    self.report(model_features::unknown(here, name, &given.text, &names));
                }
                return;
            }
        }
        let mut alike = FxHashMap::default();
        for other in &model.names {
            if let Some(first) = alike.insert(written(other), other) {
                self.report(model_features::alike(place, name, (first, other), &written(other)));
                return;
            }
        }
        let row = (0..wanted).map(|index| match model.names.get(index) {
            None => Some(index),
            Some(name) => given.iter().position(|given| means(&given.text, name)),
        });
        let mut row: Vec<Option<usize>> = row.collect();
        let looks_at = |index: usize| used.binary_search(&(index as u32)).is_ok();
        let lacking = (0..wanted).filter(|index| row[*index].is_none() && looks_at(*index));
        let lacking: Vec<&str> = lacking.map(|index| model.names[index].as_str()).collect();
        if !lacking.is_empty() {
            let written = written(lacking[0]);
            self.report(model_features::missing(place, name, &lacking, &written));
            return;
        }
        // What the model never looks at needn't be known of anybody.
        for (index, feature) in row.iter_mut().enumerate() {
            feature.take_if(|_| !looks_at(index));
        }
        for (index, names) in model.categories.iter().enumerate() {
            let Some((names, at_given)) = names.as_ref().zip(row.get(index).copied().flatten()) else {
                continue;
            };
            let members = match self.checked.models[position].features[at_given].1.ty {
                Type::Enum(id) => &self.checked.enums[id.index()].members[..],
                _ => &[],
            };
            if members != &names[..] {
                let (given, members) = (given[at_given], members.to_vec());
                let here = at(one.file, given.span);
                self.report(model_features::categories(here, (name, &given.text), names, &members));
                return;
            }
        }
        if let Body::Linear { .. } = ensemble.body {
            // Trees have a way for what is missing, a sum has none.
            let before = self.diagnostics.len();
            for (_, value) in self.checked.models[position].features.clone() {
                self.known(value);
            }
            for unknown in &mut self.diagnostics[before..] {
                unknown.help.push(format!(
                    "`{name}` is a linear model: it has no way for a missing value, as trees have"
                ));
            }
        }
        let checked = &mut self.checked.models[position];
        checked.row = row;
        checked.ensemble = Some(Arc::clone(ensemble));
    }

    /// A feature: a number, an amount, a member, or true or false. What is unknown is missing.
    fn feature(&mut self, file: FileId, value: &tree::Expr) -> Expr {
        let mut scope = Scope::customer(file, "a feature of a model");
        let value = self.expression(&mut scope, value, None);
        if !value.is_error() && !value.ty.is_feature() {
            let ty = self.type_name(value.ty);
            let timed = matches!(value.ty, Type::Duration | Type::Date | Type::Instant | Type::Time);
            self.report(mistakes::no_such_operation::no_feature(&ty, timed.then_some(value.ty), value.at));
        }
        value
    }
}

/// Whether a name of a policy means a feature of a model: it is its name, or the nearest that can be written.
fn means(given: &str, name: &str) -> bool {
    given == name || given == written(name)
}

/// A feature's name as it can be written in a policy: `Days Since` is `days_since`, `last` is `last_`.
fn written(name: &str) -> String {
    let small = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let mut written: String = name.chars().map(small).collect();
    if written.starts_with(|first: char| first.is_ascii_digit()) {
        written.insert(0, '_');
    }
    if Kind::keyword(&written).is_some_and(Kind::is_reserved) {
        written.push('_');
    }
    written
}
