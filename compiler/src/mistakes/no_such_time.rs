//! E0302: no such date or time.

use super::prelude::*;

pub(super) const CODE: Code = Code::new("E0302", include_str!("../../../docs/diagnostics/E0302.md"));

/// A part of a unit: `1.5h`. Where a smaller unit makes it whole, that is the mend.
pub(crate) fn part_of_unit(here: Location, whole: Option<String>) -> Diagnostic {
    let problem = CODE.at(here, "a duration is a whole number of its unit", "not a whole number");
    match whole {
        Some(right) => problem.help(format!("use a smaller unit: write `{right}`")).replace(here, right),
        None => problem.help("use a smaller unit: `90m` instead of `1.5h`"),
    }
}

/// A time of the day that no clock shows.
pub(crate) fn time(text: &str, midnight: bool, here: Location) -> Diagnostic {
    let label = match midnight {
        true => "`24:00` stands only at the end of a range",
        false => "times go from 00:00 to 23:59",
    };
    let problem = CODE.at(here, format!("there is no time {text}"), label);
    if midnight { problem.help("midnight is `00:00`") } else { problem }
}

/// A date that no calendar has.
pub(crate) fn date(text: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no date {text}"), "not in the calendar")
        .help("dates are written year-month-day: `2026-11-27`")
}

/// An instant that isn't one.
pub(crate) fn instant(text: &str, here: Location) -> Diagnostic {
    CODE.at(here, format!("there is no instant {text}"), "not in the calendar")
        .help("instants are written `2026-11-27T10:00:00Z`, or with an offset, `2026-11-27T11:00:00+01:00`")
}

#[cfg(test)]
mod tests {
    use crate::mistakes::fixture::*;

    #[test]
    fn times_and_dates_that_do_not_exist() {
        fixture(
            r#"let b = 2026-02-29
//      ^^^^^^^^^^ E0302
let c = 24:00
//      ^^^^^ E0302
let d = 21:75
//      ^^^^^ E0302
let e = 1.5h
//      ^^^^ E0302
let f = 2026-13-01T10:00:00Z
//      ^^^^^^^^^^^^^^^^^^^^ E0302
"#,
        );
    }

    #[test]
    fn parts_of_units_are_written_in_smaller_ones() {
        for (wrong, right) in [("1.5h", "90m"), ("0.5d", "12h"), ("2.5w", "420h"), ("0.25m", "15s")] {
            assert_eq!(mended(&format!("let a = {wrong}\n")), format!("let a = {right}\n"));
        }
        assert_eq!(only("let a = 0.3s\n").fix, None);
    }
}
