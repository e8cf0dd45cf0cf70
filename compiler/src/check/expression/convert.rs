//! Where one type is wanted and another found.

use super::super::Checker;
use super::{error, typed};
use crate::checked::{Expr, ExprKind, Location};
use crate::diagnostic::Diagnostic;
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
    /// The expression as a value of the type that is wanted, or a diagnostic (E0201).
    pub(in crate::check) fn fit(&mut self, found: Expr, want: Type, what: &str) -> Expr {
        if found.is_error() || found.ty == want {
            return found;
        }
        if want == Type::Number && found.ty == Type::Int {
            return to_number(found);
        }
        let (expected, ty) = (self.type_name(want), self.type_name(found.ty));
        let message = match want {
            Type::Bool => format!("{what} is true or false, and this is {ty}"),
            _ => format!("{what} is {expected}, and this is {ty}"),
        };
        let help = match want {
            Type::Bool if found.optional => {
                self.quote(found.at).map(|text| format!("ask whether it is known: `{text} is known`"))
            }
            _ => self.conversion_help(want, found.ty, self.quote(found.at)),
        };
        let label = format!("expected {expected}, found {ty}");
        self.report(Diagnostic::error("E0201", message, found.at, label).maybe_help(help));
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

    /// Two places that must have one type and don't (E0201, E0210).
    pub(super) fn differ(&mut self, a: Type, a_at: Location, b: Type, b_at: Location, what: &str) {
        let (one, other) = (self.type_name(a), self.type_name(b));
        if let (Type::Money(first), Type::Money(second)) = (a, b) {
            let message = format!("{what} are in two currencies, {} and {}", first.code(), second.code());
            self.report(
                Diagnostic::error("E0210", message, b_at, format!("this is {other}"))
                    .also(a_at, format!("this is {one}"))
                    .help("Comity knows no exchange rates: use amounts of one currency"),
            );
            return;
        }
        let help = self
            .conversion_help(a, b, self.quote(b_at))
            .or_else(|| self.conversion_help(b, a, self.quote(a_at)));
        let message = format!("{what} differ: {one} and {other}");
        self.report(
            Diagnostic::error("E0201", message, b_at, format!("this is {other}"))
                .also(a_at, format!("this is {one}"))
                .maybe_help(help),
        );
    }

    /// What to write instead, where one type is wanted and another found; with what is written there.
    pub(in crate::check) fn conversion_help(
        &self,
        want: Type,
        found: Type,
        written: Option<String>,
    ) -> Option<String> {
        let number = |text: &String| text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'_');
        let digits = written.clone().filter(number);
        Some(match (want, found) {
            (Type::Money(currency), Type::Int | Type::Number) => {
                let amount = digits.unwrap_or_else(|| "20".to_owned());
                format!("an amount has its currency: write `{amount} {}`", currency.code())
            }
            (Type::Percent, Type::Int | Type::Number) => match digits.filter(|digits| !digits.contains('.')) {
                Some(digits) => format!("write `{digits}%`"),
                None => "shares are percents: write `15%` for 0.15".to_owned(),
            },
            (Type::Number | Type::Int, Type::Percent) => "write the number without `%`: `0.15` for 15%".to_owned(),
            (Type::Duration, Type::Int | Type::Number) => match digits {
                Some(digits) => format!("a duration has its unit: write `{digits}d`, `{digits}h` or `{digits}m`"),
                None => "a duration has its unit: `30m`, `24h`, `7d`".to_owned(),
            },
            (Type::Int, Type::Number) => "make it whole: `round(…)`, `floor(…)` or `ceil(…)`".to_owned(),
            (Type::Int | Type::Number, Type::Money(currency)) => {
                format!("divide by an amount to get a number: `… / 1 {}`", currency.code())
            }
            (Type::Int | Type::Number, Type::Duration) => {
                "divide by a duration to get a number: `… / 1d`".to_owned()
            }
            (Type::Date, Type::Instant) | (Type::Instant, Type::Date) => {
                "a date is a day, an instant a moment; compare a date with `local.date`, an instant with `now`".to_owned()
            }
            (Type::Bool, ty) if ty != Type::Text => "compare it with a value, for instance `… > 0`".to_owned(),
            (Type::Money(_), Type::Text) => "amounts stand without quotes: `20 EUR`".to_owned(),
            (Type::Enum(id), Type::Text) => {
                let one = self.checked.enums.get(id.index())?;
                let meant = written.as_deref().map(|text| text.trim_matches('"'));
                if let Some(member) = meant.and_then(|text| one.members.iter().find(|member| *member == text)) {
                    return Some(format!("write the member without quotes: `{member}`"));
                }
                format!("write the member without quotes, for instance `{}`", one.members.first()?)
            }
            (Type::Text, Type::Enum(_)) => "compare an enum with its members, without quotes".to_owned(),
            _ => return None,
        })
    }
}
