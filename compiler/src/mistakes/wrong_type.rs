//! E0201: another type is wanted.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0201", include_str!("../../../docs/diagnostics/E0201.md"));

/// A value of another type than the one that is wanted; `what` is what would stand there: "a condition".
pub(crate) fn wanted(policy: &Checked, what: &str, want: Type, found: &Found) -> Diagnostic {
    let (wanted, ty) = (policy.type_name(want), policy.type_name(found.ty));
    let message = match want {
        Type::Bool => format!("{what} is true or false, and this is {ty}"),
        _ => format!("{what} is {wanted}, and this is {ty}"),
    };
    let problem = CODE.at(found.at, message, format!("this is {ty}"));
    match (want, &found.written) {
        (Type::Date, Some(text)) if found.ty == Type::Instant && what.ends_with("since`") => problem.help(format!(
            "dates are counted so, and an instant is a moment: how long ago it was is asked by `now - {text} < 30d`, in the `when` of a message, not in a segment"
        )),
        (Type::Bool, Some(text)) if found.optional => {
            problem.help(format!("ask whether it is known: `{text} is known`"))
        }
        _ => problem.converted(found.at, conversion(policy, want, found.ty, found.written.as_deref())),
    }
}

/// Two values that must be of one type and aren't.
pub(crate) fn differ(policy: &Checked, what: &str, one: &Found, other: &Found) -> Diagnostic {
    let (first, second) = (policy.type_name(one.ty), policy.type_name(other.ty));
    let problem = CODE
        .at(other.at, format!("{what} differ: {first} and {second}"), format!("this is {second}"))
        .also(one.at, format!("this is {first}"));
    let (place, instead) = conversion_of_either(policy, one, other);
    problem.converted(place, instead)
}

/// A cost that isn't an amount.
pub(crate) fn cost(ty: &str, here: Location) -> Diagnostic {
    CODE.at(here, "a cost is money", format!("this is {ty}")).help("for instance `cost 0.06 EUR`")
}

/// Quiet hours over something else than times.
pub(crate) fn quiet_hours(ty: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("quiet hours go from one time to another, not over {ty}"), "not times")
        .help("for instance `quiet 21:00..08:00`")
}

/// `active` over something else than dates.
pub(crate) fn active(ty: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("`active` goes from one date to another, not over {ty}"), "not dates")
        .help("for instance `active 2026-01-01..2026-12-31`")
}

/// A range from a value of one type to one of another.
pub(crate) fn range_ends(start: &str, end: &str, here: Location) -> Diagnostic {
    CODE.at(here, "both ends of a range have one type", format!("from {start} to {end}"))
}

/// One value for an attribute that is a set, in a test.
pub(crate) fn not_a_list(what: &str, member: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("{what} is a set of {member}"), "not a list").help("write a list: `[ … ]`")
}

/// What to write instead, where one type is wanted and another found.
pub(crate) struct Conversion {
    help: String,
    /// What is to be written in place of what stands there, where that is certain.
    instead: Option<String>,
}

impl Diagnostic {
    /// Says what to write instead, and mends it where that is certain.
    pub(super) fn converted(self, place: Location, conversion: Option<Conversion>) -> Diagnostic {
        match conversion {
            Some(Conversion { help, instead: Some(right) }) => self.help(help).replace(place, right),
            Some(Conversion { help, instead: None }) => self.help(help),
            None => self,
        }
    }
}

