//! Tables: names in their order, positions inside what they point into, spans of time that make sense.

use super::expressions::alike;
use super::{Checked, DAY, PlanError, ensure, wrong};
use crate::builtin::BUILTIN_EVENTS;
use crate::engine::{Need, Walk};
use crate::ids::*;
use crate::plan::*;
use crate::types::Type;

/// Named things are ordered by their names, each of which occurs once.
fn ascending<'a>(table: &str, names: impl IntoIterator<Item = &'a str>) -> Checked {
    let mut last: Option<&str> = None;
    for name in names {
        if last.is_some_and(|last| last >= name) {
            return wrong(table, format_args!("“{name}” is not in its place"));
        }
        last = Some(name);
    }
    Ok(())
}

fn is_share(share: f64) -> bool {
    (0.0..=1.0).contains(&share)
}

impl Plan {
    /// Texts, types, attributes, events, and the names of everything.
    pub(super) fn check_vocabulary(&self) -> Checked {
        let mut texts: Vec<&str> = self.texts.iter().map(|text| text.as_str()).collect();
        texts.sort_unstable();
        ascending("texts", texts)?;
        let in_order = || self.texts_in_order.iter().map(|id| self.texts.get(id.index()));
        ensure(in_order().all(|text| text.is_some()), "texts", "one of those in order doesn't exist")?;
        ascending("texts in order", in_order().flatten().map(|text| &**text))?;
        for (index, regex) in self.regexes.iter().enumerate() {
            let place = format_args!("regular expression {index}").to_string();
            if let Err(error) = regex::Regex::new(regex) {
                return wrong(place, error);
            }
        }
        ascending("enums", self.enums.iter().map(|it| &*it.name))?;
        ascending("attributes", self.attributes.iter().map(|it| &*it.name))?;
        ascending("events", self.events.iter().skip(BUILTIN_EVENTS.len()).map(|it| &*it.name))?;
        ascending("segments", self.segments.iter().map(|it| &*it.name))?;
        ascending("channels", self.channels.iter().map(|it| &*it.name))?;
        ascending("placements", self.placements.iter().map(|it| &*it.name))?;
        ascending("classes", self.classes.iter().map(|it| &*it.name))?;
        ascending("purposes", self.purposes.iter().map(|it| &*it.name))?;
        ascending("tags", self.tags.iter().map(|it| &**it))?;
        ascending("messages", self.messages.iter().map(|it| &*it.name))?;
        ascending("caps", self.caps.iter().map(|it| &*it.name))?;
        ascending("holdouts", self.holdouts.iter().map(|it| &*it.name))?;
        ascending("experiments", self.experiments.iter().map(|it| &*it.name))?;
        ascending("journeys", self.journeys.iter().map(|it| &*it.name))?;
        ascending("models", self.models.iter().map(|it| &*it.name))?;
        self.check_attributes()?;
        self.check_events()
    }

    fn check_attributes(&self) -> Checked {
        for attribute in &self.attributes {
            let place = format_args!("attribute {}", attribute.name).to_string();
            self.check_type(&place, attribute.ty)?;
            match &attribute.default {
                Some(default) => self.check_constant(&place, attribute.ty, default)?,
                None => ensure(attribute.optional, &place, "it is neither optional nor has it a default")?,
            }
        }
        if let Some(id) = self.timezone {
            let ty = self.attributes.get(id.index()).map(|attribute| attribute.ty);
            ensure(ty == Some(Type::Timezone), "timezone", "it is no attribute of that type")?;
        }
        if let Some(id) = self.language {
            let ty = self.attributes.get(id.index()).map(|attribute| attribute.ty);
            ensure(ty.is_some_and(Type::is_text), "language", "it is no attribute of that type")?;
        }
        Ok(())
    }

    fn check_constant(&self, place: &str, ty: Type, constant: &Constant) -> Checked {
        match constant {
            Constant::Text(text) if ty.is_text() => self.check_cell(place, ty, text.0.into()),
            Constant::Cell(cell) if !ty.is_text() && !matches!(ty, Type::Set(_)) => {
                self.check_cell(place, ty, *cell)
            }
            Constant::EmptySet if matches!(ty, Type::Set(_)) => Ok(()),
            _ => wrong(place, "its value is not of its type"),
        }
    }

