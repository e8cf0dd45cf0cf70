use super::*;
use crate::plan::{self, ConsentMode, Op, Plan, Selector, Source};
use comity_grammar::tree;

/// `email` (0) by an address, `web` (1) inbound, classes `offers` (0) and `service` (1), purpose `marketing` (0),
/// attributes `address` (0), `tickets` (1) and `country` (2).
fn shop() -> Checked {
    let mut checked = policy();
    let address = attribute_of(&mut checked, "address", Type::Email, true);
    attribute_of(&mut checked, "tickets", Type::Int, false);
    attribute_of(&mut checked, "country", Type::Int, false);
    channel_of(&mut checked, "email", ChannelKind::Address(address));
    channel_of(&mut checked, "web", ChannelKind::Inbound);
    class_of(&mut checked, "offers");
    class_of(&mut checked, "service");
    checked
}

const EMAIL: ChannelId = ChannelId(0);
const WEB: ChannelId = ChannelId(1);

fn offer(name: &str, category: &str) -> Message {
    let category =
        MessageAttribute { name: "category".into(), ty: Type::Text, value: Constant::Text(category.into()) };
    Message { attributes: vec![category], via: vec![EMAIL, WEB], ..message_of(name, ClassId(0)) }
}

fn suppress(name: &str, selector: Selector, condition: Expr) -> Suppress {
    Suppress { name: name.into(), at: place(), selector, condition }
}

fn category() -> Expr {
    known(ExprKind::MessageAttribute("category".into()), Type::Text)
}

fn channel() -> Expr {
    known(ExprKind::Channel, Type::Channel)
}

fn lowered(checked: &Checked) -> Plan {
    lower(checked).plan
}

#[test]
fn rules_are_instantiated_for_each_message_and_channel() {
    let mut checked = shop();
    checked.messages = vec![offer("a", "shoes"), offer("b", "books"), message_of("c", ClassId(1))];
    checked.messages[2].via = vec![EMAIL];
    let purchase = event_of(&mut checked, "purchase", &[("category", Type::Text, false)]);
    let same = equal(field(0, Type::Text), category());
    let bought = ask(Fold::Any, pattern(purchase, Some(same)), None, Type::Bool, Within::Rolling(DAY));
    let tickets = compare(Comparison::Greater, attribute(&checked, AttributeId(1)), int(0));
    let by_email = equal(channel(), constant(Constant::Channel(EMAIL), Type::Channel));
    let offers = || Selector { classes: vec![ClassId(0)], ..Selector::default() };
    checked.suppressions = vec![
        suppress("p:1", offers(), bought),
        suppress("p:2", Selector::default(), tickets),
        suppress("p:3", offers(), by_email),
    ];
    checked.classes[1].ignores_suppression = true;
    let plan = lowered(&checked);

    let rules = |message: usize, route: usize| {
        let rules = &plan.messages[message].routes[route].suppressions;
        rules.iter().map(|&(id, condition)| (id.0, condition)).collect::<Vec<_>>()
    };
    // Who bought shoes isn't who bought books; each is one kept part of the history.
    assert_eq!(plan.streams.len(), 2);
    let [a_email, a_web] = [rules(0, 0), rules(0, 1)];
    assert_eq!(a_email.iter().map(|rule| rule.0).collect::<Vec<_>>(), [0, 1, 2]);
    // By web the last never matches.
    assert_eq!(a_web, a_email[..2]);
    assert_eq!(plan.expr(a_email[2].1).op, Op::Constant(1));
    assert_ne!(rules(1, 0)[0].1, a_email[0].1);
    assert_eq!(rules(1, 0)[1], a_email[1]);
    assert_eq!(rules(2, 0), []);
}

#[test]
fn caps_are_those_that_can_block() {
    let mut checked = shop();
    let cap = |name: &str, selector| Cap {
        name: name.into(),
        at: place(),
        limit: 1,
        span: plan::CapSpan::Day,
        selector,
        per: None,
    };
    checked.caps = vec![
        cap("by_class", Selector { classes: vec![ClassId(0)], ..Selector::default() }),
        cap("by_channel", Selector { channels: vec![WEB], ..Selector::default() }),
        cap("by_tag", Selector { tags: vec![TagId(0)], ..Selector::default() }),
    ];
    checked.tags = vec!["sale".into()];
    checked.messages = vec![offer("a", "x"), Message { class: ClassId(1), ..offer("b", "x") }];
    checked.messages[0].tags = vec![TagId(0)];
    checked.classes[1].ignores_caps = true;
    let plan = lowered(&checked);
    let caps = |message: usize, route: usize| plan.messages[message].routes[route].caps.clone();
    assert_eq!(caps(0, 0), [CapId(0), CapId(2)]);
    assert_eq!(caps(0, 1), [CapId(0), CapId(1), CapId(2)]);
    assert_eq!(caps(1, 1), []);
}

