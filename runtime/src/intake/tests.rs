//! Lines good and bad against a policy that is put together by hand.

mod fuzz;
mod lines;
mod literals;
mod real;
mod reference;

use super::*;
use comity_compiler::builtin::BUILTIN_EVENTS;
use comity_compiler::plan::{
    Attribute, Channel, ChannelKind, Constant, Enum, FORMAT, Field, Guard, Keep, Message, Plan, Purpose,
    Stream,
};
use comity_compiler::types::{Currency, Element, Type};
use std::sync::Arc;

pub(super) fn eur() -> Type {
    money("EUR")
}

pub(super) fn money(code: &str) -> Type {
    Type::Money(Currency::from_code(code).unwrap())
}

pub(super) fn event(name: &str, fields: &[(&str, Type, bool)]) -> comity_compiler::plan::Event {
    let field = |&(name, ty, optional): &(&str, Type, bool)| Field { name: name.into(), ty, optional };
    comity_compiler::plan::Event { name: name.into(), fields: fields.iter().map(field).collect() }
}

pub(super) fn attribute(name: &str, ty: Type, optional: bool, personal: bool) -> Attribute {
    let default = match ty {
        Type::Set(_) => Some(Constant::EmptySet),
        _ if optional => None,
        _ => Some(Constant::Cell(0)),
    };
    Attribute { name: name.into(), ty, optional, default, personal }
}

/// A plan without messages; every field is kept.
pub(super) fn plan_of(
    enums: Vec<Enum>,
    attributes: Vec<Attribute>,
    declared: Vec<comity_compiler::plan::Event>,
) -> Plan {
    let builtin = BUILTIN_EVENTS.iter().map(|builtin| event(builtin.name, builtin.fields));
    let events: Vec<_> = builtin.chain(declared).collect();
    let stream = |(at, event): (usize, &comity_compiler::plan::Event)| Stream {
        event: EventId::at(at),
        filter: None,
        fields: (0..event.fields.len() as u32).collect(),
        keep: Keep { rolling: 0, calendar: None, ever: true },
    };
    let channel = |name: &str| Channel {
        name: name.into(),
        kind: ChannelKind::Inbound,
        quiet: Vec::new(),
        spread: 0,
        cost: None,
    };
    let purpose = |name: &str| Purpose { name: name.into(), channels: Vec::new() };
    let message = |name: &str| Message {
        name: name.into(),
        class: ClassId(0),
        purposes: Vec::new(),
        tags: Vec::new(),
        owner: None,
        attributes: Vec::new(),
        active: None,
        expires: None,
        guard: Guard::default(),
        triggers: Vec::new(),
        routes: Vec::new(),
        displays: Vec::new(),
    };
    Plan {
        format: FORMAT,
        policy: "shop".into(),
        texts: vec!["shoes".into(), "hats".into(), "DE".into(), "web".into()],
        texts_in_order: vec![],
        regexes: Vec::new(),
        enums,
        attributes,
        timezone: None,
        language: None,
        streams: events.iter().enumerate().map(stream).collect(),
        events,
        exprs: Vec::new(),
        slots: Vec::new(),
        atoms: Vec::new(),
        windows: Vec::new(),
        segments: Vec::new(),
        channels: vec![channel("email"), channel("push"), channel("web")],
        placements: Vec::new(),
        classes: Vec::new(),
        purposes: vec![purpose("care"), purpose("marketing")],
        tags: Vec::new(),
        messages: [message("cart_email"), message("cart_push")].map(Arc::new).to_vec(),
        caps: Vec::new(),
        suppressions: Vec::new(),
        picks: Vec::new(),
        holdouts: Vec::new(),
        experiments: Vec::new(),
        journeys: Vec::new(),
        stops: Vec::new(),
        models: Vec::new(),
    }
}

/// With an attribute and a field of each type.
pub(crate) fn shop() -> Plan {
    let tier = Enum {
        name: "Tier".into(),
        ordered: true,
        members: vec!["bronze".into(), "silver".into(), "gold".into()],
    };
    let tier_type = Type::Enum(EnumId(0));
    let every = [
        ("flag", Type::Bool),
        ("count", Type::Int),
        ("number", Type::Number),
        ("share", Type::Percent),
        ("price", eur()),
        ("yen", money("JPY")),
        ("span", Type::Duration),
        ("hour", Type::Time),
        ("day", Type::Date),
        ("moment", Type::Instant),
        ("text", Type::Text),
        ("country", Type::Country),
        ("language", Type::Language),
        ("zone", Type::Timezone),
        ("email", Type::Email),
        ("phone", Type::Phone),
        ("url", Type::Url),
        ("tier", tier_type),
        ("words", Type::Set(Element::Text)),
        ("numbers", Type::Set(Element::Int)),
        ("tiers", Type::Set(Element::Enum(EnumId(0)))),
    ];
    let fields: Vec<(&str, Type, bool)> = every.iter().map(|&(name, ty)| (name, ty, true)).collect();
    let attributes = vec![
        attribute("email", Type::Email, true, true),
        attribute("first_name", Type::Text, true, true),
        attribute("interests", Type::Set(Element::Text), false, false),
        attribute("open_tickets", Type::Int, false, false),
        attribute("tier", tier_type, false, false),
        attribute("timezone", Type::Timezone, false, false),
    ];
    let purchase = [
        ("order", Type::Text, false),
        ("category", Type::Text, false),
        ("amount", eur(), false),
        ("coupon", Type::Text, true),
    ];
    let mut plan = plan_of(
        vec![tier],
        attributes,
        vec![event("every", &fields), event("ping", &[]), event("purchase", &purchase)],
    );
    // Nothing reads `order`.
    plan.streams.retain(|stream| stream.event != EventId(14));
    plan.streams.push(Stream {
        event: EventId(14),
        filter: None,
        fields: vec![1, 2, 3],
        keep: Keep { rolling: 1, calendar: None, ever: false },
    });
    plan
}