    fn check_events(&self) -> Checked {
        for (index, builtin) in BUILTIN_EVENTS.iter().enumerate() {
            let fields = builtin.fields.iter();
            let same = |event: &Event| {
                event.name == builtin.name
                    && event.fields.len() == builtin.fields.len()
                    && event.fields.iter().zip(fields).all(|(field, (name, ty, optional))| {
                        field.name == *name && field.ty == *ty && field.optional == *optional
                    })
            };
            let place = format_args!("event {index}").to_string();
            ensure(self.events.get(index).is_some_and(same), place, "it is not the built-in one")?;
        }
        for event in &self.events {
            let place = format_args!("event {}", event.name).to_string();
            for (index, field) in event.fields.iter().enumerate() {
                self.check_type(&place, field.ty)?;
                let twice = event.fields[..index].iter().any(|other| other.name == field.name);
                ensure(!twice, &place, format_args!("it has two fields “{}”", field.name))?;
            }
        }
        Ok(())
    }

    /// Streams and windows.
    pub(super) fn check_history(&self) -> Checked {
        for (index, stream) in self.streams.iter().enumerate() {
            let place = format_args!("stream {index}").to_string();
            let Some(event) = self.events.get(stream.event.index()) else {
                return wrong(place, "its event doesn't exist");
            };
            ensure(stream.fields.is_sorted_by(|a, b| a < b), &place, "its fields are not ascending")?;
            let exist = stream.fields.iter().all(|field| (*field as usize) < event.fields.len());
            ensure(exist, &place, "one of its fields doesn't exist")?;
            ensure(stream.keep.rolling >= 0, &place, "it is kept for a negative time")?;
            if let Some(filter) = stream.filter {
                self.check_condition(&place, filter)?;
                self.check_fields(&place, filter, event, |_| true)?;
                let only = Need::of(self, [filter]).slots.iter().all(|slot| {
                    self.slots.get(slot.index()).is_some_and(|slot| matches!(slot.source, Source::Field(_)))
                });
                ensure(only, &place, "its filter looks at more than fields")?;
            }
        }
        for (index, window) in self.windows.iter().enumerate() {
            self.check_window(&format!("window {index}"), window)?;
        }
        Ok(())
    }

    fn check_window(&self, place: &str, window: &Window) -> Checked {
        self.check_type(place, window.ty)?;
        let stream = self.streams.get(window.stream.index());
        let event = stream.and_then(|stream| self.events.get(stream.event.index()));
        let (Some(stream), Some(event)) = (stream, event) else {
            return wrong(place, "its stream doesn't exist");
        };
        if let Some(filter) = window.filter {
            self.check_condition(place, filter)?;
            self.check_fields(place, filter, event, |field| stream.fields.contains(&field))?;
        }
        if let WindowSpan::Rolling(length) = window.span {
            ensure(length > 0, place, "its span is not positive")?;
        }
        let field = match window.field {
            Some(position) => match event.fields.get(position as usize) {
                Some(field) if stream.fields.contains(&position) => Some(field.ty),
                _ => return wrong(place, "its field isn't kept"),
            },
            None => None,
        };
        let fits = match (window.fold, field) {
            (Fold::Count, _) => window.ty == Type::Int,
            (Fold::Any, _) => window.ty == Type::Bool,
            (Fold::LastTime | Fold::FirstTime, _) => window.ty == Type::Instant,
            (Fold::Distinct, Some(_)) => window.ty == Type::Int,
            (Fold::Sum, Some(field)) => can_be_summed(field) && alike(window.ty, field),
            (Fold::Average, Some(Type::Int)) => window.ty.is_float(),
            (Fold::Average, Some(field)) => can_be_summed(field) && alike(window.ty, field),
            (Fold::Min | Fold::Max, Some(field)) => {
                alike(window.ty, field) && !field.is_text() && !matches!(field, Type::Set(_))
            }
            (Fold::Last | Fold::First, Some(field)) => alike(window.ty, field),
            (_, None) => return wrong(place, "it needs a field"),
        };
        ensure(fits, place, "its question and the types don't fit")
    }

