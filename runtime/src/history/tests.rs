use super::*;
use crate::zone::{DAY, HOUR, MINUTE, SECOND};
use comity_compiler::ids::{EventId, ExprId};
use comity_compiler::plan::{
    Calendar, Event, FORMAT, Field, Fold, Keep, Plan, Slot, Source, Stream, Window, WindowSpan,
};
use comity_compiler::types::{Currency, Type};
use proptest::prelude::*;

const INT: u32 = 0;
const NUMBER: u32 = 1;
const MONEY: u32 = 2;
const TEXT: u32 = 3;

const ALL: [Fold; 11] = [
    Fold::Count,
    Fold::Sum,
    Fold::Average,
    Fold::Min,
    Fold::Max,
    Fold::Distinct,
    Fold::Last,
    Fold::First,
    Fold::LastTime,
    Fold::FirstTime,
    Fold::Any,
];

fn euro() -> Type {
    Type::Money(Currency::from_code("EUR").unwrap())
}

fn plan() -> Plan {
    let field = |name: &str, ty| Field { name: name.into(), ty, optional: true };
    let fields = vec![
        field("int", Type::Int),
        field("number", Type::Number),
        field("money", euro()),
        field("text", Type::Text),
    ];
    Plan {
        format: FORMAT,
        policy: "test".into(),
        texts: vec![],
        texts_in_order: vec![],
        regexes: vec![],
        enums: vec![],
        attributes: vec![],
        timezone: None,
        language: None,
        events: vec![Event { name: "event".into(), fields }],
        exprs: vec![],
        slots: vec![],
        atoms: vec![],
        streams: vec![],
        windows: vec![],
        segments: vec![],
        channels: vec![],
        placements: vec![],
        classes: vec![],
        purposes: vec![],
        tags: vec![],
        messages: vec![],
        caps: vec![],
        suppressions: vec![],
        picks: vec![],
        holdouts: vec![],
        experiments: vec![],
        journeys: vec![],
        stops: vec![],
        models: vec![],
    }
}

/// A question about a field of the event, with or without a further filter.
#[derive(Clone, Copy, Debug)]
struct Asked {
    fold: Fold,
    field: u32,
    span: WindowSpan,
    filtered: bool,
}

impl Asked {
    fn of(fold: Fold, field: u32, span: WindowSpan) -> Asked {
        Asked { fold, field, span, filtered: false }
    }
}

/// A plan with one stream for these questions, which keeps what they need and no more.
fn with_stream(mut plan: Plan, asked: &[Asked]) -> Plan {
    let needs =
        |asked: &Asked| !matches!(asked.fold, Fold::Count | Fold::Any | Fold::LastTime | Fold::FirstTime);
    let mut fields: Vec<u32> = asked.iter().filter(|asked| needs(asked)).map(|asked| asked.field).collect();
    // The filter of the tests looks at this one.
    fields.extend(asked.iter().any(|asked| asked.filtered).then_some(INT));
    fields.sort_unstable();
    fields.dedup();
    let mut keep = Keep::default();
    for asked in asked {
        match asked.span {
            WindowSpan::Rolling(length) => keep.rolling = keep.rolling.max(length),
            WindowSpan::Calendar(span) => keep.calendar = keep.calendar.max(Some(span)),
            WindowSpan::Ever => {
                let in_order = asked.field == NUMBER && matches!(asked.fold, Fold::Sum | Fold::Average);
                keep.ever |= asked.filtered || in_order;
            }
        }
        let field = needs(asked).then_some(asked.field);
        let ty = match asked.fold {
            Fold::Count | Fold::Distinct => Type::Int,
            Fold::Any => Type::Bool,
            Fold::LastTime | Fold::FirstTime => Type::Instant,
            Fold::Average if asked.field == INT => Type::Number,
            _ => [Type::Int, Type::Number, euro(), Type::Text][asked.field as usize],
        };
        let source = Source::Window(WindowId::at(plan.windows.len()));
        plan.slots.push(Slot { source, ty, optional: true });
        let stream = StreamId::at(plan.streams.len());
        let filter = asked.filtered.then_some(ExprId(0));
        plan.windows.push(Window {
            stream,
            filter,
            fold: asked.fold,
            field,
            span: asked.span,
            ty,
            optional: true,
        });
    }
    plan.streams.push(Stream { event: EventId(0), filter: None, fields, keep });
    plan
}

