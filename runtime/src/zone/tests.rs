use super::civil::{Civil, span_of};
use super::quiet::{Span, is_quiet, quiet_end};
use super::*;
use comity_compiler::plan::Calendar;
use jiff::civil::DateTime;
use jiff::tz::AmbiguousOffset;
use proptest::prelude::*;

const ZONES: [&str; 24] = [
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",
    "America/Sao_Paulo",
    "America/St_Johns",
    "America/Godthab",
    "America/Scoresbysund",
    "America/Santiago",
    "America/Caracas",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Asia/Amman",
    "Asia/Pyongyang",
    "Asia/Kathmandu",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "Pacific/Kiritimati",
    "Pacific/Chatham",
    "UTC",
];

const SPANS: [Calendar; 5] =
    [Calendar::Day, Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year];

fn zone(name: &str) -> &'static Zone {
    Zone::named(name).unwrap()
}

fn instant(text: &str) -> i64 {
    text.parse::<Timestamp>().unwrap().as_microsecond()
}

fn show(instant: i64) -> String {
    Timestamp::from_microsecond(instant).unwrap().to_string()
}

fn date(text: &str) -> i64 {
    let date: jiff::civil::Date = text.parse().unwrap();
    Civil { year: date.year().into(), month: date.month() as u8, day: date.day() as u8 }.date()
}

fn meanings(name: &str, day: &str, hour: i64, minute: i64) -> (String, String) {
    let (zone, time) = (zone(name), hour * HOUR + minute * MINUTE);
    assert_eq!(zone.first(date(day), time), zone.earliest(date(day), time));
    (show(zone.earliest(date(day), time)), show(zone.latest(date(day), time)))
}

#[track_caller]
fn means(name: &str, day: &str, (hour, minute): (i64, i64), earliest: &str, latest: &str) {
    assert_eq!(meanings(name, day, hour, minute), (earliest.to_string(), latest.to_string()));
}

/// What jiff says of an instant.
fn local(zone: &Zone, instant: i64) -> i64 {
    let offset = zone.zone.to_offset(Timestamp::from_microsecond(instant).unwrap());
    instant + i64::from(offset.seconds()) * SECOND
}

#[test]
fn zones_are_found_by_the_names_that_iana_gives_them() {
    assert_eq!(zone("Europe/Berlin").name(), "Europe/Berlin");
    assert_eq!(zone("Europe/Berlin"), zone("Europe/Berlin"));
    assert_ne!(zone("Europe/Berlin"), zone("Europe/Paris"));
    for name in
        ["europe/berlin", "Europe/Berlin ", "", "Mars/Olympus", "../etc/passwd", "+02:00", "Etc/Unknown"]
    {
        assert_eq!(Zone::named(name), None, "{name}");
    }
    assert_eq!(Zone::utc().name(), "UTC");
}

#[test]
fn local_time_has_all_its_parts() {
    let local = zone("Asia/Kathmandu").local(instant("2026-11-29T18:30:00.000001Z"));
    assert_eq!(local, Local { date: date("2026-11-30"), time: 15 * MINUTE + 1 });
    assert_eq!((local.hour(), local.weekday(), local.month(), local.day()), (0, 0, 11, 30));
    // Before zone times there was the sun.
    assert_eq!(zone("Europe/Berlin").local(-100 * 366 * DAY).time, 53 * MINUTE + 28 * SECOND);
}

