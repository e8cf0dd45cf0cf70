//! An outline of a plan for people (`comity check --print plan`).
//!
//! What is used once stands where it is used; what is shared, or deep, has a line of its own under its number.
//! So the outline is no longer than the plan, however much its expressions share.

mod expressions;
mod journeys;

use super::*;
use crate::lower::duration;
use crate::lower::words::{constant, quoted};
use crate::model::{Body, Output};
use rustc_hash::FxHashMap;
use std::fmt::Write;

/// Expressions that nest deeper than this are cut in pieces.
const MAX_DEPTH: u8 = 5;

impl Plan {
    /// The outline of a plan that is valid.
    pub fn outline(&self) -> String {
        let mut print = Print::new(self);
        print.head();
        print.slots();
        print.expressions();
        print.atoms();
        print.history();
        print.segments();
        print.channels();
        print.purposes();
        print.limits();
        print.models();
        for message in &self.messages {
            print.message(message);
        }
        for journey in &self.journeys {
            print.journey(journey);
        }
        print.stops();
        print.text
    }
}

/// Longer outlines are not worth comparing.
const MOST_OUTLINED: u32 = 2_000;

impl Plan {
    /// A condition on the fields of an event as an outline that says all about it, whatever the version of the
    /// policy; `None` where it would be very long.
    pub fn outline_of(&self, event: EventId, expr: ExprId) -> Option<String> {
        let mut sizes: FxHashMap<ExprId, u32> = FxHashMap::default();
        for part in &crate::engine::Need::of(self, [expr]).nodes {
            let parts =
                self.expr(*part).op.operands().map(|operand| sizes.get(&operand).copied().unwrap_or(0));
            let size = parts.fold(1, u32::saturating_add);
            sizes.insert(*part, size);
        }
        let print = Print { plan: self, shared: Vec::new(), event: Some(event), text: String::new() };
        (*sizes.get(&expr)? <= MOST_OUTLINED).then(|| print.operation(expr))
    }
}

struct Print<'a> {
    plan: &'a Plan,
    /// By [`ExprId`]: whether it has a line of its own; of an outline, none has.
    shared: Vec<bool>,
    /// The event whose fields are meant.
    event: Option<EventId>,
    text: String,
}

impl<'a> Print<'a> {
    fn new(plan: &'a Plan) -> Self {
        let mut uses = vec![0_u32; plan.exprs.len()];
        let used = plan.exprs.iter().flat_map(|node| node.op.operands());
        for expr in used.chain(crate::engine::uses(plan)) {
            uses[expr.index()] += 1;
        }
        let mut depths = vec![0_u8; plan.exprs.len()];
        let mut shared = vec![false; plan.exprs.len()];
        for (index, node) in plan.exprs.iter().enumerate() {
            let nested = node.op.operands().map(|operand| depths[operand.index()]).max();
            let depth = nested.map_or(0, |depth| depth + 1);
            shared[index] = nested.is_some() && (uses[index] > 1 || depth > MAX_DEPTH);
            depths[index] = if shared[index] { 0 } else { depth };
        }
        Print { plan, shared, event: None, text: String::new() }
    }

    /// A line at a depth.
    fn line(&mut self, depth: usize, line: impl std::fmt::Display) {
        // A string takes everything.
        let _ = writeln!(self.text, "{:width$}{line}", "", width = depth * 2);
    }

    /// A section, which is left out where it is empty.
    fn section(&mut self, title: &str, lines: Vec<String>) {
        if !lines.is_empty() {
            self.text.push('\n');
            self.line(0, title);
            lines.iter().for_each(|line| self.line(1, line));
        }
    }

    fn head(&mut self) {
        let hash: String = self.plan.hash().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        self.line(0, format_args!("plan {} @{hash}, format {}", self.plan.policy, self.plan.format));
        let texts: Vec<String> = self.plan.texts.iter().map(|text| quoted(text)).collect();
        self.section("texts", if texts.is_empty() { Vec::new() } else { vec![texts.join(", ")] });
    }

    fn slots(&mut self) {
        let lines = self.plan.slots.iter().enumerate().map(|(index, slot)| {
            let optional = if slot.optional { "?" } else { "" };
            format!("s{index} = {}: {}{optional}", self.slot(SlotId::at(index)), self.ty(slot.ty))
        });
        self.section("slots", lines.collect());
    }

    fn expressions(&mut self) {
        let shared = (0..self.plan.exprs.len()).map(ExprId::at).filter(|expr| self.shared[expr.index()]);
        let lines = shared.map(|expr| format!("e{} = {}", expr.0, self.operation(expr)));
        self.section("shared expressions", lines.collect());
    }

