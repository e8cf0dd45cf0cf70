use super::*;
use crate::engine::Engine;
use crate::frame::Frame;
use crate::lower::state::duration as words;
use crate::plan::{Calendar, Plan, Source, Wake};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

fn local(part: LocalPart, ty: Type) -> Expr {
    known(ExprKind::Local(part), ty)
}

fn hour() -> Expr {
    local(LocalPart::Hour, Type::Int)
}

fn time(value: i64) -> Expr {
    constant(Constant::Time(value), Type::Time)
}

fn now() -> Expr {
    known(ExprKind::Now, Type::Instant)
}

fn instant(value: i64) -> Expr {
    constant(Constant::Instant(value), Type::Instant)
}

fn plan_of(condition: Expr) -> Plan {
    let mut checked = policy();
    attribute_of(&mut checked, "born", Type::Date, false);
    event_of(&mut checked, "purchase", &[]);
    segment_of(&mut checked, "s", condition);
    lower(&checked).plan
}

fn purchase() -> Pattern {
    pattern(EventId::at(crate::builtin::BUILTIN_EVENTS.len()), None)
}

fn since_last() -> Expr {
    ask(Fold::TimeSinceLast, purchase(), None, Type::Duration, Within::Ever)
}

fn since_first() -> Expr {
    ask(Fold::TimeSinceFirst, purchase(), None, Type::Duration, Within::Ever)
}

fn wakes(condition: Expr) -> Vec<Wake> {
    wakes_of(&plan_of(condition))
}

fn wakes_of(plan: &Plan) -> Vec<Wake> {
    let wakes: BTreeSet<Wake> = plan.atoms.iter().flat_map(|atom| &atom.wakes).copied().collect();
    wakes.into_iter().collect()
}

#[test]
fn windows_wake_when_their_content_changes() {
    let any = |within| ask(Fold::Any, purchase(), None, Type::Bool, within);
    assert_eq!(wakes(any(Within::Ever)), []);
    assert_eq!(wakes(any(Within::Rolling(DAY))), [Wake::Window(WindowId(0))]);
    let count = ask(Fold::Count, purchase(), None, Type::Int, Within::Rolling(DAY));
    let few = compare(Comparison::Less, count, int(3));
    assert_eq!(wakes(few), [Wake::Crosses(WindowId(0), Comparison::GreaterEqual, 3)]);
    assert_eq!(wakes(not(any(Within::Calendar(Calendar::Day)))), [Wake::Window(WindowId(0))]);
}

#[test]
fn time_since_wakes_when_it_passes_its_constants() {
    let window = WindowId(0);
    let lapsed = compare(Comparison::Greater, otherwise(since_last(), duration(0)), duration(DAY));
    assert_eq!(wakes(lapsed), [Wake::Since(window, DAY)]);
    let shown = known(ExprKind::Aggregate(aggregate_of(since_last())), Type::Duration);
    let within = compare(Comparison::Less, shown, duration(2 * DAY));
    assert_eq!(wakes(and(is_known(since_last()), within)), [Wake::Since(window, 2 * DAY)]);
    assert_eq!(wakes(is_known(since_last())), []);
}

fn aggregate_of(expr: Expr) -> Box<Aggregate> {
    match expr.kind {
        ExprKind::Aggregate(aggregate) => aggregate,
        other => panic!("{other:?}"),
    }
}

