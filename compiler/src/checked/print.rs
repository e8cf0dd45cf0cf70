//! The checked policy in outline, with resolved names and types: what `check --print checked` shows.

use super::print_expression::{Printer, WEEKDAYS, duration};
use super::*;
use crate::plan::{CapPer, CapSpan, Selector};
use std::fmt::Write;

/// Every declaration with its names and types, in the order of their ids.
pub fn print(checked: &Checked) -> String {
    let mut out =
        Outline { out: String::new(), p: Printer { checked: Some(checked), parameters: &[] }, checked };
    out.vocabulary();
    out.definitions();
    out.ways_out();
    for message in &checked.messages {
        out.message(message);
    }
    out.rules();
    out.out
}

/// A name; in a policy with errors it can be missing.
fn name_at<T>(all: &[T], position: usize, name: impl Fn(&T) -> &SmolStr) -> String {
    all.get(position).map_or_else(|| "?".to_owned(), |one| name(one).to_string())
}

/// An amount without the zeros at its end.
fn trimmed(amount: &str) -> String {
    match amount.split_once(' ') {
        Some((digits, code)) if digits.contains('.') => {
            format!("{} {code}", digits.trim_end_matches('0').trim_end_matches('.'))
        }
        _ => amount.to_owned(),
    }
}

struct Outline<'c> {
    out: String,
    p: Printer<'c>,
    checked: &'c Checked,
}