#[test]
fn purposes_decide_by_their_first_rule_that_holds() {
    let mut checked = shop();
    let when = |number| equal(attribute(&checked, AttributeId(2)), int(number));
    let rule = |mode, channels: &[ChannelId], when| ConsentRule {
        mode,
        channels: channels.to_vec(),
        when,
        at: place(),
    };
    let rules = vec![
        rule(tree::ConsentMode::OptOut, &[EMAIL], Some(when(1))),
        rule(tree::ConsentMode::Never, &[EMAIL], Some(and(when(2), no()))),
        rule(tree::ConsentMode::DoubleOptIn, &[EMAIL], Some(yes())),
        rule(tree::ConsentMode::OptIn, &[EMAIL], None),
        rule(tree::ConsentMode::Always, &[WEB], Some(when(3))),
    ];
    let consent = |channel: ChannelId| {
        let channel = constant(Constant::Channel(channel), Type::Channel);
        known(ExprKind::Consent(PurposeId(0), Box::new(channel)), Type::Bool)
    };
    let asked = [consent(EMAIL), consent(WEB)];
    checked.purposes.push(Purpose { name: "marketing".into(), at: place(), rules });
    checked.purposes.push(Purpose {
        name: "servicing".into(),
        at: place(),
        rules: vec![rule(tree::ConsentMode::Always, &[EMAIL], None)],
    });
    let servicing = |channel: ChannelId| {
        let channel = constant(Constant::Channel(channel), Type::Channel);
        known(ExprKind::Consent(PurposeId(1), Box::new(channel)), Type::Bool)
    };
    for condition in asked.into_iter().chain([servicing(EMAIL), servicing(WEB)]) {
        segment_of(&mut checked, "s", condition);
    }
    let plan = lowered(&checked);
    let modes = |purpose: usize, channel: ChannelId| {
        let rules = &plan.purposes[purpose].channels[channel.index()];
        rules.iter().map(|rule| (rule.mode, rule.when.is_some())).collect::<Vec<_>>()
    };
    assert_eq!(modes(0, EMAIL), [(ConsentMode::OptOut, true), (ConsentMode::DoubleOptIn, false)]);
    // Where no rule decides for everybody, nobody else is allowed.
    assert_eq!(modes(0, WEB), [(ConsentMode::Always, true), (ConsentMode::Never, false)]);
    assert_eq!(modes(1, WEB), []);
    let sources: Vec<_> = plan.slots.iter().map(|slot| slot.source.clone()).collect();
    assert!(sources.contains(&Source::Consent(PurposeId(0), EMAIL)));
    assert!(!sources.contains(&Source::Consent(PurposeId(1), EMAIL)));
    assert_eq!([2, 3].map(|index| certain_of(&plan, index)), [Some(true), Some(false)]);
}

fn roots() -> [Expr; 3] {
    [ExprKind::Propensity, ExprKind::Value, ExprKind::Lever].map(|root| known(root, Type::Number))
}

fn product(a: Expr, b: Expr) -> Expr {
    arithmetic(Arithmetic::Multiply, a, b, Type::Number)
}

/// The value of a score that is certain.
fn certain(plan: &Plan, message: usize, route: usize) -> f64 {
    match plan.expr(plan.messages[message].routes[route].score).op {
        Op::Constant(cell) => f64::from_bits(cell),
        ref op => panic!("{op:?}"),
    }
}

#[test]
fn a_score_is_made_for_each_channel() {
    let mut checked = shop();
    let eur = Type::Money(crate::types::Currency::from_code("EUR").unwrap());
    let [propensity, value, lever] = roots();
    checked.arbitrate = Some(Arbitrate {
        at: place(),
        score: Some(product(product(propensity, value), lever)),
        picks: Vec::new(),
    });
    // email => 1.5, _ => 1
    let cells = [Cell::Is(Constant::Channel(EMAIL)), Cell::Any];
    let rows = cells.into_iter().zip([number(1.5), int(1)]);
    checked.tables.push(Table {
        name: "levers".into(),
        at: place(),
        parameters: vec![Parameter { name: "ch".into(), ty: Type::Channel, optional: false }],
        result: Type::Number,
        result_optional: false,
        rows: rows.map(|(cell, result)| TableRow { cells: vec![cell], result }).collect(),
    });
    let lever = known(ExprKind::Table(TableId(0), vec![channel()]), Type::Number);
    checked.messages = vec![
        Message {
            value: Some(constant(Constant::Money(1250), eur)),
            propensity: Some(constant(Constant::Number(0.5), Type::Percent)),
            lever: Some(lever),
            ..offer("a", "x")
        },
        offer("b", "x"),
    ];
    let plan = lowered(&checked);
    assert_eq!((certain(&plan, 0, 0), certain(&plan, 0, 1)), (12.5 * 0.5 * 1.5, 12.5 * 0.5));
    assert_eq!(certain(&plan, 1, 0), 1.0);

    // Without a score it is the product.
    checked.arbitrate = None;
    let plan = lowered(&checked);
    assert_eq!(certain(&plan, 0, 0), 12.5 * 0.5 * 1.5);
}