/// What to write instead of a value, with what is written there.
pub(super) fn conversion(
    policy: &Checked,
    want: Type,
    found: Type,
    written: Option<&str>,
) -> Option<Conversion> {
    let number = |text: &&str| {
        text.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b'_') && text.matches('.').count() < 2
    };
    let digits = written.filter(number);
    let ends = written.and_then(|text| text.split_once("..")).filter(|(a, b)| number(a) && number(b));
    let quoted_text = written.and_then(|text| text.strip_prefix('"')?.strip_suffix('"'));
    let help = |help: &str| Some(Conversion { help: help.to_owned(), instead: None });
    let write = |why: &str, right: String| {
        Some(Conversion { help: format!("{why}: write `{right}`"), instead: Some(right) })
    };
    match (want, found) {
        (Type::Money(currency), Type::Int | Type::Number) => match (digits, ends) {
            (Some(digits), _) => write("an amount has its currency", format!("{digits} {}", currency.code())),
            (None, Some((a, b))) => {
                let code = currency.code();
                write("amounts have their currency", format!("{a} {code}..{b} {code}"))
            }
            (None, None) => help(&format!("an amount has its currency: write `20 {}`", currency.code())),
        },
        (Type::Percent, Type::Int | Type::Number) => match digits.map(percent) {
            Some((right, true)) => write("a share is a percentage", right),
            Some((right, false)) => help(&format!("a share is a percentage: `{right}`?")),
            None => help("shares are percentages: write `15%` for 0.15"),
        },
        (Type::Number | Type::Int, Type::Percent) => help("write the number without `%`: `0.15` for 15%"),
        (Type::Duration, Type::Int | Type::Number) => help(&match digits {
            Some(digits) => format!("a duration has its unit: write `{digits}d`, `{digits}h` or `{digits}m`"),
            None => "a duration has its unit: `30m`, `24h`, `7d`".to_owned(),
        }),
        (Type::Time, Type::Int) => {
            let clock = |hour: &str| {
                hour.parse::<u32>().ok().filter(|hour| *hour < 24).map(|hour| format!("{hour:02}:00"))
            };
            match (digits.and_then(clock), ends.and_then(|(a, b)| Some((clock(a)?, clock(b)?)))) {
                (Some(right), _) => write("a time has hours and minutes", right),
                (None, Some((a, b))) => write("times have hours and minutes", format!("{a}..{b}")),
                (None, None) => help("a time has hours and minutes: `21:00`"),
            }
        }
        (Type::Int, Type::Number) => help("make it whole: `round(…)`, `floor(…)` or `ceil(…)`"),
        (Type::Int | Type::Number, Type::Money(currency)) => {
            help(&format!("divide by an amount to get a number: `… / 1 {}`", currency.code()))
        }
        (Type::Int | Type::Number, Type::Duration) => help(
            "divide the duration by another one to get a number: `… / 1d`; between two dates there is already a number of days",
        ),
        (Type::Date, Type::Instant) | (Type::Instant, Type::Date) => help(
            "a date is a day, an instant a moment; compare a date with `local.date`, an instant with `now` (in the `when` of a message, not in a segment)",
        ),
        (Type::Bool, ty) if ty != Type::Text => help("compare it with a value, for instance `… > 0`"),
        (Type::Money(_), Type::Text) => match quoted_text.filter(|text| is_amount(text)) {
            Some(amount) => write("amounts stand without quotes", amount.to_owned()),
            None => help("amounts stand without quotes: `20 EUR`"),
        },
        (Type::Int | Type::Number, Type::Text) => match quoted_text.filter(number) {
            Some(digits) if !digits.is_empty() => write("numbers stand without quotes", digits.to_owned()),
            _ => None,
        },
        (Type::Enum(id), Type::Text) => {
            let members = &policy.enums.get(id.index())?.members;
            let same = |text: &str| members.iter().find(|member| member.eq_ignore_ascii_case(text));
            match quoted_text.and_then(same) {
                Some(member) => write("members stand without quotes", member.to_string()),
                None => {
                    help(&format!("write the member without quotes, for instance `{}`", members.first()?))
                }
            }
        }
        (Type::Text, Type::Enum(_)) => help("compare an enum with its members, without quotes"),
        (Type::Text, Type::Int | Type::Number) => match digits {
            Some(digits) => write("texts stand in quotes", format!("\"{digits}\"")),
            None => None,
        },
        _ => None,
    }
}

