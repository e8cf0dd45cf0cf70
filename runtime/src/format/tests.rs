//! What content looks like in the languages of customers.

use super::*;
use comity_compiler::ids::{EnumId, SlotId};
use comity_compiler::plan::{Slot, Source};
use comity_compiler::types::{Currency, Element};
use comity_compiler::value::Value;

fn plan() -> Plan {
    crate::intake::tests::shop()
}

fn printed(cell: i64, ty: Type, language: Option<&str>) -> String {
    let plan = plan();
    let frame = Frame::new(&plan);
    let zone = Zone::named("Europe/Berlin").unwrap();
    let mut out = "<".to_owned();
    print(&mut out, cell.cast_unsigned(), ty, &plan, &frame, language, zone);
    out.split_off(1)
}

/// 2026-11-27
const DAY: i64 = 20_784;
/// 2026-11-27T20:05:00Z
const INSTANT: i64 = (DAY * 24 * 60 + 20 * 60 + 5) * 60_000_000;

#[test]
fn languages() {
    let eur = Type::Money(Currency::from_code("EUR").unwrap());
    let usd = Type::Money(Currency::from_code("USD").unwrap());
    let jpy = Type::Money(Currency::from_code("JPY").unwrap());
    let double = |value: f64| value.to_bits().cast_signed();
    let values = [
        (123_456, eur),
        (-123_456, eur),
        (i64::MIN, eur),
        (1999, usd),
        (500, jpy),
        (1_234_567, Type::Int),
        (double(-1234.5), Type::Number),
        (double(f64::INFINITY), Type::Number),
        (double(0.155), Type::Percent),
        (DAY, Type::Date),
        (i64::MAX, Type::Date),
        (21 * 3_600_000_000, Type::Time),
        (INSTANT, Type::Instant),
        (1_800_000_000, Type::Duration),
        (1, Type::Bool),
        (4, Type::Weekday),
    ];
    let tags = [
        "",
        "de",
        "de-AT",
        "de-CH",
        "en",
        "en-GB",
        "fr",
        "fr-CH",
        "it",
        "es",
        "es-MX",
        "pt-BR",
        "nl",
        "sv",
        "pl",
        "tr",
        "ja",
        "zh-TW",
        "hi",
        "ar",
        "he",
        "th",
        "fa",
        "de-x-shop",
        "tlh",
        "zxx",
        "not a tag",
    ];
    let mut shown = String::new();
    for tag in tags {
        let language = Some(tag).filter(|tag| !tag.is_empty());
        let line: Vec<String> = values.iter().map(|(cell, ty)| printed(*cell, *ty, language)).collect();
        shown.push_str(&format!("{tag}: {}\n", line.join(" | ")));
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn names_and_sets_are_plain() {
    let mut plan = plan();
    plan.slots.push(Slot { source: Source::Now, ty: Type::Text, optional: false });
    let mut frame = Frame::new(&plan);
    let zone = Zone::utc();
    let mut show = |ty: Type, value: Value| {
        let mut out = String::new();
        frame.set(SlotId(0), Some(&value));
        let cell = frame.get(SlotId(0)).cell;
        print(&mut out, cell, ty, &plan, &frame, Some("de"), zone);
        out
    };
    assert_eq!(show(Type::Enum(EnumId(0)), Value::Cell(2)), "gold");
    assert_eq!(show(Type::Enum(EnumId(0)), Value::Cell(u64::MAX)), "");
    assert_eq!(show(Type::Text, Value::Cell(1)), "hats");
    assert_eq!(show(Type::Text, Value::Text("Zoë".into())), "Zoë");
    assert_eq!(show(Type::Channel, Value::Cell(1)), "push");
    let set = Value::Set([Value::Cell(0), Value::Text("x".into())].into());
    assert_eq!(show(Type::Set(Element::Text), set), "shoes, x");
}

#[test]
fn redacted_texts_are_equal_where_the_texts_are() {
    assert_eq!(redact("Ada"), redact("Ada"));
    assert_ne!(redact("Ada"), redact("Bob"));
    // The first 16 digits of its SHA-256.
    assert_eq!(redact(""), "e3b0c44298fc1c14");
}