    fn atoms(&mut self) {
        let lines = self.plan.atoms.iter().enumerate().map(|(index, atom)| {
            let mut line = format!("a{index} = {}", self.expr(atom.expr));
            let wakes: Vec<String> = atom.wakes.iter().map(|wake| self.wake(*wake)).collect();
            if !wakes.is_empty() {
                line += &format!(", wakes at {}", wakes.join(", "));
            }
            line
        });
        let lines = lines.collect();
        self.section("atoms", lines);
    }

    fn wake(&self, wake: Wake) -> String {
        let window = |id: WindowId| format!("w{}", id.0);
        match wake {
            Wake::Window(id) => window(id),
            Wake::Crosses(id, comparison, value) => {
                let ty = self.plan.windows[id.index()].ty;
                let value = constant(self.plan, value as u64, ty);
                format!("{} {} {value}", window(id), comparison.sign())
            }
            Wake::Since(id, length) => format!("{} + {}", window(id), duration(length)),
            Wake::LocalDate => "local.date".to_owned(),
            Wake::OnDate(None, days) => constant(self.plan, days as u64, Type::Date),
            Wake::OnDate(Some(slot), days) => {
                let day = if days.unsigned_abs() == 1 { "day" } else { "days" };
                let sign = if days < 0 { '-' } else { '+' };
                format!("date s{} {sign} {} {day}", slot.0, days.unsigned_abs())
            }
            Wake::LocalTime(time) => constant(self.plan, time as u64, Type::Time),
            Wake::At(instant) => constant(self.plan, instant as u64, Type::Instant),
        }
    }

    fn history(&mut self) {
        let mut streams = Vec::new();
        for (index, stream) in self.plan.streams.iter().enumerate() {
            let event = &self.plan.events[stream.event.index()];
            self.event = Some(stream.event);
            let filter = self.filter(stream.filter);
            let fields: Vec<&str> =
                stream.fields.iter().map(|field| event.fields[*field as usize].name.as_str()).collect();
            let with =
                if fields.is_empty() { String::new() } else { format!(", with {}", fields.join(", ")) };
            streams.push(format!("h{index} = {}{filter}{with}, kept {}", event.name, keep(&stream.keep)));
        }
        self.section("kept history", streams);
        let mut windows = Vec::new();
        for (index, window) in self.plan.windows.iter().enumerate() {
            let stream = &self.plan.streams[window.stream.index()];
            self.event = Some(stream.event);
            let field = window.field.map_or(String::new(), |field| {
                format!(".{}", self.plan.events[stream.event.index()].fields[field as usize].name)
            });
            let filter = self.filter(window.filter);
            let span = match window.span {
                WindowSpan::Ever => String::new(),
                WindowSpan::Rolling(length) => format!(" within {}", duration(length)),
                WindowSpan::Calendar(span) => format!(" within {}", calendar(span)),
            };
            let stream = window.stream.0;
            windows.push(format!("w{index} = {} of h{stream}{field}{filter}{span}", fold(window.fold)));
        }
        self.section("windows", windows);
        self.event = None;
    }

    fn filter(&self, filter: Option<ExprId>) -> String {
        filter.map_or_else(String::new, |filter| format!(" where {}", self.expr(filter)))
    }

    fn segments(&mut self) {
        let lines = self.plan.segments.iter().map(|segment| {
            let condition = guard(&segment.condition);
            format!("{} = {condition}", segment.name)
        });
        let lines = lines.collect();
        self.section("segments", lines);
    }

    fn channels(&mut self) {
        let time = |time: i64| constant(self.plan, time as u64, Type::Time);
        let lines = self.plan.channels.iter().flat_map(|channel| {
            let to = |id: AttributeId| &self.plan.attributes[id.index()].name;
            let mut line = match channel.kind {
                ChannelKind::Inbound => format!("{} inbound", channel.name),
                ChannelKind::Address(id) => format!("{} to {}", channel.name, to(id)),
                ChannelKind::Device(id) => format!("{} to device {}", channel.name, to(id)),
            };
            if channel.spread > 0 {
                line += &format!(", spread {}", duration(channel.spread));
            }
            let quiet = channel.quiet.iter().map(|quiet| {
                let days = (0..7_u64).filter(|day| quiet.weekdays >> day & 1 == 1);
                let days: Vec<String> = days.map(|day| constant(self.plan, day, Type::Weekday)).collect();
                let days = if days.len() == 7 { String::new() } else { format!(" on {}", days.join(", ")) };
                let when = quiet.when.map_or_else(String::new, |when| format!(" when {}", self.expr(when)));
                format!("  quiet {}..{}{days}{when}", time(quiet.from), time(quiet.to))
            });
            std::iter::once(line).chain(quiet).collect::<Vec<String>>()
        });
        let lines = lines.collect();
        self.section("channels", lines);
    }

