//! Random plans and frames, for tests: well typed, with values at the edges.

use crate::builtin::BUILTIN_EVENTS;
use crate::frame::Frame;
use crate::ids::*;
use crate::plan::*;
use crate::types::{Currency, Element, Type};
use crate::value::Value;
use std::sync::Arc;

/// Choices that a test case is made of. Where they end, zeros follow: shorter is simpler.
pub(crate) struct Tape<'a>(std::slice::Iter<'a, u32>);

impl<'a> Tape<'a> {
    pub(crate) fn new(choices: &'a [u32]) -> Self {
        Tape(choices.iter())
    }

    /// Below `end`, which isn't 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.next().map_or(0, |choice| *choice as usize % end)
    }

    pub(crate) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn bits(&mut self) -> u64 {
        let high = self.0.next().map_or(0, |choice| u64::from(*choice));
        let low = self.0.next().map_or(0, |choice| u64::from(*choice));
        high << 32 | low
    }
}

const TEXTS: [&str; 8] = ["", "de", "DE", "straße", "STRASSE", "golf", "éa", "a{2}"];
/// Texts that the policy doesn't name; some become one that it names.
const OTHERS: [&str; 7] = ["De", "GOLF", "golfer", "Σας", "xde", "ǅ", "日本"];

fn euro() -> Type {
    Type::Money(Currency::from_code("EUR").unwrap())
}

fn types() -> [Type; 15] {
    [
        Type::Bool,
        Type::Int,
        Type::Number,
        Type::Percent,
        euro(),
        Type::Duration,
        Type::Date,
        Type::Instant,
        Type::Text,
        Type::Country,
        Type::Enum(EnumId(0)),
        Type::Weekday,
        Type::Set(Element::Text),
        Type::Set(Element::Int),
        Type::Set(Element::Enum(EnumId(0))),
    ]
}

fn int(tape: &mut Tape<'_>) -> i64 {
    match tape.below(4) {
        0 => tape.below(11) as i64 - 5,
        1 => tape.one_of(&[
            i64::MIN,
            i64::MIN + 1,
            i64::MAX,
            i64::MAX - 1,
            i64::MAX / 2 + 1,
            i64::MIN / 2,
            1 << 53,
            (1 << 53) + 1,
            -(1 << 53) - 1,
            3_037_000_500,
            u32::MAX as i64 + 1,
        ]),
        2 => tape.below(100_000) as i64 - 50_000,
        _ => tape.bits() as i64,
    }
}

fn double(tape: &mut Tape<'_>) -> f64 {
    let value = match tape.below(4) {
        0 => tape.one_of(&[0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -0.5, -2.5, 0.15, 100.0]),
        1 => tape.one_of(&[
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MAX,
            f64::MIN,
            f64::MIN_POSITIVE,
            f64::from_bits(1),
            -f64::from_bits(1),
            9_223_372_036_854_775_807.0,
            -9_223_372_036_854_775_808.0,
            9_223_372_036_854_774_784.0,
            4_503_599_627_370_495.5,
            0.49999999999999994,
        ]),
        2 => int(tape) as f64 / 8.0,
        _ => f64::from_bits(tape.bits()),
    };
    if value.is_nan() { 7.25 } else { value }
}

/// A constant's cell.
fn cell(tape: &mut Tape<'_>, ty: Type) -> u64 {
    match ty {
        Type::Bool => tape.below(2) as u64,
        Type::Number | Type::Percent => double(tape).to_bits(),
        Type::Date if tape.below(2) == 0 => tape.below(60_000) as u64,
        Type::Enum(_) => tape.below(3) as u64,
        Type::Weekday => tape.below(7) as u64,
        Type::Set(_) => 0,
        _ if ty.is_text() => tape.below(TEXTS.len()) as u64,
        _ => int(tape) as u64,
    }
}

