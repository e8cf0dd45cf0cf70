use super::axis::{Axis, key, truth_of};
use super::{Doubt, Found, Gate, Reason, Row, Scan, SlateId};
use crate::engine::Engine;
use crate::engine::random::{self, Tape};
use crate::frame::Frame;
use crate::ids::*;
use crate::plan::*;
use crate::types::Type;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;

/// A message, its way, and its score.
type Scored = (MessageId, u32, f64);

/// What a message comes to when it is looked at by itself, by the interpreter: the ways that pass all but the score, and
/// the first of those with a finite one.
struct Judge<'a> {
    engine: &'a Engine,
    frame: &'a mut Frame,
    date: i64,
    open: u64,
    full: u64,
}

impl Judge<'_> {
    fn is_open(&self, gate: &Gate) -> bool {
        is_open_at(self.open, gate)
    }

    fn passes(&mut self, message: MessageId, way: usize) -> bool {
        let plan = Arc::clone(self.engine.plan());
        let declared = &plan.messages[message.index()];
        let route = &declared.routes[way];
        let caps = route.caps.iter().all(|cap| match plan.caps[cap.index()].per {
            Some(CapPer::Message) => self.full >> (message.0 % 64) & 1 == 0,
            _ => self.is_open(&Gate::Cap(*cap, ChannelId(0))),
        });
        let consents =
            route.channel == ChannelId(0) || self.is_open(&Gate::Consent(PurposeId(0), route.channel));
        let Trigger::Event { filter, .. } = declared.triggers[0] else { panic!("an event") };
        declared.active.is_none_or(|(first, last)| first <= self.date && self.date <= last)
            && filter.is_none_or(|filter| self.engine.holds(filter, self.frame))
            && self.engine.guard(message, self.frame)
            && caps
            && consents
            && !route.suppressions.iter().any(|(_, when)| self.engine.holds(*when, self.frame))
    }

    fn score(&mut self, message: MessageId, way: usize) -> f64 {
        let route = self.engine.plan().messages[message.index()].routes[way].score;
        f64::from_bits(self.engine.evaluate(route, self.frame).cell)
    }

    /// The ways that pass, and the best message with its first.
    fn all(&mut self, excluded: &[MessageId]) -> (Vec<(MessageId, u32)>, Option<Scored>) {
        let plan = Arc::clone(self.engine.plan());
        let (mut passing, mut best) = (Vec::new(), None::<Found>);
        for message in (0..plan.messages.len()).map(MessageId::at).filter(|id| !excluded.contains(id)) {
            let mut stands = false;
            for way in 0..plan.messages[message.index()].routes.len() {
                if !self.passes(message, way) {
                    continue;
                }
                passing.push((message, way as u32));
                let score = self.score(message, way);
                if !stands && score.is_finite() {
                    stands = true;
                    let rank = plan.classes[plan.messages[message.index()].class.index()].rank;
                    let found = Found { message, way: way as u32, rank, score, doubt: Doubt::None };
                    if best.is_none_or(|best| found.is_before(&best)) {
                        best = Some(found);
                    }
                }
            }
        }
        (passing, best.map(|best| (best.message, best.way, best.score)))
    }
}

fn is_open_at(open: u64, gate: &Gate) -> bool {
    let at = match gate {
        Gate::Consent(purpose, channel) => purpose.0 + channel.0,
        Gate::Reachable(channel) => 8 + channel.0,
        Gate::Cap(cap, _) => 16 + cap.0,
    };
    open >> at & 1 == 1
}

