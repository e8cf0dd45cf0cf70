use super::axis::{Axis, key, truth_of};
use super::{Doubt, Found, Gate, Reason, Scan, SlateId};
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
        let at = match gate {
            Gate::Consent(purpose, channel) => purpose.0 + channel.0,
            Gate::Reachable(channel) => 8 + channel.0,
            Gate::Cap(cap, _) => 16 + cap.0,
        };
        self.open >> at & 1 == 1
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

/// Each reason that rows give is one, and who fails for none of them is in doubt or passes.
fn explain(indexed: &Engine, rows: &[u32], judge: &mut Judge<'_>, missing: &[MessageId]) {
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
        let entries = indexed.slates().all[0].entries.iter().filter(|entry| entry.message == message);
        for entry in entries.filter(|entry| entry.doubt == Doubt::None) {
            let way = entry.way as usize;
            assert_eq!(judge.passes(message, way), ways[way].is_empty());
        }
    }
}

/// Compares what a slate says with what messages say by themselves; gives how many passed.
fn compare(plan: &Arc<Plan>, tape: &mut Tape<'_>, frames: usize) -> usize {
    let interpreter = Engine::interpreter(Arc::clone(plan));
    let indexed = Engine::jit(Arc::clone(plan)).unwrap();
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
            let is_open = |gate: &Gate| judge.is_open(gate);
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
                explain(&indexed, scan.rows(), &mut judge, &missing);
                let is_open = |gate: &Gate| judge.is_open(gate);
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
        compare(&plan, &mut tape, 3);
    }
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
    assert!(compare(&plan, &mut tape, 3) > 100);
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