fn int(value: i64) -> Option<Value> {
    Some(Value::Cell(value as u64))
}

fn number(value: f64) -> Option<Value> {
    Some(Value::Cell(value.to_bits()))
}

fn instant(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

/// A history of the only stream, with the answers to its windows.
struct Profile {
    layout: Layout,
    history: History,
    zone: &'static Zone,
    sequence: u64,
}

impl Profile {
    fn asked(asked: &[Asked]) -> Profile {
        let layout = Layout::new(&with_stream(plan(), asked));
        Profile {
            layout,
            history: History::default(),
            zone: Zone::named("Europe/Berlin").unwrap(),
            sequence: 0,
        }
    }

    fn event(&mut self, time: i64, fields: [Option<Value>; 4]) {
        self.sequence += 1;
        self.history.insert(&self.layout, StreamId(0), time, self.sequence, &fields);
    }

    fn money(&mut self, time: i64, minor: i64) {
        self.event(time, [None, None, int(minor), None]);
    }

    fn answer(&mut self, window: u32, now: i64) -> Option<Value> {
        self.history.window(&self.layout, WindowId(window), now, self.zone)
    }

    fn kept(&self) -> Vec<i64> {
        self.history.entries(&self.layout, StreamId(0)).map(|entry| entry.time()).collect()
    }
}

#[test]
fn a_rolling_window_ends_at_the_very_microsecond() {
    let span = WindowSpan::Rolling(DAY);
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, span), Asked::of(Fold::Sum, MONEY, span)]);
    assert_eq!(profile.answer(0, 0), int(0));
    profile.money(1_000, 5);
    profile.money(2_000, 7);
    assert_eq!(profile.answer(0, 2_000), int(2));
    assert_eq!(
        profile.history.next_change(&profile.layout, WindowId(0), 2_000, profile.zone),
        Some(DAY + 1_000)
    );
    assert_eq!(profile.answer(1, DAY + 999), int(12));
    assert_eq!(profile.answer(1, DAY + 1_000), int(7));
    // A late event counts at its own time.
    profile.money(1_001, 100);
    assert_eq!(profile.answer(1, DAY + 1_000), int(107));
    // What was asked of a later instant has changed nothing.
    assert_eq!(profile.answer(1, DAY + 2_000), int(0));
    assert_eq!(profile.answer(1, DAY + 1_000), int(107));
    assert_eq!(profile.answer(1, DAY + 2_000), int(0));
    assert_eq!(profile.history.next_change(&profile.layout, WindowId(0), DAY + 2_000, profile.zone), None);
}

#[test]
fn a_calendar_window_is_a_test_on_dates() {
    let today = WindowSpan::Calendar(Calendar::Day);
    let mut profile =
        Profile::asked(&[Asked::of(Fold::Count, 0, today), Asked::of(Fold::FirstTime, 0, today)]);
    profile.zone = Zone::named("America/St_Johns").unwrap();
    // At sunday 00:01 clocks go back to saturday 23:01.
    let saturday = instant("2006-10-29T02:29:00Z");
    let sunday = instant("2006-10-29T02:30:30Z");
    let again = instant("2006-10-29T02:31:00Z");
    let midnight = instant("2006-10-29T03:30:00Z");
    let change = |profile: &Profile, now| {
        profile.history.next_change(&profile.layout, WindowId(0), now, profile.zone).unwrap()
    };
    profile.money(saturday, 1);
    assert_eq!(profile.answer(0, saturday), int(1));
    assert_eq!(change(&profile, saturday), instant("2006-10-29T02:30:00Z"));
    // Now the saturday's is out, but it comes again.
    assert_eq!((profile.answer(0, sunday), change(&profile, sunday)), (int(0), again));
    profile.money(sunday, 1);
    assert_eq!((profile.answer(0, sunday), profile.answer(1, sunday)), (int(1), int(sunday)));
    assert_eq!(change(&profile, sunday), again);
    assert_eq!((profile.answer(0, again), profile.answer(1, again)), (int(1), int(saturday)));
    assert_eq!(change(&profile, again), midnight);
    assert_eq!((profile.answer(0, midnight), profile.answer(1, midnight)), (int(1), int(sunday)));
}

