//! Calls: built-in functions, lets and tables (language reference §5).

use super::super::Checker;
use super::super::scope::Scope;
use super::super::types::{is_ordered, is_quantity};
use super::{error, typed, unless_error};
use crate::checked::{Constant, Expr, ExprKind, Location, Parameter};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes;
use crate::resolve::{FUNCTIONS, Symbol};
use crate::types::Type;
use comity_grammar::tree::{self, ExprKind as Tree, LiteralKind, Path};

impl Checker<'_> {
    pub(super) fn call(
        &mut self,
        scope: &mut Scope,
        callee: &Path,
        arguments: &[tree::Expr],
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        if self.foreign(scope.file, callee) {
            return error(here);
        }
        let name = callee.name.text.as_str();
        if callee.package.is_none() && FUNCTIONS.contains(&name) {
            return self.function(scope, name, arguments, expected, here);
        }
        let name = callee.to_string();
        let name = name.as_str();
        let (symbol, place) = self.names.find(scope.file, callee).unzip();
        let place = place.flatten();
        match symbol {
            Some(Symbol::Let(id)) => {
                if !self.ensure_let(id, here) {
                    return error(here);
                }
                if self.checked.lets[id.index()].value.is_error() {
                    return error(here);
                }
                let parameters = self.checked.lets[id.index()].parameters.clone();
                if parameters.is_empty() {
                    self.report(mistakes::wrong_call::no_parameters(name, here));
                    return error(here);
                }
                let Some(arguments) = self.arguments(scope, name, &parameters, arguments, here, place) else {
                    return error(here);
                };
                let value = &self.checked.lets[id.index()].value;
                let (ty, unknown) = (value.ty, value.optional);
                Expr { kind: ExprKind::Let(id, arguments), ty, optional: unknown, at: here }
            }
            Some(Symbol::Table(id)) => {
                if !self.ensure_table(id, here) {
                    return error(here);
                }
                let table = &self.checked.tables[id.index()];
                let (parameters, result, unknown) =
                    (table.parameters.clone(), table.result, table.result_optional);
                if self.broken_tables.contains(&id) {
                    return error(here);
                }
                match self.arguments(scope, name, &parameters, arguments, here, place) {
                    Some(arguments) => {
                        Expr { kind: ExprKind::Table(id, arguments), ty: result, optional: unknown, at: here }
                    }
                    None => error(here),
                }
            }
            Some(other) => {
                let (place, declared) = (at(scope.file, callee.span()), place);
                self.report(mistakes::wrong_call::not_callable(
                    name,
                    other,
                    self.quote(here),
                    place,
                    declared,
                ));
                error(here)
            }
            None => {
                let place = at(scope.file, callee.span());
                let callable = self.names.known(scope.file);
                let callable =
                    callable.iter().filter(|(_, symbol)| matches!(symbol, Symbol::Let(_) | Symbol::Table(_)));
                let known = FUNCTIONS.iter().copied().chain(callable.map(|(name, _)| name.as_str()));
                self.report(mistakes::unknown_name::called(name, place, known));
                error(here)
            }
        }
    }

    pub(super) fn wrong_count(
        &mut self,
        name: &str,
        wanted: usize,
        found: usize,
        here: Location,
        declared: Option<Location>,
    ) {
        self.report(mistakes::wrong_call::count(name, wanted, found, here, declared));
    }

    fn arguments(
        &mut self,
        scope: &mut Scope,
        name: &str,
        parameters: &[Parameter],
        arguments: &[tree::Expr],
        here: Location,
        declared: Option<Location>,
    ) -> Option<Vec<Expr>> {
        if arguments.len() != parameters.len() {
            self.wrong_count(name, parameters.len(), arguments.len(), here, declared);
            return None;
        }
        let mut checked = Vec::new();
        for (argument, parameter) in arguments.iter().zip(parameters) {
            let value = self.expression(scope, argument, Some(parameter.ty));
            let value = self.fit(value, parameter.ty, &format!("`{}` of `{name}`", parameter.name));
            checked.push(if parameter.optional { value } else { self.known(value) });
        }
        (!checked.iter().any(Expr::is_error)).then_some(checked)
    }

    fn function(
        &mut self,
        scope: &mut Scope,
        name: &str,
        arguments: &[tree::Expr],
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let wanted = match name {
            "min" | "max" => arguments.len().max(2),
            "clamp" => 3,
            "consent" => 2,
            _ => 1,
        };
        if arguments.len() != wanted {
            self.wrong_count(name, wanted, arguments.len(), here, None);
            return error(here);
        }
        match name {
            "min" | "max" | "clamp" => self.alike(scope, name, arguments, expected, here),
            "abs" => {
                let value = self.expression(scope, &arguments[0], expected);
                let value = self.known(value);
                if !value.is_error() && !is_quantity(value.ty) {
                    let ty = self.type_name(value.ty);
                    self.report(mistakes::no_such_operation::no_quantity("abs", &ty, value.at));
                    return error(here);
                }
                let ty = value.ty;
                unless_error([value], here, |[value]| typed(ExprKind::Abs(Box::new(value)), ty, here))
            }
            "round" | "floor" | "ceil" => {
                let value = self.value(scope, &arguments[0], Type::Number, &format!("what `{name}` takes"));
                unless_error([value], here, |[value]| {
                    let value = Box::new(value);
                    let kind = match name {
                        "round" => ExprKind::Round(value),
                        "floor" => ExprKind::Floor(value),
                        _ => ExprKind::Ceil(value),
                    };
                    typed(kind, Type::Int, here)
                })
            }
            "lower" | "upper" => {
                let value = self.letters(scope, &arguments[0], &format!("what `{name}` takes"));
                unless_error([value], here, |[value]| {
                    let value = Box::new(value);
                    let kind = if name == "lower" { ExprKind::Lower(value) } else { ExprKind::Upper(value) };
                    typed(kind, Type::Text, here)
                })
            }
            "length" => {
                let value = self.expression(scope, &arguments[0], None);
                let value = self.known(value);
                let value = match value.ty {
                    Type::Set(_) => value,
                    ty if ty.is_text() => value,
                    _ => self.fit(value, Type::Text, "what `length` takes"),
                };
                unless_error([value], here, |[value]| {
                    typed(ExprKind::Length(Box::new(value)), Type::Int, here)
                })
            }
            "bucket" => match text_literal(&arguments[0]) {
                Some(salt) => typed(ExprKind::Bucket(salt.value.clone()), Type::Percent, here),
                None => {
                    self.report(mistakes::literal_wanted::salt(at(scope.file, arguments[0].span)));
                    error(here)
                }
            },
            "predict" => {
                let found = self.named_argument(scope, &arguments[0], "a model", |symbol| match symbol {
                    Symbol::Model(id) => Some(id),
                    _ => None,
                });
                found.map_or_else(|| error(here), |id| typed(ExprKind::Predict(id), Type::Percent, here))
            }
            "arm" => {
                let found =
                    self.named_argument(scope, &arguments[0], "an experiment", |symbol| match symbol {
                        Symbol::Experiment(id) => Some(id),
                        _ => None,
                    });
                found.map_or_else(|| error(here), |id| typed(ExprKind::Arm(id), Type::Arm(id), here))
            }
            "in_journey" => {
                let found = self.named_argument(scope, &arguments[0], "a journey", |symbol| match symbol {
                    Symbol::Journey(id) => Some(id),
                    _ => None,
                });
                found.map_or_else(|| error(here), |id| typed(ExprKind::InJourney(id), Type::Bool, here))
            }
            "consent" => self.consent(scope, arguments, here),
            _ => {
                let channel = self.value(scope, &arguments[0], Type::Channel, "what `reachable` takes");
                unless_error([channel], here, |[channel]| {
                    typed(ExprKind::Reachable(Box::new(channel)), Type::Bool, here)
                })
            }
        }
    }

    fn consent(&mut self, scope: &mut Scope, arguments: &[tree::Expr], here: Location) -> Expr {
        let purpose: Option<PurposeId> =
            self.named_argument(scope, &arguments[0], "a purpose", |symbol| match symbol {
                Symbol::Purpose(id) => Some(id),
                _ => None,
            });
        let channel = self.value(scope, &arguments[1], Type::Channel, "the second value of `consent`");
        let Some(purpose) = purpose else { return error(here) };
        if channel.is_error() {
            return error(here);
        }
        if let ExprKind::Constant(Constant::Channel(id)) = channel.kind {
            self.asked_consents.push((purpose, id, here));
        }
        typed(ExprKind::Consent(purpose, Box::new(channel)), Type::Bool, here)
    }

    /// An argument that is the name of a declaration.
    fn named_argument<T>(
        &mut self,
        scope: &Scope,
        argument: &tree::Expr,
        what: &'static str,
        pick: impl Fn(Symbol) -> Option<T>,
    ) -> Option<T> {
        match &argument.kind {
            Tree::Name(name) => {
                self.lookup(scope.file, &Path { package: None, name: name.clone() }, what, pick)
            }
            Tree::Field { base, name } if matches!(base.kind, Tree::Name(_)) => {
                let Tree::Name(package) = &base.kind else { return None };
                let path = Path { package: Some(package.clone()), name: name.clone() };
                self.lookup(scope.file, &path, what, pick)
            }
            Tree::Paren(inner) => self.named_argument(scope, inner, what, pick),
            Tree::Error => None,
            _ => {
                let place = at(scope.file, argument.span);
                self.report(mistakes::wrong_kind::not_a_name(what, place));
                None
            }
        }
    }

    /// `min`, `max` and `clamp`: values of one type with an order.
    fn alike(
        &mut self,
        scope: &mut Scope,
        name: &str,
        arguments: &[tree::Expr],
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let mut values = Vec::new();
        let mut hint = expected.filter(|ty| *ty != Type::Bool);
        for argument in arguments {
            let value = self.expression(scope, argument, hint);
            let value = self.known(value);
            if value.is_error() {
                return error(here);
            }
            hint = Some(value.ty);
            values.push(value);
        }
        let ty = match values.iter().any(|value| value.ty == Type::Number) {
            true => Type::Number,
            false => values[0].ty,
        };
        if !is_ordered(self, ty) {
            let found = self.type_name(ty);
            self.report(mistakes::no_order::chosen(name, &found, values[0].at));
            return error(here);
        }
        let mut fitted: Vec<Expr> = Vec::new();
        for value in values {
            let value = match (value.ty, ty) {
                (one, other) if one == other => value,
                (Type::Int, Type::Number) => super::convert::to_number(value),
                (other, _) => {
                    let first = fitted.first().map_or(here, |first| first.at);
                    self.differ(ty, first, other, value.at, &format!("the values of `{name}`"));
                    return error(here);
                }
            };
            fitted.push(value);
        }
        let kind = match (name, fitted.len()) {
            ("min", _) => ExprKind::Min(fitted),
            ("max", _) => ExprKind::Max(fitted),
            _ => {
                let mut three = fitted.into_iter();
                match (three.next(), three.next(), three.next()) {
                    (Some(value), Some(low), Some(high)) => {
                        ExprKind::Clamp(Box::new(value), Box::new(low), Box::new(high))
                    }
                    _ => return error(here),
                }
            }
        };
        typed(kind, ty, here)
    }
}

fn text_literal(expr: &tree::Expr) -> Option<&tree::Text> {
    match &expr.kind {
        Tree::Literal(tree::Literal { kind: LiteralKind::Text(text), .. }) => Some(text),
        Tree::Paren(inner) => text_literal(inner),
        _ => None,
    }
}