    /// Whether the fields that a filter looks at are those of the event, and pass a test.
    fn check_fields(
        &self,
        place: &str,
        filter: ExprId,
        event: &Event,
        test: impl Fn(u32) -> bool,
    ) -> Checked {
        for slot in &Need::of(self, [filter]).slots {
            let slot = &self.slots[slot.index()];
            if let Source::Field(position) = slot.source {
                let field = event.fields.get(position as usize);
                let fits = field.is_some_and(|field| alike(field.ty, slot.ty)) && test(position);
                ensure(fits, place, "its filter looks at a field that isn't there")?;
            }
        }
        Ok(())
    }

    /// Segments, channels, placements, purposes, caps and shares.
    pub(super) fn check_rules(&self) -> Checked {
        for segment in &self.segments {
            let place = format_args!("segment {}", segment.name).to_string();
            for atom in self.check_guard(&place, &segment.condition)? {
                self.check_no_fields(&place, atom)?;
            }
        }
        for channel in &self.channels {
            let place = format_args!("channel {}", channel.name).to_string();
            if let ChannelKind::Address(id) | ChannelKind::Device(id) = channel.kind {
                let is_text = self.attributes.get(id.index()).is_some_and(|it| it.ty.is_text());
                ensure(is_text, &place, "its address is no attribute")?;
            }
            ensure(channel.spread >= 0, &place, "it spreads over a negative time")?;
            for quiet in &channel.quiet {
                let times = (0..=DAY).contains(&quiet.from) && (0..=DAY).contains(&quiet.to);
                ensure(times && quiet.weekdays < 0x80, &place, "its quiet hours are no times of the day")?;
                if let Some(when) = quiet.when {
                    self.check_condition(&place, when)?;
                    self.check_no_fields(&place, when)?;
                }
            }
        }
        for placement in &self.placements {
            let place = format_args!("placement {}", placement.name).to_string();
            ensure(placement.channel.index() < self.channels.len(), &place, "its channel doesn't exist")?;
            if let (Some(distinct), Some(message)) = (placement.distinct, self.messages.first()) {
                let exists = (distinct as usize) < message.attributes.len();
                ensure(exists, &place, "the attribute that must differ doesn't exist")?;
            }
        }
        for purpose in &self.purposes {
            let place = format_args!("purpose {}", purpose.name).to_string();
            ensure(purpose.channels.len() == self.channels.len(), &place, "it doesn't say all channels")?;
            for rules in &purpose.channels {
                let last = rules.last().is_none_or(|rule| rule.when.is_none());
                ensure(last, &place, "no rule decides for everybody")?;
                for when in rules.iter().filter_map(|rule| rule.when) {
                    self.check_condition(&place, when)?;
                    self.check_no_fields(&place, when)?;
                }
            }
        }
        for cap in &self.caps {
            let place = format_args!("cap {}", cap.name).to_string();
            ensure(cap.limit > 0, &place, "its limit is not positive")?;
            if let CapSpan::Rolling(length) = cap.span {
                ensure(length > 0, &place, "its span is not positive")?;
            }
            let Selector { classes, tags, channels } = &cap.selector;
            let exist = self.are_classes(classes)
                && tags.iter().all(|tag| tag.index() < self.tags.len())
                && channels.iter().all(|channel| channel.index() < self.channels.len());
            ensure(exist, &place, "it selects something that doesn't exist")?;
        }
        for holdout in &self.holdouts {
            let place = format_args!("holdout {}", holdout.name).to_string();
            ensure(is_share(holdout.share), &place, "its share is none")?;
            ensure(self.are_classes(&holdout.classes), &place, "one of its classes doesn't exist")?;
        }
        for experiment in &self.experiments {
            let shares = experiment.arms.iter().all(|(_, share)| is_share(*share));
            ensure(shares, format_args!("experiment {}", experiment.name), "the share of an arm is none")?;
        }
        Ok(())
    }

    pub(super) fn are_classes(&self, classes: &[ClassId]) -> bool {
        classes.iter().all(|class| class.index() < self.classes.len())
    }