/// Each reason that rows give is one, and who fails for none of them is in doubt or passes.
fn explain(indexed: &Engine, rows: &[Row], judge: &mut Judge<'_>, missing: &[MessageId]) {
    let plan = Arc::clone(indexed.plan());
    for message in (0..plan.messages.len()).map(MessageId::at).filter(|id| !missing.contains(id)) {
        let Some(ways) = indexed.explain(SlateId(0), rows, message) else { return };
        for (way, reasons) in ways.iter().enumerate() {
            assert!(reasons.is_empty() || !judge.passes(message, way), "{reasons:?}");
            for reason in reasons {
                match reason {
                    Reason::Clause(conditions) => {
                        for (condition, negated) in conditions {
                            assert_eq!(judge.engine.holds(*condition, judge.frame), *negated);
                        }
                    }
                    Reason::Gate(gate) => assert!(!judge.is_open(gate)),
                    Reason::Inactive => {
                        let (first, last) = plan.messages[message.index()].active.unwrap();
                        assert!(judge.date < first || last < judge.date);
                    }
                }
            }
        }
        // What no row rules out is what the search finds, choices, caps and doubts apart.
        let slate = &indexed.slates().all[0];
        if slate.patches().iter().any(|patch| patch.message == message) {
            continue;
        }
        let entries = slate.rows().unwrap().entries.iter().filter(|entry| entry.message == message);
        for entry in entries.filter(|entry| entry.doubt == Doubt::None) {
            let way = entry.way as usize;
            assert_eq!(judge.passes(message, way), ways[way].is_empty());
        }
    }
}

/// Compares what a slate says with what messages say by themselves; gives how many passed.
fn compare(indexed: &Engine, tape: &mut Tape<'_>, frames: usize) -> usize {
    let plan = indexed.plan();
    let interpreter = Engine::interpreter(Arc::clone(plan));
    let slates = indexed.slates();
    assert_eq!(slates.all.len(), 1, "one event proposes messages");
    let slate = &slates.all[0];
    let id = SlateId(0);
    let mut scan = Scan::default();
    let mut count = 0;
    for _ in 0..frames {
        let mut frame = random::frame(tape, plan);
        let mut other = frame.clone();
        let (date, open) =
            (tape.below(9) as i64, tape.below(1 << 20) as u64 | (tape.below(2) as u64 * 0xffff_ffff));
        let full = tape.below(1 << 30) as u64;
        let mut judge = Judge { engine: &interpreter, frame: &mut frame, date, open, full };
        let missing: Vec<MessageId> =
            (0..plan.messages.len()).map(MessageId::at).filter(|id| !slate.messages.contains(id)).collect();
        let mut excluded = missing.clone();
        for round in 0..3 {
            let (passing, best) = judge.all(&excluded);
            let is_open = |gate: &Gate| is_open_at(open, gate);
            indexed.begin(id, &mut other.values(indexed.plan()), date, is_open, &mut scan);
            while let Some(found) =
                indexed.next_found(id, &mut other.values(indexed.plan()), &excluded, &mut scan)
            {
                assert!(found.doubt != Doubt::None);
                if judge.passes(found.message, found.way as usize) {
                    scan.confirm(slate, found);
                }
            }
            let found = scan.best().map(|best| (best.message, best.way, best.score));
            assert_eq!(found, best);
            if round == 0 {
                let values = other.values(indexed.plan());
                let is_open = |gate: &Gate| is_open_at(open, gate);
                let passes = |found: &Found| judge.passes(found.message, found.way as usize);
                let found = indexed.best_of(id, values, date, is_open, passes, &mut Scan::default());
                assert_eq!(found.map(|best| (best.message, best.way, best.score)), best);
                explain(indexed, scan.rows(), &mut judge, &missing);
                let is_open = |gate: &Gate| is_open_at(open, gate);
                indexed.begin(id, &mut other.values(indexed.plan()), date, is_open, &mut scan);
                let mut all = Vec::new();
                indexed.visit_found(id, &mut other.values(indexed.plan()), &excluded, &mut scan, |found| {
                    if found.doubt == Doubt::None || judge.passes(found.message, found.way as usize) {
                        all.push((found.message, found.way));
                    }
                });
                all.sort_unstable();
                assert_eq!(all, passing);
                count += passing.len();
            }
            // Once more, as if the best had left.
            excluded.extend(best.map(|best| best.0));
        }
    }
    count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    /// Slates of one to 600 messages, each with several customers.
    #[test]
    fn an_index_decides_as_the_messages_do_by_themselves(
        choices in vec(any::<u32>(), 4000..16_000),
        messages in prop_oneof![1..24_usize, 10..60_usize, 40..600_usize],
    ) {
        let mut tape = Tape::new(&choices);
        let plan = Arc::new(random::crowd(&mut tape, 90, messages));
        prop_assert_eq!(plan.validate(), Ok(()));
        compare(&Engine::jit(plan).unwrap(), &mut tape, 3);
    }

    /// Messages are amended time and again, in slates of each kind; after each edit the engine says what one says that was
    /// built for the whole plan, and the first one says what it said.
    #[test]
    fn an_amended_index_decides_as_one_that_is_built_anew(
        choices in vec(any::<u32>(), 6000..20_000),
        messages in prop_oneof![3 => 1..24_usize, 3 => 20..60_usize, 1 => 520..600_usize],
        edits in 1..8_usize,
    ) {
        let mut tape = Tape::new(&choices);
        let plan = Arc::new(random::crowd(&mut tape, 60, messages));
        let first = Engine::jit(Arc::clone(&plan)).unwrap();
        let mut engines = (Engine::jit(Arc::clone(&plan)).unwrap(), Engine::interpreter(plan));
        for _ in 0..edits {
            let (plan, amended) = random::amend(&mut tape, engines.0.plan());
            let plan = Arc::new(plan);
            prop_assert_eq!(plan.validate(), Ok(()));
            engines.1 = engines.1.amended(Arc::clone(&plan), &amended).unwrap().unwrap();
            let Some(next) = engines.0.amended(Arc::clone(&plan), &amended) else {
                engines.0 = Engine::jit(plan).unwrap();
                continue;
            };
            engines.0 = next.unwrap();
            agree(&[&engines.0, &engines.1], &amended, &mut tape);
            compare(&engines.0, &mut tape, 1);
        }
        compare(&first, &mut tape, 1);
    }
}

