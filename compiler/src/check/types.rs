//! Types as written, and what can be done with types (language reference §4).

use super::Checker;
use crate::checked::print_expression::Printer;
use crate::diagnostic::{Diagnostic, at, closest};
use crate::ids::FileId;
use crate::resolve::Symbol;
use crate::types::{Currency, Element, Type};
use comity_grammar::tree::{self, TypeKind};

/// Where a type stands decides which ones are allowed there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TypePlace {
    /// An attribute of the profile, a field of an event.
    Data,
    /// An attribute of every message.
    MessageAttribute,
    /// A parameter of a let.
    Parameter,
    /// A parameter of a table.
    Column,
    /// What a table gives.
    Result,
}

const PLAIN: [(&str, Type); 14] = [
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("number", Type::Number),
    ("percent", Type::Percent),
    ("duration", Type::Duration),
    ("time", Type::Time),
    ("date", Type::Date),
    ("instant", Type::Instant),
    ("text", Type::Text),
    ("country", Type::Country),
    ("language", Type::Language),
    ("timezone", Type::Timezone),
    ("email", Type::Email),
    ("phone", Type::Phone),
];
const MORE: [(&str, Type); 1] = [("url", Type::Url)];
const NOT_VALUES: [(&str, Type); 5] = [
    ("channel", Type::Channel),
    ("class", Type::Class),
    ("message", Type::Message),
    ("purpose", Type::Purpose),
    ("weekday", Type::Weekday),
];

/// What authors who know other languages write.
const ELSEWHERE: [(&str, &str); 12] = [
    ("string", "text"),
    ("str", "text"),
    ("integer", "int"),
    ("float", "number"),
    ("double", "number"),
    ("decimal", "money EUR"),
    ("currency", "money EUR"),
    ("boolean", "bool"),
    ("datetime", "instant"),
    ("timestamp", "instant"),
    ("list", "set of text"),
    ("array", "set of text"),
];

