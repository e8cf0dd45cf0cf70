//! What the answer to a window is: written as plainly as the reference says it (§5.1), from all that ever
//! happened, with nothing kept ready. The history must agree with it at every instant.

use crate::zone::Zone;
use crate::zone::civil::span_of;
use comity_compiler::ids::{StreamId, WindowId};
use comity_compiler::plan::{Fold, Plan, WindowSpan};
use comity_compiler::types::Type;
use comity_compiler::value::Value;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// An event that passes a stream's filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Of which stream.
    pub stream: StreamId,
    /// When it happened, µs.
    pub time: i64,
    /// The number under which it was received.
    pub sequence: u64,
    /// By position in the event's declaration.
    pub fields: Vec<Option<Value>>,
}

/// The answer to a window from a full log of events, in any order, none of them later than `now`. The filter is
/// the window's further one.
pub fn recompute(
    plan: &Plan,
    window: WindowId,
    events: &[Past],
    now: i64,
    zone: &Zone,
    mut filter: impl FnMut(&Past) -> bool,
) -> Option<Value> {
    let window = plan.windows.get(window.index())?;
    let stream = plan.streams.get(window.stream.index())?;
    let event = plan.events.get(stream.event.index())?;

    let is_in_span = |time: i64| match window.span {
        WindowSpan::Ever => true,
        WindowSpan::Rolling(length) => i128::from(now) - i128::from(length) < time.into() && time <= now,
        WindowSpan::Calendar(span) => span_of(zone.date(time), span) == span_of(zone.date(now), span),
    };
    let mut members: Vec<&Past> =
        events.iter().filter(|past| past.stream == window.stream && is_in_span(past.time)).collect();
    members.retain(|past| filter(past));
    members.sort_by_key(|past| (past.time, past.sequence));

    // The values of the field, of those that have it, oldest first.
    let ty = window.field.and_then(|position| event.fields.get(position as usize)).map(|field| field.ty);
    let value = |past: &&Past| past.fields.get(window.field? as usize)?.clone();
    let values: Vec<Value> = members.iter().filter_map(value).collect();
    let cells = || {
        values.iter().filter_map(|value| match value {
            Value::Cell(cell) => Some(*cell),
            _ => None,
        })
    };
    let double = ty.is_some_and(Type::is_float);
    let exact: i128 = cells().map(|cell| i128::from(cell as i64)).sum();
    let sum = cells().map(f64::from_bits).fold(0.0, |sum, value| {
        let sum: f64 = sum + value;
        if sum.is_nan() { f64::INFINITY } else { sum }
    });
    let order = |left: &u64, right: &u64| -> Ordering {
        if double {
            f64::from_bits(*left).total_cmp(&f64::from_bits(*right))
        } else {
            (*left as i64).cmp(&(*right as i64))
        }
    };
    let saturated = |number: i128| number.clamp(i64::MIN.into(), i64::MAX.into()) as i64 as u64;
    let count = values.len();

    let cell = match window.fold {
        Fold::Count => Some(members.len() as u64),
        Fold::Any => Some(u64::from(!members.is_empty())),
        Fold::Sum if double => Some(sum.to_bits()),
        Fold::Sum => Some(saturated(exact)),
        Fold::Average if count == 0 => None,
        Fold::Average if double => Some((sum / count as f64).to_bits()),
        Fold::Average if window.ty.is_float() => Some((exact as f64 / count as f64).to_bits()),
        Fold::Average => {
            let count = count as i128;
            let floor = exact.div_euclid(count);
            let twice = 2 * exact.rem_euclid(count);
            let up = twice > count || twice == count && floor % 2 != 0;
            Some(saturated(floor + i128::from(up)))
        }
        Fold::Min => cells().min_by(order),
        Fold::Max => cells().max_by(order),
        Fold::Distinct => {
            let zero = |value: &Value| double && *value == Value::Cell((-0.0_f64).to_bits());
            let plain = values.iter().map(|value| if zero(value) { Value::Cell(0) } else { value.clone() });
            Some(plain.collect::<BTreeSet<Value>>().len() as u64)
        }
        Fold::Last => return values.last().cloned(),
        Fold::First => return values.first().cloned(),
        Fold::LastTime => members.last().map(|past| past.time as u64),
        Fold::FirstTime => members.first().map(|past| past.time as u64),
    };
    cell.map(Value::Cell)
}
