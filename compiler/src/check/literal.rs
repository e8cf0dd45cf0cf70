//! Literals: what their digits mean, and whether they exist (language reference §3, §4).

use super::Checker;
use crate::checked::{Constant, Location, Range};
use crate::diagnostic::{Diagnostic, at};
use crate::ids::FileId;
use crate::mistakes;
use crate::types::{Currency, Type};
use crate::units::{self, DAY, HOUR, MINUTE, SECOND};
use comity_grammar::tree::{self, DurationUnit, Literal, LiteralKind};
use smol_str::SmolStr;
use std::borrow::Cow;

mod formats;

pub(super) use formats::{Format, Misfit};

impl Checker<'_> {
    /// What a literal means where a type is expected; without one, or where it doesn't fit, its own type.
    /// `None` after a diagnostic.
    pub(super) fn literal(
        &mut self,
        file: FileId,
        literal: &Literal,
        expected: Option<Type>,
    ) -> Option<(Constant, Type)> {
        let here = at(file, literal.span);
        match &literal.kind {
            LiteralKind::Bool(value) => Some((Constant::Bool(*value), Type::Bool)),
            LiteralKind::Int(digits) => match expected {
                Some(Type::Number) => Some((Constant::Number(self.number(digits, "", here)?), Type::Number)),
                _ => Some((Constant::Int(self.int(digits, here)?), Type::Int)),
            },
            LiteralKind::Number(digits) => {
                Some((Constant::Number(self.number(digits, "", here)?), Type::Number))
            }
            LiteralKind::Percent(digits) => {
                Some((Constant::Number(self.number(digits, "e-2", here)?), Type::Percent))
            }
            LiteralKind::Money { amount, currency } => {
                let currency = self.currency(file, currency)?;
                let minor = self.money(amount, currency, here)?;
                Some((Constant::Money(minor), Type::Money(currency)))
            }
            LiteralKind::Duration { amount, unit, .. } => {
                Some((Constant::Duration(self.micros(amount, *unit, here)?), Type::Duration))
            }
            LiteralKind::Time(text) => Some((Constant::Time(self.time(text, false, here)?), Type::Time)),
            LiteralKind::Date(text) => Some((Constant::Date(self.date(text, here)?), Type::Date)),
            LiteralKind::Instant(text) => Some((Constant::Instant(self.instant(text, here)?), Type::Instant)),
            LiteralKind::Text(text) => {
                match expected.and_then(|ty| Format::of(ty).map(|format| (ty, format))) {
                    Some((ty, format)) => {
                        Some((Constant::Text(self.formatted(format, &text.value, here)), ty))
                    }
                    None => Some((Constant::Text(text.value.clone()), Type::Text)),
                }
            }
        }
    }

    fn too_large(&mut self, here: Location, digits: &str, largest: &str) {
        self.report(mistakes::too_large::number(digits, largest, here));
    }

    fn int(&mut self, digits: &str, here: Location) -> Option<i64> {
        let value = plain(digits).parse();
        if value.is_err() {
            self.too_large(here, digits, "9_223_372_036_854_775_807");
        }
        value.ok()
    }

    fn number(&mut self, digits: &str, exponent: &str, here: Location) -> Option<f64> {
        let digits_and_exponent = match exponent {
            "" => plain(digits),
            exponent => Cow::Owned(plain(digits).into_owned() + exponent),
        };
        let value = digits_and_exponent.parse::<f64>().ok();
        let value = value.filter(|value| value.is_finite());
        if value.is_none() {
            self.too_large(here, digits, "about 1.8 × 10³⁰⁸");
        }
        value
    }

    fn money(&mut self, amount: &str, currency: Currency, here: Location) -> Option<i64> {
        let decimals = currency.decimals();
        match scaled(amount, decimals) {
            Ok(minor) => Some(minor),
            Err(Scale::TooFine) => {
                self.report(mistakes::bad_currency::decimals(amount, currency, here));
                None
            }
            Err(Scale::TooLarge) => {
                let largest = crate::checked::print_expression::money(i64::MAX, decimals, currency.code());
                self.too_large(here, &format!("{amount} {}", currency.code()), &largest);
                None
            }
        }
    }

    /// What one send costs, in 10⁻⁹ of the currency's major unit (§7).
    pub(super) fn cost(&mut self, file: FileId, literal: &Literal) -> Option<(i64, Currency)> {
        let here = at(file, literal.span);
        let LiteralKind::Money { amount, currency } = &literal.kind else {
            let found = self.literal(file, literal, None)?.1;
            let found = self.type_name(found);
            self.report(mistakes::wrong_type::cost(&found, here));
            return None;
        };
        let currency = self.currency(file, currency)?;
        match scaled(amount, 9) {
            Ok(nanos) => Some((nanos, currency)),
            Err(Scale::TooFine) => {
                self.report(mistakes::bad_currency::cost(here));
                None
            }
            Err(Scale::TooLarge) => {
                self.too_large(here, amount, "9 billion");
                None
            }
        }
    }

    fn micros(&mut self, amount: &str, unit: DurationUnit, here: Location) -> Option<i64> {
        let unit = match unit {
            DurationUnit::Second => SECOND,
            DurationUnit::Minute => MINUTE,
            DurationUnit::Hour => HOUR,
            DurationUnit::Day => DAY,
            DurationUnit::Week => 7 * DAY,
        };
        if amount.contains('.') {
            self.report(mistakes::no_such_time::part_of_unit(here, in_smaller_unit(amount, unit)));
            return None;
        }
        let micros = plain(amount).parse::<i64>().ok().and_then(|amount| amount.checked_mul(unit));
        if micros.is_none() {
            self.too_large(here, amount, "about 292,000 years");
        }
        micros
    }

    /// A time of the day in µs; `24:00` only where it is the end of a range.
    pub(super) fn time(&mut self, text: &str, range_end: bool, here: Location) -> Option<i64> {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute) = (hour.parse::<i64>().unwrap_or(99), minute.parse::<i64>().unwrap_or(99));
        let exists = (hour < 24 && minute < 60) || (range_end && hour == 24 && minute == 0);
        if !exists {
            self.report(mistakes::no_such_time::time(text, (hour, minute) == (24, 0), here));
            return None;
        }
        Some((hour * 60 + minute) * 60 * SECOND)
    }

    fn date(&mut self, text: &str, here: Location) -> Option<i64> {
        let Ok(date) = text.parse::<jiff::civil::Date>() else {
            self.report(mistakes::no_such_time::date(text, here));
            return None;
        };
        Some(days(date))
    }

    fn instant(&mut self, text: &str, here: Location) -> Option<i64> {
        // The grammar lets no more than microseconds pass.
        match text.parse::<jiff::Timestamp>() {
            Ok(instant) => return Some(instant.as_microsecond()),
            Err(_) => self.report(mistakes::no_such_time::instant(text, here)),
        }
        None
    }

    /// A literal that must have a type; `what` names it in the message: "a cap".
    pub(super) fn literal_of(
        &mut self,
        file: FileId,
        literal: &Literal,
        want: Type,
        what: &str,
    ) -> Option<Constant> {
        let (constant, ty) = self.literal(file, literal, Some(want))?;
        if ty == want {
            return Some(constant);
        }
        let here = at(file, literal.span);
        self.report(mistakes::wrong_type::wanted(&self.checked, what, want, &self.found_at(ty, here)));
        None
    }

    /// A duration that is more than nothing, in µs.
    pub(super) fn positive_duration(&mut self, file: FileId, literal: &Literal, what: &str) -> Option<i64> {
        let Constant::Duration(micros) = self.literal_of(file, literal, Type::Duration, what)? else {
            return None;
        };
        if micros <= 0 {
            self.report(mistakes::not_positive::duration(what, at(file, literal.span)));
            return None;
        }
        Some(micros)
    }

    /// A count of at least one.
    pub(super) fn positive_int(
        &mut self,
        file: FileId,
        literal: &Literal,
        what: &str,
        too_few: fn(&str, Location) -> Diagnostic,
    ) -> Option<u32> {
        let Constant::Int(value) = self.literal_of(file, literal, Type::Int, what)? else { return None };
        let here = at(file, literal.span);
        match u32::try_from(value) {
            Ok(count) if count > 0 => Some(count),
            _ if value <= 0 => {
                self.report(too_few(what, here));
                None
            }
            _ => {
                self.too_large(here, &value.to_string(), &u32::MAX.to_string());
                None
            }
        }
    }

    /// The ends of a range, of one type. `None` after a diagnostic.
    pub(super) fn range(
        &mut self,
        file: FileId,
        range: &tree::Range,
        expected: Option<Type>,
    ) -> Option<(Range, Type)> {
        let (start, start_ty) = self.literal(file, &range.start, expected)?;
        let (end, end_ty) = match &range.end.kind {
            LiteralKind::Time(text) => {
                (Constant::Time(self.time(text, true, at(file, range.end.span))?), Type::Time)
            }
            _ => self.literal(file, &range.end, expected.or(Some(start_ty)))?,
        };
        let (start, start_ty) = match (start, end_ty) {
            // 1..2.5
            (Constant::Int(_), Type::Number) => self.literal(file, &range.start, Some(Type::Number))?,
            (start, _) => (start, start_ty),
        };
        let here = at(file, range.span);
        if start_ty != end_ty {
            let (start, end) = (self.type_name(start_ty), self.type_name(end_ty));
            self.report(mistakes::wrong_type::range_ends(&start, &end, here));
            return None;
        }
        let backwards = match (&start, &end) {
            (Constant::Int(a), Constant::Int(b))
            | (Constant::Money(a), Constant::Money(b))
            | (Constant::Duration(a), Constant::Duration(b))
            | (Constant::Date(a), Constant::Date(b))
            | (Constant::Instant(a), Constant::Instant(b)) => a > b,
            (Constant::Number(a), Constant::Number(b)) => a > b,
            (Constant::Time(a), Constant::Time(b)) => a == b,
            _ => {
                self.report(mistakes::empty_range::no_order(&self.type_name(start_ty), here));
                return None;
            }
        };
        if backwards {
            let ends = [&range.end, &range.start].map(|end| self.quote(at(file, end.span)));
            let turned = match ends {
                [Some(end), Some(start)] => Some(format!("{end}..{start}")),
                _ => None,
            };
            self.report(match start_ty {
                Type::Time => mistakes::empty_range::times(here),
                _ => mistakes::empty_range::backwards(here, turned),
            });
            return None;
        }
        Some((Range { start, end }, start_ty))
    }

    /// The value that a text stands for; after a diagnostic, the text as it is.
    fn formatted(&mut self, format: Format, text: &SmolStr, here: Location) -> SmolStr {
        format.read(text).unwrap_or_else(|Misfit { help, instead }| {
            self.report(mistakes::invalid_format::text(text, format.described(), here, help, instead));
            text.clone()
        })
    }

    /// A language tag, as in `content email for "de"`.
    pub(super) fn language_tag(&mut self, file: FileId, text: &tree::Text) -> SmolStr {
        self.formatted(Format::Language, &text.value, at(file, text.span))
    }
}

