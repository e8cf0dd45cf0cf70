//! Content: each way out has its texts (language reference §7).

use super::Checker;
use super::scope::Scope;
use super::types::is_printable;
use crate::checked::{ChannelKind, Content, Location, Message, Piece, Place};
use crate::diagnostic::{Diagnostic, at};
use crate::ids::*;
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
        let mut seen: Vec<(Place, Option<SmolStr>, Location)> = Vec::new();
        for (content, here) in contents {
            let fields = self.fields(scope, content);
            let language = content.language.as_ref().map(|text| self.language_tag(one.file, text));
            let Some(place) = self.place(one.file, &content.place) else { continue };
            if !self.wanted(place, message) {
                let name = &content.place.name.text;
                // A message without any way out has been told of.
                let goes_out = !message.via.is_empty() || !message.placements.is_empty();
                if !broken && goes_out {
                    let text = format!("the message `{}` doesn't go out on `{name}`", one.name.text);
                    self.report(
                        Diagnostic::error(
                            "E0504",
                            text,
                            at(one.file, content.place.span()),
                            "content that is never used",
                        )
                        .help(format!("add `{name}` to its `via` or `at`, or remove the content")),
                    );
                }
                continue;
            }
            if let Some((_, _, first)) = seen.iter().find(|(p, l, _)| *p == place && *l == language) {
                let text = format!("the content for `{}` stands twice", content.place.name.text);
                self.report(
                    Diagnostic::error("E0506", text, *here, "again")
                        .also(*first, "here first")
                        .help("a variant for a language says so: `content email for \"de\" { … }`"),
                );
                continue;
            }
            if let (Some(text), None) = (&content.language, self.checked.language) {
                let place = at(one.file, text.span);
                self.report(
                    Diagnostic::error(
                        "E0510",
                        "customers have no language, so no one gets this variant",
                        place,
                        "a variant",
                    )
                    .help("declare the attribute: `profile { language: language? }`"),
                );
            }
            seen.push((place, language.clone(), *here));
            self.complete(one.file, content, place, *here);
            message.content.push(Content { place, language, fields, at: *here });
        }
        if !broken {
            self.all_there(one, message, &seen);
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

    /// E0503: every way out has content for customers of any language.
    fn all_there(
        &mut self,
        one: &Declared<'_, tree::Message>,
        message: &Message,
        seen: &[(Place, Option<SmolStr>, Location)],
    ) {
        let general = |place: Place| seen.iter().any(|(p, language, _)| *p == place && language.is_none());
        let mut missing: Vec<(SmolStr, Option<Location>)> = Vec::new();
        let variant = |place: Place| seen.iter().find(|(p, _, _)| *p == place).map(|(_, _, at)| *at);
        for id in &message.via {
            // That nothing can be sent there has been told of.
            let inbound = self.checked.channels[id.index()].kind == ChannelKind::Inbound;
            if !inbound && !general(Place::Channel(*id)) {
                let name = self.checked.channels[id.index()].name.clone();
                missing.push((name, variant(Place::Channel(*id))));
            }
        }
        for id in &message.placements {
            let placement = &self.checked.placements[id.index()];
            if !general(Place::Placement(*id)) && !general(Place::Channel(placement.channel)) {
                missing.push((placement.name.clone(), variant(Place::Placement(*id))));
            }
        }
        for (name, variant) in missing {
            let text = match variant {
                Some(_) => {
                    format!("the message `{}` has content for `{name}` in some languages only", one.name.text)
                }
                None => format!("the message `{}` has no content for `{name}`", one.name.text),
            };
            let mut problem = Diagnostic::error("E0503", text, one.at, "content is missing");
            if let Some(place) = variant {
                problem = problem.also(place, "for one language");
            }
            let example = match name.as_str() {
                "email" => "content email { subject \"…\" body \"…\" }".to_owned(),
                other => format!("content {other} {{ text \"…\" }}"),
            };
            self.report(problem.help(format!("add `{example}`")));
        }
    }

    /// E0505: email has subject and body, every other place at least one field; each field once.
    fn complete(&mut self, file: FileId, content: &tree::Content, place: Place, here: Location) {
        let mut names: BTreeSet<&str> = BTreeSet::new();
        for field in &content.fields {
            if !names.insert(&field.name.text) {
                let text = format!("the field `{}` stands twice", field.name.text);
                self.report(Diagnostic::error("E0505", text, at(file, field.name.span), "again"));
            }
        }
        let email = matches!(place, Place::Channel(id) if self.checked.channels[id.index()].name == "email");
        let missing: Vec<&str> = match email {
            true => ["subject", "body"].into_iter().filter(|name| !names.contains(name)).collect(),
            false if names.is_empty() => vec!["text"],
            false => Vec::new(),
        };
        for name in missing {
            let text = match email {
                true => format!("an email has a `{name}`"),
                false => "the content is empty".to_owned(),
            };
            self.report(
                Diagnostic::error("E0505", text, here, format!("without `{name}`"))
                    .help(format!("add `{name} \"…\"`")),
            );
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
                            let text = format!("{ty} can't be printed in a text");
                            self.report(
                                Diagnostic::error("E0507", text, value.at, format!("this is {ty}"))
                                    .help("say what is printed: `{if … then \"…\" else \"…\"}`"),
                            );
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
