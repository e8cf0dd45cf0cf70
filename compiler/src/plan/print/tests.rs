use crate::engine::random::{self, Tape};
use crate::ids::*;
use crate::plan::*;
use crate::types::{Currency, Type};
use std::sync::Arc;

const DAY: i64 = 24 * 3_600_000_000;

/// A small shop: one message by mail when a cart is left, one on a placement.
fn shop() -> Plan {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    let euro = Type::Money(Currency::from_code("EUR").unwrap());
    plan.policy = "shop".into();
    plan.texts = vec!["DE".into(), "shoes".into(), "value".into(), "Ada".into()];
    plan.regexes.clear();
    let attribute = |name: &str, ty, optional, default| Attribute {
        name: name.into(),
        ty,
        optional,
        default,
        personal: false,
    };
    plan.attributes = vec![
        attribute("country", Type::Country, false, Some(Constant::Text(TextId(0)))),
        attribute("email", Type::Email, true, None),
        attribute("first_name", Type::Text, true, None),
        attribute("tier", Type::Enum(EnumId(0)), false, Some(Constant::Cell(0))),
    ];
    let field = |name: &str, ty| Field { name: name.into(), ty, optional: false };
    plan.events[12] = Event { name: "cart_abandoned".into(), fields: vec![field("value", euro)] };
    let fields = vec![field("category", Type::Text), field("amount", euro)];
    plan.events.push(Event { name: "purchase".into(), fields });

    let slot = |source, ty, optional| Slot { source, ty, optional };
    plan.slots = vec![
        slot(Source::Attribute(AttributeId(0)), Type::Country, false),
        slot(Source::Attribute(AttributeId(2)), Type::Text, true),
        slot(Source::Attribute(AttributeId(3)), Type::Enum(EnumId(0)), false),
        slot(Source::Window(WindowId(0)), euro, false),
        slot(Source::Window(WindowId(1)), Type::Instant, true),
        slot(Source::Field(0), Type::Text, false),
        slot(Source::Event(TextId(2)), euro, false),
        slot(Source::Now, Type::Instant, false),
    ];
    plan.exprs.clear();
    let mut push = |op, ty| {
        plan.exprs.push(Node { op, ty, optional: false });
        ExprId::at(plan.exprs.len() - 1)
    };
    let country = push(Op::Slot(SlotId(0)), Type::Country);
    let german = push(Op::In(country, vec![0]), Type::Bool);
    let name = push(Op::Slot(SlotId(1)), Type::Text);
    let nobody = push(Op::Constant(3), Type::Text);
    let name = push(Op::Otherwise(name, nobody), Type::Text);
    let tier = push(Op::Slot(SlotId(2)), Type::Enum(EnumId(0)));
    let silver = push(Op::Constant(1), Type::Enum(EnumId(0)));
    let tiered = push(Op::Compare(Comparison::GreaterEqual, tier, silver), Type::Bool);
    let spent = push(Op::Slot(SlotId(3)), euro);
    let fifty = push(Op::Constant(5_000), euro);
    let rich = push(Op::Compare(Comparison::Greater, spent, fifty), Type::Bool);
    let last = push(Op::Slot(SlotId(4)), Type::Instant);
    let bought = push(Op::IsKnown(last), Type::Bool);
    let now = push(Op::Slot(SlotId(7)), Type::Instant);
    let since = push(Op::Subtract(now, last), Type::Duration);
    let month = push(Op::Constant(30 * DAY as u64), Type::Duration);
    let long = push(Op::Compare(Comparison::Greater, since, month), Type::Bool);
    let lapsed = push(Op::And(bought, long), Type::Bool);
    let category = push(Op::Slot(SlotId(5)), Type::Text);
    let shoes = push(Op::Constant(1), Type::Text);
    let of_shoes = push(Op::Compare(Comparison::Equal, category, shoes), Type::Bool);
    let value = push(Op::Slot(SlotId(6)), euro);
    let major = push(Op::ToMajor(value, 100), Type::Number);
    let tenth = push(Op::Constant(0.1_f64.to_bits()), Type::Percent);
    let score = push(Op::Multiply(tenth, major), Type::Number);
    let one = push(Op::Constant(1.0_f64.to_bits()), Type::Number);

    plan.atoms = [tiered, rich, lapsed].map(|expr| Atom { expr, wakes: Vec::new() }).to_vec();
    plan.streams = vec![
        Stream {
            event: EventId(13),
            filter: Some(of_shoes),
            fields: vec![0, 1],
            keep: Keep { rolling: 90 * DAY, calendar: Some(Calendar::Month), ever: false },
        },
        Stream { event: EventId(13), filter: None, fields: vec![], keep: Keep::default() },
    ];
    let window = |stream, fold, field, span, ty, optional| Window {
        stream: StreamId(stream),
        filter: None,
        fold,
        field,
        span,
        ty,
        optional,
    };
    plan.windows = vec![
        window(0, Fold::Sum, Some(1), WindowSpan::Rolling(90 * DAY), euro, false),
        window(1, Fold::LastTime, None, WindowSpan::Ever, Type::Instant, true),
        window(0, Fold::Count, None, WindowSpan::Calendar(Calendar::Month), Type::Int, false),
    ];
    plan.atoms[1].wakes =
        vec![Wake::Window(WindowId(2)), Wake::Crosses(WindowId(0), Comparison::Less, 5_000)];
    plan.atoms[2].wakes = vec![Wake::Since(WindowId(1), 30 * DAY)];
    let literal = |atom, negated| Literal { atom: AtomId(atom), negated };
    let clauses = vec![
        Clause { literals: vec![literal(2, false)] },
        Clause { literals: vec![literal(0, true), literal(1, false)] },
    ];
    plan.segments = vec![Segment { name: "lapsed".into(), condition: Guard { clauses } }];

    let email = Channel {
        name: "email".into(),
        kind: ChannelKind::Address(AttributeId(1)),
        quiet: vec![
            Quiet { from: DAY / 24 * 21, to: DAY / 24 * 8, weekdays: 127, when: None },
            Quiet { from: 0, to: DAY, weekdays: 64, when: Some(german) },
        ],
        spread: DAY / 72,
        cost: None,
    };
    plan.channels[0].quiet.clear();
    plan.channels.insert(0, email);
    let rule = |mode, when| ConsentRule { mode, when };
    plan.purposes[0].channels = vec![
        vec![rule(ConsentMode::DoubleOptIn, Some(german)), rule(ConsentMode::OptIn, None)],
        vec![rule(ConsentMode::Always, None)],
    ];
    plan.placements =
        vec![Placement { name: "home_hero".into(), channel: ChannelId(1), show: 1, distinct: None }];
    plan.tags = vec!["cart".into()];
    plan.suppressions = vec!["rules.comity:4".into()];

    let message = Message::clone(&plan.messages[0]);
    let literal = |atom, negated| Literal { atom: AtomId(atom), negated };
    let text = |text: &str| Piece::Text(text.into());
    let margin = Constant::Cell(0.1_f64.to_bits());
    let attributes = vec![MessageAttribute { name: "margin".into(), ty: Type::Percent, value: margin }];
    let route = Route {
        channel: ChannelId(0),
        suppressions: vec![(SuppressId(0), rich)],
        caps: vec![CapId(0)],
        score,
        content: vec![Variant {
            language: Some("de".into()),
            fields: vec![("subject".into(), vec![text("Hallo, "), Piece::Value(name), text("!")])],
        }],
    };
    let display = Display {
        placement: PlacementId(0),
        route: Route {
            channel: ChannelId(1),
            suppressions: Vec::new(),
            caps: Vec::new(),
            score: one,
            content: Vec::new(),
        },
    };
    plan.messages = [
        Message {
            name: "cart_email".into(),
            tags: vec![TagId(0)],
            attributes: attributes.clone(),
            active: Some((20_454, 20_818)),
            expires: Some(2 * DAY),
            guard: Guard {
                clauses: vec![
                    Clause { literals: vec![literal(0, false), literal(1, false)] },
                    Clause { literals: vec![literal(2, true)] },
                ],
            },
            triggers: vec![
                Trigger::Event { event: EventId(12), filter: None },
                Trigger::Enter(SegmentId(0)),
                Trigger::Every { weekday: Some(0), time: DAY / 24 * 10 },
            ],
            routes: vec![route],
            ..message.clone()
        },
        Message {
            name: "hero".into(),
            attributes,
            guard: Guard { clauses: vec![Clause { literals: Vec::new() }] },
            triggers: vec![],
            routes: vec![],
            displays: vec![display],
            ..message
        },
    ]
    .map(Arc::new)
    .to_vec();
    plan
}

#[test]
fn a_plan_can_be_read_by_people() {
    let plan = shop();
    assert_eq!(plan.validate(), Ok(()));
    insta::assert_snapshot!(plan.outline());
}

/// Where each expression is used twice by the next, the outline still has a line for each.
#[test]
fn what_is_shared_is_printed_once() {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    for index in plan.exprs.len() - 1..plan.exprs.len() + 2_000 {
        let (a, b) = (ExprId::at(index), ExprId::at(index));
        let op = if index < 45 { Op::Constant(1) } else { Op::Add(a, b) };
        plan.exprs.push(Node { op, ty: Type::Int, optional: false });
    }
    assert_eq!(plan.validate(), Ok(()));
    assert!(plan.outline().len() < 100_000);
}

/// Chains are cut, so that their length needs no stack.
#[test]
fn long_chains_are_cut() {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    let start = plan.exprs.len();
    let node = |op, ty| Node { op, ty, optional: false };
    plan.exprs.push(node(Op::Constant(1), Type::Bool));
    for index in start..start + 200_000 {
        plan.exprs.push(node(Op::Not(ExprId::at(index)), Type::Bool));
    }
    assert!(plan.outline().len() < 10_000_000);
}
