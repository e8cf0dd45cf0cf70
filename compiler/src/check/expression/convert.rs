//! Where one type is wanted and another found.

use super::super::Checker;
use super::{error, typed};
use crate::checked::{Expr, ExprKind, Location};
use crate::mistakes;
use crate::types::Type;

/// An int as a number: the only conversion there is.
pub(super) fn to_number(expr: Expr) -> Expr {
    use crate::checked::Constant;
    let (at, optional) = (expr.at, expr.optional);
    let kind = match expr.kind {
        ExprKind::Constant(Constant::Int(value)) => ExprKind::Constant(Constant::Number(value as f64)),
        _ => ExprKind::ToNumber(Box::new(expr)),
    };
    Expr { optional, ..typed(kind, Type::Number, at) }
}

impl Checker<'_> {
    /// The expression as a value of the type that is wanted, or a diagnostic.
    pub(in crate::check) fn fit(&mut self, found: Expr, want: Type, what: &str) -> Expr {
        if found.is_error() || found.ty == want {
            return found;
        }
        if want == Type::Number && found.ty == Type::Int {
            return to_number(found);
        }
        let problem = mistakes::wrong_type::wanted(&self.checked, what, want, &self.found(&found));
        self.report(problem);
        error(found.at)
    }

    /// Two expressions as values of one type, or a diagnostic.
    pub(super) fn unify(&mut self, a: Expr, b: Expr, what: &str) -> Option<(Expr, Expr)> {
        match (a.ty, b.ty) {
            (one, other) if one == other => Some((a, b)),
            (Type::Int, Type::Number) => Some((to_number(a), b)),
            (Type::Number, Type::Int) => Some((a, to_number(b))),
            (one, other) => {
                self.differ(one, a.at, other, b.at, what);
                None
            }
        }
    }

    /// Two places that must have one type and don't.
    pub(super) fn differ(&mut self, a: Type, a_at: Location, b: Type, b_at: Location, what: &str) {
        let (one, other) = (self.found_at(a, a_at), self.found_at(b, b_at));
        self.report(match (a, b) {
            (Type::Money(_), Type::Money(_)) => {
                mistakes::two_currencies::amounts(&self.checked, what, &one, &other)
            }
            _ => mistakes::wrong_type::differ(&self.checked, what, &one, &other),
        });
    }
}