#[test]
fn local_parts_wake_when_they_reach_or_leave_their_constants() {
    let at = |hour: i64| Wake::LocalTime(hour * HOUR);
    assert_eq!(wakes(equal(hour(), int(9))), [at(0), at(9), at(10)]);
    assert_eq!(wakes(compare(Comparison::Greater, hour(), int(23))), [at(0), at(23)]);
    let noon = compare(Comparison::Less, local(LocalPart::Time, Type::Time), time(12 * HOUR));
    assert_eq!(wakes(noon), [at(0), at(12), Wake::LocalTime(12 * HOUR + 1)]);
    let monday = constant(Constant::Weekday(0), Type::Weekday);
    assert_eq!(wakes(equal(local(LocalPart::Weekday, Type::Weekday), monday)), [Wake::LocalDate]);
    let born = expr(ExprKind::Attribute(AttributeId(0)), Type::Date, false);
    let age = known(ExprKind::YearsSince(Box::new(born)), Type::Int);
    assert_eq!(wakes(compare(Comparison::GreaterEqual, age, int(18))), [Wake::LocalDate]);
    let born = expr(ExprKind::Attribute(AttributeId(0)), Type::Date, false);
    let days = known(ExprKind::DaysSince(Box::new(born)), Type::Int);
    assert_eq!(
        wakes(compare(Comparison::Greater, days, int(30))),
        [Wake::OnDate(Some(SlotId(1)), 30)],
        "thirty days after the date, and the day after"
    );
    let odd = equal(hour(), local(LocalPart::Day, Type::Int));
    assert_eq!(wakes(odd).len(), 25);
}

#[test]
fn now_wakes_at_its_constants() {
    assert_eq!(wakes(compare(Comparison::Less, now(), instant(7))), [Wake::At(7)]);
    assert_eq!(wakes(compare(Comparison::GreaterEqual, instant(7), now())), [Wake::At(7)]);
}

#[test]
fn consent_wakes_where_its_rules_do() {
    let mut checked = policy();
    let channel = channel_of(&mut checked, "web", ChannelKind::Inbound);
    let when = equal(hour(), int(9));
    let rule = |mode, when| ConsentRule { mode, channels: vec![channel], when, at: place() };
    use comity_grammar::tree::ConsentMode;
    let rules = vec![rule(ConsentMode::OptIn, Some(when)), rule(ConsentMode::Never, None)];
    checked.purposes.push(Purpose { name: "p".into(), at: place(), rules });
    let web = constant(Constant::Channel(channel), Type::Channel);
    segment_of(&mut checked, "s", known(ExprKind::Consent(PurposeId(0), Box::new(web)), Type::Bool));
    assert_eq!(wakes_of(&lower(&checked).plan).len(), 3);
}

#[test]
fn durations_are_told_in_their_largest_unit() {
    assert_eq!(words(DAY), "1 day");
    assert_eq!(words(36 * HOUR), "36 hours");
    assert_eq!(words(90_000_000), "90 seconds");
}

/// Somewhere within two days.
fn moment() -> impl Strategy<Value = i64> {
    prop_oneof![
        (0..2 * 24_i64).prop_map(|hour| hour * HOUR),
        (0..2 * DAY),
        (0..2 * DAY).prop_map(|at| at / 60 * 60)
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Equal),
        Just(Comparison::NotEqual),
        Just(Comparison::Less),
        Just(Comparison::LessEqual),
        Just(Comparison::Greater),
        Just(Comparison::GreaterEqual)
    ]
}

/// Conditions that time alone changes.
fn condition() -> BoxedStrategy<Expr> {
    let leaf =
        (comparison(), 0..10_u8, moment(), moment()).prop_map(|(comparison, which, at, other)| match which {
            0 => compare(comparison, now(), instant(at)),
            1 => compare(comparison, otherwise(since_last(), duration(other)), duration(at)),
            2 => {
                let shown = known(ExprKind::Aggregate(aggregate_of(since_first())), Type::Duration);
                and(is_known(since_first()), compare(comparison, shown, duration(at)))
            }
            3 => compare(comparison, hour(), int(at / HOUR - 1)),
            4 => compare(comparison, local(LocalPart::Time, Type::Time), time(at % DAY)),
            5 => {
                let range = Range { start: Constant::Time(at % DAY), end: Constant::Time(other % DAY) };
                known(
                    ExprKind::InRange(Box::new(local(LocalPart::Time, Type::Time)), Box::new(range)),
                    Type::Bool,
                )
            }
            6 => {
                let members = [at, other].map(|at| Constant::Int(at / HOUR)).to_vec();
                known(ExprKind::InList(Box::new(hour()), members), Type::Bool)
            }
            7 => compare(comparison, hour(), local(LocalPart::Day, Type::Int)),
            8 => {
                let day = constant(Constant::Date(at / DAY), Type::Date);
                compare(comparison, local(LocalPart::Date, Type::Date), day)
            }
            _ => {
                let born = expr(ExprKind::Attribute(AttributeId(0)), Type::Date, false);
                compare(comparison, known(ExprKind::DaysSince(Box::new(born)), Type::Int), int(at / DAY + 1))
            }
        });
    leaf.prop_recursive(3, 8, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| and(a, b)),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| or(a, b)),
            inner.clone().prop_map(not),
            (inner.clone(), inner.clone(), inner).prop_map(|(a, b, c)| choose(a, b, c)),
        ]
    })
    .boxed()
}

