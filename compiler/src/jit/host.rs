//! What machine code can call: one table of functions, which it reaches through the host that it is given.
//! There are no other imports, and so no symbols.
//!
//! A panic in one of these functions would end the process: each of them is total.

use crate::arithmetic;
use crate::engine::Tables;
use crate::frame::Pool;
use crate::ids::{ExprId, RegexId};
use crate::index::Narrow;
use crate::interpret::{sets, texts};
use crate::plan::Op;

/// What machine code passes on to the functions that it calls. It reads only the first field, and writes the second one.
#[repr(C)]
pub(super) struct Host<'a> {
    calls: &'static [Function; CALLS],
    /// Of a slate of some messages the entries that are left by the rows of axes and conditions.
    pub(super) left: Narrow,
    tables: &'a Tables,
    pool: &'a mut Pool,
}

impl<'a> Host<'a> {
    #[inline]
    pub(super) fn new(tables: &'a Tables, pool: &'a mut Pool) -> Host<'a> {
        Host { calls: &FUNCTIONS, left: [0; 2], tables, pool }
    }
}

/// Where machine code writes what is left, in bytes from the beginning of the host.
pub(super) const LEFT: i32 = std::mem::offset_of!(Host<'_>, left) as i32;

/// Takes the host and two cells, or numbers; gives a cell.
type Function = for<'a> extern "C" fn(&mut Host<'a>, u64, u64) -> u64;

/// The functions, by their position in the table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    TextEqual,
    Lower,
    Upper,
    Length,
    StartsWith,
    EndsWith,
    TextContains,
    /// Of a text and a [`RegexId`].
    Matches,
    /// Of a set and a member that isn't a text.
    SetContains,
    SetContainsText,
    SetContainsAll,
    SetOverlaps,
    SetLength,
    SetEqual,
    YearsBetween,
    /// Of a cell and the [`ExprId`] of the [`Op::In`] that has the list.
    In,
}

const CALLS: usize = 16;

/// In the order of [`Call`].
static FUNCTIONS: [Function; CALLS] = [
    text_equal,
    lower,
    upper,
    length,
    starts_with,
    ends_with,
    text_contains,
    matches,
    set_contains,
    set_contains_text,
    set_contains_all,
    set_overlaps,
    set_length,
    set_equal,
    years_between,
    is_in,
];

extern "C" fn text_equal(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    texts::equal(host.tables, host.pool, a, b).into()
}

extern "C" fn lower(host: &mut Host<'_>, text: u64, _: u64) -> u64 {
    texts::lower(host.tables, host.pool, text)
}

extern "C" fn upper(host: &mut Host<'_>, text: u64, _: u64) -> u64 {
    texts::upper(host.tables, host.pool, text)
}

extern "C" fn length(host: &mut Host<'_>, text: u64, _: u64) -> u64 {
    texts::length(host.tables, host.pool, text)
}

extern "C" fn starts_with(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    texts::starts_with(host.tables, host.pool, a, b).into()
}

extern "C" fn ends_with(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    texts::ends_with(host.tables, host.pool, a, b).into()
}

extern "C" fn text_contains(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    texts::contains(host.tables, host.pool, a, b).into()
}

extern "C" fn matches(host: &mut Host<'_>, text: u64, regex: u64) -> u64 {
    texts::matches(host.tables, host.pool, text, RegexId(regex as u32)).into()
}

extern "C" fn set_contains(host: &mut Host<'_>, set: u64, member: u64) -> u64 {
    sets::contains(host.tables, host.pool, set, member, false).into()
}

extern "C" fn set_contains_text(host: &mut Host<'_>, set: u64, member: u64) -> u64 {
    sets::contains(host.tables, host.pool, set, member, true).into()
}

extern "C" fn set_contains_all(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    sets::contains_all(host.pool, a, b).into()
}

extern "C" fn set_overlaps(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    sets::overlaps(host.pool, a, b).into()
}

extern "C" fn set_length(host: &mut Host<'_>, set: u64, _: u64) -> u64 {
    sets::length(host.pool, set)
}

extern "C" fn set_equal(host: &mut Host<'_>, a: u64, b: u64) -> u64 {
    sets::equal(host.pool, a, b).into()
}

extern "C" fn years_between(_: &mut Host<'_>, from: u64, to: u64) -> u64 {
    arithmetic::years_between(from as i64, to as i64) as u64
}

extern "C" fn is_in(host: &mut Host<'_>, cell: u64, expr: u64) -> u64 {
    let node = host.tables.plan.exprs.get(ExprId(expr as u32).index());
    match node.map(|node| &node.op) {
        Some(Op::In(_, members)) => members.binary_search(&cell).is_ok().into(),
        _ => 0,
    }
}