#[test]
fn another_zone_is_another_day() {
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, WindowSpan::Calendar(Calendar::Month))]);
    profile.money(instant("2026-10-31T23:30:00Z"), 1);
    let now = instant("2026-11-01T12:00:00Z");
    assert_eq!(profile.answer(0, now), int(1));
    profile.zone = Zone::utc();
    assert_eq!(profile.answer(0, now), int(0));
    profile.zone = Zone::named("Asia/Tokyo").unwrap();
    assert_eq!(profile.answer(0, now), int(1));
}

#[test]
fn sums_of_integers_are_exact_and_saturate_at_the_end() {
    let span = WindowSpan::Rolling(DAY);
    let asked = [Asked::of(Fold::Sum, INT, span), Asked::of(Fold::Sum, INT, WindowSpan::Ever)];
    let mut profile = Profile::asked(&asked);
    for value in [i64::MAX, i64::MAX, i64::MIN, -5] {
        profile.event(0, [int(value), None, None, None]);
    }
    assert_eq!(profile.answer(0, 0), int(i64::MAX - 6));
    profile.event(1, [int(i64::MAX), None, None, None]);
    assert_eq!((profile.answer(0, 1), profile.answer(1, 1)), (int(i64::MAX), int(i64::MAX)));
}

#[test]
fn averages_of_money_tie_to_even_and_of_ints_are_numbers() {
    let span = WindowSpan::Ever;
    let mut profile =
        Profile::asked(&[Asked::of(Fold::Average, MONEY, span), Asked::of(Fold::Average, INT, span)]);
    assert_eq!(profile.answer(0, 0), None);
    for (value, average) in [(1, 1), (2, 2), (-6, -1), (5, 0), (6, 2)] {
        profile.event(0, [int(value), None, int(value), None]);
        assert_eq!(profile.answer(0, 0), int(average), "after {value}");
    }
    assert_eq!(profile.answer(1, 0), number(1.6));
}

#[test]
fn doubles_are_added_from_left_to_right() {
    let span = WindowSpan::Rolling(DAY);
    let mut profile = Profile::asked(&[Asked::of(Fold::Sum, NUMBER, span)]);
    let number_at =
        |profile: &mut Profile, time, value| profile.event(time, [None, number(value), None, None]);
    number_at(&mut profile, 10, 1e16);
    number_at(&mut profile, 20, 1.0);
    assert_eq!(profile.answer(0, 20), number(1e16));
    number_at(&mut profile, 30, -1e16);
    assert_eq!(profile.answer(0, 30), number(0.0));
    // A late one is added in its place.
    number_at(&mut profile, 5, 1.0);
    assert_eq!(profile.answer(0, 30), number(1.0 + 1e16 + 1.0 - 1e16));
    assert_eq!(profile.answer(0, DAY + 10), number(1.0 - 1e16));
    number_at(&mut profile, DAY + 20, f64::NEG_INFINITY);
    number_at(&mut profile, DAY + 20, f64::INFINITY);
    assert_eq!(profile.answer(0, DAY + 20), number(f64::INFINITY));
}