fn value(tape: &mut Tape<'_>, ty: Type) -> Value {
    match ty {
        Type::Set(element) => {
            let count = tape.below(4);
            let mut members: Vec<Value> = (0..count).map(|_| value(tape, element.ty())).collect();
            members.sort();
            members.dedup();
            Value::Set(members.into())
        }
        _ if ty.is_text() && tape.below(2) == 1 => Value::Text(tape.one_of(&OTHERS).into()),
        _ => Value::Cell(cell(tape, ty)),
    }
}

/// Fills all slots, some as unknown.
pub(crate) fn fill(tape: &mut Tape<'_>, plan: &Plan, frame: &mut Frame) {
    for (index, slot) in plan.slots.iter().enumerate() {
        let value = value(tape, slot.ty);
        let known = tape.below(4) != 3;
        frame.set(SlotId::at(index), known.then_some(&value));
    }
}

/// A plan in which every expression is a root, and messages with random guards.
pub(crate) fn plan(tape: &mut Tape<'_>, operations: usize) -> Plan {
    let mut arena = Arena { slots: Vec::new(), exprs: Vec::new() };
    for ty in types() {
        arena.add_slot(ty, false);
        arena.add_slot(ty, true);
        let constant = cell(tape, ty);
        arena.push(Op::Constant(constant), ty);
    }
    for _ in 0..operations {
        arena.add_operation(tape);
    }
    let exprs = (0..arena.exprs.len()).map(ExprId::at);
    let atoms: Vec<Atom> = exprs.clone().filter(|expr| arena.ty(*expr) == Type::Bool).map(atom).collect();
    let pieces = exprs.map(Piece::Value).collect();
    let variant = Variant { language: None, fields: vec![("body".into(), pieces)] };
    let score = arena.any(tape, |ty| ty.is_float());
    let route = Route {
        channel: ChannelId(0),
        suppressions: Vec::new(),
        caps: Vec::new(),
        score,
        content: vec![variant],
    };
    let messages = (0..8)
        .map(|index| Message {
            name: format!("m{index}").into(),
            class: ClassId(0),
            purposes: vec![PurposeId(0)],
            tags: Vec::new(),
            owner: None,
            attributes: Vec::new(),
            active: None,
            expires: None,
            guard: guard(tape, atoms.len()),
            triggers: vec![Trigger::Event { event: EventId(12), filter: None }],
            routes: if index == 0 { vec![route.clone()] } else { Vec::new() },
            displays: Vec::new(),
        })
        .map(Arc::new)
        .collect();
    let always = ConsentRule { mode: ConsentMode::Always, when: None };
    let class = |name: &str| Class {
        name: name.into(),
        rank: 0,
        ignores_quiet: false,
        ignores_caps: false,
        ignores_suppression: false,
        ignores_holdout: false,
    };
    Plan {
        format: FORMAT,
        policy: "random".into(),
        texts: TEXTS.iter().map(|text| (*text).into()).collect(),
        texts_in_order: Vec::new(),
        regexes: vec!["^[a-z]*$".into(), "(?i)g.lf".into()],
        enums: vec![Enum {
            name: "Tier".into(),
            ordered: true,
            members: vec!["a".into(), "b".into(), "c".into()],
        }],
        attributes: types()
            .iter()
            .enumerate()
            .map(|(index, ty)| Attribute {
                name: format!("a{index:02}").into(),
                ty: *ty,
                optional: true,
                default: None,
                personal: false,
            })
            .collect(),
        timezone: None,
        language: None,
        events: events(),
        exprs: arena.exprs,
        slots: arena.slots,
        atoms,
        streams: vec![Stream {
            event: EventId(12),
            filter: None,
            fields: vec![0],
            keep: Keep { rolling: 1, ..Keep::default() },
        }],
        windows: vec![Window {
            stream: StreamId(0),
            filter: None,
            fold: Fold::Sum,
            field: Some(0),
            span: WindowSpan::Rolling(1),
            ty: Type::Int,
            optional: false,
        }],
        segments: Vec::new(),
        channels: vec![Channel {
            name: "web".into(),
            kind: ChannelKind::Inbound,
            quiet: vec![Quiet { from: 0, to: 1, weekdays: 127, when: None }],
            spread: 0,
            cost: None,
        }],
        placements: Vec::new(),
        classes: vec![class("c")],
        purposes: vec![Purpose { name: "p".into(), channels: vec![vec![always]] }],
        tags: Vec::new(),
        messages,
        caps: vec![Cap {
            name: "weekly".into(),
            limit: 3,
            span: CapSpan::Rolling(7),
            selector: Selector { classes: vec![ClassId(0)], ..Selector::default() },
            per: None,
        }],
        suppressions: Vec::new(),
        picks: vec![Pick { limit: 1, per_channel: true }],
        holdouts: vec![Holdout { name: "h".into(), share: 0.1, classes: vec![ClassId(0)], salt: "h".into() }],
        experiments: Vec::new(),
        journeys: Vec::new(),
        stops: Vec::new(),
        models: Vec::new(),
    }
}

