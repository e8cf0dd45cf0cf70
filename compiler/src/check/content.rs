//! Content: each way out has its texts (language reference §7).

use super::Checker;
use super::scope::Scope;
use super::types::is_printable;
use crate::checked::{Content, Location, Message, Piece, Place};
use crate::diagnostic::{at, closest};
use crate::ids::*;
use crate::mistakes::{self, content_missing::Seen};
use crate::resolve::{Declared, Symbol};
use comity_grammar::tree;
use smol_str::SmolStr;
use std::collections::BTreeSet;

impl Checker<'_> {
    pub(super) fn contents(
        &mut self,
        scope: &mut Scope,
        one: &Declared<'_, tree::Message>,
        message: &mut Message,
        contents: &[(&tree::Content, Location)],
        broken: bool,
    ) {
        let mut seen: Vec<Seen> = Vec::new();
        for (content, here) in contents {
            let fields = self.fields(scope, content);
            let language = content.language.as_ref().map(|text| self.language_tag(one.file, text));
            let Some(place) = self.place(one.file, &content.place) else { continue };
            if !self.wanted(place, message) {
                let name = &content.place.name.text;
                // A message without any way out has been told of.
                let goes_out = !message.via.is_empty() || !message.placements.is_empty();
                if !broken && goes_out {
                    let place = at(one.file, content.place.span());
                    self.report(mistakes::content_unused::content(&one.name.text, name, place));
                }
                continue;
            }
            if let Some((_, _, first)) = seen.iter().find(|(p, l, _)| *p == place && *l == language) {
                let first = *first;
                self.report(mistakes::content_twice::content(&content.place.name.text, *here, first));
                continue;
            }
            if let (Some(text), None) = (&content.language, self.checked.language) {
                self.report(mistakes::variant_for_no_one::language(at(one.file, text.span)));
            }
            seen.push((place, language.clone(), *here));
            self.complete(one.file, content, place, *here);
            message.content.push(Content { place, language, fields, at: *here });
        }
        if !broken {
            // With the project in front, where it is another one's.
            let written = |place: Place| {
                let symbol = match place {
                    Place::Channel(id) => Symbol::Channel(id),
                    Place::Placement(id) => Symbol::Placement(id),
                };
                let known = self.names.known(one.file);
                known.into_iter().find(|(_, other)| *other == symbol).map(|(name, _)| name.to_string())
            };
            let missing = mistakes::content_missing::check(&self.checked, message, &seen, &written);
            self.diagnostics.extend(missing);
        }
    }

    fn place(&mut self, file: FileId, path: &tree::Path) -> Option<Place> {
        self.lookup(file, path, "a channel or a placement", |symbol| match symbol {
            Symbol::Channel(id) => Some(Place::Channel(id)),
            Symbol::Placement(id) => Some(Place::Placement(id)),
            _ => None,
        })
    }

    /// Whether a message goes out there. A placement's content can also be named for its channel.
    fn wanted(&self, place: Place, message: &Message) -> bool {
        match place {
            Place::Channel(id) => {
                message.via.contains(&id)
                    || message.placements.iter().any(|one| self.checked.placements[one.index()].channel == id)
            }
            Place::Placement(id) => message.placements.contains(&id),
        }
    }

    /// Email has subject and body, every other place at least one field; each field once.
    fn complete(&mut self, file: FileId, content: &tree::Content, place: Place, here: Location) {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for field in &content.fields {
            if !names.insert(&field.name.text) {
                let again = at(file, field.name.span);
                self.report(mistakes::content_incomplete::twice(&field.name.text, again));
            }
        }
        let email = matches!(place, Place::Channel(id) if self.checked.channels[id.index()].name == "email");
        let missing: Vec<&str> = match email {
            true => ["subject", "body"].into_iter().filter(|name| !names.contains(name)).collect(),
            false if names.is_empty() => vec!["text"],
            false => Vec::new(),
        };
        for name in missing {
            // One that stands there already isn't a slip for another.
            let others = content
                .fields
                .iter()
                .filter(|field| !["subject", "body"].contains(&field.name.text.as_str()));
            let close = closest(name, others.map(|field| field.name.text.as_str()));
            let close = close.as_ref().and_then(|meant| meant.only()).filter(|_| email);
            let slip = close.and_then(|close| content.fields.iter().find(|field| field.name.text == close));
            self.report(match slip {
                Some(field) => {
                    let place = at(file, field.name.span);
                    mistakes::content_incomplete::misspelt(name, &field.name.text, place, here)
                }
                None => mistakes::content_incomplete::lacks(name, email, here),
            });
        }
    }

    fn fields(&mut self, scope: &mut Scope, content: &tree::Content) -> Vec<(SmolStr, Vec<Piece>)> {
        let mut fields = Vec::new();
        for field in &content.fields {
            let mut pieces = Vec::new();
            for piece in &field.template.pieces {
                match piece {
                    tree::Piece::Text(text) => pieces.push(Piece::Text(text.clone())),
                    tree::Piece::Value(expr) => {
                        let value = self.expression(scope, expr, None);
                        let value = self.known(value);
                        if !value.is_error() && !is_printable(value.ty) {
                            let ty = self.type_name(value.ty);
                            self.report(mistakes::unprintable::value(&ty, value.at));
                            continue;
                        }
                        pieces.push(Piece::Value(value));
                    }
                }
            }
            fields.push((field.name.text.clone(), pieces));
        }
        fields
    }
}