impl Outline<'_> {
    fn line(&mut self, depth: usize, text: impl AsRef<str>) {
        let _ = writeln!(self.out, "{}{}", "  ".repeat(depth), text.as_ref());
    }

    fn property(&mut self, name: &str, expr: Option<&Expr>) {
        if let Some(expr) = expr {
            let text = format!("{name} {}: {}", self.p.expr(expr), self.p.typed(expr.ty, expr.optional));
            self.line(1, text);
        }
    }

    fn names(&self, ids: impl IntoIterator<Item = usize>, name: impl Fn(usize) -> String) -> String {
        ids.into_iter().map(name).collect::<Vec<_>>().join(", ")
    }

    fn channel_names(&self, ids: &[ChannelId]) -> String {
        self.names(ids.iter().map(|id| id.index()), |i| name_at(&self.checked.channels, i, |one| &one.name))
    }

    fn class_names(&self, ids: &[ClassId]) -> String {
        self.names(ids.iter().map(|id| id.index()), |i| name_at(&self.checked.classes, i, |one| &one.name))
    }

    fn purpose_names(&self, ids: &[PurposeId]) -> String {
        self.names(ids.iter().map(|id| id.index()), |i| name_at(&self.checked.purposes, i, |one| &one.name))
    }

    fn tag_names(&self, ids: &[TagId]) -> String {
        self.names(ids.iter().map(|id| id.index()), |i| self.checked.tags[i].to_string())
    }

    fn only_for(&self, purposes: &[PurposeId]) -> String {
        if purposes.is_empty() {
            String::new()
        } else {
            format!(" only for {}", self.purpose_names(purposes))
        }
    }

    fn vocabulary(&mut self) {
        let checked = self.checked;
        self.line(0, format!("policy {}", checked.name));
        for one in &checked.enums {
            let ordered = if one.ordered { " ordered" } else { "" };
            self.line(0, format!("enum {}{ordered}: {}", one.name, one.members.join(", ")));
        }
        for one in &checked.attributes {
            let mut text = format!("profile.{}: {}", one.name, self.p.typed(one.ty, one.optional));
            if let Some(default) = &one.default {
                text += &format!(" = {}", self.p.constant(default, one.ty));
            }
            if one.personal {
                text += " personal";
            }
            text += &self.only_for(&one.only_for);
            self.line(0, text);
        }
        for one in checked.events.iter().filter(|event| event.at.is_some()) {
            self.line(0, format!("event {}{}", one.name, self.only_for(&one.only_for)));
            for field in &one.fields {
                let ty = self.p.typed(field.ty, field.optional);
                self.line(1, format!("{}: {ty}{}", field.name, self.only_for(&field.only_for)));
            }
        }
    }

    fn definitions(&mut self) {
        let checked = self.checked;
        for one in &checked.segments {
            self.line(0, format!("segment {} = {}", one.name, self.p.expr(&one.condition)));
        }
        for one in &checked.lets {
            let ty = self.p.typed(one.value.ty, one.value.optional);
            let head = format!("let {}{}", one.name, self.parameters(&one.parameters));
            let p = Printer { parameters: &one.parameters, ..self.p };
            self.line(0, format!("{head}: {ty} = {}", p.expr(&one.value)));
        }
        for one in &checked.tables {
            let result = self.p.typed(one.result, one.result_optional);
            self.line(0, format!("table {}{}: {result}", one.name, self.parameters(&one.parameters)));
            for row in &one.rows {
                let cells: Vec<String> =
                    row.cells.iter().zip(&one.parameters).map(|(cell, p)| self.p.cell(cell, p.ty)).collect();
                let p = Printer { parameters: &one.parameters, ..self.p };
                self.line(1, format!("{} => {}", cells.join(", "), p.expr(&row.result)));
            }
        }
    }

    fn parameters(&self, parameters: &[Parameter]) -> String {
        let list: Vec<String> =
            parameters.iter().map(|p| format!("{}: {}", p.name, self.p.typed(p.ty, p.optional))).collect();
        if list.is_empty() { String::new() } else { format!("({})", list.join(", ")) }
    }

    fn ways_out(&mut self) {
        let checked = self.checked;
        for one in &checked.channels {
            let kind = match one.kind {
                ChannelKind::Inbound => "inbound".to_owned(),
                ChannelKind::Address(id) => format!("to {}", self.p.attribute(id)),
                ChannelKind::Device(id) => format!("to device {}", self.p.attribute(id)),
            };
            self.line(0, format!("channel {}: {kind}", one.name));
            for quiet in &one.quiet {
                let days: Vec<&str> =
                    (0..7).filter(|day| quiet.weekdays & (1 << day) != 0).map(|day| WEEKDAYS[day]).collect();
                let range = Range { start: Constant::Time(quiet.from), end: Constant::Time(quiet.to) };
                let mut text = format!("quiet {}", self.p.range(&range, Type::Time));
                if days.len() < 7 {
                    text += &format!(" on {}", days.join(", "));
                }
                if let Some(when) = &quiet.when {
                    text += &format!(" when {}", self.p.expr(when));
                }
                self.line(1, text);
            }
            if one.spread > 0 {
                self.line(1, format!("spread {}", duration(one.spread)));
            }
            if let Some((nanos, currency)) = one.cost {
                let cost = print_expression::money(nanos, 9, currency.code());
                self.line(1, format!("cost {}", trimmed(&cost)));
            }
        }
        for one in &checked.placements {
            let distinct = one.distinct.as_ref().map_or_else(String::new, |name| format!(" distinct {name}"));
            let channel = self.channel_names(&[one.channel]);
            self.line(0, format!("placement {} on {channel} show {}{distinct}", one.name, one.show));
        }
        for one in &checked.classes {
            let ignores: Vec<&str> = [
                (one.ignores_quiet, "quiet"),
                (one.ignores_caps, "caps"),
                (one.ignores_suppression, "suppression"),
                (one.ignores_holdout, "holdout"),
            ]
            .into_iter()
            .filter_map(|(ignores, what)| ignores.then_some(what))
            .collect();
            let ignores =
                if ignores.is_empty() { String::new() } else { format!(" ignores {}", ignores.join(", ")) };
            self.line(0, format!("class {} rank {}{ignores}", one.name, one.rank));
        }
        for one in &checked.purposes {
            self.line(0, format!("purpose {}", one.name));
            for rule in &one.rules {
                let mode = match rule.mode {
                    tree::ConsentMode::OptIn => "opt_in",
                    tree::ConsentMode::DoubleOptIn => "double_opt_in",
                    tree::ConsentMode::OptOut => "opt_out",
                    tree::ConsentMode::Always => "always",
                    tree::ConsentMode::Never => "never",
                };
                let when =
                    rule.when.as_ref().map_or_else(String::new, |w| format!(" when {}", self.p.expr(w)));
                self.line(1, format!("{mode} on {}{when}", self.channel_names(&rule.channels)));
            }
        }
    }

    fn message(&mut self, message: &Message) {
        self.line(0, format!("message {}", message.name));
        let class = self.class_names(&[message.class]);
        self.line(1, format!("class {class} purpose {}", self.purpose_names(&message.purposes)));
        if let Some(owner) = &message.owner {
            self.line(1, format!("owner {owner:?}"));
        }
        if !message.tags.is_empty() {
            self.line(1, format!("tags {}", self.tag_names(&message.tags)));
        }
        for one in &message.attributes {
            let value = self.p.constant(&one.value, one.ty);
            self.line(1, format!("{}: {} = {value}", one.name, self.p.ty(one.ty)));
        }
        if let Some((from, to)) = message.active {
            let range = Range { start: Constant::Date(from), end: Constant::Date(to) };
            self.line(1, format!("active {}", self.p.range(&range, Type::Date)));
        }
        for trigger in &message.triggers {
            let text = self.p.occurrence(trigger);
            self.line(1, format!("on {text}"));
        }
        if !message.placements.is_empty() {
            let list = self.names(message.placements.iter().map(|id| id.index()), |i| {
                name_at(&self.checked.placements, i, |one| &one.name)
            });
            self.line(1, format!("at {list}"));
        }
        self.property("when", message.when.as_ref());
        self.property("unless", message.unless.as_ref());
        self.property("value", message.value.as_ref());
        self.property("propensity", message.propensity.as_ref());
        self.property("lever", message.lever.as_ref());
        if let Some(expires) = message.expires {
            self.line(1, format!("expires {}", duration(expires)));
        }
        if !message.via.is_empty() {
            self.line(1, format!("via {}", self.channel_names(&message.via)));
        }
        for content in &message.content {
            self.content(content);
        }
    }

    fn content(&mut self, content: &Content) {
        let place = match content.place {
            Place::Channel(id) => self.channel_names(&[id]),
            Place::Placement(id) => name_at(&self.checked.placements, id.index(), |one| &one.name),
        };
        let language = content.language.as_ref().map_or_else(String::new, |tag| format!(" for {tag:?}"));
        self.line(1, format!("content {place}{language}"));
        for (name, pieces) in &content.fields {
            let pieces: Vec<String> = pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => format!("{text:?}"),
                    Piece::Value(expr) => format!("{{{}: {}}}", self.p.expr(expr), self.p.ty(expr.ty)),
                })
                .collect();
            self.line(2, format!("{name} {}", pieces.join(" ")));
        }
    }

    fn rules(&mut self) {
        let checked = self.checked;
        for one in &checked.caps {
            let span = match one.span {
                CapSpan::Rolling(micros) => duration(micros),
                CapSpan::Day => "day".into(),
                CapSpan::Week => "week".into(),
                CapSpan::Month => "month".into(),
            };
            let per = match one.per {
                None => "",
                Some(CapPer::Message) => " per message",
                Some(CapPer::Tag) => " per tag",
                Some(CapPer::Channel) => " per channel",
            };
            let selector = self.selector(&one.selector);
            self.line(0, format!("cap {} at most {} per {span} for {selector}{per}", one.name, one.limit));
        }
        for one in &checked.suppressions {
            let (selector, condition) = (self.selector(&one.selector), self.p.expr(&one.condition));
            self.line(0, format!("suppress {selector} when {condition} // {}", one.name));
        }
        if let Some(arbitrate) = &checked.arbitrate {
            self.line(0, "arbitrate");
            self.property("score", arbitrate.score.as_ref());
            for pick in &arbitrate.picks {
                let per = if pick.per_channel { " per channel" } else { "" };
                self.line(1, format!("pick {}{per}", pick.limit));
            }
        }
        for one in &checked.holdouts {
            let classes = self.class_names(&one.classes);
            self.line(
                0,
                format!(
                    "holdout {} {} of {classes} salt {:?}",
                    one.name,
                    print_expression::percent(one.share),
                    one.salt
                ),
            );
        }
        for one in &checked.experiments {
            let arms: Vec<String> = one
                .arms
                .iter()
                .map(|(name, share)| format!("{name} {}", print_expression::percent(*share)))
                .collect();
            self.line(0, format!("experiment {}: {} salt {:?}", one.name, arms.join(", "), one.salt));
            if let Some(goal) = &one.goal {
                self.line(1, print_journey::goal(self.p, goal));
            }
        }
        for one in &checked.models {
            self.line(0, format!("model {}", one.name));
            for (name, value) in &one.features {
                self.line(1, format!("{name} = {}", self.p.expr(value)));
            }
        }
        for one in &checked.journeys {
            for (depth, line) in print_journey::journey(self.p, checked, one) {
                self.line(depth, line);
            }
        }
        for one in &checked.stops {
            let (classes, on) = (self.class_names(&one.classes), self.p.occurrence(&one.on));
            self.line(0, format!("stop {classes} journeys on {on}"));
        }
        for one in &checked.invariants {
            self.line(0, format!("invariant {}", one.name));
        }
    }

    fn selector(&self, selector: &Selector) -> String {
        let mut out = match selector.classes.as_slice() {
            [] => "any".to_owned(),
            classes => self.class_names(classes),
        };
        if !selector.tags.is_empty() {
            out += &format!(" tagged {}", self.tag_names(&selector.tags));
        }
        if !selector.channels.is_empty() {
            out += &format!(" on {}", self.channel_names(&selector.channels));
        }
        out
    }
}