/// The same with very many messages, which one event proposes together: with filters, suppress rules, one or two ways,
/// two classes, dates, and scores of which most have few shapes.
pub(crate) fn crowd(tape: &mut Tape<'_>, operations: usize, messages: usize) -> Plan {
    let mut plan = plan(tape, operations);
    let mut arena = Arena { slots: plan.slots, exprs: plan.exprs };
    let filters: Vec<ExprId> = (0..40).map(|_| arena.any(tape, |ty| ty == Type::Bool)).collect();
    let features: Vec<ExprId> = (0..4).map(|_| arena.any(tape, Type::is_float)).collect();
    let odd: Vec<ExprId> = (0..6).map(|_| arena.any(tape, Type::is_float)).collect();
    let class = Class { name: "d".into(), rank: 1, ..plan.classes[0].clone() };
    plan.classes.push(class);
    plan.channels.push(Channel { name: "xweb".into(), quiet: Vec::new(), ..plan.channels[0].clone() });
    let rule = |mode| vec![ConsentRule { mode, when: None }];
    plan.purposes[0].channels = vec![rule(ConsentMode::Always), rule(ConsentMode::OptIn)];
    plan.suppressions = vec!["a:1".into(), "a:2".into()];
    plan.caps[0].selector = Selector::default();
    plan.caps.push(Cap { name: "x".into(), per: Some(CapPer::Message), ..plan.caps[0].clone() });
    let template = Message::clone(&plan.messages[0]);
    let route = &template.routes[0];
    let numbers: Vec<f64> = (0..12).map(|_| double(tape)).collect();
    let number = |arena: &mut Arena, tape: &mut Tape<'_>| {
        let value = match tape.below(3) {
            0 => tape.one_of(&numbers),
            _ => tape.below(400) as f64 / 4.0 - 20.0,
        };
        arena.push(Op::Constant(value.to_bits()), Type::Number);
        ExprId::at(arena.exprs.len() - 1)
    };
    let atoms = plan.atoms.len();
    plan.messages.clear();
    for index in 0..messages {
        let mut routes = Vec::new();
        for way in 0..1 + tape.below(5) / 4 {
            let form = tape.below(8);
            let score = if form == 7 {
                tape.one_of(&odd)
            } else {
                let (a, b) = (number(&mut arena, tape), number(&mut arena, tape));
                arena.push(Op::Multiply(a, features[form % 4]), Type::Number);
                let product = ExprId::at(arena.exprs.len() - 1);
                let op = if form < 5 { Op::Add(product, b) } else { Op::Max(b, product) };
                arena.push(op, Type::Number);
                ExprId::at(arena.exprs.len() - 1)
            };
            let rules = if tape.below(6) == 0 { tape.below(3) } else { 0 };
            let suppressions = (0..rules).map(|rule| (SuppressId::at(rule), tape.one_of(&filters))).collect();
            routes.push(Route {
                channel: ChannelId::at(way),
                suppressions,
                caps: (0..tape.below(12) / 5).map(CapId::at).collect(),
                score,
                content: route.content.clone(),
            });
        }
        let filter = (tape.below(4) == 0).then(|| tape.one_of(&filters));
        plan.messages.push(Arc::new(Message {
            name: format!("m{index:05}").into(),
            class: ClassId::at(tape.below(2)),
            active: (tape.below(8) == 0).then(|| (tape.below(5) as i64, 5 + tape.below(3) as i64)),
            guard: if tape.below(5) == 0 { Guard::default() } else { guard(tape, atoms) },
            triggers: vec![Trigger::Event { event: EventId::at(BUILTIN_EVENTS.len()), filter }],
            routes,
            ..template.clone()
        }));
    }
    (plan.slots, plan.exprs) = (arena.slots, arena.exprs);
    plan
}

