//! What must hold for any bytes at all: one function for each fuzz target. The targets in `tests/fuzz` feed them
//! with new inputs, the test `corpora` with those that are kept.

mod decide;
mod model;
mod syntax;
mod zones;

pub use decide::{check, events, plan, templates};
pub use model::model;
pub use syntax::{format, parse};
pub use zones::zones;

/// What a target feeds; it panics where something doesn't hold.
pub type Target = fn(&[u8]);

/// The targets, each with the function that it feeds.
pub const TARGETS: [(&str, Target); 8] = [
    ("parse", parse),
    ("check", check),
    ("format", format),
    ("plan", plan),
    ("events", events),
    ("model", model),
    ("templates", templates),
    ("zones", zones),
];

/// Text of an input: what isn't UTF-8 is replaced.
fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}