#[test]
fn what_lacks_the_field_is_skipped_but_counted() {
    let span = WindowSpan::Rolling(DAY);
    let asked = ALL.map(|fold| Asked::of(fold, TEXT, span));
    let asked: Vec<Asked> = asked
        .into_iter()
        .filter(|asked| !matches!(asked.fold, Fold::Sum | Fold::Average | Fold::Min | Fold::Max))
        .collect();
    let mut profile = Profile::asked(&asked);
    let text = |text: &str| Some(Value::Text(text.into()));
    for (time, value) in [(1, None), (2, text("a")), (3, Some(Value::Cell(9))), (4, text("a")), (5, None)] {
        profile.event(time, [None, None, None, value]);
    }
    let answers: Vec<_> = (0..6).map(|window| profile.answer(window, 5)).collect();
    assert_eq!(answers, [int(5), int(2), text("a"), text("a"), int(5), int(1)]);
    let answers: Vec<_> = (0..6).map(|window| profile.answer(window, DAY + 2)).collect();
    assert_eq!(answers, [int(3), int(2), text("a"), int(9), int(5), int(3)]);
    let answers: Vec<_> = (0..6).map(|window| profile.answer(window, DAY + 4)).collect();
    assert_eq!(answers, [int(1), int(0), None, None, int(5), int(5)]);
}

#[test]
fn what_no_rule_asks_for_is_forgotten() {
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, WindowSpan::Rolling(DAY))]);
    for hour in 0..100 {
        profile.money(hour * HOUR, 1);
    }
    assert!(profile.kept().len() <= 24 + 24 / 8 + 1, "{}", profile.kept().len());
    let now = 99 * HOUR;
    profile.history.prune(&profile.layout, now);
    assert_eq!(profile.kept(), (76..100).map(|hour| hour * HOUR).collect::<Vec<_>>());
    profile.money(75 * HOUR, 1);
    assert_eq!(profile.kept().len(), 24);
    profile.history.prune(&profile.layout, now + DAY);
    assert_eq!(
        profile.history.memory(),
        size_of::<History>() + profile.history.logs.capacity() * size_of::<Log>()
    );
    assert!(profile.history.logs.is_empty());
}

#[test]
fn the_current_span_of_every_zone_is_kept() {
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, WindowSpan::Calendar(Calendar::Month))]);
    for day in 0..90 {
        profile.money(instant("2026-09-01T00:00:00Z") + day * DAY, 1);
    }
    profile.history.prune(&profile.layout, instant("2026-11-29T12:00:00Z"));
    let kept = profile.kept();
    assert_eq!((kept[0], kept.len()), (instant("2026-10-30T00:00:00Z"), 31));
    // On the first of a month it may still be the old one elsewhere.
    profile.history.prune(&profile.layout, instant("2026-12-02T12:00:00Z"));
    assert_eq!(profile.kept()[0], kept[0]);
    profile.history.prune(&profile.layout, instant("2026-12-03T00:00:00Z"));
    assert_eq!(profile.kept(), [instant("2026-11-29T00:00:00Z")]);
}

#[test]
fn a_week_is_kept_although_it_began_in_another_month() {
    let asked =
        [Calendar::Week, Calendar::Year].map(|span| Asked::of(Fold::Count, 0, WindowSpan::Calendar(span)));
    let mut profile = Profile::asked(&asked);
    // Of 2027, the first of january is a friday.
    profile.money(instant("2026-12-28T12:00:00Z"), 1);
    let now = instant("2027-01-03T12:00:00Z");
    profile.history.prune(&profile.layout, now);
    assert_eq!((profile.answer(0, now), profile.answer(1, now)), (int(1), int(0)));
}

#[test]
fn the_whole_history_needs_no_entries() {
    let asked = ALL.map(|fold| Asked::of(fold, MONEY, WindowSpan::Ever));
    let mut profile = Profile::asked(&asked);
    for (time, value) in [(30, 4), (10, 1), (30, 2), (20, 4)] {
        profile.money(time, value);
    }
    assert!(profile.kept().is_empty());
    let answers: Vec<_> = (0..11).map(|window| profile.answer(window, 50)).collect();
    let expected = [4, 11, 3, 1, 4, 3, 2, 1, 30, 10, 1].map(int);
    assert_eq!(answers, expected);
}

