use super::*;
use crate::lower::{Lowered, state_report};
use crate::plan::{self, Calendar, Keep, Op, Plan, Source, Window, WindowSpan};

/// A policy with the event `purchase { order: text, category: text, amount: number, items: int }`.
fn shop() -> (Checked, EventId) {
    let mut checked = policy();
    let fields = [
        ("order", Type::Text, false),
        ("category", Type::Text, false),
        ("amount", Type::Number, false),
        ("items", Type::Int, true),
    ];
    let purchase = event_of(&mut checked, "purchase", &fields);
    attribute_of(&mut checked, "favourite", Type::Text, false);
    (checked, purchase)
}

fn lowered(mut checked: Checked, conditions: impl IntoIterator<Item = Expr>) -> Lowered {
    for (index, condition) in conditions.into_iter().enumerate() {
        segment_of(&mut checked, &format!("s{index}"), condition);
    }
    lower(&checked)
}

fn positive(a: Expr) -> Expr {
    let zero = int(0);
    compare(Comparison::Greater, a, zero)
}

fn any(pattern: Pattern, within: Within) -> Expr {
    ask(Fold::Any, pattern, None, Type::Bool, within)
}

fn of_category(category: &str) -> Expr {
    equal(field(1, Type::Text), text(category))
}

fn keep(plan: &Plan) -> Vec<Keep> {
    plan.streams.iter().map(|stream| stream.keep).collect()
}

#[test]
fn any_and_no_share_one_question() {
    let (checked, purchase) = shop();
    let ask = |fold, ty| ask(fold, pattern(purchase, None), None, ty, Within::Rolling(DAY));
    let conditions = [ask(Fold::Any, Type::Bool), ask(Fold::No, Type::Bool)];
    let plan = lowered(checked, conditions).plan;
    assert_eq!((plan.windows.len(), plan.slots.len(), plan.streams.len()), (1, 1, 1));
    assert_eq!(plan.windows[0].fold, plan::Fold::Any);
    let [any, no] = [0, 1].map(|index: usize| literal_of(&plan, index));
    assert_eq!(no, (any.0, !any.1));
}

#[test]
fn a_where_is_split_into_what_the_entry_decides_and_the_rest() {
    let (checked, purchase) = shop();
    let favourite = equal(field(1, Type::Text), attribute(&checked, AttributeId(0)));
    let large = compare(Comparison::Greater, field(2, Type::Number), number(10.0));
    let filter = and(and(of_category("shoes"), favourite), large);
    let sum = ask(Fold::Sum, pattern(purchase, Some(filter)), Some(3), Type::Int, Within::Rolling(DAY));
    let plan = lowered(checked, [positive(sum)]).plan;

    let [stream] = &plan.streams[..] else { panic!("{:?}", plan.streams) };
    // Kept: what is summed, and what the further condition looks at; not the amount.
    assert_eq!(stream.fields, [1, 3]);
    let Op::And(a, b) = plan.expr(stream.filter.unwrap()).op else { panic!() };
    let comparisons = [a, b].map(|id| match plan.expr(id).op {
        Op::Compare(comparison, ..) => comparison,
        ref op => panic!("{op:?}"),
    });
    assert!(comparisons.contains(&Comparison::Equal) && comparisons.contains(&Comparison::Greater));
    let [window] = &plan.windows[..] else { panic!() };
    assert_eq!(window.field, Some(3));
    let Op::Compare(Comparison::Equal, a, b) = plan.expr(window.filter.unwrap()).op else { panic!() };
    let source = |id: ExprId| match plan.expr(id).op {
        Op::Slot(slot) => plan.slots[slot.index()].source.clone(),
        ref op => panic!("{op:?}"),
    };
    let sources = [source(a), source(b)];
    assert!(sources.contains(&Source::Field(1)) && sources.contains(&Source::Attribute(AttributeId(0))));
}

#[test]
fn the_order_of_conjuncts_does_not_matter() {
    let (checked, purchase) = shop();
    let large = || compare(Comparison::Greater, field(2, Type::Number), number(10.0));
    let filters = [and(of_category("shoes"), large()), and(large(), of_category("shoes"))];
    let conditions = filters.map(|filter| any(pattern(purchase, Some(filter)), Within::Ever));
    let plan = lowered(checked, conditions).plan;
    assert_eq!(plan.streams.len(), 1);
    assert_eq!(plan.segments[0].condition, plan.segments[1].condition);
}

#[test]
fn a_pattern_of_one_message_looks_at_the_field_message() {
    let (mut checked, _) = shop();
    let class = class_of(&mut checked, "all");
    checked.messages = vec![message_of("hello", class), message_of("offer", class)];
    let opened = Pattern { message: Some(MessageId(1)), ..pattern(crate::builtin::OPENED, None) };
    let lowered = lowered(checked, [any(opened, Within::Ever)]);
    let rows = state_report(&lowered.plan, &lowered.origins);
    assert_eq!(rows[0].event, "opened");
    assert_eq!(rows[0].filter.as_deref(), Some("message == offer"));
    assert_eq!(rows[0].horizon, "count only");
}

#[test]
fn what_never_happens_is_answered_at_once() {
    let (checked, purchase) = shop();
    let never = || pattern(purchase, Some(and(of_category("shoes"), no())));
    let since = ask(Fold::TimeSinceLast, never(), None, Type::Duration, Within::Ever);
    let last = ask(Fold::Last, never(), Some(3), Type::Int, Within::Ever);
    let conditions = [
        any(never(), Within::Ever),
        ask(Fold::No, never(), None, Type::Bool, Within::Ever),
        is_known(since),
        equal(otherwise(last, int(4)), int(4)),
    ];
    let plan = lowered(checked, conditions).plan;
    let answers = [0, 1, 2, 3].map(|index| certain_of(&plan, index));
    assert_eq!(answers, [Some(false), Some(true), Some(false), Some(true)]);
    assert!(plan.streams.is_empty() && plan.slots.is_empty());
}