enum Scale {
    TooFine,
    TooLarge,
}

/// Digits without the `_` between them.
fn plain(digits: &str) -> Cow<'_, str> {
    if digits.contains('_') { Cow::Owned(digits.replace('_', "")) } else { Cow::Borrowed(digits) }
}

/// Digits as an integer of units of 10^-decimals, exactly.
fn scaled(digits: &str, decimals: u32) -> Result<i64, Scale> {
    let plain = plain(digits);
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    if fraction.len() > decimals as usize {
        return Err(Scale::TooFine);
    }
    let joined = format!("{whole}{fraction:0<width$}", width = decimals as usize);
    joined.parse().map_err(|_| Scale::TooLarge)
}

/// `1.5h` as `90m`: in the largest smaller unit of which it is a whole number.
fn in_smaller_unit(amount: &str, unit: i64) -> Option<String> {
    let plain = plain(amount);
    let (whole, fraction) = plain.split_once('.')?;
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let parts: i128 = format!("{whole}{fraction}").parse().ok()?;
    let scaled = parts.checked_mul(i128::from(unit))?;
    let smaller = units::LETTERS.into_iter().filter(|(size, _)| *size < unit);
    let mut whole = smaller.filter(|(size, _)| scaled % (scale * i128::from(*size)) == 0);
    whole.next().map(|(size, letter)| format!("{}{letter}", scaled / (scale * i128::from(size))))
}

/// Days since 1970-01-01.
fn days(date: jiff::civil::Date) -> i64 {
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch)).map_or(0, |span| i64::from(span.get_days()))
}
