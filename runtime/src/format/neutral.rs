//! The neutral form: as the policy's own literals are written, instants in UTC.

use crate::record::write_instant;
use crate::zone::civil::Civil;
use crate::zone::{DAY, HOUR, MINUTE, SECOND};
use comity_compiler::frame::Frame;
use comity_compiler::plan::Plan;
use comity_compiler::types::{Currency, Element, Type};
use comity_compiler::value::Value;
use smol_str::SmolStr;
use std::fmt::Write;

/// Appends a known value.
pub(super) fn print(out: &mut String, cell: u64, ty: Type, plan: &Plan, frame: &Frame) {
    let integer = cell.cast_signed();
    match ty {
        Type::Bool => out.push_str(if cell == 0 { "false" } else { "true" }),
        Type::Int => append(out, format_args!("{integer}")),
        Type::Number => number(out, f64::from_bits(cell)),
        Type::Percent => percent(out, f64::from_bits(cell)),
        Type::Money(currency) => money(out, integer, currency),
        Type::Duration => duration(out, integer),
        Type::Time => time(out, integer),
        Type::Date => date(out, integer),
        Type::Instant => {
            let mut bytes = Vec::new();
            write_instant(&mut bytes, integer);
            out.push_str(&String::from_utf8_lossy(&bytes));
        }
        Type::Set(element) => {
            for (at, member) in frame.members(cell).iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                self::member(out, member, element, plan, frame);
            }
        }
        _ if ty.is_text() => out.push_str(frame.text(plan, cell)),
        _ => out.push_str(name(cell, ty, plan).unwrap_or_default()),
    }
}

fn member(out: &mut String, value: &Value, element: Element, plan: &Plan, frame: &Frame) {
    match value {
        Value::Cell(cell) => print(out, *cell, element.ty(), plan, frame),
        Value::Text(text) => out.push_str(text),
        Value::Set(_) => {}
    }
}

/// The name of what the cell is the position of.
fn name(cell: u64, ty: Type, plan: &Plan) -> Option<&str> {
    const WEEKDAYS: [&str; 7] =
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let at = usize::try_from(cell).ok()?;
    match ty {
        Type::Enum(id) => plan.enums.get(id.index())?.members.get(at).map(SmolStr::as_str),
        Type::Channel => plan.channels.get(at).map(|channel| channel.name.as_str()),
        Type::Class => plan.classes.get(at).map(|class| class.name.as_str()),
        Type::Message => plan.messages.get(at).map(|message| message.name.as_str()),
        Type::Purpose => plan.purposes.get(at).map(|purpose| purpose.name.as_str()),
        Type::Arm(id) => plan.experiments.get(id.index())?.arms.get(at).map(|(arm, _)| arm.as_str()),
        Type::Weekday => WEEKDAYS.get(at).copied(),
        _ => None,
    }
}

fn append(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to memory can't fail.
    let _ = out.write_fmt(text);
}

/// The shortest digits that read back as the same double, without an exponent.
fn number(out: &mut String, value: f64) {
    if value.is_infinite() {
        out.push_str(if value < 0.0 { "-∞" } else { "∞" });
    } else {
        // Minus zero and zero are one value.
        append(out, format_args!("{}", value + 0.0));
    }
}

/// The digits of a finite double.
pub(super) fn digits(value: f64) -> Option<String> {
    value.is_finite().then(|| format!("{}", value + 0.0))
}

/// The same digits, with the point two places further on.
fn percent(out: &mut String, value: f64) {
    let mut digits = String::new();
    number(&mut digits, value);
    out.push_str(&shifted(&digits));
    out.push('%');
}

/// A decimal number times 100.
pub(super) fn shifted(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("{sign}{digits}");
    }
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (front, back) = fraction.split_at(fraction.len().min(2));
    let whole = format!("{whole}{front:0<2}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if back.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{back}")
}

/// The amount with all decimals of its currency.
pub(crate) fn amount(minor: i64, currency: Currency) -> String {
    let decimals = currency.decimals() as usize;
    let sign = if minor < 0 { "-" } else { "" };
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
    let (major, minor) = digits.split_at(digits.len() - decimals);
    let point = if decimals > 0 { "." } else { "" };
    format!("{sign}{major}{point}{minor}")
}

