//! Names in expressions (language reference §5: a bare name resolves innermost first).

use super::super::Checker;
use super::super::scope::{Root as Fields, Scope, Source};
use super::{error, optional, typed};
use crate::checked::print_expression::WEEKDAYS;
use crate::checked::{Constant, Expr, ExprKind, LocalPart, Location};
use crate::diagnostic::{Diagnostic, at, closest, list, quoted};
use crate::ids::*;
use crate::resolve::Symbol;
use crate::types::Type;
use comity_grammar::tree::{self, ExprKind as Tree, LiteralKind, Name, Root};
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
                        self.names.symbol(&name.text),
                        Some(Symbol::Let(_) | Symbol::Segment(_) | Symbol::Table(_))
                    )
                    && name.text != "channel"
            }
            _ => false,
        }
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
    pub(in crate::check) fn member(&self, name: &str, of: Type) -> Option<Constant> {
        match of {
            Type::Enum(id) => {
                let members = &self.checked.enums.get(id.index())?.members;
                Some(Constant::Member(members.iter().position(|member| member == name)? as u32))
            }
            Type::Arm(id) => {
                let arms = &self.checked.experiments.get(id.index())?.arms;
                Some(Constant::Member(arms.iter().position(|(arm, _)| arm == name)? as u32))
            }
            Type::Weekday => Some(Constant::Weekday(WEEKDAYS.iter().position(|day| *day == name)? as u8)),
            Type::Channel => match self.names.symbol(name)? {
                Symbol::Channel(id) => Some(Constant::Channel(id)),
                _ => None,
            },
            Type::Class => match self.names.symbol(name)? {
                Symbol::Class(id) => Some(Constant::Class(id)),
                _ => None,
            },
            Type::Message => match self.names.symbol(name)? {
                Symbol::Message(id) => Some(Constant::Message(id)),
                _ => None,
            },
            Type::Purpose => match self.names.symbol(name)? {
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
            && let Some(constant) = self.member(&name.text, ty)
        {
            return typed(ExprKind::Constant(constant), ty, here);
        }
        match self.names.symbol(&name.text) {
            Some(Symbol::Let(id)) => {
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
                    self.wrong_count(&name.text, count, 0, here, self.names.place(&name.text));
                    return error(here);
                }
                Expr { kind: ExprKind::Let(id, Vec::new()), ty, optional: unknown, at: here }
            }
            Some(Symbol::Segment(id)) => {
                if !self.ensure_segment(id, here) || self.checked.segments[id.index()].condition.is_error() {
                    return error(here);
                }
                typed(ExprKind::Segment(id), Type::Bool, here)
            }
            Some(Symbol::Table(_)) => {
                let message = format!("the table `{}` is asked with values for its columns", name.text);
                let help = format!("write `{}(…)`", name.text);
                self.report(Diagnostic::error("E0108", message, here, "without its columns").help(help));
                error(here)
            }
            Some(Symbol::Channel(id)) => {
                typed(ExprKind::Constant(Constant::Channel(id)), Type::Channel, here)
            }
            Some(Symbol::Class(id)) => typed(ExprKind::Constant(Constant::Class(id)), Type::Class, here),
            Some(Symbol::Message(id)) => {
                typed(ExprKind::Constant(Constant::Message(id)), Type::Message, here)
            }
            Some(Symbol::Purpose(id)) => {
                typed(ExprKind::Constant(Constant::Purpose(id)), Type::Purpose, here)
            }
            Some(other) => {
                self.not_a_value(scope, name, other, here);
                error(here)
            }
            None => {
                self.unknown_name(scope, name, expected, here);
                error(here)
            }
        }
    }

    fn channel_in_question(&mut self, scope: &Scope, here: Location) -> Expr {
        if scope.channel {
            return typed(ExprKind::Channel, Type::Channel, here);
        }
        self.report(
            Diagnostic::error("E0106", format!("there is no channel in question in {}", scope.place), here, "which channel?")
                .help("`channel` stands in scores, `value`, `propensity`, `lever`, content and `suppress`; elsewhere name a channel"),
        );
        error(here)
    }

    /// E0105
    fn not_a_value(&mut self, scope: &Scope, name: &Name, symbol: Symbol, here: Location) {
        let text = &name.text;
        let message = format!("`{text}` is {}, not a value", symbol.described());
        let help = match symbol {
            Symbol::Event(_) => {
                Some(format!("ask the history: `any {text} within 7d`, `count of {text} within 7d`"))
            }
            Symbol::Journey(_) => Some(format!("write `in_journey({text})`")),
            Symbol::Experiment(_) => Some(format!("write `arm({text})`")),
            Symbol::Model(_) => Some(format!("write `predict({text})`")),
            _ => None,
        };
        let mut problem = Diagnostic::error("E0105", message, here, format!("stands in {}", scope.place));
        if let Some(place) = self.names.place(text) {
            problem = problem.also(place, "declared here");
        }
        self.report(problem.maybe_help(help));
    }

    /// E0101, with what the author may have meant.
    fn unknown_name(&mut self, scope: &Scope, name: &Name, expected: Option<Type>, here: Location) {
        if scope.fields.is_some_and(|event| self.broken_events.contains(&event)) {
            return;
        }
        let text = name.text.as_str();
        let problem = Diagnostic::error("E0101", format!("there is no `{text}`"), here, "unknown name");
        if let Some(help) = elsewhere(text) {
            self.report(problem.help(help));
            return;
        }
        if self.checked.attributes.iter().any(|one| one.name == text) {
            let right = format!("profile.{text}");
            self.report(problem.help(format!("an attribute is written `{right}`")).replace(here, right));
            return;
        }
        let owner = self.checked.enums.iter().find(|one| one.members.iter().any(|member| member == text));
        if let Some(owner) = owner {
            let (found, place) = (owner.name.clone(), owner.at);
            let help = match expected {
                Some(ty) if ty != Type::Bool => {
                    format!("`{text}` is a member of `{found}`, but {} is wanted here", self.type_name(ty))
                }
                _ => format!("`{text}` is a member of `{found}`: compare it with something of that type"),
            };
            self.report(problem.also(place, "its enum").help(help));
            return;
        }
        let members = expected.map(|ty| self.member_names(ty)).unwrap_or_default();
        let fields = scope.fields.map_or(&[][..], |event| &self.checked.events[event.index()].fields);
        let values = self.names.symbols.iter().filter(|(_, (symbol, _))| {
            matches!(
                symbol,
                Symbol::Let(_)
                    | Symbol::Segment(_)
                    | Symbol::Channel(_)
                    | Symbol::Class(_)
                    | Symbol::Message(_)
            )
        });
        let known = members
            .iter()
            .map(SmolStr::as_str)
            .chain(fields.iter().map(|field| field.name.as_str()))
            .chain(scope.parameters.iter().map(|parameter| parameter.name.as_str()))
            .chain(values.map(|(name, _)| name.as_str()));
        let problem = match closest(text, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).replace(here, near),
            None => match closest(text, self.checked.attributes.iter().map(|one| one.name.as_str())) {
                Some(near) => problem.help(format!("did you mean `profile.{near}`?")).replace(here, format!("profile.{near}")),
                None if !members.is_empty() => {
                    let members: Vec<String> = members.iter().map(|member| quoted(member)).collect();
                    problem.help(format!("what can stand here is {}", list(&members, "or")))
                }
                None => problem.help(format!(
                    "texts stand in quotes: `\"{text}\"`; attributes are written `profile.…`; a `let` gives a name to a value"
                )),
            },
        };
        self.report(problem);
    }

    /// The names that are members of a type.
    pub(in crate::check) fn member_names(&self, ty: Type) -> Vec<SmolStr> {
        let of = |pick: fn(Symbol) -> bool| {
            self.names
                .symbols
                .iter()
                .filter(|(_, (symbol, _))| pick(*symbol))
                .map(|(name, _)| name.clone())
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

    /// `profile` and its kin without anything after them.
    pub(super) fn lone_root(&mut self, root: Root, here: Location) -> Expr {
        let word = root_word(root);
        let message = format!("`{word}` is not a value by itself");
        self.report(
            Diagnostic::error("E0104", message, here, "what of it?")
                .help(format!("name a part of it: `{word}.…`")),
        );
        error(here)
    }

    /// `base.name`
    pub(super) fn field(
        &mut self,
        scope: &mut Scope,
        base: &tree::Expr,
        name: &Name,
        here: Location,
    ) -> Expr {
        let name_at = at(scope.file, name.span);
        let root = match &base.kind {
            Tree::Root(root) => *root,
            Tree::Error => return error(here),
            Tree::Name(package)
                if self.names.symbol(&package.text).is_none()
                    && self.local_name(scope, package).is_none() =>
            {
                self.no_package(scope.file, package);
                return error(here);
            }
            Tree::Name(event) if matches!(self.names.symbol(&event.text), Some(Symbol::Event(_))) => {
                let (event, field) = (&event.text, &name.text);
                let message = format!("`{event}` is an event, and it can have happened many times");
                self.report(
                    Diagnostic::error("E0105", message, here, "which of them?").help(format!(
                        "ask the history: `last {event}.{field}`, `any ({event} where {field} …)`, `sum of {event}.{field} within 30d`"
                    )),
                );
                return error(here);
            }
            _ => {
                let base = self.expression(scope, base, None);
                if !base.is_error() {
                    let ty = self.type_name(base.ty);
                    self.report(
                        Diagnostic::error(
                            "E0104",
                            format!("{ty} has no parts"),
                            name_at,
                            format!("no `{}` in it", name.text),
                        )
                        .help("parts are those of `profile`, `event`, `trigger`, `message` and `local`"),
                    );
                }
                return error(here);
            }
        };
        match root {
            Root::Profile => match self.attribute(scope.file, name) {
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
                        self.no_part(
                            "local",
                            name,
                            name_at,
                            &LOCAL.map(|(word, _, _)| SmolStr::new_static(word)),
                        );
                        error(here)
                    }
                }
            }
            Root::Message => self.message_field(scope, name, name_at, here),
            Root::Event | Root::Trigger => self.source_field(scope, root, name, name_at, here),
        }
    }

    /// An attribute of the profile by its name, or a diagnostic.
    pub(in crate::check) fn attribute(&mut self, file: FileId, name: &Name) -> Option<AttributeId> {
        let found = self.checked.attributes.iter().position(|one| one.name == name.text);
        if found.is_none() && !self.broken_attributes.contains(&name.text) {
            let known: Vec<SmolStr> = self.checked.attributes.iter().map(|one| one.name.clone()).collect();
            self.no_part("profile", name, at(file, name.span), &known);
        }
        found.map(AttributeId::at)
    }

    /// E0104
    fn no_part(&mut self, of: &str, name: &Name, here: Location, known: &[SmolStr]) {
        let message = format!("`{of}` has no `{}`", name.text);
        let problem = Diagnostic::error("E0104", message, here, "unknown");
        let problem = match closest(&name.text, known.iter().map(SmolStr::as_str)) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).replace(here, near),
            None if of == "profile" => {
                problem.help(format!("declare it: `profile {{ {}: text? }}`", name.text))
            }
            None if known.is_empty() => problem,
            None => {
                let known: Vec<String> = known.iter().map(|name| quoted(name)).collect();
                problem.help(format!("what it has is {}", list(&known, "and")))
            }
        };
        self.report(problem);
    }

    fn message_field(&mut self, scope: &Scope, name: &Name, name_at: Location, here: Location) -> Expr {
        if !scope.message {
            self.report(
                Diagnostic::error("E0106", format!("there is no message in question in {}", scope.place), here, "which message?")
                    .help("`message` stands in rules that govern messages: `suppress`, scores, invariants, and in messages"),
            );
            return error(here);
        }
        match name.text.as_str() {
            "name" => typed(ExprKind::MessageName, Type::Message, here),
            "class" => typed(ExprKind::MessageClass, Type::Class, here),
            _ => match self.message_attributes.iter().find(|one| one.name == name.text) {
                Some(one) => typed(ExprKind::MessageAttribute(name.text.clone()), one.ty, here),
                None if self.broken_message_attributes.contains(&name.text) => error(here),
                None => {
                    let mut known = vec![SmolStr::new_static("name"), SmolStr::new_static("class")];
                    known.extend(self.message_attributes.iter().map(|one| one.name.clone()));
                    self.no_part("message", name, name_at, &known);
                    error(here)
                }
            },
        }
    }

    /// `event.x` and `trigger.x`: there with one type for everything that can have been the event (E0508).
    fn source_field(
        &mut self,
        scope: &Scope,
        root: Root,
        name: &Name,
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
                let message = format!("there is no `{word}` in {}", scope.place);
                self.report(Diagnostic::error("E0106", message, here, "not here").help(help));
                return error(here);
            }
        };
        let mut found: Option<(Type, bool, Location)> = None;
        for source in sources.iter() {
            let (event, on) = match source {
                Source::Event(event, on) => (*event, *on),
                Source::Other(what, on) => {
                    let message = format!("`{word}.{}` isn't always there", name.text);
                    self.report(
                        Diagnostic::error("E0508", message, here, "not there in every case")
                            .also(*on, format!("{what} has no event"))
                            .help("use what is known of the customer, or write a message of its own for this case"),
                    );
                    return error(here);
                }
            };
            let fields = &self.checked.events[event.index()].fields;
            let Some(field) = fields.iter().find(|field| field.name == name.text) else {
                if self.broken_events.contains(&event) {
                    return error(here);
                }
                let owner = self.checked.events[event.index()].name.clone();
                let known: Vec<SmolStr> = fields.iter().map(|field| field.name.clone()).collect();
                if sources.len() == 1 {
                    self.no_part(&owner, name, name_at, &known);
                } else {
                    let message = format!(
                        "`{word}.{}` isn't always there: `{owner}` has no `{}`",
                        name.text, name.text
                    );
                    self.report(
                        Diagnostic::error("E0508", message, here, "not there in every case")
                            .also(on, format!("`{owner}` has no `{}`", name.text)),
                    );
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
                    let message = format!("`{word}.{}` has two types: {one} and {other}", name.text);
                    self.report(
                        Diagnostic::error("E0508", message, here, "which one?")
                            .also(first, format!("{one} with this event"))
                            .also(on, format!("{other} with this event")),
                    );
                    return error(here);
                }
            }
        }
        let Some((ty, unknown, _)) = found else {
            let message = format!("there is no `{word}` in {}: nothing proposes it", scope.place);
            self.report(
                Diagnostic::error("E0508", message, here, "which event?")
                    .help("write `on` with an event, or `send` the message in a journey"),
            );
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

/// What authors who know other languages write.
fn elsewhere(name: &str) -> Option<&'static str> {
    Some(match name {
        "null" | "nil" | "none" | "undefined" => {
            "there is no null: write `… is unknown`, or give a default with `otherwise`"
        }
        "today" => "write `local.date`; `within today` stands after a question to the history",
        "customer" | "user" | "contact" => "what is known of the customer is `profile.…`",
        "yes" => "write `true`",
        "no" => "write `false`",
        _ => return None,
    })
}