/// A plan that differs from a crowd's in what one or two messages say, with all that they ask for at its end.
pub(crate) fn amend(tape: &mut Tape<'_>, before: &Plan) -> (Plan, Vec<MessageId>) {
    let mut plan = before.clone();
    let mut arena = Arena { slots: plan.slots, exprs: plan.exprs };
    let mut messages: Vec<MessageId> =
        (0..1 + tape.below(3) / 2).map(|_| MessageId::at(tape.below(plan.messages.len()))).collect();
    messages.sort_unstable();
    messages.dedup();
    for id in &messages {
        let mut message = (*plan.messages[id.index()]).clone();
        for _ in 0..tape.below(6) {
            arena.add_operation(tape);
        }
        let condition = |arena: &mut Arena, tape: &mut Tape<'_>| {
            let slot = arena.any(tape, |ty| matches!(ty, Type::Int | Type::Number));
            let ty = arena.ty(slot);
            let cell = cell(tape, ty);
            arena.push(Op::Constant(cell), ty);
            let constant = ExprId::at(arena.exprs.len() - 1);
            let comparison = tape.one_of(&[Comparison::Less, Comparison::GreaterEqual]);
            arena.push(Op::Compare(comparison, slot, constant), Type::Bool);
            ExprId::at(arena.exprs.len() - 1)
        };
        if tape.below(4) != 3 {
            for _ in 0..1 + tape.below(3) {
                plan.atoms.push(atom(condition(&mut arena, tape)));
            }
            message.guard = if tape.below(3) == 0 { Guard::default() } else { guard(tape, plan.atoms.len()) };
            let literal = Literal { atom: AtomId::at(plan.atoms.len() - 1), negated: tape.below(2) == 1 };
            message.guard.clauses.push(Clause { literals: vec![literal] });
        }
        if tape.below(3) == 0 {
            message.active = (tape.below(2) == 0).then(|| (tape.below(5) as i64, 4 + tape.below(4) as i64));
        }
        if tape.below(3) == 0 {
            let filter = (tape.below(2) == 0).then(|| condition(&mut arena, tape));
            let Trigger::Event { event, .. } = message.triggers[0] else { continue };
            message.triggers = vec![Trigger::Event { event, filter }];
        }
        for route in &mut message.routes {
            if tape.below(3) == 0 {
                route.suppressions = vec![(SuppressId(0), condition(&mut arena, tape))];
            }
            if tape.below(3) == 0 {
                route.caps = (0..tape.below(3)).map(CapId::at).collect();
            }
            match tape.below(4) {
                // As the others have it, with other numbers; often as much as another one's.
                0 | 1 => {
                    let feature = arena.any(tape, Type::is_float);
                    let numbers = [0, 1].map(|_| tape.below(40) as f64 / 4.0);
                    let [a, b] = numbers.map(|number| {
                        arena.push(Op::Constant(number.to_bits()), Type::Number);
                        ExprId::at(arena.exprs.len() - 1)
                    });
                    arena.push(Op::Multiply(a, feature), Type::Number);
                    let product = ExprId::at(arena.exprs.len() - 1);
                    arena.push(Op::Add(product, b), Type::Number);
                    route.score = ExprId::at(arena.exprs.len() - 1);
                }
                2 => route.score = arena.any(tape, Type::is_float),
                _ => {}
            }
        }
        plan.messages[id.index()] = Arc::new(message);
    }
    (plan.slots, plan.exprs) = (arena.slots, arena.exprs);
    (plan, messages)
}