    /// Outside filters there is no event whose fields could be meant.
    pub(super) fn check_no_fields(&self, place: &str, expr: ExprId) -> Checked {
        let none = Need::of(self, [expr])
            .slots
            .iter()
            .all(|slot| !matches!(self.slots[slot.index()].source, Source::Field(_)));
        ensure(none, place, "it looks at a field outside of a filter")
    }

    /// Slots that can't be filled before themselves: a window's filter or a purpose's rules that ask for it.
    pub(super) fn check_cycles(&self) -> Result<(), PlanError> {
        #[derive(Clone, Copy, PartialEq)]
        enum State {
            New,
            Open,
            Done,
        }
        let mut states = vec![State::New; self.slots.len()];
        let mut stack: Vec<usize> = Vec::new();
        for start in 0..self.slots.len() {
            stack.push(start);
            while let Some(&slot) = stack.last() {
                if states[slot] != State::New {
                    stack.pop();
                    states[slot] = State::Done;
                    continue;
                }
                states[slot] = State::Open;
                for needed in self.slots_before(slot) {
                    match states[needed.index()] {
                        State::New => stack.push(needed.index()),
                        State::Open => return wrong(format_args!("slot {slot}"), "it depends on itself"),
                        State::Done => {}
                    }
                }
            }
        }
        Ok(())
    }

    /// Models that can be asked, for rows of numbers.
    pub(super) fn check_models(&self) -> Checked {
        for model in &self.models {
            let place = format_args!("model {}", model.name).to_string();
            if let Err(problem) = model.ensemble.validate() {
                return wrong(place, problem);
            }
            ensure(
                model.row.len() == model.ensemble.features as usize,
                &place,
                "its row isn't as long as it says",
            )?;
            for expr in model.exprs() {
                let ty = self.exprs.get(expr.index()).map(|node| node.ty);
                let fits = ty.is_some_and(Type::is_feature);
                ensure(fits, &place, "a feature isn't there, or is no number")?;
                self.check_no_fields(&place, expr)?;
            }
        }
        Ok(())
    }

    /// The slots that filling a slot needs.
    fn slots_before(&self, slot: usize) -> Vec<SlotId> {
        let conditions: Vec<ExprId> = match self.slots[slot].source {
            Source::Window(id) => self.windows[id.index()].filter.into_iter().collect(),
            Source::Consent(purpose, channel) => {
                let rules = &self.purposes[purpose.index()].channels[channel.index()];
                rules.iter().filter_map(|rule| rule.when).collect()
            }
            Source::Predict(id) => self.models[id.index()].exprs().collect(),
            _ => Vec::new(),
        };
        if conditions.is_empty() { Vec::new() } else { Need::of(self, conditions).slots.into() }
    }

    /// A message.
    pub(super) fn check_message(&self, message: &Message, walk: &mut Walk) -> Checked {
        let place = format_args!("message {}", message.name).to_string();
        let exist = message.class.index() < self.classes.len()
            && message.purposes.iter().all(|purpose| purpose.index() < self.purposes.len())
            && message.tags.iter().all(|tag| tag.index() < self.tags.len());
        ensure(exist, &place, "its class, a purpose or a tag doesn't exist")?;
        let first = &self.messages[0].attributes;
        let same = first.len() == message.attributes.len()
            && first.iter().zip(&message.attributes).all(|(a, b)| a.name == b.name && a.ty == b.ty);
        ensure(same, &place, "its attributes are not those of every message")?;
        for attribute in &message.attributes {
            self.check_type(&place, attribute.ty)?;
            self.check_constant(&place, attribute.ty, &attribute.value)?;
        }
        ensure(message.expires.is_none_or(|after| after >= 0), &place, "it expires before it is proposed")?;
        let mut looked_at = self.check_guard(&place, &message.guard)?;
        for trigger in &message.triggers {
            self.check_trigger(&place, trigger)?;
        }
        for route in &message.routes {
            self.check_route(&place, message, route, &mut looked_at)?;
        }
        for display in &message.displays {
            let placement = self.placements.get(display.placement.index());
            let on = placement.map(|placement| placement.channel);
            ensure(on == Some(display.route.channel), &place, "a placement isn't on its channel")?;
            self.check_route(&place, message, &display.route, &mut looked_at)?;
        }
        self.check_event_fields(&place, message, walk.slots(self, looked_at))
    }

