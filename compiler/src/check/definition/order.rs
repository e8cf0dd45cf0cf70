//! In which order definitions are checked: what is named in a definition comes before it.
//!
//! Names are looked at without types, so a name can turn out to mean something else; the order only keeps the
//! checker from descending deeply. Circles are found by the checker itself.

use crate::checked::Definition;
use crate::resolve::{Names, Symbol};
use comity_grammar::tree::{Expr, ExprKind, InSet, Path};
use std::collections::BTreeSet;

pub(super) fn order(names: &Names<'_>) -> Vec<Definition> {
    let all = (0..names.lets.len())
        .map(|i| Definition::Let(crate::ids::LetId::at(i)))
        .chain((0..names.tables.len()).map(|i| Definition::Table(crate::ids::TableId::at(i))))
        .chain((0..names.segments.len()).map(|i| Definition::Segment(crate::ids::SegmentId::at(i))));
    let mut seen = BTreeSet::new();
    let mut ordered = Vec::new();
    for root in all {
        // Depth first without recursion: a definition is put out when all that it names has been.
        let mut open = vec![(root, false)];
        while let Some((definition, named)) = open.pop() {
            if named {
                ordered.push(definition);
            } else if seen.insert(definition) {
                open.push((definition, true));
                open.extend(mentioned(names, definition).into_iter().map(|next| (next, false)));
            }
        }
    }
    ordered
}

fn mentioned(names: &Names<'_>, definition: Definition) -> BTreeSet<Definition> {
    let mut open: Vec<&Expr> = match definition {
        Definition::Let(id) => vec![&names.lets[id.index()].node.value],
        Definition::Segment(id) => vec![&names.segments[id.index()].node.condition],
        Definition::Table(id) => names.tables[id.index()].node.rows.iter().map(|row| &row.result).collect(),
    };
    let file = match definition {
        Definition::Let(id) => names.lets[id.index()].file,
        Definition::Segment(id) => names.segments[id.index()].file,
        Definition::Table(id) => names.tables[id.index()].file,
    };
    let mut found = BTreeSet::new();
    let note = |symbol: Option<Symbol>, found: &mut BTreeSet<Definition>| match symbol {
        Some(Symbol::Let(id)) => drop(found.insert(Definition::Let(id))),
        Some(Symbol::Table(id)) => drop(found.insert(Definition::Table(id))),
        Some(Symbol::Segment(id)) => drop(found.insert(Definition::Segment(id))),
        _ => {}
    };
    while let Some(expr) = open.pop() {
        match &expr.kind {
            ExprKind::Error | ExprKind::Literal(_) | ExprKind::Root(_) | ExprKind::Now => {}
            ExprKind::Name(name) => note(names.symbol(file, &name.text), &mut found),
            ExprKind::Call { callee, arguments } => {
                note(names.find(file, callee).map(|(symbol, _)| symbol), &mut found);
                open.extend(arguments);
            }
            ExprKind::List(items) => open.extend(items),
            ExprKind::Field { base, name } => match &base.kind {
                ExprKind::Name(package) => {
                    let path = Path { package: Some(package.clone()), name: name.clone() };
                    note(names.find(file, &path).map(|(symbol, _)| symbol), &mut found);
                }
                _ => open.push(base),
            },
            ExprKind::Paren(inner) => open.push(inner),
            ExprKind::Unary { operand, .. } => open.push(operand),
            ExprKind::Binary { left, right, .. } => open.extend([&**left, &**right]),
            ExprKind::Is { subject, .. } => open.push(subject),
            ExprKind::In { subject, set, .. } => {
                open.push(subject);
                if let InSet::List { items, .. } = set {
                    open.extend(items);
                }
            }
            ExprKind::If { condition, then, otherwise } => open.extend([&**condition, &**then, &**otherwise]),
            ExprKind::Match { subject, arms } => {
                open.push(subject);
                open.extend(arms.iter().map(|arm| &arm.value));
            }
            ExprKind::Aggregate(aggregate) => open.extend(aggregate.pattern.filter.as_deref()),
            ExprKind::Since { of, .. } => open.push(of),
        }
    }
    found
}