/// What to write instead of one of two values that must be of one type: a certain mend first, then one of the second.
pub(super) fn conversion_of_either(
    policy: &Checked,
    one: &Found,
    other: &Found,
) -> (Location, Option<Conversion>) {
    let second = conversion(policy, one.ty, other.ty, other.written.as_deref());
    // Of two things that are written out, nobody knows which one is wrong.
    let quoted = other.written.as_ref().is_some_and(|text| text.starts_with('"'));
    let first = conversion(policy, other.ty, one.ty, one.written.as_deref()).filter(|_| !quoted);
    let certain = |of: &Option<Conversion>| of.as_ref().is_some_and(|one| one.instead.is_some());
    match certain(&second) || (second.is_some() && !certain(&first)) {
        true => (other.at, second),
        false => (one.at, first),
    }
}

/// A number as a percentage, and whether it can't have been meant otherwise: `0.15` is 15%, but `5` could be 5%.
fn percent(digits: &str) -> (String, bool) {
    let Some((whole, fraction)) = digits.split_once('.') else {
        return (format!("{digits}%"), digits == "0");
    };
    if !whole.bytes().all(|b| b == b'0') {
        return (format!("{digits}%"), false);
    }
    let mut fraction = fraction.replace('_', "");
    while fraction.len() < 2 {
        fraction.push('0');
    }
    let rest = fraction.split_off(2);
    let whole = fraction.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    match rest.trim_end_matches('0') {
        "" => (format!("{whole}%"), true),
        rest => (format!("{whole}.{rest}%"), true),
    }
}

fn is_amount(text: &str) -> bool {
    let Some((digits, currency)) = text.split_once(' ') else { return false };
    digits.starts_with(|first: char| first.is_ascii_digit())
        && digits.parse::<f64>().is_ok()
        && crate::types::Currency::from_code(currency).is_some()
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn values_of_other_types() {
        with_vocabulary(
            r#"segment a = profile.tier == profile.mood
//                          ^^^^^^^^^^^^ E0201
segment b = profile.spent > 20
//                          ^^ E0201
segment c = profile.count
//                  ^^^^^ E0104
segment d = profile.score
//          ^^^^^^^^^^^^^ E0201
segment e = profile.spent in 1..2
//                           ^^^^ E0201
segment f = profile.interests overlaps profile.codes
//                                     ^^^^^^^^^^^^^ E0201
let g = if profile.vip then 1 else "x"
//                                 ^^^ E0201
table h(s: percent): int { 1 => 1  _ => "x" }
//                         ^ E0404
//                                      ^^^ E0201
"#,
        );
    }

    #[test]
    fn forgotten_units_are_added() {
        let mends = |wrong: &str, right: &str| {
            let text = mended(&vocabulary(&format!("segment a = {wrong}")));
            assert!(text.starts_with(&format!("segment a = {right}\n")), "{text}");
        };
        mends("profile.spent > 20", "profile.spent > 20 EUR");
        mends("20.5 < profile.spent", "20.5 EUR < profile.spent");
        mends("profile.spent in 20..50", "profile.spent in 20 EUR..50 EUR");
        mends("profile.spent > \"20 EUR\"", "profile.spent > 20 EUR");
        mends("profile.share > 0.5", "profile.share > 50%");
        mends("profile.share > 0.125", "profile.share > 12.5%");
        mends("profile.share > 0", "profile.share > 0%");
        mends("profile.tier == \"Gold\"", "profile.tier == gold");
        mends("profile.score > \"3\"", "profile.score > 3");
        mends("profile.name == 3", "profile.name == \"3\"");
        mends("local.time in 8..22", "local.time in 08:00..22:00");
        // Five of a hundred, or five times all of them? That is for the author to say.
        assert_eq!(only(&vocabulary("segment a = profile.share > 5")).fix, None);
    }
}