    fn purposes(&mut self) {
        let mut lines = Vec::new();
        for purpose in &self.plan.purposes {
            for (channel, rules) in self.plan.channels.iter().zip(&purpose.channels) {
                let rules = rules.iter().map(|rule| {
                    let when =
                        rule.when.map_or_else(String::new, |when| format!(" when {}", self.expr(when)));
                    format!("{}{when}", mode(rule.mode))
                });
                let rules: Vec<String> = rules.collect();
                if !rules.is_empty() {
                    lines.push(format!("{} on {}: {}", purpose.name, channel.name, rules.join(", else ")));
                }
            }
        }
        self.section("purposes", lines);
    }

    fn limits(&mut self) {
        let caps = self.plan.caps.iter().map(|cap| {
            let span = match cap.span {
                CapSpan::Rolling(length) => duration(length),
                CapSpan::Day => "day".to_owned(),
                CapSpan::Week => "week".to_owned(),
                CapSpan::Month => "month".to_owned(),
            };
            let per = match cap.per {
                None => "",
                Some(CapPer::Message) => " per message",
                Some(CapPer::Tag) => " per tag",
                Some(CapPer::Channel) => " per channel",
            };
            let selector = self.selector(&cap.selector);
            format!("{}: at most {} per {span} for {selector}{per}", cap.name, cap.limit)
        });
        let caps = caps.collect();
        self.section("caps", caps);
        let picks =
            self.plan.picks.iter().map(|pick| {
                format!("pick {}{}", pick.limit, if pick.per_channel { " per channel" } else { "" })
            });
        let picks = picks.collect();
        self.section("picks", picks);
        let holdouts = self.plan.holdouts.iter().map(|holdout| {
            let classes = names(&holdout.classes, |class| &self.plan.classes[class.index()].name);
            format!("{}: {} of {classes} by {}", holdout.name, holdout.share, quoted(&holdout.salt))
        });
        let holdouts = holdouts.collect();
        self.section("holdouts", holdouts);
    }

    fn models(&mut self) {
        let models = self.plan.models.iter().map(|model| {
            let ensemble = &model.ensemble;
            let body = match &ensemble.body {
                Body::Linear { .. } => "a weighted sum".to_owned(),
                Body::Trees { trees, .. } => {
                    let trees = trees.len();
                    format!("{trees} tree{}", if trees == 1 { "" } else { "s" })
                }
            };
            let row = model.row.iter().map(|feature| feature.map_or("_".to_owned(), |expr| self.expr(expr)));
            let row: Vec<String> = row.collect();
            let output = match ensemble.output {
                Output::Sum => "as it is",
                Output::Logistic { .. } | Output::Symmetric => "logistic",
                Output::Exponential => "exponential",
                Output::Square => "squared",
            };
            let hash: String = ensemble.hash().iter().take(4).map(|byte| format!("{byte:02x}")).collect();
            format!("{} = {body} @{hash} of [{}], {output}", model.name, row.join(", "))
        });
        let models = models.collect();
        self.section("models", models);
    }

    fn selector(&self, selector: &Selector) -> String {
        let plan = self.plan;
        let mut text = names(&selector.classes, |class| &plan.classes[class.index()].name);
        if text.is_empty() {
            text.push_str("any");
        }
        if !selector.tags.is_empty() {
            text += &format!(" tagged {}", names(&selector.tags, |tag| &plan.tags[tag.index()]));
        }
        if !selector.channels.is_empty() {
            text += &format!(" on {}", names(&selector.channels, |id| &plan.channels[id.index()].name));
        }
        text
    }

    fn message(&mut self, message: &Message) {
        let plan = self.plan;
        self.text.push('\n');
        let class = &plan.classes[message.class.index()].name;
        let purposes = names(&message.purposes, |purpose| &plan.purposes[purpose.index()].name);
        self.line(0, format_args!("message {}: {class}, for {purposes}", message.name));
        if !message.tags.is_empty() {
            self.line(1, format_args!("tags {}", names(&message.tags, |tag| &plan.tags[tag.index()])));
        }
        for attribute in &message.attributes {
            let value = match attribute.value {
                Constant::Cell(cell) => constant(plan, cell, attribute.ty),
                Constant::Text(text) => quoted(&plan.texts[text.index()]),
                Constant::EmptySet => "[]".to_owned(),
            };
            self.line(1, format_args!("{} = {value}", attribute.name));
        }
        if let Some((first, last)) = message.active {
            let [first, last] = [first, last].map(|date| constant(plan, date as u64, Type::Date));
            self.line(1, format_args!("active {first}..{last}"));
        }
        if let Some(expires) = message.expires {
            self.line(1, format_args!("expires {}", duration(expires)));
        }
        for trigger in &message.triggers {
            let line = self.trigger(trigger);
            self.line(1, line);
        }
        for (index, clause) in message.guard.clauses.iter().enumerate() {
            let word = if index == 0 { "when" } else { " and" };
            self.line(1, format_args!("{word} {}", literals(clause)));
        }
        for route in &message.routes {
            let channel = &plan.channels[route.channel.index()].name;
            self.route(&format!("via {channel}"), route);
        }
        for display in &message.displays {
            let placement = &plan.placements[display.placement.index()].name;
            self.route(&format!("at {placement}"), &display.route);
        }
    }