fn events() -> Vec<Event> {
    let builtin = BUILTIN_EVENTS.iter().map(|event| Event {
        name: event.name.into(),
        fields: event
            .fields
            .iter()
            .map(|(name, ty, optional)| Field { name: (*name).into(), ty: *ty, optional: *optional })
            .collect(),
    });
    let fields = vec![Field { name: "items".into(), ty: Type::Int, optional: false }];
    builtin.chain([Event { name: "purchase".into(), fields }]).collect()
}

fn guard(tape: &mut Tape<'_>, atoms: usize) -> Guard {
    let clauses = (0..tape.below(6)).map(|_| {
        // Rarely none at all: such a clause never holds.
        let literals = (0..tape.below(16).div_ceil(4))
            .map(|_| Literal { atom: AtomId::at(tape.below(atoms)), negated: tape.below(2) == 1 });
        Clause { literals: literals.collect() }
    });
    Guard { clauses: clauses.collect() }
}

struct Arena {
    slots: Vec<Slot>,
    exprs: Vec<Node>,
}

impl Arena {
    fn ty(&self, expr: ExprId) -> Type {
        self.exprs[expr.index()].ty
    }

    fn push(&mut self, op: Op, ty: Type) {
        let optional = !matches!(op, Op::Constant(_));
        self.exprs.push(Node { op, ty, optional });
    }

    fn add_slot(&mut self, ty: Type, optional: bool) {
        let attribute = types().iter().position(|other| *other == ty).unwrap();
        let slot = SlotId::at(self.slots.len());
        self.slots.push(Slot { source: Source::Attribute(AttributeId::at(attribute)), ty, optional });
        self.push(Op::Slot(slot), ty);
    }

    /// Some expression of such a type, the later ones more often.
    fn any(&self, tape: &mut Tape<'_>, is: impl Fn(Type) -> bool) -> ExprId {
        let mut all: Vec<ExprId> =
            (0..self.exprs.len()).map(ExprId::at).filter(|expr| is(self.ty(*expr))).collect();
        if tape.below(2) == 1 {
            all.drain(..all.len() / 2);
        }
        tape.one_of(&all)
    }

