use super::compiler::MAX_NODES;
use super::*;
use crate::engine::Engine;
use crate::engine::random::{self, Tape, atom};
use crate::frame::Frame;
use crate::plan::{Node, Op};
use crate::types::Type;
use proptest::collection::vec;
use proptest::prelude::*;
use std::sync::Arc;

/// Evaluates everything with both engines; gives how many expressions there were.
pub(crate) fn assert_agreement(plan: &Arc<Plan>, tape: &mut Tape<'_>, frames: usize) -> usize {
    let interpreter = Engine::interpreter(plan.clone());
    let jit = Engine::jit(plan.clone()).unwrap();
    let roots = crate::engine::roots(plan);
    for _ in 0..frames {
        let mut frame = random::frame(tape, plan);
        let mut other = frame.clone();
        for root in &roots {
            let expected = interpreter.evaluate(*root, &mut frame);
            let found = jit.evaluate(*root, &mut other);
            let node = plan.expr(*root);
            assert_eq!(found, expected, "{root:?} {node:?}");
            assert!(expected.known || expected.cell == 0, "{root:?} {node:?}");
            assert!(!(node.ty.is_float() && f64::from_bits(found.cell).is_nan()), "{root:?} {node:?}");
        }
        for message in (0..plan.messages.len()).map(MessageId::at) {
            let expected = interpreter.guard(message, &mut frame);
            assert_eq!(
                jit.guard(message, &mut other),
                expected,
                "{:?}",
                plan.messages[message.index()].guard
            );
        }
    }
    roots.len()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 160, failure_persistence: None, ..ProptestConfig::default() })]

    /// In 160 cases more than 20,000 expressions, each on several frames.
    #[test]
    fn both_engines_agree_to_the_bit(choices in vec(any::<u32>(), 800..1600)) {
        let mut tape = Tape::new(&choices);
        let plan = Arc::new(random::plan(&mut tape, 120));
        prop_assert_eq!(plan.validate(), Ok(()));
        prop_assert!(assert_agreement(&plan, &mut tape, 3) >= 160);
    }
}

/// A plan with one root.
fn single(exprs: Vec<Node>) -> Plan {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    let root = ExprId::at(exprs.len() - 1);
    plan.exprs = exprs;
    plan.slots.clear();
    plan.atoms = vec![atom(root)];
    plan.messages.clear();
    plan
}

#[test]
fn chains_of_any_length_need_no_stack() {
    for length in [MAX_NODES / 2, 200_000] {
        let int = |op| Node { op, ty: Type::Int, optional: false };
        let mut exprs = vec![int(Op::Constant(1))];
        for index in 0..length {
            exprs.push(int(Op::Add(ExprId::at(index), ExprId(0))));
        }
        let compare = crate::plan::Comparison::Equal;
        exprs.push(int(Op::Constant(length as u64 + 1)));
        let op = Op::Compare(compare, ExprId::at(length), ExprId::at(length + 1));
        exprs.push(Node { op, ty: Type::Bool, optional: false });
        let root = ExprId::at(length + 2);
        let plan = Arc::new(single(exprs));
        let mut frame = Frame::new(&plan);
        assert!(Engine::interpreter(plan.clone()).holds(root, &mut frame));
        assert!(Engine::jit(plan).unwrap().holds(root, &mut frame));
    }
}

#[test]
fn what_is_no_root_is_interpreted() {
    let int = |op| Node { op, ty: Type::Int, optional: false };
    let compare = Op::Compare(crate::plan::Comparison::Less, ExprId(0), ExprId(1));
    let bool = Node { op: compare, ty: Type::Bool, optional: false };
    let plan = Arc::new(single(vec![int(Op::Constant(1)), int(Op::Constant(2)), bool]));
    let jit = Engine::jit(plan.clone()).unwrap();
    let mut frame = Frame::new(&plan);
    assert_eq!(jit.evaluate(ExprId(1), &mut frame), Answer::known(2));
    assert_eq!(jit.evaluate(ExprId(9), &mut frame), Answer::UNKNOWN);
    assert!(!jit.guard(MessageId(3), &mut frame));
    assert!(jit.code_size() > 0);
}

