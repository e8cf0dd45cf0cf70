//! Values as people who speak a language write them.

use super::customs::{Customs, Moment};
use super::neutral;
use crate::zone::civil::Civil;
use crate::zone::{DAY, HOUR, MINUTE};
use comity_compiler::types::Type;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::rc::Rc;

/// How many languages a thread keeps ready; customers' tags could be without end.
const MOST: usize = 256;

thread_local! {
    /// By tag; `None` where the language's customs aren't known.
    static LANGUAGES: RefCell<FxHashMap<String, Option<Rc<Customs>>>> = RefCell::default();
}

/// A value as the language writes it, instants as `local` gives them (date and time of day); `None` where the
/// neutral form stands.
pub(super) fn print(cell: u64, ty: Type, tag: &str, local: impl FnOnce(i64) -> (i64, i64)) -> Option<String> {
    let integer = cell.cast_signed();
    match ty {
        Type::Int => Some(customs(tag)?.number(&integer.to_string())),
        Type::Number => Some(customs(tag)?.number(&neutral::digits(f64::from_bits(cell))?)),
        Type::Percent => {
            let digits = neutral::shifted(&neutral::digits(f64::from_bits(cell))?);
            Some(customs(tag)?.percent(&digits))
        }
        Type::Money(currency) => {
            Some(customs(tag)?.money(&neutral::amount(integer, currency), currency.code()))
        }
        Type::Date => {
            let customs = customs(tag)?;
            Some(customs.moment(customs.date, moment(integer, 0)?))
        }
        Type::Time => {
            let customs = customs(tag)?;
            Some(customs.moment(customs.time, moment(0, integer)?))
        }
        Type::Instant => {
            let (date, time) = local(integer);
            let (customs, moment) = (customs(tag)?, moment(date, time)?);
            let (date, time) = (customs.moment(customs.date, moment), customs.moment(customs.time, moment));
            let glue = customs.moment(customs.moment, moment);
            Some(glue.replacen("{1}", &date, 1).replacen("{0}", &time, 1))
        }
        _ => None,
    }
}

fn customs(tag: &str) -> Option<Rc<Customs>> {
    LANGUAGES.with_borrow_mut(|languages| {
        if let Some(known) = languages.get(tag) {
            return known.clone();
        }
        if languages.len() >= MOST {
            languages.clear();
        }
        let made = Customs::of(tag).map(Rc::new);
        languages.insert(tag.to_owned(), made.clone());
        made
    })
}

/// `None` for years that no pattern is for.
fn moment(date: i64, time: i64) -> Option<Moment> {
    let Civil { year, month, day } = Civil::of(date);
    let time = time.rem_euclid(DAY);
    Some(Moment {
        year: u64::try_from(year).ok().filter(|year| (1..=9999).contains(year))?,
        month,
        day,
        hour: u8::try_from(time / HOUR).ok()?,
        minute: u8::try_from(time / MINUTE % 60).ok()?,
    })
}
