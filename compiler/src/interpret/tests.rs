use crate::engine::random::{self, Tape, atom};
use crate::engine::{Answer, Engine};
use crate::frame::Frame;
use crate::ids::*;
use crate::plan::*;
use crate::types::{Element, Type};
use crate::value::Value;
use std::sync::Arc;

/// One operation over slots that hold given values. Texts: the random plan names `"" de DE straße STRASSE golf éa
/// a{2}`, in this order.
struct Case {
    plan: Plan,
    values: Vec<Option<Value>>,
}

impl Case {
    fn new() -> Case {
        let mut plan = random::plan(&mut Tape::new(&[]), 0);
        plan.slots.clear();
        plan.exprs.clear();
        plan.atoms.clear();
        plan.messages.clear();
        Case { plan, values: Vec::new() }
    }

    fn push(&mut self, op: Op, ty: Type) -> ExprId {
        self.plan.exprs.push(Node { op, ty, optional: true });
        ExprId::at(self.plan.exprs.len() - 1)
    }

    /// A slot with a value.
    fn slot(&mut self, ty: Type, value: Option<Value>) -> ExprId {
        self.plan.slots.push(Slot { source: Source::Field(0), ty, optional: true });
        self.values.push(value);
        self.push(Op::Slot(SlotId::at(self.values.len() - 1)), ty)
    }

    fn int(&mut self, value: i64) -> ExprId {
        self.slot(Type::Int, Some(Value::Cell(value as u64)))
    }

    fn text(&mut self, text: &str) -> ExprId {
        let value = self.value_of(text);
        self.slot(Type::Text, Some(value))
    }

    fn value_of(&self, text: &str) -> Value {
        match self.plan.texts.iter().position(|named| named == text) {
            Some(index) => Value::Cell(index as u64),
            None => Value::Text(text.into()),
        }
    }

    fn set(&mut self, members: &[&str]) -> ExprId {
        let mut members: Vec<Value> = members.iter().map(|text| self.value_of(text)).collect();
        members.sort();
        self.slot(Type::Set(Element::Text), Some(Value::Set(members.into())))
    }

    /// The answer, and the frame that it refers to.
    fn ask(mut self, op: Op, ty: Type) -> (Answer, Frame, Plan) {
        let expr = self.push(op, ty);
        let engine = Engine::interpreter(Arc::new(self.plan));
        let mut frame = Frame::new(engine.plan());
        for (index, value) in self.values.iter().enumerate() {
            frame.set(SlotId::at(index), value.as_ref());
        }
        (engine.evaluate(expr, &mut frame), frame, Plan::clone(engine.plan()))
    }

    fn holds(self, op: Op) -> bool {
        let answer = self.ask(op, Type::Bool).0;
        assert!(answer.known && answer.cell <= 1);
        answer.holds()
    }
}

#[test]
fn texts_are_compared_by_what_they_say() {
    // Both named, one named, none named.
    for (a, b, equal) in
        [("de", "de", true), ("de", "DE", false), ("de", "x", false), ("x", "x", true), ("x", "y", false)]
    {
        let ask = |comparison| {
            let mut case = Case::new();
            let (a, b) = (case.text(a), case.text(b));
            case.holds(Op::Compare(comparison, a, b))
        };
        assert_eq!(ask(Comparison::Equal), equal, "{a} {b}");
        assert_eq!(ask(Comparison::NotEqual), !equal, "{a} {b}");
    }
}

/// What comes out is the policy's text where the policy names it, so that equal texts compare equal.
#[test]
fn letters_change_their_case_by_unicode() {
    type Change = fn(ExprId) -> Op;
    let (lower, upper): (Change, Change) = (Op::Lower, Op::Upper);
    for (change, from, to, named) in [
        (lower, "DE", "de", true),
        (lower, "De", "de", true),
        (lower, "de", "de", true),
        (lower, "ΣΑΣ", "σας", false),
        (lower, "ada", "ada", false),
        (upper, "de", "DE", true),
        (upper, "straße", "STRASSE", true),
        (upper, "", "", true),
        (upper, "ada", "ADA", false),
    ] {
        let mut case = Case::new();
        let text = case.text(from);
        let (answer, frame, plan) = case.ask(change(text), Type::Text);
        assert_eq!(frame.text(&plan, answer.cell), to);
        assert_eq!(answer.cell < crate::frame::FIRST_UNNAMED, named, "{from}");
    }
}