#[test]
fn a_frame_of_another_plan_reads_as_unknown() {
    let mut tape = Tape::new(&[1, 2, 3]);
    let plan = Arc::new(random::plan(&mut tape, 0));
    let small = single(vec![Node { op: Op::Constant(1), ty: Type::Bool, optional: false }]);
    for engine in [Engine::interpreter(plan.clone()), Engine::jit(plan.clone()).unwrap()] {
        let mut frame = Frame::new(&small);
        for root in crate::engine::roots(&plan) {
            let is_slot = matches!(plan.expr(root).op, Op::Slot(_));
            assert_eq!(engine.evaluate(root, &mut frame).known, !is_slot);
        }
    }
}

#[test]
fn malformed_plans_are_not_compiled() {
    let mut plan = single(vec![Node { op: Op::Constant(1), ty: Type::Bool, optional: false }]);
    plan.exprs[0].op = Op::Not(ExprId(0));
    assert!(matches!(Engine::jit(Arc::new(plan.clone())), Err(JitError::Plan(_))));
    assert!(matches!(clif(&plan), Err(JitError::Plan(_))));
}

#[test]
fn engines_are_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Engine>();
}

fn first(plan: &mut Plan) -> &mut crate::plan::Message {
    Arc::make_mut(&mut plan.messages[0])
}

#[test]
fn the_intermediate_form_can_be_read() {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    plan.exprs.truncate(3); // Two slots and a constant, all bools.
    plan.slots.truncate(2);
    plan.exprs.push(Node { op: Op::Otherwise(ExprId(1), ExprId(0)), ty: Type::Bool, optional: false });
    plan.atoms = vec![atom(ExprId(0)), atom(ExprId(3))];
    plan.messages.truncate(1);
    first(&mut plan).routes.clear();
    let literal = |atom, negated| crate::plan::Literal { atom: AtomId(atom), negated };
    first(&mut plan).guard.clauses = vec![
        crate::plan::Clause { literals: vec![literal(0, true)] },
        crate::plan::Clause { literals: vec![literal(0, false), literal(1, false)] },
    ];
    insta::assert_snapshot!(clif(&plan).unwrap());
}

/// Not a test: `cargo test --release -p comity-compiler -- --ignored --nocapture measure`.
#[test]
#[ignore = "measures"]
fn measure() {
    use crate::plan::*;
    use std::time::Instant;
    // 1,000 messages, each with ten clauses over 300 atoms on the random plan's slots.
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    plan.messages.truncate(1);
    first(&mut plan).routes.clear();
    let ints: Vec<ExprId> = (0..plan.exprs.len())
        .map(ExprId::at)
        .filter(|expr| plan.expr(*expr).ty == Type::Int && matches!(plan.expr(*expr).op, Op::Slot(_)))
        .collect();
    plan.atoms.clear();
    for index in 0..300_u64 {
        let constant = ExprId::at(plan.exprs.len());
        plan.exprs.push(Node { op: Op::Constant(index), ty: Type::Int, optional: false });
        let op = Op::Compare(Comparison::Greater, ints[index as usize % ints.len()], constant);
        plan.atoms.push(atom(ExprId::at(plan.exprs.len())));
        plan.exprs.push(Node { op, ty: Type::Bool, optional: false });
    }
    let message = Message::clone(&plan.messages[0]);
    plan.messages = (0..1000_usize)
        .map(|message_index| {
            let clauses = (0..10).map(|clause| Clause {
                literals: vec![Literal {
                    atom: AtomId::at((message_index * 7 + clause * 31) % 300),
                    negated: false,
                }],
            });
            let name = format!("m{message_index:04}").into();
            Arc::new(Message { name, guard: Guard { clauses: clauses.collect() }, ..message.clone() })
        })
        .collect();
    let plan = Arc::new(plan);
    let start = Instant::now();
    let interpreter = Engine::interpreter(plan.clone());
    eprintln!("interpreter ready after {:?}", start.elapsed());
    let start = Instant::now();
    let jit = Engine::jit(plan.clone()).unwrap();
    eprintln!("machine code ready after {:?}, {} bytes", start.elapsed(), jit.code_size());
    let mut frame = Frame::new(&plan);
    for slot in (0..plan.slots.len()).map(SlotId::at) {
        frame.set_cell(slot, 1_000);
    }
    for (name, engine) in [("interpreter", &interpreter), ("machine code", &jit)] {
        let start = Instant::now();
        let mut held = 0_u64;
        for _ in 0..200 {
            for message in 0..1000 {
                held += u64::from(engine.guard(MessageId(message), &mut frame));
            }
        }
        let each = start.elapsed().as_nanos() as f64 / 200_000.0;
        eprintln!("{name}: {each:.1} ns for a guard of ten clauses ({held} held)");
    }
}