#[test]
fn content_has_the_variant_for_everybody_first() {
    let mut checked = shop();
    let name = attribute(&checked, AttributeId(1));
    let content = |place: Place, language: Option<&str>, piece| Content {
        place,
        language: language.map(Into::into),
        fields: vec![("body".into(), vec![Piece::Text("Hi ".into()), piece])],
        at: super::place(),
    };
    let placement = PlacementId(0);
    checked.placements.push(Placement {
        name: "hero".into(),
        at: place(),
        channel: WEB,
        show: 1,
        distinct: Some("category".into()),
    });
    checked.placements.push(Placement { name: "other".into(), ..checked.placements[0].clone() });
    checked.messages = vec![Message {
        placements: vec![placement, PlacementId(1)],
        content: vec![
            content(Place::Channel(EMAIL), Some("fr"), Piece::Text("!".into())),
            content(Place::Placement(placement), None, Piece::Text("web".into())),
            content(Place::Channel(EMAIL), Some("de"), Piece::Text("!".into())),
            content(Place::Channel(WEB), None, Piece::Text("channel".into())),
            content(Place::Channel(WEB), Some("de"), Piece::Text("Kanal".into())),
            content(Place::Channel(EMAIL), None, Piece::Value(name)),
        ],
        ..offer("a", "x")
    }];
    let plan = lowered(&checked);
    let languages: Vec<_> =
        plan.messages[0].routes[0].content.iter().map(|variant| variant.language.as_deref()).collect();
    assert_eq!(languages, [None, Some("de"), Some("fr")]);
    let [display, other] = &plan.messages[0].displays[..] else { panic!() };
    assert_eq!((display.placement, display.route.channel), (placement, WEB));
    let texts = |display: &plan::Display| {
        let variants = display.route.content.iter();
        variants.map(|variant| variant.fields[0].1[1].clone()).collect::<Vec<_>>()
    };
    let text = |text: &str| plan::Piece::Text(text.into());
    assert_eq!(texts(display), [text("web")]);
    // A placement without content of its own shows that of its channel.
    assert_eq!(texts(other), [text("channel"), text("Kanal")]);
    assert_eq!(plan.placements[0].distinct, Some(0));
}

#[test]
fn a_trigger_asks_its_where_of_the_event() {
    let mut checked = shop();
    let purchase = event_of(&mut checked, "purchase", &[("amount", Type::Int, true)]);
    let large = compare(Comparison::Greater, field(0, Type::Int), int(5));
    let field_there = expr(ExprKind::Field(0), Type::Int, true);
    let filter = and(is_known(field_there), large);
    let on = |kind| Occurrence { kind, at: place() };
    let amount = expr(ExprKind::EventField("amount".into()), Type::Int, true);
    checked.messages = vec![Message {
        triggers: vec![
            on(OccurrenceKind::Event(pattern(purchase, Some(filter)))),
            on(OccurrenceKind::Event(pattern(purchase, None))),
            on(OccurrenceKind::Every { weekday: Some(0), time: 10 * HOUR }),
        ],
        when: Some(is_known(amount)),
        ..offer("a", "x")
    }];
    let plan = lowered(&checked);
    let triggers = &plan.messages[0].triggers;
    assert!(matches!(triggers[0], plan::Trigger::Event { event, filter: Some(_) } if event == purchase));
    assert_eq!(triggers[1], plan::Trigger::Event { event: purchase, filter: None });
    assert_eq!(triggers[2], plan::Trigger::Every { weekday: Some(0), time: 10 * HOUR });
    assert_eq!(plan.messages[0].guard.clauses.len(), 1);
    let slot = plan.slots.iter().find(|slot| matches!(slot.source, Source::Event(_))).unwrap();
    assert!(slot.optional);
}

