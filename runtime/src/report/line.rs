//! The lines that a report reads: records as a run writes them, and events as they came in.

use crate::intake::Rejection;
use serde::Deserialize;
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A record, as far as a report looks at it.
#[derive(Deserialize)]
pub(super) struct RecordLine<'a> {
    #[serde(borrow)]
    pub(super) kind: Cow<'a, str>,
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) time: Option<Cow<'a, str>>,
    pub(super) subject: Option<Cow<'a, str>>,
    pub(super) policy: Option<Cow<'a, str>>,
    pub(super) message: Option<Cow<'a, str>>,
    pub(super) channel: Option<Cow<'a, str>>,
    pub(super) placement: Option<Cow<'a, str>>,
    pub(super) class: Option<Cow<'a, str>>,
    pub(super) reason: Option<Cow<'a, str>>,
    pub(super) journey: Option<Cow<'a, str>>,
    pub(super) instance: Option<Cow<'a, str>>,
    pub(super) state: Option<Cow<'a, str>>,
    pub(super) experiment: Option<Cow<'a, str>>,
    pub(super) arm: Option<Cow<'a, str>>,
    #[serde(default)]
    pub(super) arms: Vec<ArmLine>,
    pub(super) share: Option<f64>,
    pub(super) cost: Option<Cow<'a, str>>,
    pub(super) value: Option<Value>,
    pub(super) cause: Option<CauseLine>,
}

/// An arm and its share, as a policy declares them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub(super) struct ArmLine {
    pub(super) arm: String,
    pub(super) share: f64,
}

/// Why something happened.
#[derive(Default, Deserialize)]
pub(super) struct CauseLine {
    pub(super) event: Option<String>,
    pub(super) journey: Option<String>,
    segment: Option<String>,
    state: Option<String>,
    schedule: Option<String>,
}

impl CauseLine {
    /// What started it all, as a key.
    pub(super) fn start(&self) -> String {
        let parts = [&self.event, &self.segment, &self.state, &self.schedule];
        parts.map(|part| part.as_deref().unwrap_or_default()).join("\0")
    }
}

/// An event, as far as a report looks at it.
#[derive(Deserialize)]
pub(super) struct EventLine<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) subject: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) time: Cow<'a, str>,
    #[serde(default)]
    pub(super) data: serde_json::Map<String, Value>,
}

/// A sum of money, or a plain number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    /// 10⁻⁹ of the unit.
    pub(super) nanos: i128,
    /// The currency's code; empty for a number.
    pub(super) unit: String,
}

impl Amount {
    /// `"80.00 EUR"`, `{"amount":"80.00","currency":"EUR"}` or a number.
    pub(super) fn read(value: &Value) -> Option<Amount> {
        match value {
            Value::Number(number) => {
                Some(Amount { nanos: of_number(number.as_f64()?)?, unit: String::new() })
            }
            Value::String(text) => Amount::of_text(text),
            Value::Object(fields) => {
                let nanos = match fields.get("amount")? {
                    Value::String(text) => nanos(text)?,
                    number => of_number(number.as_f64()?)?,
                };
                Some(Amount { nanos, unit: fields.get("currency")?.as_str()?.to_owned() })
            }
            _ => None,
        }
    }

    pub(super) fn of_text(text: &str) -> Option<Amount> {
        let (number, unit) = text.split_once(' ').unwrap_or((text, ""));
        Some(Amount { nanos: nanos(number)?, unit: unit.to_owned() })
    }
}

/// `None` beyond what any sum of such amounts could hold.
fn of_number(number: f64) -> Option<i128> {
    (number.abs() < 1e18).then(|| (number * 1e9).round() as i128)
}

fn nanos(text: &str) -> Option<i128> {
    let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 20 || fraction.len() > 9 || !digits(whole) || !digits(fraction) {
        return None;
    }
    let nanos: i128 = format!("{whole}{fraction:0<9}").parse().ok()?;
    Some(if negative { -nanos } else { nanos })
}

/// 10⁻⁹ of a unit as a decimal number: two decimals, and more where they aren't zero.
pub fn decimal(nanos: i128) -> String {
    const UNIT: u128 = 1_000_000_000;
    let sign = if nanos < 0 { "-" } else { "" };
    let (whole, rest) = (nanos.unsigned_abs() / UNIT, nanos.unsigned_abs() % UNIT);
    let decimals = format!("{rest:09}");
    let kept = decimals.trim_end_matches('0').len().max(2);
    format!("{sign}{whole}.{}", &decimals[..kept])
}

/// An instant, in µs.
pub(super) fn micros(text: &str) -> Option<i64> {
    text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond)
}

/// A line that can't be used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine(String);

impl BadLine {
    pub(super) fn new(problem: impl Into<String>) -> BadLine {
        BadLine(problem.into())
    }

    /// Why the JSON reader can't read a line as what it has to be: "a record".
    pub(super) fn json(what: &str, error: &serde_json::Error) -> BadLine {
        if !error.is_data() {
            return BadLine(Rejection::json(error).to_string());
        }
        let text = error.to_string();
        let text = text.split(" at line ").next().unwrap_or_default();
        let wrong = text.strip_prefix("invalid type: ").or(text.strip_prefix("invalid value: "));
        BadLine(match (text.strip_prefix("missing field "), wrong.and_then(|text| text.split_once(", "))) {
            (Some(field), _) => format!("not {what}: {field} is missing"),
            (None, Some((found, expected))) => {
                format!("not {what}: {expected}, found {found} at column {}", error.column())
            }
            (None, None) => format!("not {what}: {text}"),
        })
    }
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadLine {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_of_many_forms() {
        let read = |json: &str| Amount::read(&serde_json::from_str(json).unwrap());
        let eur = |nanos| Some(Amount { nanos, unit: "EUR".to_owned() });
        assert_eq!(read(r#""80.05 EUR""#), eur(80_050_000_000));
        assert_eq!(read(r#""-0.001 EUR""#), eur(-1_000_000));
        assert_eq!(read(r#"{"amount":"7","currency":"EUR"}"#), eur(7_000_000_000));
        assert_eq!(read("2.5"), Some(Amount { nanos: 2_500_000_000, unit: String::new() }));
        for wrong in [
            r#""EUR 5""#,
            r#""1.2.3 EUR""#,
            r#"" EUR""#,
            "true",
            "null",
            r#""99999999999999999999999 X""#,
            "1e300",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
        assert_eq!(decimal(-1_000_000), "-0.001");
        assert_eq!(decimal(80_000_000_000), "80.00");
        assert_eq!(decimal(1_234_500_000), "1.2345");
        assert_eq!(decimal(-60_000_000), "-0.06");
    }
}
