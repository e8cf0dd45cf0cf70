use super::*;
use crate::plan::{Guard, Op, Plan};

/// A policy of bools `a`, `b`, … and ints, and a message with this `when`.
fn plan_of(when: impl FnOnce(&Checked) -> Expr) -> Plan {
    let mut checked = policy();
    for letter in 'a'..='p' {
        attribute_of(&mut checked, &letter.to_string(), Type::Bool, false);
    }
    attribute_of(&mut checked, "x", Type::Int, false);
    let class = class_of(&mut checked, "all");
    let when = when(&checked);
    checked.messages.push(Message { when: Some(when), ..message_of("m", class) });
    let plan = lower(&checked).plan;
    // Dropping a long chain of boxes takes stack; that is not what is tested here.
    std::mem::forget(checked);
    plan
}

/// The clauses with their atoms as expressions are numbered: `1 -2` is atom 1 or not atom 2.
fn outline(guard: &Guard) -> String {
    let clause = |clause: &crate::plan::Clause| {
        let literal = |literal: &crate::plan::Literal| {
            format!("{}{}", if literal.negated { "-" } else { "" }, literal.atom.0)
        };
        clause.literals.iter().map(literal).collect::<Vec<_>>().join(" ")
    };
    guard.clauses.iter().map(clause).collect::<Vec<_>>().join(", ")
}

fn clauses(when: impl FnOnce(&Checked) -> Expr) -> String {
    outline(&plan_of(when).messages[0].guard)
}

/// The bool attribute of a letter.
fn bool_of(checked: &Checked, letter: char) -> Expr {
    attribute(checked, AttributeId(letter as u32 - 'a' as u32))
}

fn x(checked: &Checked) -> Expr {
    attribute(checked, AttributeId(16))
}

#[test]
fn negations_are_pushed_to_the_atoms() {
    let found = clauses(|c| and(bool_of(c, 'a'), not(or(bool_of(c, 'b'), not(bool_of(c, 'c'))))));
    assert_eq!(found, "0, -1, 2");
}

#[test]
fn choices_of_conjunctions_are_distributed() {
    let found = clauses(|c| or(and(bool_of(c, 'a'), bool_of(c, 'b')), bool_of(c, 'c')));
    assert_eq!(found, "0 1, 2 1");
}

#[test]
fn certain_and_repeated_clauses_are_left_out() {
    assert_eq!(clauses(|c| and(bool_of(c, 'a'), or(bool_of(c, 'b'), not(bool_of(c, 'b'))))), "0");
    assert_eq!(clauses(|c| and(or(bool_of(c, 'a'), bool_of(c, 'b')), bool_of(c, 'b'))), "0");
    assert_eq!(clauses(|c| and(bool_of(c, 'a'), and(bool_of(c, 'b'), bool_of(c, 'a')))), "0, 1");
    assert_eq!(clauses(|_| yes()), "");
}

#[test]
fn a_guard_that_never_holds_has_one_empty_clause() {
    let plan = plan_of(|c| and(bool_of(c, 'a'), no()));
    assert_eq!(plan.messages[0].guard.clauses, [crate::plan::Clause { literals: Vec::new() }]);
    assert!(plan.atoms.is_empty() && plan.exprs.iter().all(|node| !matches!(node.op, Op::Slot(_))));
}

#[test]
fn opposites_share_an_atom() {
    let found = clauses(|c| {
        let at_least = compare(Comparison::GreaterEqual, x(c), int(3));
        let less = compare(Comparison::Greater, int(3), x(c));
        let same = equal(x(c), int(7));
        let other = compare(Comparison::NotEqual, x(c), int(7));
        and(
            or(bool_of(c, 'a'), at_least),
            and(or(bool_of(c, 'b'), less), or(or(bool_of(c, 'c'), same), not(other))),
        )
    });
    assert_eq!(found, "0 1, 2 -1, 3 4");
}

#[test]
fn what_would_be_too_many_clauses_is_one_atom() {
    // (a and b) or (c and d) or … of 5 pairs has 2⁵ clauses.
    let pairs = |c: &Checked, count: u8| {
        let pair = |index: u8| {
            let letter = |offset: u8| bool_of(c, (b'a' + 2 * index + offset) as char);
            and(letter(0), letter(1))
        };
        (1..count).fold(pair(0), |all, index| or(all, pair(index)))
    };
    let plan = plan_of(|c| and(bool_of(c, 'p'), pairs(c, 5)));
    assert_eq!(outline(&plan.messages[0].guard), "0, 1");
    assert!(matches!(plan.expr(plan.atoms[1].expr).op, Op::Or(..)));
    let plan = plan_of(|c| not(not(pairs(c, 4))));
    assert_eq!(plan.messages[0].guard.clauses.len(), 16);
    assert_eq!(plan.atoms.len(), 8);
}

#[test]
fn long_chains_need_no_stack() {
    let found = clauses(|c| (0..20_000).fold(bool_of(c, 'a'), |all, n| and(all, equal(x(c), int(n)))));
    assert_eq!(found.split(", ").count(), 20_001);
    let plan = plan_of(|c| (0..20_000).fold(bool_of(c, 'a'), |any, n| or(any, equal(x(c), int(n)))));
    assert_eq!(plan.messages[0].guard.clauses[0].literals.len(), 20_001);
}