fn money(out: &mut String, minor: i64, currency: Currency) {
    append(out, format_args!("{} {}", amount(minor, currency), currency.code()));
}

/// In the largest unit that needs no fraction.
fn duration(out: &mut String, micros: i64) {
    if micros < 0 {
        out.push('-');
    }
    let magnitude = micros.unsigned_abs();
    let units = [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm'), (SECOND, 's')];
    let whole =
        units.into_iter().find(|(unit, _)| magnitude > 0 && magnitude.is_multiple_of(unit.unsigned_abs()));
    match whole {
        Some((unit, letter)) => append(out, format_args!("{}{letter}", magnitude / unit.unsigned_abs())),
        None => {
            append(out, format_args!("{}", magnitude / SECOND.unsigned_abs()));
            fraction(out, magnitude % SECOND.unsigned_abs());
            out.push('s');
        }
    }
}

/// Microseconds as a fraction of a second, where there are any.
fn fraction(out: &mut String, micros: u64) {
    if micros > 0 {
        out.push_str(format!(".{micros:06}").trim_end_matches('0'));
    }
}

fn time(out: &mut String, micros: i64) {
    let micros = micros.rem_euclid(DAY);
    append(out, format_args!("{:02}:{:02}", micros / HOUR, micros / MINUTE % 60));
    if micros % MINUTE > 0 {
        append(out, format_args!(":{:02}", micros / SECOND % 60));
        fraction(out, (micros % SECOND).unsigned_abs());
    }
}

fn date(out: &mut String, days: i64) {
    let Civil { year, month, day } = Civil::of(days);
    append(out, format_args!("{year:04}-{month:02}-{day:02}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(write: impl FnOnce(&mut String)) -> String {
        let mut out = String::new();
        write(&mut out);
        out
    }

    #[test]
    fn numbers() {
        for (value, printed) in [(3.0, "3"), (-0.0, "0"), (0.1, "0.1"), (1e21, "1000000000000000000000")] {
            assert_eq!(text(|out| number(out, value)), printed);
        }
        assert_eq!(text(|out| number(out, f64::INFINITY)), "∞");
        let percents = [
            (0.15, "15%"),
            (0.07, "7%"),
            (0.025, "2.5%"),
            (1.0, "100%"),
            (12.5, "1250%"),
            (0.0, "0%"),
            (0.001, "0.1%"),
            (-0.333, "-33.3%"),
            (0.000_01, "0.001%"),
            (f64::NEG_INFINITY, "-∞%"),
        ];
        for (value, printed) in percents {
            assert_eq!(text(|out| percent(out, value)), printed);
        }
    }

    #[test]
    fn amounts() {
        let [eur, jpy, kwd] = ["EUR", "JPY", "KWD"].map(|code| Currency::from_code(code).unwrap());
        assert_eq!(text(|out| money(out, 1999, eur)), "19.99 EUR");
        assert_eq!(text(|out| money(out, -5, eur)), "-0.05 EUR");
        assert_eq!(text(|out| money(out, 0, eur)), "0.00 EUR");
        assert_eq!(text(|out| money(out, 500, jpy)), "500 JPY");
        assert_eq!(text(|out| money(out, 1500, kwd)), "1.500 KWD");
        assert_eq!(text(|out| money(out, i64::MIN, eur)), "-92233720368547758.08 EUR");
    }

    #[test]
    fn moments() {
        let durations = [
            (0, "0s"),
            (90 * SECOND, "90s"),
            (30 * MINUTE, "30m"),
            (25 * HOUR, "25h"),
            (14 * DAY, "14d"),
            (-2 * DAY, "-2d"),
            (1_500_000, "1.5s"),
            (1, "0.000001s"),
            (i64::MIN, "-9223372036854.775808s"),
        ];
        for (micros, printed) in durations {
            assert_eq!(text(|out| duration(out, micros)), printed);
        }
        assert_eq!(text(|out| time(out, 21 * HOUR)), "21:00");
        assert_eq!(text(|out| time(out, 8 * HOUR + 5 * MINUTE + 30 * SECOND + 250_000)), "08:05:30.25");
        assert_eq!(text(|out| time(out, DAY - 1)), "23:59:59.999999");
        assert_eq!(text(|out| date(out, 0)), "1970-01-01");
        assert_eq!(text(|out| date(out, -719_162)), "0001-01-01");
    }
}
