//! Names in expressions (language reference §5: a bare name resolves innermost first).

use super::super::Checker;
use super::super::scope::{Root as Fields, Scope, Source};
use super::{error, optional, typed};
use crate::checked::print_expression::WEEKDAYS;
use crate::checked::{Constant, Expr, ExprKind, LocalPart, Location};
use crate::diagnostic::{Candidate, at};
use crate::ids::*;
use crate::mistakes::{self, field_not_always_there, unknown_name::Bare};
use crate::resolve::Symbol;
use crate::types::{Currency, Type};
use comity_grammar::tree::{self, ExprKind as Tree, LiteralKind, Name, Path, Root};
use smol_str::SmolStr;

/// What can be asked of `local`.
const LOCAL: [(&str, LocalPart, Type); 6] = [
    ("date", LocalPart::Date, Type::Date),
    ("time", LocalPart::Time, Type::Time),
    ("hour", LocalPart::Hour, Type::Int),
    ("weekday", LocalPart::Weekday, Type::Weekday),
    ("month", LocalPart::Month, Type::Int),
    ("day", LocalPart::Day, Type::Int),
];

impl Checker<'_> {
    /// Whether an operand finds its meaning only in the type of the other one.
    pub(super) fn needs_hint(&self, scope: &Scope, expr: &tree::Expr) -> bool {
        match &expr.kind {
            Tree::Literal(literal) => matches!(literal.kind, LiteralKind::Text(_) | LiteralKind::Int(_)),
            Tree::Paren(inner) => self.needs_hint(scope, inner),
            Tree::Name(name) => {
                self.local_name(scope, name).is_none()
                    && !matches!(
                        self.names.symbol(scope.file, &name.text),
                        Some(Symbol::Let(_) | Symbol::Segment(_) | Symbol::Table(_))
                    )
                    && name.text != "channel"
            }
            _ => false,
        }
    }

    /// The type of a literal that has the same one wherever it stands.
    pub(super) fn literal_type(&self, expr: &tree::Expr) -> Option<Type> {
        let Tree::Literal(literal) = &expr.kind else { return None };
        Some(match &literal.kind {
            LiteralKind::Bool(_) => Type::Bool,
            LiteralKind::Percent(_) => Type::Percent,
            LiteralKind::Money { currency, .. } => Type::Money(Currency::from_code(&currency.text)?),
            LiteralKind::Duration { .. } => Type::Duration,
            LiteralKind::Time(_) => Type::Time,
            LiteralKind::Date(_) => Type::Date,
            LiteralKind::Instant(_) => Type::Instant,
            LiteralKind::Number(_) => Type::Number,
            LiteralKind::Int(_) => Type::Int,
            LiteralKind::Text(_) => Type::Text,
        })
    }

    /// A `where` field, a parameter, or a part of the score.
    fn local_name(&self, scope: &Scope, name: &Name) -> Option<(ExprKind, Type, bool)> {
        if let Some(event) = scope.fields {
            let fields = &self.checked.events[event.index()].fields;
            if let Some(position) = fields.iter().position(|field| field.name == name.text) {
                let field = &fields[position];
                return Some((ExprKind::Field(position as u32), field.ty, field.optional));
            }
        }
        if let Some(position) = scope.parameters.iter().position(|parameter| parameter.name == name.text) {
            let parameter = &scope.parameters[position];
            return Some((ExprKind::Parameter(position as u32), parameter.ty, parameter.optional));
        }
        if scope.score {
            match name.text.as_str() {
                "propensity" => return Some((ExprKind::Propensity, Type::Percent, false)),
                "value" => return Some((ExprKind::Value, Type::Number, false)),
                "lever" => return Some((ExprKind::Lever, Type::Number, false)),
                _ => {
                    let attribute = self.message_attributes.iter().find(|one| one.name == name.text)?;
                    // Money counts as its amount in major units.
                    let ty = if let Type::Money(_) = attribute.ty { Type::Number } else { attribute.ty };
                    return Some((ExprKind::MessageAttribute(name.text.clone()), ty, false));
                }
            }
        }
        None
    }

    /// A member, an arm or a weekday of a type. (Channels, classes and messages are top-level names anyway.)
    pub(in crate::check) fn member(&self, file: FileId, path: &Path, of: Type) -> Option<Constant> {
        let named = || self.names.find(file, path).map(|(symbol, _)| symbol);
        let name = path.name.text.as_str();
        match of {
            Type::Enum(_) | Type::Arm(_) | Type::Weekday if path.package.is_some() => None,
            Type::Enum(id) => {
                let members = &self.checked.enums.get(id.index())?.members;
                Some(Constant::Member(members.iter().position(|member| member == name)? as u32))
            }
            Type::Arm(id) => {
                let arms = &self.checked.experiments.get(id.index())?.arms;
                Some(Constant::Member(arms.iter().position(|(arm, _)| arm == name)? as u32))
            }
            Type::Weekday => Some(Constant::Weekday(WEEKDAYS.iter().position(|day| *day == name)? as u8)),
            Type::Channel => match named()? {
                Symbol::Channel(id) => Some(Constant::Channel(id)),
                _ => None,
            },
            Type::Class => match named()? {
                Symbol::Class(id) => Some(Constant::Class(id)),
                _ => None,
            },
            Type::Message => match named()? {
                Symbol::Message(id) => Some(Constant::Message(id)),
                _ => None,
            },
            Type::Purpose => match named()? {
                Symbol::Purpose(id) => Some(Constant::Purpose(id)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(super) fn bare_name(&mut self, scope: &mut Scope, name: &Name, expected: Option<Type>) -> Expr {
        let here = at(scope.file, name.span);
        if let Some((kind, ty, unknown)) = self.local_name(scope, name) {
            return Expr { kind, ty, optional: unknown, at: here };
        }
        if name.text == "channel" {
            return self.channel_in_question(scope, here);
        }
        if let Some(ty) = expected
            && let Some(constant) = self.member(scope.file, &Path { package: None, name: name.clone() }, ty)
        {
            return typed(ExprKind::Constant(constant), ty, here);
        }
        match self.names.symbol(scope.file, &name.text) {
            Some(symbol) => {
                let declared = self.names.place(scope.file, &name.text);
                self.declared(scope, &name.text, (symbol, declared), here)
            }
            None => {
                self.unknown_name(scope, name, expected, here);
                error(here)
            }
        }
    }

    /// What a declared name gives where an expression stands.
    fn declared(
        &mut self,
        scope: &Scope,
        name: &str,
        (symbol, declared): (Symbol, Option<Location>),
        here: Location,
    ) -> Expr {
        match symbol {
            Symbol::Let(id) => {
                if !self.ensure_let(id, here) {
                    return error(here);
                }
                let definition = &self.checked.lets[id.index()];
                let (ty, unknown, count) =
                    (definition.value.ty, definition.value.optional, definition.parameters.len());
                if definition.value.is_error() {
                    return error(here);
                }
                if count > 0 {
                    self.wrong_count(name, count, 0, here, declared);
                    return error(here);
                }
                Expr { kind: ExprKind::Let(id, Vec::new()), ty, optional: unknown, at: here }
            }
            Symbol::Segment(id) => {
                if !self.ensure_segment(id, here) || self.checked.segments[id.index()].condition.is_error() {
                    return error(here);
                }
                typed(ExprKind::Segment(id), Type::Bool, here)
            }
            Symbol::Table(_) => {
                self.report(mistakes::wrong_call::table_alone(name, here));
                error(here)
            }
            Symbol::Channel(id) => typed(ExprKind::Constant(Constant::Channel(id)), Type::Channel, here),
            Symbol::Class(id) => typed(ExprKind::Constant(Constant::Class(id)), Type::Class, here),
            Symbol::Message(id) => typed(ExprKind::Constant(Constant::Message(id)), Type::Message, here),
            Symbol::Purpose(id) => typed(ExprKind::Constant(Constant::Purpose(id)), Type::Purpose, here),
            other => {
                self.report(mistakes::wrong_kind::not_a_value(name, other, scope.place, here, declared));
                error(here)
            }
        }
    }

    fn channel_in_question(&mut self, scope: &Scope, here: Location) -> Expr {
        if scope.channel {
            return typed(ExprKind::Channel, Type::Channel, here);
        }
        self.report(mistakes::not_known_here::channel(scope.place, here));
        error(here)
    }

    /// A bare name that nothing declares, with what could stand there.
    fn unknown_name(&mut self, scope: &Scope, wanted: &Name, expected: Option<Type>, here: Location) {
        if scope.fields.is_some_and(|event| self.broken_events.contains(&event)) {
            return;
        }
        let members = expected.map(|ty| self.member_names(scope.file, ty)).unwrap_or_default();
        let mut candidates: Vec<Candidate> =
            members.iter().map(|member| Candidate::plain(member, true)).collect();
        if let Some(event) = scope.fields {
            let fields = self.checked.events[event.index()].fields.iter();
            candidates.extend(fields.map(|field| Candidate::plain(&field.name, fits(expected, field.ty))));
        }
        let parameters = scope.parameters.iter();
        candidates.extend(parameters.map(|one| Candidate::plain(&one.name, fits(expected, one.ty))));
        let attributes = self.checked.attributes.iter();
        candidates.extend(attributes.map(|one| Candidate {
            name: one.name.clone(),
            written: format!("profile.{}", one.name),
            fits: fits(expected, one.ty),
        }));
        for (root, sources) in [("event", &scope.event), ("trigger", &scope.trigger)] {
            let Fields::Sources(sources) = sources else { continue };
            let events = sources.iter().filter_map(|source| match source {
                Source::Event(event, _) => Some(&self.checked.events[event.index()]),
                Source::Other(..) | Source::Unknown => None,
            });
            candidates.extend(events.flat_map(|event| &event.fields).map(|field| Candidate {
                name: field.name.clone(),
                written: format!("{root}.{}", field.name),
                fits: fits(expected, field.ty),
            }));
        }
        if scope.message {
            candidates.extend(self.message_attributes.iter().map(|one| Candidate {
                name: one.name.clone(),
                written: format!("message.{}", one.name),
                fits: fits(expected, one.ty),
            }));
        }
        let values = self.names.known(scope.file).into_iter();
        candidates.extend(values.filter_map(|(name, symbol)| {
            Some(Candidate::after_dot(&name, &wanted.text, fits(expected, self.symbol_type(symbol)?)))
        }));
        let known = Bare { expected, candidates, members: members.iter().map(SmolStr::as_str).collect() };
        let problem = mistakes::unknown_name::bare(&wanted.text, here, &self.checked, known);
        self.report(problem);
    }

    /// The type of what a declared name gives where it stands alone; a `let` that isn't checked yet gives nothing.
    fn symbol_type(&self, symbol: Symbol) -> Option<Type> {
        Some(match symbol {
            Symbol::Let(id) => self.checked.lets.get(id.index())?.value.ty,
            Symbol::Segment(_) => Type::Bool,
            Symbol::Channel(_) => Type::Channel,
            Symbol::Class(_) => Type::Class,
            Symbol::Message(_) => Type::Message,
            _ => return None,
        })
    }

    /// The names that are members of a type.
    pub(in crate::check) fn member_names(&self, file: FileId, ty: Type) -> Vec<SmolStr> {
        let of = |pick: fn(Symbol) -> bool| {
            self.names
                .known(file)
                .into_iter()
                .filter(|(_, symbol)| pick(*symbol))
                .map(|(name, _)| name)
                .collect()
        };
        match ty {
            Type::Enum(id) => {
                self.checked.enums.get(id.index()).map(|one| one.members.clone()).unwrap_or_default()
            }
            Type::Arm(id) => self
                .checked
                .experiments
                .get(id.index())
                .map(|one| one.arms.iter().map(|(arm, _)| arm.clone()).collect())
                .unwrap_or_default(),
            Type::Weekday => WEEKDAYS.iter().map(|day| SmolStr::new_static(day)).collect(),
            Type::Channel => of(|symbol| matches!(symbol, Symbol::Channel(_))),
            Type::Class => of(|symbol| matches!(symbol, Symbol::Class(_))),
            Type::Message => of(|symbol| matches!(symbol, Symbol::Message(_))),
            Type::Purpose => of(|symbol| matches!(symbol, Symbol::Purpose(_))),
            _ => Vec::new(),
        }
    }

    /// `base.name`, where `base` is a project that this one depends on.
    fn dependency_name(
        &mut self,
        scope: &Scope,
        path: &Path,
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let name = path.to_string();
        match self.names.find(scope.file, path) {
            Some(found) => self.declared(scope, &name, found, here),
            None if expected.is_some_and(|ty| self.member(scope.file, &bare(path), ty).is_some()) => {
                self.report(mistakes::unknown_name::member_of_project(&name, &path.name.text, here));
                error(here)
            }
            None => {
                let known = self.names.known(scope.file).into_iter().filter_map(|(name, symbol)| {
                    Some(Candidate::plain(&name, fits(expected, self.symbol_type(symbol)?)))
                });
                let candidates = known.filter(|one| one.name.contains('.')).collect();
                let known = Bare { expected, candidates, members: Vec::new() };
                let problem = mistakes::unknown_name::bare(&name, here, &self.checked, known);
                self.report(problem);
                error(here)
            }
        }
    }

    /// `profile` and its kin without anything after them.
    pub(super) fn lone_root(&mut self, root: Root, here: Location) -> Expr {
        self.report(mistakes::unknown_part::none_named(root_word(root), here));
        error(here)
    }

    /// `base.name`
    pub(super) fn field(
        &mut self,
        scope: &mut Scope,
        base: &tree::Expr,
        name: &Name,
        expected: Option<Type>,
        here: Location,
    ) -> Expr {
        let name_at = at(scope.file, name.span);
        let root = match &base.kind {
            Tree::Root(root) => *root,
            Tree::Error => return error(here),
            Tree::Name(package) if self.names.dependency(scope.file, &package.text).is_some() => {
                let path = Path { package: Some(package.clone()), name: name.clone() };
                return self.dependency_name(scope, &path, expected, here);
            }
            Tree::Name(package)
                if self.names.symbol(scope.file, &package.text).is_none()
                    && self.local_name(scope, package).is_none() =>
            {
                self.no_package(scope.file, package);
                return error(here);
            }
            Tree::Name(event)
                if matches!(self.names.symbol(scope.file, &event.text), Some(Symbol::Event(_))) =>
            {
                self.report(mistakes::wrong_kind::event_as_value(&event.text, &name.text, here));
                return error(here);
            }
            _ => {
                let base = self.expression(scope, base, None);
                if !base.is_error() {
                    self.report(mistakes::unknown_part::of_value(
                        &self.checked,
                        base.ty,
                        &name.text,
                        name_at,
                    ));
                }
                return error(here);
            }
        };
        match root {
            Root::Profile => match self.attribute(scope.file, name, expected) {
                Some(id) => {
                    let attribute = &self.checked.attributes[id.index()];
                    Expr {
                        kind: ExprKind::Attribute(id),
                        ty: attribute.ty,
                        optional: attribute.optional,
                        at: here,
                    }
                }
                None => error(here),
            },
            Root::Local => {
                self.uses_local_time(here, "`local` is used here");
                match LOCAL.iter().find(|(word, _, _)| *word == name.text) {
                    Some((_, part, ty)) => typed(ExprKind::Local(*part), *ty, here),
                    None => {
                        let known = LOCAL.map(|(word, _, ty)| Candidate::plain(word, fits(expected, ty)));
                        self.report(mistakes::unknown_part::of("local", &name.text, name_at, known.into()));
                        error(here)
                    }
                }
            }
            Root::Message => self.message_field(scope, name, expected, name_at, here),
            Root::Event | Root::Trigger => self.source_field(scope, root, name, expected, name_at, here),
        }
    }

    /// An attribute of the profile by its name, or a diagnostic.
    pub(in crate::check) fn attribute(
        &mut self,
        file: FileId,
        name: &Name,
        expected: Option<Type>,
    ) -> Option<AttributeId> {
        let found = self.checked.attributes.iter().position(|one| one.name == name.text);
        if found.is_none() && !self.broken_attributes.contains(&name.text) {
            let attributes = self.checked.attributes.iter();
            let known = attributes.map(|one| Candidate::plain(&one.name, fits(expected, one.ty))).collect();
            self.report(mistakes::unknown_part::of("profile", &name.text, at(file, name.span), known));
        }
        found.map(AttributeId::at)
    }

    fn message_field(
        &mut self,
        scope: &Scope,
        name: &Name,
        expected: Option<Type>,
        name_at: Location,
        here: Location,
    ) -> Expr {
        if !scope.message {
            self.report(mistakes::not_known_here::message(scope.place, here));
            return error(here);
        }
        match name.text.as_str() {
            "name" => typed(ExprKind::MessageName, Type::Message, here),
            "class" => typed(ExprKind::MessageClass, Type::Class, here),
            _ => match self.message_attributes.iter().find(|one| one.name == name.text) {
                Some(one) => typed(ExprKind::MessageAttribute(name.text.clone()), one.ty, here),
                None if self.broken_message_attributes.contains(&name.text) => error(here),
                None => {
                    let fixed = [("name", Type::Message), ("class", Type::Class)];
                    let mut known =
                        Vec::from(fixed.map(|(word, ty)| Candidate::plain(word, fits(expected, ty))));
                    let attributes = self.message_attributes.iter();
                    known.extend(attributes.map(|one| Candidate::plain(&one.name, fits(expected, one.ty))));
                    self.report(mistakes::unknown_part::of("message", &name.text, name_at, known));
                    error(here)
                }
            },
        }
    }

    /// `event.x` and `trigger.x`: there with one type for everything that can have been the event.
    fn source_field(
        &mut self,
        scope: &Scope,
        root: Root,
        name: &Name,
        expected: Option<Type>,
        name_at: Location,
        here: Location,
    ) -> Expr {
        let (word, sources) = match root {
            Root::Event => ("event", scope.event.clone()),
            _ => ("trigger", scope.trigger.clone()),
        };
        let sources = match sources {
            Fields::Sources(sources) => sources,
            Fields::Absent(help) => {
                self.report(mistakes::not_known_here::root(word, scope.place, here, help));
                return error(here);
            }
        };
        let mut found: Option<(Type, bool, Location)> = None;
        for source in sources.iter() {
            let (event, on) = match source {
                Source::Event(event, on) => (*event, *on),
                Source::Other(what, on) => {
                    self.report(field_not_always_there::no_event(word, &name.text, here, what, *on));
                    return error(here);
                }
                Source::Unknown => return error(here),
            };
            let fields = &self.checked.events[event.index()].fields;
            let Some(field) = fields.iter().find(|field| field.name == name.text) else {
                if self.broken_events.contains(&event) {
                    return error(here);
                }
                let owner = self.checked.events[event.index()].name.clone();
                let known =
                    fields.iter().map(|field| Candidate::plain(&field.name, fits(expected, field.ty)));
                if sources.len() == 1 {
                    let known = known.collect();
                    self.report(mistakes::unknown_part::of(&owner, &name.text, name_at, known));
                } else {
                    self.report(field_not_always_there::lacks(word, &name.text, here, &owner, on));
                }
                return error(here);
            };
            match found {
                None => found = Some((field.ty, field.optional, on)),
                Some((ty, unknown, _)) if ty == field.ty => {
                    found = Some((ty, unknown || field.optional, on));
                }
                Some((ty, _, first)) => {
                    let (one, other) = (self.type_name(ty), self.type_name(field.ty));
                    let (one, other) = ((one, first), (other, on));
                    self.report(field_not_always_there::two_types(word, &name.text, here, one, other));
                    return error(here);
                }
            }
        }
        let Some((ty, unknown, _)) = found else {
            self.report(field_not_always_there::no_source(word, scope.place, here));
            return error(here);
        };
        let kind = match root {
            Root::Event => ExprKind::EventField(name.text.clone()),
            _ => ExprKind::TriggerField(name.text.clone()),
        };
        if unknown { optional(kind, ty, here) } else { typed(kind, ty, here) }
    }
}

fn root_word(root: Root) -> &'static str {
    match root {
        Root::Profile => "profile",
        Root::Event => "event",
        Root::Trigger => "trigger",
        Root::Message => "message",
        Root::Local => "local",
    }
}

/// Whether a value of a type could stand where a type is wanted.
fn fits(expected: Option<Type>, ty: Type) -> bool {
    expected.is_none_or(|want| want == ty || (want == Type::Number && ty == Type::Int))
}

/// The name without a project in front.
fn bare(path: &Path) -> Path {
    Path { package: None, name: path.name.clone() }
}