#[test]
fn times_in_a_gap_mean_its_end_and_doubled_times_two_instants() {
    means("Europe/Berlin", "2026-03-29", (2, 30), "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
    means("Europe/Berlin", "2026-03-29", (3, 0), "2026-03-29T01:00:00Z", "2026-03-29T01:00:00Z");
    means("Europe/Berlin", "2026-10-25", (2, 0), "2026-10-25T00:00:00Z", "2026-10-25T01:00:00Z");
    means("Europe/Berlin", "2026-10-25", (2, 30), "2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z");
    means("Europe/Berlin", "2026-10-25", (3, 0), "2026-10-25T02:00:00Z", "2026-10-25T02:00:00Z");
    means("America/New_York", "2026-11-01", (1, 15), "2026-11-01T05:15:00Z", "2026-11-01T06:15:00Z");
    // Midnight twice, by either name.
    means("America/Havana", "2025-11-02", (0, 0), "2025-11-02T04:00:00Z", "2025-11-02T05:00:00Z");
    means("America/Havana", "2025-11-01", (24, 0), "2025-11-02T04:00:00Z", "2025-11-02T05:00:00Z");
    // Midnight missing.
    means("America/Sao_Paulo", "2018-11-04", (0, 0), "2018-11-04T03:00:00Z", "2018-11-04T03:00:00Z");
    means("Asia/Beirut", "2024-03-31", (0, 30), "2024-03-30T22:00:00Z", "2024-03-30T22:00:00Z");
    means("Africa/Cairo", "2024-10-31", (23, 30), "2024-10-31T20:30:00Z", "2024-10-31T21:30:00Z");
    // Half an hour.
    means("Australia/Lord_Howe", "2026-04-05", (1, 45), "2026-04-04T14:45:00Z", "2026-04-04T15:15:00Z");
    means("Australia/Lord_Howe", "2026-10-04", (2, 15), "2026-10-03T15:30:00Z", "2026-10-03T15:30:00Z");
    // A day that never was.
    means("Pacific/Apia", "2011-12-30", (10, 0), "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z");
    means("Pacific/Apia", "2011-12-31", (0, 0), "2011-12-30T10:00:00Z", "2011-12-30T10:00:00Z");
}

#[test]
fn dates_change_at_midnight_or_where_it_would_have_been() {
    let changes = [
        ("Europe/Berlin", "2026-07-01T12:00:00Z", "2026-07-01T22:00:00Z"),
        ("America/Sao_Paulo", "2018-11-04T02:59:59Z", "2018-11-04T03:00:00Z"),
        ("Africa/Cairo", "2024-04-25T12:00:00Z", "2024-04-25T22:00:00Z"),
        // Clocks go from 24:00 back to 23:00: the day is longer.
        ("Africa/Cairo", "2024-10-31T20:59:59Z", "2024-10-31T22:00:00Z"),
        // From 01:00 back to 00:00: midnight comes twice, the date once.
        ("America/Havana", "2025-11-02T03:00:00Z", "2025-11-02T04:00:00Z"),
        ("America/Havana", "2025-11-02T04:00:00Z", "2025-11-03T05:00:00Z"),
        // From sunday 00:01 back to saturday 23:01.
        ("America/St_Johns", "2006-10-29T01:00:00Z", "2006-10-29T02:30:00Z"),
        ("America/St_Johns", "2006-10-29T02:30:00Z", "2006-10-29T02:31:00Z"),
        ("America/St_Johns", "2006-10-29T02:31:00Z", "2006-10-29T03:30:00Z"),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", "2011-12-30T10:00:00Z"),
        ("Pacific/Kwajalein", "1993-08-21T11:00:00Z", "1993-08-21T12:00:00Z"),
    ];
    for (name, from, to) in changes {
        assert_eq!(show(zone(name).next_date_change(instant(from))), to, "{name} {from}");
    }
    let apia = zone("Pacific/Apia");
    assert_eq!(apia.date(instant("2011-12-30T09:59:59Z")), date("2011-12-29"));
    assert_eq!(apia.date(instant("2011-12-30T10:00:00Z")), date("2011-12-31"));
    assert!(apia.instants_of(date("2011-12-30"), date("2011-12-30")).is_empty());
    let johns = zone("America/St_Johns").instants_of(date("2006-10-28"), date("2006-10-28"));
    let johns: Vec<_> = johns.iter().map(|(from, to)| (show(*from), show(*to))).collect();
    let expected = [
        ("2006-10-28T02:30:00Z".to_string(), "2006-10-29T02:30:00Z".to_string()),
        ("2006-10-29T02:31:00Z".to_string(), "2006-10-29T03:30:00Z".to_string()),
    ];
    assert_eq!(johns, expected);
}

#[test]
fn the_next_local_time_counts_the_present_instant_and_each_date_once() {
    let berlin = zone("Europe/Berlin");
    let ten = 10 * HOUR;
    let next = |from: &str, weekday, time| show(berlin.next_local(instant(from), weekday, time));
    assert_eq!(next("2026-11-02T09:00:00Z", None, ten), "2026-11-02T09:00:00Z");
    assert_eq!(
        show(berlin.next_local_after(instant("2026-11-02T09:00:00Z"), None, ten)),
        "2026-11-03T09:00:00Z"
    );
    assert_eq!(next("2026-11-02T09:00:01Z", Some(0), ten), "2026-11-09T09:00:00Z");
    assert_eq!(next("2026-11-02T09:00:01Z", Some(2), ten), "2026-11-04T09:00:00Z");
    assert_eq!(next("2026-03-28T12:00:00Z", None, 2 * HOUR + 30 * MINUTE), "2026-03-29T01:00:00Z");
    // The second half past two of the night isn't another one.
    assert_eq!(next("2026-10-25T00:30:00Z", None, 2 * HOUR + 30 * MINUTE), "2026-10-25T00:30:00Z");
    assert_eq!(next("2026-10-25T00:30:01Z", None, 2 * HOUR + 30 * MINUTE), "2026-10-26T01:30:00Z");
}

#[test]
fn quiet_hours_are_the_union_of_their_spans() {
    let berlin = zone("Europe/Berlin");
    let night = Span { from: 21 * HOUR, to: 8 * HOUR, weekdays: 0b111_1111 };
    let sunday = Span { from: 0, to: DAY, weekdays: 0b100_0000 };
    let end = |spans: &[Span], at: &str| quiet_end(berlin, spans, instant(at)).map(show);
    assert_eq!(end(&[night], "2026-11-02T12:00:00Z").unwrap(), "2026-11-02T12:00:00Z");
    assert_eq!(end(&[night], "2026-11-02T20:00:00Z").unwrap(), "2026-11-03T07:00:00Z");
    assert_eq!(end(&[night], "2026-11-03T06:59:59Z").unwrap(), "2026-11-03T07:00:00Z");
    assert!(!is_quiet(berlin, &[night], instant("2026-11-03T07:00:00Z")));
    // From saturday 21:00 over the whole sunday to monday 08:00.
    assert_eq!(end(&[sunday, night], "2026-10-31T20:00:00Z").unwrap(), "2026-11-02T07:00:00Z");
    // Only the nights that start on friday: saturday's small hours belong to them.
    let friday = Span { weekdays: 0b001_0000, ..night };
    assert!(is_quiet(berlin, &[friday], instant("2026-10-31T03:00:00Z")));
    assert!(!is_quiet(berlin, &[friday], instant("2026-10-30T03:00:00Z")));
    // A night that ends in the doubled hour ends late, one that starts there starts early.
    let early = Span { from: 20 * HOUR, to: 2 * HOUR + 30 * MINUTE, weekdays: 0b111_1111 };
    assert_eq!(end(&[early], "2026-10-25T00:45:00Z").unwrap(), "2026-10-25T01:30:00Z");
    let late = Span { from: 2 * HOUR + 30 * MINUTE, to: 3 * HOUR, weekdays: 0b111_1111 };
    assert_eq!(end(&[late], "2026-10-25T00:30:00Z").unwrap(), "2026-10-25T02:00:00Z");
    assert!(!is_quiet(berlin, &[late], instant("2026-10-25T00:29:59Z")));
    // One that lies in a gap isn't there at all.
    let gap = Span { from: 2 * HOUR, to: 2 * HOUR + 30 * MINUTE, weekdays: 0b111_1111 };
    assert!(!is_quiet(berlin, &[gap], instant("2026-03-29T01:00:00Z")));
    let always = Span { weekdays: 0b111_1111, ..sunday };
    assert_eq!(end(&[always], "2026-03-29T01:00:00Z"), None);
    assert_eq!(end(&[], "2026-03-29T01:00:00Z").unwrap(), "2026-03-29T01:00:00Z");
}

#[test]
fn any_number_is_an_instant() {
    let edges = [i64::MIN, i64::MIN + 1, -DAY, 0, DAY, i64::MAX - DAY, i64::MAX - 1, i64::MAX];
    let most = Timestamp::MAX.as_microsecond();
    let span = Span { from: 21 * HOUR, to: 8 * HOUR, weekdays: 0b111_1111 };
    for name in ZONES {
        let zone = zone(name);
        for instant in edges.into_iter().chain([most - DAY, most - 1, most, most + 1, most + DAY, TABLED]) {
            let local = zone.local(instant);
            assert!((0..DAY).contains(&local.time));
            assert!(zone.next_date_change(instant) >= instant);
            assert!(zone.next_reading(instant, i64::MIN) >= instant);
            assert!(zone.next_local(instant, Some(6), 12 * HOUR) >= instant);
            assert!(zone.next_local_after(instant, None, DAY) >= instant);
            let _ = quiet_end(zone, &[span], instant);
            for span in SPANS {
                assert!(zone.span_end(instant, span) >= instant);
            }
            for time in edges {
                let _ =
                    (zone.first(instant, time), zone.latest(instant, time), zone.instants_of(instant, time));
            }
        }
    }
}

/// Instants of the years 1973 to 2149 (offsets are whole minutes then), mostly near a change of clocks.
fn zone_and_instant() -> impl Strategy<Value = (&'static Zone, i64)> {
    let at = 94_700_000_i64..5_680_000_000;
    (prop::sample::select(&ZONES[..]), at, -200_000_i64..200_000, prop::bool::weighted(0.8)).prop_map(
        |(name, second, near, change)| {
            let zone = zone(name);
            let at = Timestamp::from_second(second).unwrap();
            let change = zone.zone.following(at).next().filter(|_| change);
            let change =
                change.map(|change| change.timestamp()).filter(|change| change.as_second() < 5_680_000_000);
            let second = change.map_or(second, |change| change.as_second() + near);
            (zone, second * SECOND)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn local_is_what_jiff_says((zone, instant) in zone_and_instant(), more in 0..SECOND) {
        let instant = instant + more;
        let Local { date, time } = zone.local(instant);
        prop_assert_eq!(date * DAY + time, local(zone, instant));
    }

    #[test]
    fn local_times_mean_what_jiff_says((zone, instant) in zone_and_instant()) {
        let Local { date, time } = zone.local(instant);
        // What comes a moment later on the clock may be missing or there twice.
        for time in [time, time + 20 * MINUTE, time + HOUR] {
            let civil: DateTime = Civil::of(date + time.div_euclid(DAY)).jiff();
            let civil = civil.checked_add(jiff::SignedDuration::from_micros(time.rem_euclid(DAY))).unwrap();
            let meaning = zone.zone.to_ambiguous_timestamp(civil);
            let (first, last) = match meaning.offset() {
                AmbiguousOffset::Gap { .. } => {
                    // Read with the offset before the gap, it lies after it, but before any other change.
                    let after = meaning.later().unwrap();
                    let change = zone.zone.preceding(after).next().unwrap().timestamp();
                    (change, change)
                }
                _ => (meaning.earlier().unwrap(), meaning.later().unwrap()),
            };
            prop_assert_eq!(show(zone.earliest(date, time)), first.to_string());
            prop_assert_eq!(show(zone.latest(date, time)), last.to_string());
        }
    }

    #[test]
    fn nothing_changes_before_a_change((zone, instant) in zone_and_instant(), span in prop::sample::select(&SPANS[..2])) {
        let of = |at: i64| span_of(local(zone, at).div_euclid(DAY), span);
        let end = zone.span_end(instant, span);
        let mut at = instant;
        while at < end {
            prop_assert_eq!(of(at), of(instant), "at {}", show(at));
            at += MINUTE;
        }
        prop_assert_eq!(of(end - 1), of(instant));
        prop_assert_ne!(of(end), of(instant));
        if span == Calendar::Day {
            prop_assert_eq!(zone.next_date_change(instant), end);
        }
    }

    #[test]
    fn clocks_show_a_time_only_at_a_reading((zone, instant) in zone_and_instant(), time in 0..24 * 60_i64) {
        let time = time * MINUTE;
        let next = zone.next_reading(instant, time);
        prop_assert!(instant < next && next <= instant + DAY);
        let offset = local(zone, instant) - instant;
        let mut at = instant;
        while at < next {
            let now = local(zone, at);
            prop_assert!(now - at == offset && (at == instant || now.rem_euclid(DAY) != time), "at {}", show(at));
            at += MINUTE;
        }
        let now = local(zone, next);
        prop_assert!(now.rem_euclid(DAY) == time || now - next != offset || next >= TABLED);
    }

    #[test]
    fn instants_of_dates_are_those_with_such_a_date((zone, instant) in zone_and_instant(), days in 0..3_i64) {
        let first = zone.date(instant);
        let found = zone.instants_of(first, first + days);
        let mut at = instant - 3 * DAY;
        while at < instant + (days + 3) * DAY {
            let date = local(zone, at).div_euclid(DAY);
            let is = found.iter().any(|(from, to)| *from <= at && at < *to);
            prop_assert_eq!(is, (first..=first + days).contains(&date), "at {}", show(at));
            at += MINUTE;
        }
    }

    #[test]
    fn the_next_local_time_is_the_first_one(
        (zone, instant) in zone_and_instant(),
        time in 0..24 * 60_i64,
        weekday in prop::option::of(0..7_u8),
    ) {
        let time = time * MINUTE;
        let next = zone.next_local(instant, weekday, time);
        // Minute by minute: the clock shows the time for the first time, or has just jumped over it.
        let mut shown = std::collections::BTreeSet::new();
        let mut at = instant - 4 * DAY;
        let mut expected = None;
        let mut before = local(zone, at - MINUTE);
        at -= at.rem_euclid(MINUTE);
        while expected.is_none() {
            let now = local(zone, at);
            for date in before.div_euclid(DAY)..=now.div_euclid(DAY) {
                let wanted = date * DAY + time;
                if before < wanted && wanted <= now && shown.insert(date) {
                    let right = weekday.is_none_or(|weekday| civil::weekday(date) == weekday);
                    if right && at >= instant {
                        expected = expected.or(Some(at));
                    }
                }
            }
            before = now;
            at += MINUTE;
        }
        prop_assert_eq!(show(next), show(expected.unwrap()));
        prop_assert!(zone.next_local_after(instant, weekday, time) > instant);
    }

    #[test]
    fn quiet_is_what_the_local_times_say(
        (zone, instant) in zone_and_instant(),
        spans in prop::collection::vec((0..48_i64, 1..=48_i64, 1..128_u8), 1..4),
    ) {
        let spans: Vec<Span> = spans
            .into_iter()
            .map(|(from, to, weekdays)| Span { from: from * 30 * MINUTE, to: to * 30 * MINUTE, weekdays })
            .collect();
        let quiet = |at: i64| {
            let today = local(zone, at).div_euclid(DAY);
            spans.iter().any(|span| {
                (today - 5..today + 5).any(|date| {
                    let until = if span.to <= span.from { date + 1 } else { date };
                    span.weekdays >> civil::weekday(date) & 1 == 1
                        && zone.earliest(date, span.from) <= at
                        && at < zone.latest(until, span.to)
                })
            })
        };
        prop_assert_eq!(is_quiet(zone, &spans, instant), quiet(instant));
        if let Some(end) = quiet_end(zone, &spans, instant) {
            prop_assert!(!quiet(end) && (instant..=instant + 15 * DAY).contains(&end));
            let mut at = instant;
            while at < end {
                prop_assert!(quiet(at), "at {}", show(at));
                at += 15 * MINUTE;
            }
        } else {
            prop_assert!((0..15 * 24).all(|hours| quiet(instant + hours * HOUR)));
        }
    }
}

impl Civil {
    fn jiff(self) -> DateTime {
        jiff::civil::date(self.year as i16, self.month as i8, self.day as i8)
            .to_datetime(jiff::civil::Time::midnight())
    }
}
