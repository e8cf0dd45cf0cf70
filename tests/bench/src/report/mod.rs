//! What was measured, as a page for readers.

mod chart;
mod goals;
mod page;
mod summary;

pub use chart::chart;
pub(crate) use page::grouped;
pub use page::page;

/// A time as people read it.
fn time(ns: f64) -> String {
    match ns {
        ns if ns < 1e3 => format!("{} ns", digits(ns)),
        ns if ns < 1e6 => format!("{} µs", digits(ns / 1e3)),
        ns if ns < 1e9 => format!("{} ms", digits(ns / 1e6)),
        ns => format!("{} s", digits(ns / 1e9)),
    }
}

/// Two digits that matter, or all before the point.
fn digits(value: f64) -> String {
    if value < 9.95 { format!("{value:.1}") } else { format!("{value:.0}") }
}