/// Amended engines give for each expression and each guard what one gives that is built for the whole plan.
fn agree(engines: &[&Engine], amended: &[MessageId], tape: &mut Tape<'_>) {
    let plan = engines[0].plan();
    let anew = Engine::interpreter(Arc::clone(plan));
    let first = random::frame(tape, plan);
    for engine in engines {
        // What texts an expression makes shows in the next ones.
        let (mut frame, mut other) = (first.clone(), first.clone());
        for root in crate::engine::roots(plan) {
            let expected = anew.evaluate(root, &mut frame);
            assert_eq!(engine.evaluate(root, &mut other), expected);
        }
        for id in (0..plan.messages.len()).map(MessageId::at) {
            assert_eq!(engine.guard(id, &mut other), anew.guard(id, &mut frame));
            assert_eq!(engine.guard_slots(id), anew.guard_slots(id));
        }
        for id in amended {
            let mut roots = Vec::new();
            crate::engine::extend_with_message(&mut roots, &plan.messages[id.index()]);
            roots.iter().for_each(|root| assert_eq!(engine.slots(*root), anew.slots(*root)));
        }
    }
}

/// A message's guard becomes one condition, that a slot's number is less than this.
fn limit(plan: &Plan, id: MessageId, number: i64) -> Plan {
    let mut plan = plan.clone();
    let slot = plan.exprs.iter().position(|node| node.ty == Type::Int && matches!(node.op, Op::Slot(_)));
    let slot = ExprId::at(slot.expect("a slot of each type"));
    let end = ExprId::at(plan.exprs.len());
    plan.exprs.push(Node { op: Op::Constant(number as u64), ty: Type::Int, optional: false });
    let compare = Op::Compare(Comparison::Less, slot, end);
    plan.exprs.push(Node { op: compare, ty: Type::Bool, optional: true });
    plan.atoms.push(random::atom(ExprId::at(plan.exprs.len() - 1)));
    let literal = Literal { atom: AtomId::at(plan.atoms.len() - 1), negated: false };
    let mut message = (*plan.messages[id.index()]).clone();
    message.guard.clauses = vec![Clause { literals: vec![literal] }];
    plan.messages[id.index()] = Arc::new(message);
    plan
}

