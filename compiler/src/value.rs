//! Values at run time.
//!
//! A *cell* is 64 bits that say all about a value of a known type:
//!
//! | type | cell |
//! | --- | --- |
//! | bool | 0 or 1 |
//! | int | the `i64` |
//! | number, percent | the bits of the `f64` |
//! | money | minor units, `i64` |
//! | duration, time, instant | microseconds (of the day, since 1970-01-01T00:00:00Z), `i64` |
//! | date | days since 1970-01-01, `i64` |
//! | enum, arm | position of the member |
//! | channel, class, message, purpose | its id |
//! | weekday | 0 for monday … 6 for sunday |
//! | text and its kin | in a [`Value`]: the [`TextId`](crate::ids::TextId) of a text that the policy names; in a frame also others |

use smol_str::SmolStr;
use std::sync::Arc;

/// A value that is kept: an attribute, a field of an event.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// Anything that a cell says fully; of the texts those, and only those, that the policy names.
    Cell(u64),
    /// A text that the policy doesn't name.
    Text(SmolStr),
    /// A set, its members sorted and distinct.
    Set(Arc<[Value]>),
}
