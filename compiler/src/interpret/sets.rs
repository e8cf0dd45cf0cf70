//! Operations on sets. Members are sorted and distinct; texts that the policy names stand there by their cell,
//! as everywhere, so that equal members are equal values.

use crate::engine::Tables;
use crate::frame::Pool;
use crate::value::Value;
use std::cmp::Ordering;

pub(crate) fn equal(pool: &Pool, a: u64, b: u64) -> bool {
    a == b || pool.members(a) == pool.members(b)
}

/// Whether the set has the member, given by its cell.
pub(crate) fn contains(tables: &Tables, pool: &Pool, set: u64, member: u64, is_text: bool) -> bool {
    let members = pool.members(set);
    if is_text && pool.is_unnamed(member) {
        let text = pool.text(&tables.plan, member);
        let order = |value: &Value| match value {
            Value::Cell(_) => Ordering::Less,
            Value::Text(other) => (**other).cmp(text),
            Value::Set(_) => Ordering::Greater,
        };
        members.binary_search_by(order).is_ok()
    } else {
        members.binary_search(&Value::Cell(member)).is_ok()
    }
}

pub(crate) fn contains_all(pool: &Pool, a: u64, b: u64) -> bool {
    let set = pool.members(a);
    pool.members(b).iter().all(|member| set.binary_search(member).is_ok())
}

pub(crate) fn overlaps(pool: &Pool, a: u64, b: u64) -> bool {
    let set = pool.members(a);
    pool.members(b).iter().any(|member| set.binary_search(member).is_ok())
}

pub(crate) fn length(pool: &Pool, set: u64) -> u64 {
    pool.members(set).len() as u64
}
