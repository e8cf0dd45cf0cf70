//! Local times of any zone at any instant.

use comity_compiler::plan::Calendar;
use comity_runtime::zone::quiet::{Span, is_quiet, quiet_end};
use comity_runtime::zone::{DAY, MINUTE, Zone};

const ZONES: [&str; 16] = [
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Nuuk",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "Antarctica/Troll",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Kwajalein",
];

/// Takes numbers from the front of an input.
struct Input<'d>(&'d [u8]);

impl Input<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        let count = self.0.len().min(N);
        bytes[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        bytes
    }

    fn byte(&mut self) -> u8 {
        self.take::<1>()[0]
    }

    /// Half of all instants lie in the years that people live in.
    fn instant(&mut self) -> i64 {
        let any = i64::from_le_bytes(self.take());
        if any % 2 == 0 { any } else { any % (200 * 365 * DAY) }
    }

    fn time(&mut self) -> i64 {
        i64::from(u16::from_le_bytes(self.take()) % 1441) * MINUTE
    }
}

/// Dates, readings and quiet hours go on in time, and what they say of an instant holds there.
///
/// # Panics
/// Where that isn't so.
pub fn zones(data: &[u8]) {
    let mut input = Input(data);
    let zone = match input.byte() {
        known if known < 128 => Zone::named(ZONES[usize::from(known) % ZONES.len()]),
        _ => {
            let name = String::from_utf8_lossy(&input.take::<24>()).trim_end_matches('\0').to_owned();
            Zone::named(&name)
        }
    };
    let Some(zone) = zone else { return };
    let instant = input.instant();
    dates(zone, instant);
    readings(zone, instant, input.time(), input.byte());
    let count = usize::from(input.byte() % 4);
    let spans: Vec<Span> = (0..count)
        .map(|_| Span { from: input.time() % DAY, to: input.time(), weekdays: input.byte() & 127 })
        .filter(|span| span.from != span.to)
        .collect();
    quiet(zone, &spans, instant);
}

fn dates(zone: &Zone, instant: i64) {
    let local = zone.local(instant);
    assert!((0..DAY).contains(&local.time));
    let change = zone.next_date_change(instant);
    assert!(change > instant || change == i64::MAX, "{zone:?}: the date of {instant} ends at {change}");
    if change < i64::MAX {
        assert_ne!(zone.date(change), local.date, "{zone:?}: the date doesn't change at {change}");
        assert_eq!(zone.date(change - 1), local.date, "{zone:?}: the date changes before {change}");
    }
    for span in [Calendar::Day, Calendar::Week, Calendar::Month, Calendar::Quarter, Calendar::Year] {
        let end = zone.span_end(instant, span);
        assert!(end >= change, "{zone:?}: a span of {instant} ends at {end}, within its date");
    }
    for (from, to) in zone.instants_of(local.date, local.date) {
        assert!(from < to);
    }
}

fn readings(zone: &Zone, instant: i64, time: i64, weekday: u8) {
    let weekday = (weekday < 7).then_some(weekday);
    let next = zone.next_local(instant, weekday, time);
    assert!(next >= instant);
    let after = zone.next_local_after(instant, weekday, time);
    assert!(after > instant || after == i64::MAX);
    assert!(after >= next);
    assert!(zone.next_reading(instant, time) > instant || instant > i64::MAX - DAY);
    let date = zone.date(instant);
    assert!(zone.earliest(date, time) <= zone.latest(date, time));
}

fn quiet(zone: &Zone, spans: &[Span], instant: i64) {
    match quiet_end(zone, spans, instant) {
        Some(end) => {
            assert!(end >= instant);
            assert_eq!(end == instant, !is_quiet(zone, spans, instant), "{zone:?} {spans:?} at {instant}");
            assert!(!is_quiet(zone, spans, end), "{zone:?} {spans:?}: still quiet at {end}");
            let between = instant + (end - instant) / 2;
            // At the ends of time what would lie beyond them is cut off.
            let inside = instant > i64::MIN + 30 * DAY && instant < i64::MAX - 30 * DAY;
            assert!(
                !inside || end == instant || is_quiet(zone, spans, between),
                "{zone:?} {spans:?}: not at {between}"
            );
        }
        None => assert!(is_quiet(zone, spans, instant)),
    }
}