    fn add_operation(&mut self, tape: &mut Tape<'_>) {
        let same = |arena: &Arena, tape: &mut Tape<'_>, ty: Type| arena.any(tape, |other| other == ty);
        let is_float = Type::is_float;
        let is_amount =
            |ty: Type| matches!(ty, Type::Int | Type::Money(_) | Type::Duration | Type::Date | Type::Instant);
        let is_set = |ty: Type| matches!(ty, Type::Set(_));
        let is_bool = |ty: Type| ty == Type::Bool;
        let (op, ty) = match tape.below(40) {
            0 => (Op::Constant(cell(tape, Type::Number)), Type::Number),
            1 => (Op::Constant(cell(tape, Type::Int)), Type::Int),
            2 => {
                let ty = tape.one_of(&types());
                (Op::Unknown, ty)
            }
            3 => (Op::Not(self.any(tape, is_bool)), Type::Bool),
            4 => (Op::And(self.any(tape, is_bool), self.any(tape, is_bool)), Type::Bool),
            5 => (Op::Or(self.any(tape, is_bool), self.any(tape, is_bool)), Type::Bool),
            6 => (Op::IsKnown(self.any(tape, |_| true)), Type::Bool),
            7 | 8 => {
                let a = self.any(tape, |_| true);
                let ty = self.ty(a);
                (Op::Otherwise(a, same(self, tape, ty)), ty)
            }
            9 | 10 => {
                let condition = self.any(tape, is_bool);
                let a = self.any(tape, |_| true);
                let ty = self.ty(a);
                (Op::If(condition, a, same(self, tape, ty)), ty)
            }
            11..=14 => {
                let mut comparison = tape.one_of(&[
                    Comparison::Equal,
                    Comparison::NotEqual,
                    Comparison::Less,
                    Comparison::LessEqual,
                    Comparison::Greater,
                    Comparison::GreaterEqual,
                ]);
                let a = self.any(tape, |_| true);
                let ty = self.ty(a);
                if ty.is_text() || is_set(ty) {
                    comparison = tape.one_of(&[Comparison::Equal, Comparison::NotEqual]);
                }
                (Op::Compare(comparison, a, same(self, tape, ty)), Type::Bool)
            }
            15 => {
                let a = self.any(tape, |ty| !ty.is_float() && !is_set(ty));
                let ty = self.ty(a);
                let mut members: Vec<u64> = (0..tape.below(14)).map(|_| cell(tape, ty)).collect();
                members.sort_unstable();
                members.dedup();
                (Op::In(a, members), Type::Bool)
            }
            16..=19 => {
                let a = self.any(tape, |ty| ty.is_float() || is_amount(ty));
                let ty = self.ty(a);
                let b = same(self, tape, ty);
                let op = match tape.below(3) {
                    0 => Op::Add(a, b),
                    1 => Op::Subtract(a, b),
                    _ => Op::Multiply(a, b),
                };
                (op, ty)
            }
            20 | 21 => (Op::Divide(self.any(tape, is_float), self.any(tape, is_float)), Type::Number),
            22 | 23 => {
                let a = self.any(tape, is_amount);
                let b = self.any(tape, is_float);
                (if tape.below(2) == 0 { Op::Scale(a, b) } else { Op::Unscale(a, b) }, self.ty(a))
            }
            24 | 25 => {
                let a = self.any(tape, |ty| ty.is_float() || is_amount(ty));
                (if tape.below(2) == 0 { Op::Negate(a) } else { Op::Abs(a) }, self.ty(a))
            }
            26 | 27 => {
                let a = self.any(tape, |ty| !ty.is_text() && !is_set(ty) && ty != Type::Bool);
                let ty = self.ty(a);
                let b = same(self, tape, ty);
                (if tape.below(2) == 0 { Op::Min(a, b) } else { Op::Max(a, b) }, ty)
            }
            28 => (Op::ToNumber(self.any(tape, is_amount)), Type::Number),
            29 => (Op::ToMajor(self.any(tape, is_amount), tape.one_of(&[1, 100, 1000])), Type::Number),
            30 => {
                let a = self.any(tape, is_float);
                (tape.one_of(&[Op::Round, Op::Floor, Op::Ceil])(a), Type::Int)
            }
            31 | 32 => {
                let a = self.any(tape, Type::is_text);
                (if tape.below(2) == 0 { Op::Lower(a) } else { Op::Upper(a) }, Type::Text)
            }
            33 => (Op::Length(self.any(tape, Type::is_text)), Type::Int),
            34 => {
                let (a, b) = (self.any(tape, Type::is_text), self.any(tape, Type::is_text));
                (tape.one_of(&[Op::StartsWith, Op::EndsWith, Op::TextContains])(a, b), Type::Bool)
            }
            35 => (Op::Matches(self.any(tape, Type::is_text), RegexId::at(tape.below(2))), Type::Bool),
            36 => {
                let a = self.any(tape, is_set);
                let Type::Set(element) = self.ty(a) else { return };
                (Op::SetContains(a, same(self, tape, element.ty())), Type::Bool)
            }
            37 => {
                let a = self.any(tape, is_set);
                let b = same(self, tape, self.ty(a));
                (tape.one_of(&[Op::SetContainsAll, Op::SetOverlaps])(a, b), Type::Bool)
            }
            38 => (Op::SetLength(self.any(tape, is_set)), Type::Int),
            _ => {
                let (a, b) = (same(self, tape, Type::Date), same(self, tape, Type::Date));
                (Op::YearsBetween(a, b), Type::Int)
            }
        };
        self.push(op, ty);
    }
}

/// A frame that is filled at random.
pub(crate) fn frame(tape: &mut Tape<'_>, plan: &Arc<Plan>) -> Frame {
    let mut frame = Frame::new(plan);
    fill(tape, plan, &mut frame);
    frame
}

/// An atom that time alone doesn't change.
pub(crate) fn atom(expr: ExprId) -> Atom {
    Atom { expr, wakes: Vec::new() }
}