#[test]
fn amended_engines_share_what_stays_and_drop_what_is_replaced() {
    let choices: Vec<u32> = (0..90_000_u32).map(|at| at.wrapping_mul(2_654_435_761) >> 7).collect();
    for messages in [12, 600] {
        let plan = Arc::new(random::crowd(&mut Tape::new(&choices), 60, messages));
        let first = Engine::jit(Arc::clone(&plan)).unwrap();
        let slate = &first.slates().all[0];
        let id = slate.messages[3];
        let once = first.amended(Arc::new(limit(&plan, id, 7)), &[id]).unwrap().unwrap();
        let mut engine = first.amended(Arc::new(limit(&plan, id, 1_000)), &[id]).unwrap().unwrap();
        for number in 1_001..1_040 {
            let plan = Arc::new(limit(engine.plan(), id, number));
            engine = engine.amended(plan, &[id]).unwrap().unwrap();
        }
        assert_eq!(engine.slates().all[0].patches().len(), 1);
        assert_eq!(engine.slates().size(), once.slates().size());
        assert!(first.code_size() < once.code_size());
        // One page of machine code, whatever numbers are in it.
        assert!(engine.code_size() < once.code_size() + 256);
        let shares = match (&slate.form, &engine.slates().all[0].form) {
            (super::Form::Rows(a), super::Form::Rows(b)) => Arc::ptr_eq(a, b),
            (super::Form::Straight(a), super::Form::Straight(b)) => Arc::ptr_eq(a, b),
            _ => false,
        };
        assert!(shares);
        assert!(Arc::ptr_eq(&slate.messages, &engine.slates().all[0].messages));
    }
}

#[test]
fn what_is_no_amendment_is_built_anew() {
    let choices: Vec<u32> = (0..90_000_u32).map(|at| at.wrapping_mul(2_654_435_761) >> 7).collect();
    let plan = Arc::new(random::crowd(&mut Tape::new(&choices), 60, 60));
    let first = Engine::jit(Arc::clone(&plan)).unwrap();
    let id = MessageId(5);
    let change = |change: &dyn Fn(&mut Message)| {
        let mut plan = limit(&plan, id, 3);
        let mut message = (*plan.messages[id.index()]).clone();
        change(&mut message);
        plan.messages[id.index()] = Arc::new(message);
        first.amended(Arc::new(plan), &[id]).map(|made| made.map(drop))
    };
    assert_eq!(change(&|_| {}), Some(Ok(())));
    assert_eq!(change(&|message| message.class = ClassId(1 - message.class.0)), None);
    assert_eq!(change(&|message| message.routes[0].channel = ChannelId(1)), None);
    assert_eq!(change(&|message| message.triggers.clear()), None);
    assert_eq!(change(&|message| message.name = "other".into()), None);
    let missing = ExprId::at(plan.exprs.len() + 9);
    assert!(matches!(change(&|message| message.routes[0].score = missing), Some(Err(_))));
    let mut shorter = (*plan).clone();
    shorter.atoms.pop();
    assert!(first.amended(Arc::new(shorter), &[]).is_none());
    // One after the other, until there are too many.
    let mut engine = first;
    let mut amended = 0;
    for id in (0..60).map(MessageId) {
        let plan = Arc::new(limit(engine.plan(), id, 3));
        let Some(next) = engine.amended(plan, &[id]) else { break };
        engine = next.unwrap();
        amended += 1;
    }
    assert!((12..=24).contains(&amended), "{amended}");
}

#[test]
fn five_thousand_messages_are_decided_as_by_themselves() {
    let mut state = 7_u64;
    let choices: Vec<u32> = (0..160_000)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as u32
        })
        .collect();
    let mut tape = Tape::new(&choices);
    let plan = Arc::new(random::crowd(&mut tape, 120, 5_000));
    assert!(compare(&Engine::jit(plan).unwrap(), &mut tape, 3) > 100);
}

#[test]
fn an_occasion_that_needs_too_many_rows_has_none() {
    let mut tape = Tape::new(&[]);
    let mut plan = random::crowd(&mut tape, 120, 13_000);
    for (first, message) in (0..).step_by(2).zip(&mut plan.messages) {
        Arc::make_mut(message).active = Some((first, first));
    }
    let few = Plan { messages: plan.messages[..5_000].to_vec(), ..plan.clone() };
    assert!(Engine::jit(Arc::new(plan)).unwrap().slates().all.is_empty());
    assert_eq!(Engine::jit(Arc::new(few)).unwrap().slates().all.len(), 1);
}

