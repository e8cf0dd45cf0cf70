use super::*;
use crate::engine::random::{self, Tape};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value as Json;
use std::sync::Arc;

#[test]
fn plans_are_read_as_they_were_written() {
    let choices: Vec<u32> = (0..2000).map(|index: u32| index.wrapping_mul(2_654_435_761)).collect();
    let plan = random::plan(&mut Tape::new(&choices), 100);
    let json = serde_json::to_vec(&plan).unwrap();
    let read = Plan::decode(&json).unwrap();
    assert_eq!(read, plan);
    assert_eq!(read.hash(), plan.hash());
}

/// The hash of a plan is the policy's version: a bundle must not come to another one by being read.
#[test]
fn shares_are_read_to_the_last_bit() {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    let shares = (0..2_000_u64).map(|index| index.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11);
    let shares = shares.map(|bits| bits as f64 / (1_u64 << 53) as f64);
    let arms = shares.enumerate().map(|(index, share)| (format!("a{index}").into(), share)).collect();
    let experiment = crate::plan::Experiment { name: "e".into(), arms, salt: "e".into(), goal: None };
    plan.experiments.push(experiment);
    let read = Plan::decode(&serde_json::to_vec(&plan).unwrap()).unwrap();
    assert_eq!(read.experiments, plan.experiments);
}

#[test]
fn what_is_no_plan_is_refused_with_a_reason() {
    let plan = random::plan(&mut Tape::new(&[]), 0);
    let say = |change: &dyn Fn(&mut Plan)| {
        let mut plan = plan.clone();
        change(&mut plan);
        let error = Plan::decode(&serde_json::to_vec(&plan).unwrap()).unwrap_err();
        error.to_string().replace("this is not a valid plan: ", "")
    };
    let node = |op, ty| crate::plan::Node { op, ty, optional: true };
    use crate::plan::Op;
    insta::assert_snapshot!(
        [
            say(&|plan| plan.format = 7),
            say(&|plan| plan.exprs.push(node(Op::Not(ExprId::at(plan.exprs.len())), Type::Bool))),
            say(&|plan| plan.exprs.push(node(Op::Not(ExprId(4)), Type::Bool))),
            say(&|plan| plan.exprs.push(node(Op::Constant(f64::NAN.to_bits()), Type::Number))),
            say(&|plan| plan.exprs.push(node(Op::Constant(3), Type::Enum(EnumId(0))))),
            say(&|plan| plan.exprs.push(node(Op::Unknown, Type::Enum(EnumId(1))))),
            say(&|plan| plan.exprs.push(node(Op::Slot(SlotId(99)), Type::Bool))),
            say(&|plan| plan.exprs.push(node(Op::In(ExprId(3), vec![2, 1]), Type::Bool))),
            say(&|plan| plan.regexes.push("(".into())),
            say(&|plan| plan.texts.push("de".into())),
            say(&|plan| plan.messages.swap(0, 1)),
            say(&|plan| Arc::make_mut(&mut plan.messages[1]).guard.clauses = vec![crate::plan::Clause {
                literals: vec![crate::plan::Literal { atom: AtomId(999), negated: false }]
            }]),
            say(&|plan| plan.events[3].name = "melt".into()),
            say(&|plan| plan.holdouts[0].share = 1.5),
            say(&|plan| plan.windows[0].field = None),
            say(&|plan| {
                // A window whose filter asks for the window.
                let slot = SlotId::at(plan.slots.len());
                let (source, ty) = (crate::plan::Source::Window(WindowId(0)), Type::Int);
                plan.slots.push(crate::plan::Slot { source, ty, optional: false });
                plan.exprs.push(node(Op::Slot(slot), Type::Int));
                let last = ExprId::at(plan.exprs.len() - 1);
                plan.exprs.push(node(Op::IsKnown(last), Type::Bool));
                plan.windows[0].filter = Some(ExprId::at(plan.exprs.len() - 1));
            }),
        ]
        .join("\n")
    );
    let other = Plan::decode(br#"{"format": 2, "all": "else"}"#).unwrap_err();
    assert_eq!(other.to_string(), "this is not a valid plan: its format is 2, this version reads 1");
    for bytes in [&b""[..], b"[]", b"{}", b"\xff\xfe", b"null", b"{\"format\":1}", &[b'['; 100_000]] {
        assert!(Plan::decode(bytes).is_err());
    }
}

/// A chain in which each link is asked for by itself.
#[test]
fn small_files_that_ask_for_too_much_are_refused() {
    let mut plan = random::plan(&mut Tape::new(&[]), 0);
    let link = |op| crate::plan::Node { op, ty: Type::Bool, optional: false };
    plan.exprs.push(link(crate::plan::Op::Constant(1)));
    for _ in 0..8_000 {
        plan.exprs.push(link(crate::plan::Op::Not(ExprId::at(plan.exprs.len() - 1))));
        plan.atoms.push(crate::plan::Atom { expr: ExprId::at(plan.exprs.len() - 1), wakes: Vec::new() });
    }
    let error = Plan::decode(&serde_json::to_vec(&plan).unwrap()).unwrap_err();
    assert_eq!(error, PlanError("expressions: there is too much to evaluate".into()));
}

/// The places in a document, as the path of positions that leads there.
fn places(json: &Json, path: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
    all.push(path.clone());
    let children: Vec<&Json> = match json {
        Json::Array(items) => items.iter().collect(),
        Json::Object(fields) => fields.values().collect(),
        _ => Vec::new(),
    };
    for (index, child) in children.into_iter().enumerate() {
        path.push(index);
        places(child, path, all);
        path.pop();
    }
}

/// What stands at a place; an earlier change may have taken it away.
fn at<'a>(json: &'a mut Json, path: &[usize]) -> Option<&'a mut Json> {
    path.iter().try_fold(json, |json, index| match json {
        Json::Array(items) => items.get_mut(*index),
        Json::Object(fields) => fields.values_mut().nth(*index),
        _ => None,
    })
}