#[test]
fn streams_keep_what_their_longest_window_needs() {
    let (checked, purchase) = shop();
    let every = || pattern(purchase, None);
    let conditions = [
        any(every(), Within::Rolling(DAY)),
        any(every(), Within::Rolling(30 * DAY)),
        any(every(), Within::Calendar(Calendar::Month)),
        any(every(), Within::Calendar(Calendar::Week)),
    ];
    let plan = lowered(checked, conditions).plan;
    assert_eq!(keep(&plan), [Keep { rolling: 30 * DAY, calendar: Some(Calendar::Month), ever: false }]);
}

#[test]
fn over_the_whole_history_only_some_questions_need_every_entry() {
    let (checked, purchase) = shop();
    let of = |fold, field, ty: Type| {
        let aggregate = ask(fold, pattern(purchase, None), field, ty, Within::Ever);
        let default = match ty {
            Type::Number => number(0.0),
            Type::Duration => duration(0),
            Type::Text => text(""),
            _ => int(0),
        };
        let value = if aggregate.optional { otherwise(aggregate, default.clone()) } else { aggregate };
        equal(value, default)
    };
    let cases = [
        (of(Fold::Count, None, Type::Int), false, plan::Fold::Count),
        (of(Fold::Sum, Some(3), Type::Int), false, plan::Fold::Sum),
        (of(Fold::Sum, Some(2), Type::Number), true, plan::Fold::Sum),
        (of(Fold::Average, Some(3), Type::Number), false, plan::Fold::Average),
        (of(Fold::Average, Some(2), Type::Number), true, plan::Fold::Average),
        (of(Fold::Min, Some(2), Type::Number), false, plan::Fold::Min),
        (of(Fold::Max, Some(3), Type::Int), false, plan::Fold::Max),
        (of(Fold::Distinct, Some(1), Type::Int), false, plan::Fold::Distinct),
        (of(Fold::Last, Some(1), Type::Text), false, plan::Fold::Last),
        (of(Fold::First, Some(1), Type::Text), false, plan::Fold::First),
        (of(Fold::TimeSinceLast, None, Type::Duration), false, plan::Fold::LastTime),
        (of(Fold::TimeSinceFirst, None, Type::Duration), false, plan::Fold::FirstTime),
    ];
    for (condition, ever, fold) in cases {
        let plan = lowered(checked.clone(), [condition]).plan;
        assert_eq!(keep(&plan), [Keep { ever, ..Keep::default() }], "{fold:?}");
        let [Window { fold: found, span: WindowSpan::Ever, field, .. }] = plan.windows[..] else { panic!() };
        assert_eq!(found, fold);
        assert_eq!(field.is_some(), !plan.streams[0].fields.is_empty());
    }
    let favourite = equal(field(1, Type::Text), attribute(&checked, AttributeId(0)));
    let plan = lowered(checked, [any(pattern(purchase, Some(favourite)), Within::Ever)]).plan;
    assert_eq!(keep(&plan), [Keep { ever: true, ..Keep::default() }]);
}

#[test]
fn time_since_is_unknown_without_an_event() {
    let (checked, purchase) = shop();
    let since = ask(Fold::TimeSinceLast, pattern(purchase, None), None, Type::Duration, Within::Ever);
    let long = compare(Comparison::Greater, otherwise(since.clone(), duration(0)), duration(DAY));
    let plan = lowered(checked, [long, is_known(since)]).plan;
    let Op::Compare(Comparison::Greater, since, _) = plan.expr(literal_of(&plan, 0).0).op else { panic!() };
    let Op::If(known, difference, default) = plan.expr(since).op else { panic!() };
    assert!(matches!(plan.expr(known).op, Op::IsKnown(_)));
    assert!(matches!(plan.expr(difference).op, Op::Subtract(..)));
    assert_eq!(plan.expr(default).op, Op::Constant(0));
    assert!(!plan.expr(since).optional);
    assert_eq!(literal_of(&plan, 1), (known, false));
}

#[test]
fn the_report_says_what_is_kept_and_for_whom() {
    let (mut checked, purchase) = shop();
    let shoes = || pattern(purchase, Some(or(of_category("shoes"), of_category("boots"))));
    let spent = ask(Fold::Sum, shoes(), Some(2), Type::Number, Within::Rolling(90 * DAY));
    let spent = compare(Comparison::GreaterEqual, spent, number(200.0));
    checked.lets.push(Let { name: "spender".into(), at: place(), parameters: Vec::new(), value: spent });
    let spender = || known(ExprKind::Let(LetId(0), Vec::new()), Type::Bool);
    let conditions = [
        and(spender(), any(shoes(), Within::Ever)),
        spender(),
        any(pattern(purchase, None), Within::Calendar(Calendar::Month)),
    ];
    let lowered = lowered(checked, conditions);
    let rows = state_report(&lowered.plan, &lowered.origins);
    let outline = |row: &crate::lower::StateRow| {
        let needed: Vec<_> = row.needed_by.iter().map(|(_, declaration)| declaration.to_string()).collect();
        let filter = row.filter.as_deref().unwrap_or("-");
        format!(
            "{} | {filter} | {} | {} | {}",
            row.event,
            row.fields.join(","),
            row.horizon,
            needed.join(", ")
        )
    };
    assert_eq!(
        rows.iter().map(outline).collect::<Vec<_>>(),
        [
            "purchase | - |  | this month | segment s2",
            "purchase | category == \"shoes\" or category == \"boots\" | amount | 90 days; of all count | \
             let spender, segment s0",
        ]
    );
}