#[test]
fn lets_take_their_arguments_and_need_not_end() {
    let mut checked = shop();
    let parameter = || known(ExprKind::Parameter(0), Type::Int);
    let more = compare(Comparison::Greater, attribute(&checked, AttributeId(1)), parameter());
    let parameters = vec![Parameter { name: "limit".into(), ty: Type::Int, optional: false }];
    checked.lets.push(Let { name: "more_than".into(), at: place(), parameters, value: more });
    let endless = not(known(ExprKind::Let(LetId(1), Vec::new()), Type::Bool));
    checked.lets.push(Let { name: "endless".into(), at: place(), parameters: Vec::new(), value: endless });
    let call = |limit| known(ExprKind::Let(LetId(0), vec![int(limit)]), Type::Bool);
    segment_of(&mut checked, "a", call(3));
    segment_of(&mut checked, "b", call(4));
    segment_of(&mut checked, "c", known(ExprKind::Segment(SegmentId(0)), Type::Bool));
    segment_of(&mut checked, "d", known(ExprKind::Let(LetId(1), Vec::new()), Type::Bool));
    segment_of(&mut checked, "e", known(ExprKind::Segment(SegmentId(4)), Type::Bool));
    let plan = lowered(&checked);
    assert_eq!(plan.segments[2].condition, plan.segments[0].condition);
    assert_ne!(plan.segments[1].condition, plan.segments[0].condition);
    assert_eq!(plan.slots.len(), 1);
}

#[test]
fn long_chains_of_definitions_need_no_stack() {
    let mut checked = shop();
    const LENGTH: u32 = 20_000;
    let tickets = attribute(&checked, AttributeId(1));
    for index in 0..LENGTH {
        let before = match index {
            0 => tickets.clone(),
            _ => known(ExprKind::Let(LetId(index - 1), Vec::new()), Type::Int),
        };
        let value = arithmetic(Arithmetic::Add, before, attribute(&checked, AttributeId(2)), Type::Int);
        checked.lets.push(Let { name: "l".into(), at: place(), parameters: Vec::new(), value });
    }
    let last = known(ExprKind::Let(LetId(LENGTH - 1), Vec::new()), Type::Int);
    checked.segments.clear();
    for index in 0..LENGTH {
        let before = match index {
            0 => equal(last.clone(), int(7)),
            _ => known(ExprKind::Segment(SegmentId(index - 1)), Type::Bool),
        };
        segment_of(&mut checked, "s", not(and(before, equal(tickets.clone(), int(i64::from(index))))));
    }
    checked.segments.reverse();
    for (index, segment) in checked.segments.iter_mut().enumerate() {
        // What stood before now comes after.
        if let ExprKind::Not(inner) = &mut segment.condition.kind
            && let ExprKind::And(before, _) = &mut inner.kind
            && let ExprKind::Segment(id) = &mut before.kind
        {
            *id = SegmentId::at(index + 1);
        }
    }
    let plan = lowered(&checked);
    assert_eq!(plan.exprs.iter().filter(|node| matches!(node.op, Op::Add(..))).count(), LENGTH as usize);
    assert!(plan.atoms.iter().all(|atom| atom.wakes.is_empty()));
}

#[test]
fn texts_are_those_that_are_needed_in_alphabetical_order() {
    let mut checked = shop();
    let country = AttributeId(2);
    checked.attributes[country.index()].ty = Type::Text;
    checked.attributes[country.index()].default = Some(Constant::Text("fr".into()));
    let members = ["it", "de", "at"].map(|text| Constant::Text(text.into())).to_vec();
    let listed = known(ExprKind::InList(Box::new(attribute(&checked, country)), members), Type::Bool);
    let dropped = and(no(), equal(attribute(&checked, country), text("zz")));
    segment_of(&mut checked, "a", or(listed, dropped));
    checked.messages = vec![offer("a", "shoes")];
    let plan = lowered(&checked);
    assert_eq!(plan.texts, ["at", "de", "fr", "it", "shoes"]);
    assert_eq!(plan.attributes[country.index()].default, Some(plan::Constant::Text(TextId(2))));
    assert_eq!(plan.messages[0].attributes[0].value, plan::Constant::Text(TextId(4)));
    let Op::In(_, cells) = &plan.expr(literal_of(&plan, 0).0).op else { panic!() };
    assert_eq!(cells, &[0, 1, 3]);
}

#[test]
fn errors_do_no_harm() {
    let mut checked = Checked::default();
    segment_of(&mut checked, "a", known(ExprKind::Error, Type::Bool));
    segment_of(&mut checked, "b", known(ExprKind::Segment(SegmentId(9)), Type::Bool));
    segment_of(&mut checked, "c", known(ExprKind::Attribute(AttributeId(9)), Type::Bool));
    let score = arithmetic(Arithmetic::Add, known(ExprKind::Error, Type::Number), int(1), Type::Number);
    segment_of(&mut checked, "d", equal(score, number(1.0)));
    let lost =
        ask(Fold::Sum, pattern(EventId(9), Some(field(3, Type::Bool))), Some(7), Type::Int, Within::Ever);
    segment_of(&mut checked, "e", equal(lost, int(1)));
    let mut message = message_of("m", ClassId(4));
    message.via = vec![ChannelId(4)];
    message.placements = vec![PlacementId(4)];
    checked.messages.push(message);
    let plan = lowered(&checked);
    assert_eq!(certain_of(&plan, 0), Some(false));
    assert_eq!(plan.messages[0].routes.len(), 1);
}