#[test]
fn entries_are_small() {
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, WindowSpan::Rolling(DAY))]);
    assert_eq!(History::default().memory(), size_of::<History>());
    for time in 0..1024 {
        profile.money(time, 1);
    }
    assert!(profile.history.memory() <= 1024 * 16 + 1024, "{}", profile.history.memory());
    assert_eq!(size_of::<state::State>(), 24);
    assert_eq!(size_of::<total::Total>(), 32);
}

#[test]
fn an_answer_is_kept_until_something_can_change_it() {
    let asked = [
        Asked::of(Fold::Count, 0, WindowSpan::Rolling(DAY)),
        Asked::of(Fold::Sum, MONEY, WindowSpan::Calendar(Calendar::Day)),
        Asked::of(Fold::Last, TEXT, WindowSpan::Ever),
        Asked { filtered: true, ..Asked::of(Fold::Count, 0, WindowSpan::Rolling(HOUR)) },
    ];
    let mut profile = Profile::asked(&asked[..3]);
    profile.layout = Layout::new(&with_stream(with_stream(plan(), &asked[..3]), &asked[3..]));
    let noon = instant("2026-10-24T10:00:00Z");
    let ask = |profile: &mut Profile, now| {
        let Profile { layout, history, zone, .. } = profile;
        (0..3).for_each(|window| _ = history.window(layout, WindowId(window), now, zone));
        _ = history.window_filtered(layout, WindowId(3), now, zone, |_| true);
    };
    let known = |profile: &Profile, now| {
        let is_known =
            |at: &u32| profile.history.known(&profile.layout, WindowId(*at), now, profile.zone).is_some();
        (0..4).filter(is_known).collect::<Vec<u32>>()
    };
    let event = |profile: &mut Profile, stream, time, text: &str| {
        let fields = [None, None, int(1), Some(Value::Text(text.into()))];
        profile.history.insert(&profile.layout, StreamId(stream), time, 0, &fields);
    };
    // Of whom nothing has happened nothing is kept.
    ask(&mut profile, noon);
    assert_eq!((known(&profile, noon), profile.history.memory()), (vec![], size_of::<History>()));
    event(&mut profile, 0, noon, "a text that the policy doesn't name");
    event(&mut profile, 1, noon, "");
    ask(&mut profile, noon);
    assert_eq!(known(&profile, noon), [0, 1, 3]);
    assert!(known(&profile, noon - 1).is_empty());
    // The hour, the date and the day go by.
    assert_eq!(known(&profile, noon + HOUR - 1), [0, 1, 3]);
    assert_eq!(known(&profile, noon + HOUR), [0, 1]);
    assert_eq!(known(&profile, noon + 12 * HOUR - 1), [0, 1]);
    assert_eq!(known(&profile, noon + 12 * HOUR), [0]);
    assert!(known(&profile, noon + DAY).is_empty());
    // One event touches the windows that look at it.
    event(&mut profile, 1, noon - 1, "");
    assert_eq!(known(&profile, noon), [0, 1]);
    ask(&mut profile, noon + 1);
    assert_eq!((known(&profile, noon), known(&profile, noon + 1)), (vec![], vec![0, 1, 3]));
    profile.zone = Zone::utc();
    assert!(known(&profile, noon + 1).is_empty());
    ask(&mut profile, noon + 1);
    assert_eq!(known(&profile, noon + 1), [0, 1, 3]);
    profile.history.merge(&profile.layout, History::default());
    assert!(known(&profile, noon + 1).is_empty());
}

