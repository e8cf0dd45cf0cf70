//! Conditions in conjunctive form over shared atoms.

use super::build::Builder;
use super::intern::Table;
use crate::ids::*;
use crate::plan::{Clause, Comparison, Guard, Literal, Op};
use rustc_hash::FxHashSet;
use smallvec::{SmallVec, smallvec};

/// One conjunct may become this many clauses; where it would be more, it is one atom as a whole.
const MOST_CLAUSES: usize = 16;
/// Where `and` and `or` alternate more often than this, the rest is one atom.
const DEEPEST: usize = 16;
/// So many literals are looked through faster than a hash of one is made.
const FEW_LITERALS: usize = 16;
/// Clauses of a guard are compared with each other up to here.
const COMPARED_CLAUSES: usize = 256;

/// An expression that is neither `and`, `or` nor `not`, or its opposite.
type Loose = (ExprId, bool);
/// A disjunction of these. Most conjuncts are one, of few parts.
type Choice = SmallVec<[Loose; 4]>;
type Choices = SmallVec<[Choice; 1]>;

/// A condition as a guard; calls with each condition that becomes an atom, and the atom.
pub(super) fn guard(
    builder: &mut Builder,
    atoms: &mut Table<ExprId>,
    condition: ExprId,
    mut became: impl FnMut(ExprId, AtomId),
) -> Guard {
    let mut clauses: Vec<Clause> = Vec::new();
    for (conjunct, negated) in builder.conjuncts(condition, false) {
        let found = clauses_of(builder, conjunct, negated, 0).unwrap_or_else(|| single((conjunct, negated)));
        for clause in found {
            let is_long = clause.len() > FEW_LITERALS;
            let mut literals: Vec<Literal> = Vec::with_capacity(clause.len());
            let mut seen = FxHashSet::default();
            let mut holds = false;
            for (expr, negated) in clause {
                if let Some(cell) = builder.as_constant(expr) {
                    holds |= (cell != 0) != negated;
                    continue;
                }
                let (canonical, negated) = canonical(builder, expr, negated);
                let atom = AtomId::at(atoms.intern(canonical));
                became(expr, atom);
                let (literal, opposite) = (Literal { atom, negated }, Literal { atom, negated: !negated });
                let has = |literal| if is_long { seen.contains(literal) } else { literals.contains(literal) };
                holds |= has(&opposite);
                if !has(&literal) {
                    literals.push(literal);
                    if is_long {
                        seen.insert(literal);
                    }
                }
            }
            if !holds {
                clauses.push(Clause { literals });
            }
        }
    }
    if clauses.iter().any(|clause| clause.literals.is_empty()) {
        return Guard { clauses: vec![Clause { literals: Vec::new() }] };
    }
    Guard { clauses: needed(clauses) }
}

/// The clauses that no other one implies, in their order.
fn needed(clauses: Vec<Clause>) -> Vec<Clause> {
    if clauses.len() > COMPARED_CLAUSES {
        return clauses;
    }
    let implies = |a: &Clause, b: &Clause| a.literals.iter().all(|literal| b.literals.contains(literal));
    let is_needed = |index: usize| {
        let clause = &clauses[index];
        !clauses.iter().enumerate().any(|(other, stronger)| {
            // Of two that say the same the first is kept.
            other != index && implies(stronger, clause) && (other < index || !implies(clause, stronger))
        })
    };
    let kept: Vec<bool> = (0..clauses.len()).map(is_needed).collect();
    clauses.into_iter().zip(kept).filter(|(_, is_needed)| *is_needed).map(|(clause, _)| clause).collect()
}

/// The clauses of a condition, `or` distributed over `and`; `None` where they would be too many.
fn clauses_of(builder: &Builder, condition: ExprId, negated: bool, depth: usize) -> Option<Choices> {
    if depth > DEEPEST {
        return None;
    }
    if !matches!(builder.node(condition).op, Op::And(..) | Op::Or(..) | Op::Not(_)) {
        return Some(single((condition, negated)));
    }
    let conjuncts = builder.conjuncts(condition, negated);
    if let [single] = conjuncts[..] {
        return clauses_of_either(builder, single, depth);
    }
    let mut clauses = Choices::new();
    for conjunct in conjuncts {
        clauses.extend(clauses_of_either(builder, conjunct, depth)?);
        if clauses.len() > MOST_CLAUSES {
            return None;
        }
    }
    Some(clauses)
}

/// The clauses of a condition that is no conjunction.
fn clauses_of_either(builder: &Builder, (condition, negated): Loose, depth: usize) -> Option<Choices> {
    // What a disjunction is a choice of is what its opposite asks for together.
    let opposites = builder.conjuncts(condition, !negated);
    if let [(expr, opposite)] = opposites[..] {
        return Some(single((expr, !opposite)));
    }
    let mut clauses: Choices = smallvec![Choice::new()];
    for (expr, opposite) in opposites {
        let choice = clauses_of(builder, expr, !opposite, depth + 1)?;
        if clauses.len() * choice.len() > MOST_CLAUSES {
            return None;
        }
        if let [more] = &choice[..] {
            clauses.iter_mut().for_each(|clause| clause.extend_from_slice(more));
            continue;
        }
        clauses = clauses
            .iter()
            .flat_map(|clause| choice.iter().map(|more| clause.iter().chain(more).copied().collect()))
            .collect();
    }
    Some(clauses)
}

fn single(loose: Loose) -> Choices {
    smallvec![smallvec![loose]]
}

/// Of `==` and `!=`, `>` and `<=`, `>=` and `<` the first, which its opposite shares.
fn canonical(builder: &mut Builder, expr: ExprId, negated: bool) -> Loose {
    let Op::Compare(comparison, a, b) = builder.node(expr).op else { return (expr, negated) };
    let opposite = match comparison {
        Comparison::NotEqual => Comparison::Equal,
        Comparison::LessEqual => Comparison::Greater,
        Comparison::Less => Comparison::GreaterEqual,
        _ => return (expr, negated),
    };
    (builder.compare(opposite, a, b), !negated)
}