/// The date that the attribute holds.
const BORN: i64 = -1;

/// Whether the segment's condition holds at a time, in a zone without an offset.
fn holds(engine: &Engine, frame: &mut Frame, now: i64, first: Option<i64>, last: Option<i64>) -> bool {
    let plan = Arc::clone(engine.plan());
    frame.clear();
    for (index, slot) in plan.slots.iter().enumerate() {
        let cell = match slot.source {
            Source::Now => Some(now),
            Source::LocalDate => Some(now.div_euclid(DAY)),
            Source::LocalDay => Some(now.div_euclid(DAY) + 1),
            Source::LocalTime => Some(now.rem_euclid(DAY)),
            Source::LocalHour => Some(now.rem_euclid(DAY) / HOUR),
            Source::Attribute(_) => Some(BORN),
            Source::Window(window) => match plan.windows[window.index()].fold {
                crate::plan::Fold::LastTime => last,
                _ => first,
            },
            ref other => panic!("{other:?}"),
        };
        frame.set(SlotId::at(index), cell.map(|cell| crate::value::Value::Cell(cell as u64)).as_ref());
    }
    engine.satisfies(&plan.segments[0].condition, frame)
}

/// The instants of four days that the wakes name.
fn instants(plan: &Plan, first: Option<i64>, last: Option<i64>) -> Vec<i64> {
    let days = || (0..4).map(|day| day * DAY);
    let mut instants = vec![0];
    for wake in wakes_of(plan) {
        match wake {
            Wake::At(at) => instants.extend([at, at + 1]),
            Wake::LocalDate => instants.extend(days()),
            Wake::OnDate(of, days) => {
                let date = if of.is_some() { BORN } else { 0 };
                instants.extend([date + days, date + days + 1].map(|date| date * DAY));
            }
            Wake::LocalTime(time) => instants.extend(days().map(|day| day + time)),
            Wake::Since(window, length) => {
                let of = match plan.windows[window.index()].fold {
                    crate::plan::Fold::LastTime => last,
                    _ => first,
                };
                instants.extend(of.into_iter().flat_map(|at| [at + length, at + length + 1]));
            }
            Wake::Window(_) | Wake::Crosses(..) => panic!("no window is asked"),
        }
    }
    instants.retain(|at| (0..4 * DAY).contains(at));
    instants.sort_unstable();
    instants.dedup();
    instants
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Between two wakes nothing changes.
    #[test]
    fn no_change_is_missed(
        condition in condition(),
        first in proptest::option::of(-DAY..0),
        later in 0..DAY,
        instants_between in proptest::collection::vec(0..4 * DAY, 40),
    ) {
        let plan = Arc::new(plan_of(condition));
        let engine = Engine::interpreter(Arc::clone(&plan));
        let mut frame = Frame::new(&plan);
        let last = first.map(|first| (first + later).min(-1));
        let wakes = instants(&plan, first, last);
        let mut probes = instants_between;
        probes.extend((0..4 * 24 * 4).map(|quarter| quarter * HOUR / 4));
        probes.extend(wakes.iter().flat_map(|&at| [at - 1, at + 1, at + 2]).filter(|&at| at >= 0));
        for at in probes {
            let woken = wakes[wakes.partition_point(|&wake| wake <= at) - 1];
            let then = holds(&engine, &mut frame, woken, first, last);
            prop_assert_eq!(holds(&engine, &mut frame, at, first, last), then, "at {} and at {}", woken, at);
        }
    }
}
