//! Types as written, and what can be done with types (language reference §4).

use super::Checker;
use crate::diagnostic::at;
use crate::ids::FileId;
use crate::mistakes;
use crate::resolve::Symbol;
use crate::types::{Currency, Element, Type};
use comity_grammar::tree::{self, TypeKind};

/// Where a type stands decides which ones are allowed there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TypePlace {
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

impl Checker<'_> {
    /// A type as the author writes it.
    pub(super) fn type_name(&self, ty: Type) -> String {
        self.checked.type_name(ty)
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
        match mistakes::unknown_type::misplaced(ty, written.optional, place, here) {
            Some(problem) => {
                self.report(problem);
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
        let plain = path.package.is_none();
        if let Some((_, ty)) =
            PLAIN.iter().chain(&MORE).chain(&NOT_VALUES).find(|(word, _)| plain && *word == name)
        {
            return Some(*ty);
        }
        if let Some((Symbol::Enum(id), _)) = self.names.find(file, path) {
            return Some(Type::Enum(id));
        }
        let (name, here) = (path.to_string(), at(file, path.span()));
        let enums = self.names.known(file);
        let enums = enums.iter().filter(|(_, symbol)| matches!(symbol, Symbol::Enum(_)));
        let enums = enums.map(|(name, _)| name.as_str());
        let not_values = if place == TypePlace::Data { &[][..] } else { &NOT_VALUES[..] };
        let known = PLAIN.iter().chain(&MORE).chain(not_values).map(|(word, _)| *word).chain(enums);
        self.report(mistakes::unknown_type::name(&name, here, known));
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
                self.report(mistakes::unknown_type::element(here));
                None
            }
        }
    }

    /// A currency by its code, or a diagnostic.
    pub(super) fn currency(&mut self, file: FileId, code: &tree::Name) -> Option<Currency> {
        let found = Currency::from_code(&code.text);
        if found.is_none() {
            self.report(mistakes::bad_currency::unknown(&code.text, at(file, code.span)));
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