#[test]
fn intervals_say_of_each_condition_what_the_interpreter_says() {
    let mut tape = Tape::new(&[]);
    let mut plan = random::plan(&mut tape, 0);
    let slot = |plan: &Plan, ty: Type| {
        let at = plan.exprs.iter().position(|node| node.ty == ty && matches!(node.op, Op::Slot(_)));
        ExprId::at(at.expect("a slot of each type"))
    };
    let add = |plan: &mut Plan, op: Op, ty: Type| {
        plan.exprs.push(Node { op, ty, optional: true });
        ExprId::at(plan.exprs.len() - 1)
    };
    let comparisons = [
        Comparison::Equal,
        Comparison::NotEqual,
        Comparison::Less,
        Comparison::LessEqual,
        Comparison::Greater,
        Comparison::GreaterEqual,
    ];
    let ints = [0, 1, -1, 5, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1, i64::MAX - 1];
    let doubles = [
        0.0,
        -0.0,
        1.0,
        -1.5,
        2.5,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MIN_POSITIVE,
        9_007_199_254_740_993.0,
        9_223_372_036_854_775_807.0,
        -9_223_372_036_854_775_808.0,
        -1e300,
    ];
    let (int, number) = (slot(&plan, Type::Int), slot(&plan, Type::Number));
    let as_number = add(&mut plan, Op::ToNumber(int), Type::Number);
    let mut conditions = Vec::new();
    for comparison in comparisons {
        for value in ints {
            let constant = add(&mut plan, Op::Constant(value as u64), Type::Int);
            let default = add(&mut plan, Op::Otherwise(int, constant), Type::Int);
            let zero = add(&mut plan, Op::Constant(0), Type::Int);
            conditions.push(add(&mut plan, Op::Compare(comparison, int, constant), Type::Bool));
            conditions.push(add(&mut plan, Op::Compare(comparison, constant, int), Type::Bool));
            conditions.push(add(&mut plan, Op::Compare(comparison, default, zero), Type::Bool));
        }
        for value in doubles {
            let constant = add(&mut plan, Op::Constant(value.to_bits()), Type::Number);
            conditions.push(add(&mut plan, Op::Compare(comparison, number, constant), Type::Bool));
            conditions.push(add(&mut plan, Op::Compare(comparison, as_number, constant), Type::Bool));
        }
    }
    conditions.push(add(&mut plan, Op::IsKnown(int), Type::Bool));
    conditions.push(add(&mut plan, Op::In(int, vec![1, 5, -1_i64 as u64]), Type::Bool));
    let engine = Engine::interpreter(Arc::new(plan.clone()));
    let mut frame = Frame::new(&plan);
    let mut looked_at = 0;
    for condition in conditions {
        for negated in [false, true] {
            let (slot, truth) = truth_of(&plan, condition, negated).expect("a condition on one slot");
            let ty = plan.slots[slot.index()].ty;
            let axis = Axis::new(slot, ty, [&truth].into_iter(), 100);
            let (holds, exact) = axis.project(&truth);
            assert!(exact);
            let cells =
                ints.iter().map(|value| *value as u64).chain(doubles.iter().map(|value| value.to_bits()));
            let is_value = |cell: &u64| !ty.is_float() || !f64::from_bits(*cell).is_nan();
            for (cell, known) in cells.filter(is_value).map(|cell| (cell, true)).chain([(0, false)]) {
                frame.clear();
                if known {
                    frame.set_cell(slot, cell);
                } else {
                    frame.set(slot, None);
                }
                let expected = engine.holds(condition, &mut frame) != negated;
                assert_eq!(
                    holds[axis.interval(cell, known)],
                    expected,
                    "{:?} of {cell} ({}), key {}",
                    plan.expr(condition),
                    f64::from_bits(cell),
                    key(ty, cell)
                );
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 10_000);
}
