//! Enums, the profile and events (language reference §6).

use super::Checker;
use super::types::TypePlace;
use crate::builtin::BUILTIN_EVENTS;
use crate::checked::{Attribute, Constant, Enum, Event, Field};
use crate::diagnostic::at;
use crate::ids::*;
use crate::mistakes::optional_or_default::{self, Stated};
use crate::mistakes::{self, declared_twice};
use crate::types::Type;
use comity_grammar::tree::{self, Path};
use smol_str::SmolStr;
use std::collections::BTreeMap;

impl Checker<'_> {
    pub(super) fn vocabulary(&mut self) {
        self.enums();
        self.profile();
        self.events();
    }

    fn enums(&mut self) {
        let names = self.names;
        for one in &names.enums {
            let mut members: Vec<SmolStr> = Vec::new();
            for member in &one.node.members {
                if let Some(first) = members.iter().position(|other| *other == member.text) {
                    let first = at(one.file, one.node.members[first].span);
                    self.report(declared_twice::part(&member.text, at(one.file, member.span), first));
                    continue;
                }
                members.push(member.text.clone());
            }
            let name = one.full.clone();
            self.checked.enums.push(Enum { name, at: one.at, ordered: one.node.ordered, members });
        }
    }

    /// All `profile` blocks as one.
    fn profile(&mut self) {
        let names = self.names;
        let mut attributes: BTreeMap<SmolStr, (FileId, &tree::Attribute)> = BTreeMap::new();
        for block in &names.profiles {
            for attribute in &block.node.attributes {
                let here = at(block.file, attribute.name.span);
                if let Some((file, first)) = attributes.get(&attribute.name.text) {
                    let first = at(*file, first.name.span);
                    // The project itself is nearer to its author than what it depends on.
                    let foreign = !self.project.is_own(block.file);
                    let (again, first) = if foreign { (first, here) } else { (here, first) };
                    self.report(declared_twice::part(&attribute.name.text, again, first));
                    continue;
                }
                attributes.insert(attribute.name.text.clone(), (block.file, attribute));
            }
        }
        for (name, (file, attribute)) in attributes {
            let only_for = self.only_for(file, &attribute.only_for);
            let here = at(file, attribute.name.span);
            let Some((ty, optional)) = self.written_type(file, &attribute.ty, TypePlace::Data) else {
                self.broken_attributes.insert(name);
                continue;
            };
            let default = self.default(file, attribute, ty);
            let stated = attribute.default.is_some() || attribute.default_member.is_some();
            let set = matches!(ty, Type::Set(_));
            let stated = Stated { default: stated, optional, set };
            if let Some(problem) = optional_or_default::check(&name, &stated, here) {
                self.report(problem);
            }
            let id = AttributeId::at(self.checked.attributes.len());
            if name == "timezone" && ty == Type::Timezone && !optional {
                self.checked.timezone = Some(id);
            }
            if name == "language" && ty == Type::Language {
                self.checked.language = Some(id);
            }
            let default = if set { None } else { default };
            let personal = attribute.personal.is_some();
            self.checked.attributes.push(Attribute {
                name,
                at: here,
                ty,
                optional,
                default,
                personal,
                only_for,
            });
        }
    }

    /// The default of an attribute, if it has one that can be read.
    pub(super) fn default(
        &mut self,
        file: FileId,
        attribute: &tree::Attribute,
        ty: Type,
    ) -> Option<Constant> {
        if let Type::Set(_) = ty {
            return None;
        }
        let what = format!("the default of `{}`", attribute.name.text);
        if let Some(literal) = &attribute.default {
            return self.literal_of(file, literal, ty, &what);
        }
        let member = attribute.default_member.as_ref()?;
        if self.member_names(file, ty).is_empty() {
            let wanted = self.type_name(ty);
            self.report(mistakes::cell_misfit::default(&member.text, &wanted, at(file, member.span)));
            return None;
        }
        let cell = tree::Cell {
            kind: tree::CellKind::Name(Path { package: None, name: member.clone() }),
            span: member.span,
        };
        match self.cell(file, &cell, ty)? {
            crate::checked::Cell::Is(constant) => Some(constant),
            _ => None,
        }
    }

    fn only_for(&mut self, file: FileId, purposes: &[Path]) -> Vec<PurposeId> {
        let mut only_for =
            self.each_once(file, purposes, |checker, file, path| checker.purpose_id(file, path));
        only_for.sort_unstable();
        only_for
    }

    fn events(&mut self) {
        for builtin in &BUILTIN_EVENTS {
            let fields = builtin.fields.iter().map(|(name, ty, optional)| Field {
                name: SmolStr::new_static(name),
                at: None,
                ty: *ty,
                optional: *optional,
                only_for: Vec::new(),
            });
            let name = SmolStr::new_static(builtin.name);
            self.checked.events.push(Event {
                name,
                at: None,
                only_for: Vec::new(),
                fields: fields.collect(),
            });
        }
        let names = self.names;
        for one in &names.events {
            let id = EventId::at(self.checked.events.len());
            let only_for = self.only_for(one.file, &one.node.only_for);
            let mut fields: Vec<Field> = Vec::new();
            let mut places = Vec::new();
            for field in &one.node.fields {
                let name = field.name.text.clone();
                if let Some(first) = fields.iter().position(|other| other.name == name) {
                    self.report(declared_twice::part(&name, at(one.file, field.name.span), places[first]));
                    continue;
                }
                let only_for = self.only_for(one.file, &field.only_for);
                let Some((ty, optional)) = self.written_type(one.file, &field.ty, TypePlace::Data) else {
                    self.broken_events.insert(id);
                    continue;
                };
                let here = at(one.file, field.name.span);
                places.push(here);
                fields.push(Field { name, at: Some(here), ty, optional, only_for });
            }
            let name = one.full.clone();
            self.checked.events.push(Event { name, at: Some(one.at), only_for, fields });
        }
    }

    /// Local time needs a zone that is always known.
    pub(super) fn time_zone(&mut self) {
        if self.checked.timezone.is_some() || self.broken_attributes.contains("timezone") {
            return;
        }
        self.local_time.sort_unstable();
        self.local_time.dedup_by_key(|(place, _)| *place);
        let found = mistakes::no_time_zone::check(&self.checked, &self.local_time);
        self.diagnostics.extend(found);
    }
}