#[derive(Clone, Debug)]
enum Step {
    /// Into which of two profiles, which stream, how much later, how late, and what.
    Event {
        other: bool,
        stream: u32,
        later: i64,
        late: i64,
        fields: [Option<Value>; 4],
    },
    /// That much later.
    Ask(i64),
    /// That much later, and then the clock is set back.
    Look(i64),
    Zone(&'static str),
    Prune,
    Merge,
}

const ZONES: [&str; 10] = [
    "Europe/Berlin",
    "America/St_Johns",
    "America/Havana",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "Africa/Cairo",
    "UTC",
];

const STARTS: [&str; 6] = [
    "2006-10-28T20:00:00Z",
    "2011-12-29T12:00:00Z",
    "2018-11-03T12:00:00Z",
    "2024-12-31T06:00:00Z",
    "2026-03-31T18:00:00Z",
    "2026-10-25T00:10:00Z",
];

fn place() -> impl Strategy<Value = (&'static str, &'static str)> {
    prop_oneof![
        3 => (prop::sample::select(&STARTS[..]), prop::sample::select(&ZONES[..])),
        // Minutes before the date changes forward and back and forward again.
        1 => Just(("2006-10-29T02:20:00Z", "America/St_Johns")),
    ]
}

fn lapse() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        1 => Just(1),
        2 => 0..3 * SECOND,
        2 => (0..10_i64).prop_map(|minutes| minutes * MINUTE),
        2 => (0..90_i64).prop_map(|minutes| minutes * MINUTE),
        4 => (0..30_i64).prop_map(|hours| hours * HOUR),
        1 => (0..20_i64).prop_map(|days| days * DAY),
    ]
}

fn fields() -> impl Strategy<Value = [Option<Value>; 4]> {
    let cell = |value: i64| Value::Cell(value as u64);
    let ints = prop_oneof![8 => -3..4_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN)];
    let numbers = prop::sample::select(vec![
        0.0,
        -0.0,
        0.1,
        0.2,
        0.3,
        -0.7,
        1e16,
        -1e16,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ]);
    let texts = prop_oneof![
        (0..3_u64).prop_map(Value::Cell),
        prop::sample::select(vec!["a", "b", "c"]).prop_map(|text| Value::Text(text.into()))
    ];
    let maybe = 0.8;
    (
        prop::option::weighted(maybe, ints.clone().prop_map(cell)),
        prop::option::weighted(maybe, numbers.prop_map(|number: f64| Value::Cell(number.to_bits()))),
        prop::option::weighted(maybe, ints.prop_map(cell)),
        prop::option::weighted(maybe, texts),
    )
        .prop_map(|(int, number, money, text)| [int, number, money, text])
}

fn step() -> impl Strategy<Value = Step> {
    let event = (prop::bool::weighted(0.3), 0..3_u32, lapse(), prop::bool::weighted(0.3), lapse(), fields());
    let event = event.prop_map(|(other, stream, later, is_late, late, fields)| {
        let late = if is_late { late } else { 0 };
        Step::Event { other, stream, later, late, fields }
    });
    prop_oneof![
        12 => event,
        6 => lapse().prop_map(Step::Ask),
        3 => lapse().prop_map(Step::Look),
        1 => prop::sample::select(&ZONES[..]).prop_map(Step::Zone),
        1 => Just(Step::Prune),
        1 => Just(Step::Merge),
    ]
}

fn asked() -> impl Strategy<Value = Vec<Asked>> {
    let span = prop_oneof![
        2 => Just(WindowSpan::Ever),
        1 => Just(WindowSpan::Rolling(1)),
        4 => prop::sample::select(vec![10 * MINUTE, HOUR, DAY, 7 * DAY, 30 * DAY]).prop_map(WindowSpan::Rolling),
        2 => Just(WindowSpan::Calendar(Calendar::Day)),
        2 => prop::sample::select(vec![
            Calendar::Week,
            Calendar::Month,
            Calendar::Quarter,
            Calendar::Year,
        ])
        .prop_map(WindowSpan::Calendar),
    ];
    let one = (prop::sample::select(&ALL[..]), 0..4_u32, span, prop::bool::weighted(0.15)).prop_map(
        |(fold, field, span, filtered)| {
            let is_ordered = !matches!(fold, Fold::Sum | Fold::Average | Fold::Min | Fold::Max);
            let field = if is_ordered { field } else { field % 3 };
            Asked { fold, field, span, filtered }
        },
    );
    prop::collection::vec(one, 1..6)
}