    /// The conditions of which a guard is made.
    pub(super) fn check_guard(&self, place: &str, guard: &Guard) -> Result<Vec<ExprId>, PlanError> {
        let literals = guard.literals();
        let atoms = literals.map(|literal| match self.atoms.get(literal.atom.index()) {
            Some(atom) => Ok(atom.expr),
            None => wrong(place, "an atom of its guard doesn't exist"),
        });
        atoms.collect()
    }

    pub(super) fn check_trigger(&self, place: &str, trigger: &Trigger) -> Checked {
        match *trigger {
            Trigger::Event { event, filter } => {
                let Some(event) = self.events.get(event.index()) else {
                    return wrong(place, "an event that proposes it doesn't exist");
                };
                let Some(filter) = filter else { return Ok(()) };
                self.check_condition(place, filter)?;
                self.check_fields(place, filter, event, |_| true)
            }
            Trigger::Enter(segment) | Trigger::Leave(segment) => {
                ensure(segment.index() < self.segments.len(), place, "a segment doesn't exist")
            }
            Trigger::Every { weekday, time } => {
                let fits = weekday.is_none_or(|weekday| weekday < 7) && (0..DAY).contains(&time);
                ensure(fits, place, "it is proposed at no time of the week")
            }
        }
    }

    fn check_route(
        &self,
        place: &str,
        message: &Message,
        route: &Route,
        looked_at: &mut Vec<ExprId>,
    ) -> Checked {
        ensure(route.channel.index() < self.channels.len(), place, "a channel doesn't exist")?;
        let governed = |purpose: &PurposeId| {
            let rules = self.purposes[purpose.index()].channels.get(route.channel.index());
            rules.is_some_and(|rules| !rules.is_empty())
        };
        ensure(message.purposes.iter().all(governed), place, "a purpose doesn't govern its channel")?;
        for (rule, condition) in &route.suppressions {
            ensure(rule.index() < self.suppressions.len(), place, "a suppress rule doesn't exist")?;
            self.check_condition(place, *condition)?;
            looked_at.push(*condition);
        }
        let caps = route.caps.iter().all(|cap| cap.index() < self.caps.len());
        ensure(caps, place, "a cap doesn't exist")?;
        let score = self.exprs.get(route.score.index());
        ensure(score.is_some_and(|score| score.ty.is_float()), place, "its score is no number")?;
        looked_at.push(route.score);
        for (_, pieces) in route.content.iter().flat_map(|variant| &variant.fields) {
            for piece in pieces {
                if let Piece::Value(expr) = piece {
                    ensure(
                        expr.index() < self.exprs.len(),
                        place,
                        "an expression of its content doesn't exist",
                    )?;
                    looked_at.push(*expr);
                }
            }
        }
        Ok(())
    }

    /// `event.x` is a field of each event that proposes the message, where that has one of the name.
    fn check_event_fields(
        &self,
        place: &str,
        message: &Message,
        looked_at: impl Iterator<Item = SlotId>,
    ) -> Checked {
        for slot in looked_at {
            let slot = &self.slots[slot.index()];
            let name = match slot.source {
                Source::Event(name) => &self.texts[name.index()],
                Source::Field(_) => return wrong(place, "it looks at a field outside of a filter"),
                _ => continue,
            };
            for trigger in &message.triggers {
                let Trigger::Event { event, .. } = trigger else { continue };
                let field = self.events[event.index()].fields.iter().find(|field| field.name == *name);
                let fits = field.is_none_or(|field| alike(field.ty, slot.ty));
                ensure(fits, place, format_args!("the field “{name}” of an event is of another type"))?;
            }
        }
        Ok(())
    }
}

fn can_be_summed(ty: Type) -> bool {
    ty.is_float() || matches!(ty, Type::Int | Type::Money(_) | Type::Duration)
}
