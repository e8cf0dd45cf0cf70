//! Operations on texts.

use crate::engine::Tables;
use crate::frame::Pool;
use crate::ids::RegexId;

/// Whether two cells mean the same text. A text that the policy names always has the cell that says so, so
/// that only two others have to be read.
pub(crate) fn equal(tables: &Tables, pool: &Pool, a: u64, b: u64) -> bool {
    a == b || (pool.is_unnamed(a) && pool.is_unnamed(b) && text(tables, pool, a) == text(tables, pool, b))
}

pub(crate) fn lower(tables: &Tables, pool: &mut Pool, cell: u64) -> u64 {
    let given = text(tables, pool, cell);
    // Most texts that are asked for in lower case are: nothing needs to be made of them.
    if given.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return cell;
    }
    let lower = given.to_lowercase();
    keep(tables, pool, cell, &lower)
}

pub(crate) fn upper(tables: &Tables, pool: &mut Pool, cell: u64) -> u64 {
    let upper = text(tables, pool, cell).to_uppercase();
    keep(tables, pool, cell, &upper)
}

/// In Unicode scalars.
pub(crate) fn length(tables: &Tables, pool: &Pool, cell: u64) -> u64 {
    text(tables, pool, cell).chars().count() as u64
}

pub(crate) fn starts_with(tables: &Tables, pool: &Pool, a: u64, b: u64) -> bool {
    text(tables, pool, a).starts_with(text(tables, pool, b))
}

pub(crate) fn ends_with(tables: &Tables, pool: &Pool, a: u64, b: u64) -> bool {
    text(tables, pool, a).ends_with(text(tables, pool, b))
}

pub(crate) fn contains(tables: &Tables, pool: &Pool, a: u64, b: u64) -> bool {
    text(tables, pool, a).contains(text(tables, pool, b))
}

pub(crate) fn matches(tables: &Tables, pool: &Pool, cell: u64, regex: RegexId) -> bool {
    let regex = tables.regexes.get(regex.index()).and_then(Option::as_ref);
    regex.is_some_and(|regex| regex.is_match(text(tables, pool, cell)))
}

fn text<'a>(tables: &'a Tables, pool: &'a Pool, cell: u64) -> &'a str {
    pool.text(&tables.plan, cell)
}

/// The cell of a text that was made from another.
fn keep(tables: &Tables, pool: &mut Pool, from: u64, made: &str) -> u64 {
    if made == text(tables, pool, from) {
        return from;
    }
    match tables.texts.get(made) {
        Some(id) => u64::from(id.0),
        None => pool.make(made),
    }
}