/// The further filter of the tests.
fn passes(int: Option<Value>) -> bool {
    !matches!(int, Some(Value::Cell(cell)) if cell as i64 > 0)
}

#[derive(Clone, Copy)]
struct World<'p> {
    plan: &'p Plan,
    layout: &'p Layout,
    zone: &'static Zone,
    now: i64,
}

impl World<'_> {
    /// The answer that the definition gives.
    fn expected(&self, window: WindowId, events: &[Past], now: i64) -> Option<Value> {
        let filtered = self.plan.windows[window.index()].filter.is_some();
        recompute(self.plan, window, events, now, self.zone, |past| {
            !filtered || passes(past.fields[0].clone())
        })
    }

    /// Whatever is kept of answers to windows, at this instant and in a frame, is what asking anew gives.
    fn check_kept(&self, history: &History, events: &[Past], now: i64) -> Result<(), TestCaseError> {
        let mut frame = Frame::new(self.plan);
        let windows = || (0..self.plan.windows.len()).map(|at| (SlotId::at(at), WindowId::at(at)));
        let place = |(slot, window)| Some((slot, self.layout.aggregate(window)?));
        let places: Vec<_> = windows().filter_map(place).collect();
        history.fill(&places, now, self.zone, &mut frame);
        for (slot, window) in windows() {
            let known = history.known(self.layout, window, now, self.zone);
            prop_assert_eq!(known, frame.is_filled(slot).then(|| frame.get(slot)));
            if let Some(Answer { cell, known }) = known {
                let expected = self.expected(window, events, now);
                let asked = &self.plan.windows[window.index()];
                prop_assert_eq!(known.then_some(Value::Cell(cell)), expected, "kept {:?} at {}", asked, now);
            }
        }
        Ok(())
    }

    fn check(&self, history: &mut History, events: &[Past]) -> Result<(), TestCaseError> {
        let World { plan, layout, zone, now } = *self;
        self.check_kept(history, events, now)?;
        for (at, asked) in plan.windows.iter().enumerate() {
            let window = WindowId::at(at);
            let expected = self.expected(window, events, now);
            let filtered = asked.filter.is_some();
            // Without a filter, the whole history may be kept without entries.
            if filtered || asked.span != WindowSpan::Ever {
                let pass = |entry: &Entry<'_>| !filtered || passes(entry.field(INT));
                let scanned = history.window_where(layout, window, now, zone, pass);
                prop_assert_eq!(&scanned, &expected, "scanned {:?} at {}", asked, now);
                let filtered = history.window_filtered(layout, window, now, zone, pass);
                prop_assert_eq!(&filtered, &expected, "filtered {:?} at {}", asked, now);
            }
            // What it answers without its filter is nothing that is kept of it.
            let ready = history.window(layout, window, now, zone);
            if !filtered {
                prop_assert_eq!(&ready, &expected, "ready {:?} at {}", asked, now);
            }
            self.check_kept(history, events, now)?;
            // Until the next change by time, nothing changes.
            let next = history.next_change(layout, window, now, zone);
            let end = next.unwrap_or(now + 400 * DAY);
            prop_assert!(now < end);
            let span = end - now;
            for later in
                [(now + 1).min(end - 1), now + span / 3, now + span / 2, end - 1, end.min(now + HOUR) - 1]
            {
                let then = self.expected(window, events, later);
                if let Some(Answer { cell, known }) = history.known(layout, window, later, zone) {
                    let kept = known.then_some(Value::Cell(cell));
                    prop_assert_eq!(kept, then.clone(), "kept {:?} at {} until {}", asked, now, later);
                }
                prop_assert_eq!(
                    then,
                    expected.clone(),
                    "{:?} at {} until {:?}, changed at {}",
                    asked,
                    now,
                    next,
                    later
                );
            }
            if let (true, Some(Value::Cell(answer))) = (asked.is_foreseen(), expected.clone()) {
                let answer = answer as i64;
                for comparison in [Comparison::Equal, Comparison::Greater, Comparison::LessEqual] {
                    for constant in [0, 1, answer.saturating_sub(1), answer, answer / 2] {
                        let question = (comparison, constant);
                        let next = history.next_crossing(layout, window, question, now, zone);
                        let end = next.unwrap_or(now + 400 * DAY);
                        prop_assert!(now < end);
                        let compared = |answer: &Option<Value>| match answer {
                            Some(Value::Cell(cell)) => Some(comparison.holds(*cell as i64, constant)),
                            _ => None,
                        };
                        for later in [now + 1, now + (end - now) / 3, now + (end - now) / 2, end - 1] {
                            let then = self.expected(window, events, later.min(end - 1));
                            prop_assert_eq!(
                                compared(&then),
                                compared(&expected),
                                "{:?} {:?}",
                                asked,
                                question
                            );
                        }
                    }
                }
            }
            if let (Some(next), WindowSpan::Rolling(_), Fold::Count, false) =
                (next, asked.span, asked.fold, filtered)
            {
                prop_assert_ne!(self.expected(window, events, next), expected);
            }
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_held_ready_is_what_recomputing_gives(
        asked in prop::collection::vec(asked(), 3),
        steps in prop::collection::vec(step(), 1..60),
        (start, zone) in place(),
    ) {
        let plan = asked.iter().fold(plan(), |plan, asked| with_stream(plan, asked));
        let layout = Layout::new(&plan);
        let mut world =
            World { plan: &plan, layout: &layout, zone: Zone::named(zone).unwrap(), now: instant(start) };
        let (mut history, mut other) = (History::default(), History::default());
        let (mut events, mut others) = (Vec::new(), Vec::new());
        for (sequence, step) in steps.into_iter().enumerate() {
            match step {
                Step::Event { other: into, stream, later, late, fields } => {
                    world.now += later;
                    let (history, events) =
                        if into { (&mut other, &mut others) } else { (&mut history, &mut events) };
                    let past = Past {
                        stream: StreamId(stream),
                        time: world.now - late,
                        sequence: sequence as u64,
                        fields: fields.to_vec(),
                    };
                    history.insert(&layout, past.stream, past.time, past.sequence, &past.fields);
                    events.push(past);
                    // What is kept of an answer that the event changes would show at once.
                    world.check_kept(history, events, world.now)?;
                }
                Step::Ask(later) => {
                    world.now += later;
                    world.check(&mut history, &events)?;
                }
                Step::Look(later) => {
                    let then = World { now: world.now + later, ..world };
                    then.check(&mut history, &events)?;
                    world.check_kept(&history, &events, world.now)?;
                }
                Step::Zone(name) => world.zone = Zone::named(name).unwrap(),
                Step::Prune => history.prune(&layout, world.now),
                Step::Merge => {
                    // Answers that the other held ready come along.
                    world.check(&mut other, &others)?;
                    history.merge(&layout, std::mem::take(&mut other));
                    events.append(&mut others);
                    world.check(&mut history, &events)?;
                }
            }
        }
        world.check(&mut history, &events)?;
    }
}

#[test]
fn an_earlier_question_is_about_an_earlier_week() {
    let mut profile = Profile::asked(&[Asked::of(Fold::Count, 0, WindowSpan::Calendar(Calendar::Week))]);
    let (saturday, sunday) = (instant("2026-10-24T12:00:00Z"), instant("2026-10-25T12:00:00Z"));
    profile.money(saturday, 1);
    assert_eq!(profile.answer(0, saturday), int(1));
    // A timer on monday that brings nothing is as if it had not been.
    assert_eq!(profile.answer(0, sunday + DAY), int(0));
    profile.money(sunday, 1);
    assert_eq!(profile.answer(0, sunday), int(2));
}