    fn trigger(&mut self, trigger: &Trigger) -> String {
        match *trigger {
            Trigger::Event { event, filter } => {
                self.event = Some(event);
                let filter = self.filter(filter);
                self.event = None;
                format!("on {}{filter}", self.plan.events[event.index()].name)
            }
            Trigger::Enter(segment) => format!("on enter {}", self.plan.segments[segment.index()].name),
            Trigger::Leave(segment) => format!("on leave {}", self.plan.segments[segment.index()].name),
            Trigger::Every { weekday, time } => {
                let day =
                    weekday.map_or("day".to_owned(), |day| constant(self.plan, day.into(), Type::Weekday));
                format!("on every {day} at {}", constant(self.plan, time as u64, Type::Time))
            }
        }
    }

    fn route(&mut self, title: &str, route: &Route) {
        let score = self.expr(route.score);
        self.line(1, format_args!("{title}, score {score}"));
        for (rule, condition) in &route.suppressions {
            let name = &self.plan.suppressions[rule.index()];
            let condition = self.expr(*condition);
            self.line(2, format_args!("unless {condition} ({name})"));
        }
        let caps: Vec<&str> =
            route.caps.iter().map(|cap| self.plan.caps[cap.index()].name.as_str()).collect();
        if !caps.is_empty() {
            self.line(2, format_args!("caps {}", caps.join(", ")));
        }
        for variant in &route.content {
            for (name, pieces) in &variant.fields {
                let language =
                    variant.language.as_ref().map_or(String::new(), |it| format!(" for {}", quoted(it)));
                let pieces = pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => quoted(text),
                    Piece::Value(expr) => self.operand(*expr),
                });
                let pieces: Vec<String> = pieces.collect();
                self.line(2, format_args!("{name}{language} {}", pieces.join(" & ")));
            }
        }
    }
}

fn names<'a, T>(ids: &[T], name: impl Fn(&T) -> &'a SmolStr) -> String {
    ids.iter().map(|id| name(id).as_str()).collect::<Vec<&str>>().join(", ")
}

/// A condition over atoms.
fn guard(guard: &Guard) -> String {
    let clauses = guard.clauses.iter();
    let clauses: Vec<String> = match guard.clauses.len() {
        1 => clauses.map(literals).collect(),
        _ => clauses
            .map(|clause| match clause.literals.len() {
                1 => literals(clause),
                _ => format!("({})", literals(clause)),
            })
            .collect(),
    };
    if clauses.is_empty() { "always".to_owned() } else { clauses.join(" and ") }
}

fn literals(clause: &Clause) -> String {
    let literals = clause.literals.iter().map(|literal| {
        let not = if literal.negated { "not " } else { "" };
        format!("{not}a{}", literal.atom.0)
    });
    let literals: Vec<String> = literals.collect();
    if literals.is_empty() { "never".to_owned() } else { literals.join(" or ") }
}

fn keep(keep: &Keep) -> String {
    let mut spans = Vec::new();
    if keep.rolling > 0 {
        spans.push(format!("for {}", duration(keep.rolling)));
    }
    spans.extend(keep.calendar.map(|span| format!("for {}", calendar(span))));
    if keep.ever {
        spans.push("for ever".to_owned());
    }
    if spans.is_empty() { "as totals".to_owned() } else { spans.join(" and ") }
}

fn calendar(span: Calendar) -> &'static str {
    match span {
        Calendar::Day => "today",
        Calendar::Week => "this week",
        Calendar::Month => "this month",
        Calendar::Quarter => "this quarter",
        Calendar::Year => "this year",
    }
}

fn fold(fold: Fold) -> &'static str {
    match fold {
        Fold::Count => "count",
        Fold::Any => "any",
        Fold::Sum => "sum",
        Fold::Average => "average",
        Fold::Min => "min",
        Fold::Max => "max",
        Fold::Distinct => "distinct",
        Fold::Last => "last",
        Fold::First => "first",
        Fold::LastTime => "time of last",
        Fold::FirstTime => "time of first",
    }
}

fn mode(mode: ConsentMode) -> &'static str {
    match mode {
        ConsentMode::OptIn => "opt_in",
        ConsentMode::DoubleOptIn => "double_opt_in",
        ConsentMode::OptOut => "opt_out",
        ConsentMode::Always => "always",
        ConsentMode::Never => "never",
    }
}

#[cfg(test)]
mod tests;