/// Puts something else in the place of a value.
fn mutate(json: &mut Json, other: Json, tape: &mut Tape<'_>) {
    match json {
        Json::Array(items) if !items.is_empty() => {
            let (a, b) = (tape.below(items.len()), tape.below(items.len()));
            match tape.below(4) {
                0 => items.swap(a, b),
                1 => drop(items.remove(a)),
                2 => items.push(items[a].clone()),
                _ => items[a] = items[b].clone(),
            }
        }
        Json::Number(_) => {
            let numbers = ["0", "1", "2", "3", "7", "12", "40", "-1", "255", "4294967295"];
            let large =
                ["9223372036854775807", "18446744073709551615", "9218868437227405313", "0.5", "1e300"];
            let all = [&numbers[..], &large[..]].concat();
            *json = serde_json::from_str(tape.one_of(&all)).unwrap();
        }
        Json::Bool(value) => *value = !*value,
        _ => *json = other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is in the file: it is refused, or both engines evaluate all of it and agree.
    #[test]
    fn hostile_plans_do_no_harm(choices in vec(any::<u32>(), 1600)) {
        let mut tape = Tape::new(&choices);
        let plan = random::plan(&mut tape, 12);
        let json = serde_json::to_value(&plan).unwrap();
        let mut all = Vec::new();
        places(&json, &mut Vec::new(), &mut all);
        for _ in 0..60 {
            let mut json = json.clone();
            for _ in 0..=tape.below(2) {
                let other = at(&mut json, &all[tape.below(all.len())]).cloned().unwrap_or_default();
                if let Some(place) = at(&mut json, &all[tape.below(all.len())]) {
                    mutate(place, other, &mut tape);
                }
            }
            if let Ok(plan) = Plan::decode(json.to_string().as_bytes()) {
                crate::jit::tests::assert_agreement(&Arc::new(plan), &mut tape, 1);
            }
        }
    }
}