impl Checker<'_> {
    /// A type as the author writes it.
    pub(super) fn type_name(&self, ty: Type) -> String {
        Printer { checked: Some(&self.checked), parameters: &[] }.ty(ty)
    }

    /// A type with its optionality; `None` after a diagnostic.
    pub(super) fn written_type(
        &mut self,
        file: FileId,
        written: &tree::Type,
        place: TypePlace,
    ) -> Option<(Type, bool)> {
        let ty = match &written.kind {
            TypeKind::Error => return None,
            TypeKind::Named(path) => self.named_type(file, path, place)?,
            TypeKind::Money(code) => Type::Money(self.currency(file, code)?),
            TypeKind::Set(element) => Type::Set(self.element(file, element)?),
        };
        let here = at(file, written.span);
        let problem = match (ty, place) {
            (Type::Set(_), _) if written.optional => {
                Some(("a set is never unknown: it is empty where nothing is in it", "remove the `?`"))
            }
            (_, TypePlace::Column) if written.optional => Some((
                "a column of a table always has a value",
                "remove the `?`, and give the table a default: `lever_for(profile.tier otherwise bronze)`",
            )),
            (_, TypePlace::MessageAttribute) if written.optional => Some((
                "an attribute of every message is never unknown",
                "remove the `?` and give it a default",
            )),
            (Type::Set(_), TypePlace::MessageAttribute) => Some((
                "an attribute of every message is one value, not a set",
                "use `tags` for several words",
            )),
            (Type::Set(_), TypePlace::Column | TypePlace::Result) => {
                Some(("a table holds single values, not sets", "write one row for each value"))
            }
            (
                Type::Channel | Type::Class | Type::Message | Type::Purpose | Type::Weekday,
                TypePlace::Data | TypePlace::MessageAttribute,
            ) => Some((
                "this type stands only in the parameters of lets and tables",
                "store a text, or declare an enum with the values that can occur",
            )),
            _ => None,
        };
        match problem {
            Some((message, help)) => {
                self.report(Diagnostic::error("E0109", message, here, "not possible here").help(help));
                None
            }
            None => Some((ty, written.optional)),
        }
    }

    fn named_type(&mut self, file: FileId, path: &tree::Path, place: TypePlace) -> Option<Type> {
        if self.foreign(file, path) {
            return None;
        }
        let name = path.name.text.as_str();
        if let Some((_, ty)) = PLAIN.iter().chain(&MORE).chain(&NOT_VALUES).find(|(word, _)| *word == name) {
            return Some(*ty);
        }
        let here = at(file, path.name.span);
        if let Some(Symbol::Enum(id)) = self.names.symbol(name) {
            return Some(Type::Enum(id));
        }
        let problem = Diagnostic::error("E0109", format!("there is no type `{name}`"), here, "not a type");
        let problem = match name {
            "money" => problem.help("money always has a currency: write `money EUR`"),
            "record" => {
                problem.help("records come with a later edition: give each part an attribute of its own")
            }
            _ => match ELSEWHERE.iter().find(|(other, _)| *other == name.to_lowercase()) {
                Some((_, ours)) => problem.help(format!("write `{ours}`")).replace(here, *ours),
                None => {
                    let enums = self.names.enums.iter().map(|one| one.name.text.as_str());
                    let not_values = if place == TypePlace::Data { &[][..] } else { &NOT_VALUES[..] };
                    let known =
                        PLAIN.iter().chain(&MORE).chain(not_values).map(|(word, _)| *word).chain(enums);
                    match closest(name, known) {
                        Some(near) => problem.help(format!("did you mean `{near}`?")).replace(here, near),
                        None => problem.help(format!("declare it: `enum {name} {{ … }}`")),
                    }
                }
            },
        };
        self.report(problem);
        None
    }

    fn element(&mut self, file: FileId, element: &tree::Type) -> Option<Element> {
        let (ty, optional) = self.written_type(file, element, TypePlace::Data)?;
        match ty {
            Type::Text if !optional => Some(Element::Text),
            Type::Int if !optional => Some(Element::Int),
            Type::Enum(id) if !optional => Some(Element::Enum(id)),
            _ => {
                let here = at(file, element.span);
                let message = "a set holds texts, ints or the members of an enum";
                self.report(Diagnostic::error("E0109", message, here, "can't be in a set"));
                None
            }
        }
    }

    /// A currency by its code, or a diagnostic.
    pub(super) fn currency(&mut self, file: FileId, code: &tree::Name) -> Option<Currency> {
        let found = Currency::from_code(&code.text);
        if found.is_none() {
            let here = at(file, code.span);
            let capitals = code.text.to_uppercase();
            let problem = Diagnostic::error(
                "E0303",
                format!("there is no currency `{}`", code.text),
                here,
                "not in ISO 4217",
            );
            self.report(match Currency::from_code(&capitals) {
                Some(_) => problem
                    .help(format!("currencies are written in capitals: `{capitals}`"))
                    .replace(here, capitals),
                None => problem
                    .help("currencies are the three letters of ISO 4217, for instance `EUR`, `USD`, `GBP`"),
            });
        }
        found
    }
}

/// Whether `<` and its kin compare values of a type.
pub(super) fn is_ordered(checker: &Checker<'_>, ty: Type) -> bool {
    match ty {
        Type::Int
        | Type::Number
        | Type::Percent
        | Type::Money(_)
        | Type::Duration
        | Type::Time
        | Type::Date
        | Type::Instant => true,
        Type::Enum(id) => checker.checked.enums.get(id.index()).is_some_and(|one| one.ordered),
        _ => false,
    }
}

/// Whether values of a type can be added up.
pub(super) fn is_quantity(ty: Type) -> bool {
    matches!(ty, Type::Int | Type::Number | Type::Percent | Type::Money(_) | Type::Duration)
}

/// Whether a value of a type can stand in a content field (§7).
pub(super) fn is_printable(ty: Type) -> bool {
    match ty {
        Type::Bool
        | Type::Set(_)
        | Type::Channel
        | Type::Class
        | Type::Message
        | Type::Purpose
        | Type::Arm(_)
        | Type::Weekday => false,
        Type::Int
        | Type::Number
        | Type::Percent
        | Type::Money(_)
        | Type::Duration
        | Type::Time
        | Type::Date
        | Type::Instant
        | Type::Text
        | Type::Country
        | Type::Language
        | Type::Timezone
        | Type::Email
        | Type::Phone
        | Type::Url
        | Type::Enum(_) => true,
    }
}