#[test]
fn texts_are_searched() {
    let mut case = Case::new();
    let text = case.text("éa");
    assert_eq!(case.ask(Op::Length(text), Type::Int).0, Answer::known(2));
    type Search = fn(ExprId, ExprId) -> Op;
    for (search, inner, found) in [
        (Op::StartsWith as Search, "golf", true),
        (Op::StartsWith, "fer", false),
        (Op::EndsWith, "fer", true),
        (Op::EndsWith, "golf", false),
        (Op::TextContains, "olf", true),
        (Op::TextContains, "Olf", false),
        (Op::TextContains, "", true),
    ] {
        let mut case = Case::new();
        let (text, inner) = (case.text("golfer"), case.text(inner));
        assert_eq!(case.holds(search(text, inner)), found);
    }
    // `^[a-z]*$` and `(?i)g.lf`
    for (regex, text, matches) in
        [(0, "golf", true), (0, "Golf", false), (1, "my GULF", true), (1, "gf", false)]
    {
        let mut case = Case::new();
        let text = case.text(text);
        assert_eq!(case.holds(Op::Matches(text, RegexId(regex))), matches);
    }
}

#[test]
fn sets_hold_named_and_other_texts() {
    for (members, member, holds) in [
        (&["golf", "x", "y"][..], "golf", true),
        (&["golf", "x", "y"], "y", true),
        (&["golf", "x", "y"], "z", false),
        (&["golf", "x", "y"], "de", false),
        (&[], "golf", false),
    ] {
        let mut case = Case::new();
        let (set, member) = (case.set(members), case.text(member));
        assert_eq!(case.holds(Op::SetContains(set, member)), holds);
    }
    for (a, b, all, some, equal) in [
        (&["golf", "x"][..], &["x"][..], true, true, false),
        (&["golf", "x"], &["x", "golf"], true, true, true),
        (&["golf", "x"], &["x", "y"], false, true, false),
        (&["golf"], &["x"], false, false, false),
        (&["golf"], &[], true, false, false),
        (&[], &[], true, false, true),
    ] {
        let ask = |op: &dyn Fn(ExprId, ExprId) -> Op| {
            let mut case = Case::new();
            let (a, b) = (case.set(a), case.set(b));
            case.holds(op(a, b))
        };
        assert_eq!(ask(&Op::SetContainsAll), all, "{a:?} {b:?}");
        assert_eq!(ask(&Op::SetOverlaps), some, "{a:?} {b:?}");
        assert_eq!(ask(&|a, b| Op::Compare(Comparison::Equal, a, b)), equal, "{a:?} {b:?}");
        assert_eq!(ask(&|a, b| Op::Compare(Comparison::NotEqual, a, b)), !equal, "{a:?} {b:?}");
    }
    let mut case = Case::new();
    let set = case.set(&["golf", "x"]);
    assert_eq!(case.ask(Op::SetLength(set), Type::Int).0, Answer::known(2));
}

#[test]
fn unknown_values_are_carried_along() {
    let ask = |value: Option<i64>, op: &dyn Fn(ExprId, ExprId, ExprId) -> Op, ty| {
        let mut case = Case::new();
        let optional = case.slot(Type::Int, value.map(|value| Value::Cell(value as u64)));
        let seven = case.int(7);
        let known = case.push(Op::IsKnown(optional), Type::Bool);
        case.ask(op(optional, seven, known), ty).0
    };
    let is_known = |optional, _, _| Op::IsKnown(optional);
    assert_eq!(ask(None, &is_known, Type::Bool), Answer::known(0));
    assert_eq!(ask(Some(0), &is_known, Type::Bool), Answer::known(1));
    let otherwise = |optional, seven, _| Op::Otherwise(optional, seven);
    assert_eq!(ask(None, &otherwise, Type::Int), Answer::known(7));
    assert_eq!(ask(Some(3), &otherwise, Type::Int), Answer::known(3));
    let either = |optional, _, _| Op::Otherwise(optional, optional);
    assert_eq!(ask(None, &either, Type::Int), Answer::UNKNOWN);
    let chosen = |optional, seven, known| Op::If(known, seven, optional);
    assert_eq!(ask(None, &chosen, Type::Int), Answer::UNKNOWN);
    assert_eq!(ask(Some(3), &chosen, Type::Int), Answer::known(7));
}

#[test]
fn integers_saturate() {
    let (least, most) = (i64::MIN, i64::MAX);
    type Operation = fn(ExprId, ExprId) -> Op;
    for (operation, a, b, result) in [
        (Op::Add as Operation, most, 1, most),
        (Op::Add, least, -1, least),
        (Op::Add, most, least, -1),
        (Op::Subtract, least, 1, least),
        (Op::Subtract, 0, least, most),
        (Op::Multiply, most, 2, most),
        (Op::Multiply, most, -2, least),
        (Op::Multiply, least, -1, most),
        (Op::Multiply, least, least, most),
        (Op::Min, -1, 1, -1),
        (Op::Max, -1, 1, 1),
    ] {
        let mut case = Case::new();
        let (a, b) = (case.int(a), case.int(b));
        assert_eq!(case.ask(operation(a, b), Type::Int).0, Answer::known(result as u64));
    }
    for operation in [Op::Negate, Op::Abs] {
        let mut case = Case::new();
        let a = case.int(least);
        assert_eq!(case.ask(operation(a), Type::Int).0, Answer::known(most as u64));
    }
}

#[test]
fn what_has_a_divisor_of_zero_is_unknown() {
    for zero in [0.0_f64, -0.0] {
        for by_money in [false, true] {
            let mut case = Case::new();
            let amount = case.int(5);
            let number = case.push(Op::ToNumber(amount), Type::Number);
            let zero = case.push(Op::Constant(zero.to_bits()), Type::Number);
            let (op, ty) = if by_money {
                (Op::Unscale(amount, zero), Type::Int)
            } else {
                (Op::Divide(number, zero), Type::Number)
            };
            assert_eq!(case.ask(op, ty).0, Answer::UNKNOWN);
        }
    }
}

#[test]
fn one_literal_of_each_clause_must_hold() {
    let literal = |atom, negated| Literal { atom: AtomId(atom), negated };
    // Atom 0 holds, atom 1 doesn't, atom 2 is unknown.
    for (clauses, holds) in [
        (vec![], true),
        (vec![vec![]], false),
        (vec![vec![literal(0, false)]], true),
        (vec![vec![literal(0, true)]], false),
        (vec![vec![literal(1, false), literal(0, false)], vec![literal(1, true)]], true),
        (vec![vec![literal(0, false)], vec![literal(1, false)]], false),
        (vec![vec![literal(2, false)]], false),
        (vec![vec![literal(2, true)]], true),
    ] {
        let mut plan = random::plan(&mut Tape::new(&[]), 0);
        plan.exprs.clear();
        for op in [Op::Constant(1), Op::Constant(0), Op::Unknown] {
            plan.exprs.push(Node { op, ty: Type::Bool, optional: true });
        }
        plan.atoms = [0, 1, 2].map(|expr| atom(ExprId(expr))).to_vec();
        plan.messages.truncate(1);
        let message = Arc::make_mut(&mut plan.messages[0]);
        message.routes.clear();
        let clauses: Vec<Clause> = clauses.into_iter().map(|literals| Clause { literals }).collect();
        message.guard = Guard { clauses };
        let plan = Arc::new(plan);
        for engine in [Engine::interpreter(plan.clone()), Engine::jit(plan.clone()).unwrap()] {
            let mut frame = Frame::new(&plan);
            assert_eq!(engine.guard(MessageId(0), &mut frame), holds, "{:?}", plan.messages[0].guard);
        }
    }
}
