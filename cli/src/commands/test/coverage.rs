//! What tests have reached: as a summary for people, and as lcov for other tools.

use super::Run;
use crate::report::{Place, counted};
use crate::terminal::{Style, paint};
use comity_runtime::testing::coverage::{Item, Kind};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many of the ways that no test went are named.
const NAMED: usize = 20;
const KINDS: [(Kind, &str); 3] =
    [(Kind::Condition, "conditions"), (Kind::Gate, "gates"), (Kind::Branch, "journeys")];

/// How many ways were gone, of how many.
pub(super) fn reached<'i>(items: impl IntoIterator<Item = &'i Item>) -> (usize, usize) {
    let ways = items.into_iter().flat_map(|item| &item.ways);
    ways.fold((0, 0), |(gone, all), (_, count)| (gone + usize::from(*count > 0), all + 1))
}

/// 100 where there is nothing to be reached.
pub(super) fn percent((gone, all): (usize, usize)) -> f64 {
    if all == 0 { 100.0 } else { gone as f64 * 100.0 / all as f64 }
}

/// To one decimal, rounded down: 100% is said of nothing less.
pub(super) fn shown(percent: f64) -> String {
    format!("{:.1}%", (percent * 10.0).floor() / 10.0)
}

/// How much of each kind was reached, and what was not.
pub(super) fn summary(run: &Run<'_>, items: &[Item], color: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "\n{}", paint(color, Style::Bold, "coverage"));
    let mut line = |name: &str, (gone, all): (usize, usize)| {
        let share = shown(percent((gone, all)));
        let _ = writeln!(out, "  {name:<10} {share:>6}  {gone} of {}", counted(all, "way"));
    };
    for (kind, name) in KINDS {
        let share = reached(items.iter().filter(|item| item.kind == kind));
        if share.1 > 0 {
            line(name, share);
        }
    }
    line("all", reached(items));
    let missing = missing(run, items);
    if missing.is_empty() {
        return out;
    }
    let _ = writeln!(out, "\n{}", paint(color, Style::Bold, "no test shows"));
    let width = missing.iter().take(NAMED).map(|(place, _)| place.chars().count()).max().unwrap_or(0);
    for (place, what) in missing.iter().take(NAMED) {
        let _ = writeln!(out, "  {}  {what}", paint(color, Style::Dim, format!("{place:<width$}")));
    }
    if missing.len() > NAMED {
        let _ = writeln!(out, "  … and {} more", missing.len() - NAMED);
    }
    out
}

/// The ways that no test went: where, and which.
fn missing(run: &Run<'_>, items: &[Item]) -> Vec<(String, String)> {
    let mut missing = Vec::new();
    for item in items {
        let Some(place) = Place::of(run.loaded, item.at) else { continue };
        let never: Vec<&str> =
            item.ways.iter().filter(|(_, count)| *count == 0).map(|(way, _)| way.as_str()).collect();
        if never.is_empty() {
            continue;
        }
        let what = if item.what.is_empty() { written(run, item) } else { item.what.clone() };
        missing
            .push((format!("{}:{}", place.file, place.start.line), format!("{what}: {}", never.join(", "))));
    }
    missing
}

/// What stands at the place of an item, on one line.
fn written(run: &Run<'_>, item: &Item) -> String {
    let (_, text) = run.loaded.project.file(item.at.file).unwrap_or_default();
    let span = item.at.span.start as usize..item.at.span.end as usize;
    let words: Vec<&str> = text.get(span).unwrap_or_default().split_whitespace().collect();
    words.join(" ")
}

/// As lcov: each way is a branch of the line at which it stands (`BRDA`), each line with any of them was run as
/// often as the most frequent (`DA`).
pub(super) fn lcov(run: &Run<'_>, items: &[Item]) -> String {
    let mut files: BTreeMap<String, BTreeMap<usize, Vec<&Item>>> = BTreeMap::new();
    for item in items {
        let Some(place) = Place::of(run.loaded, item.at) else { continue };
        files.entry(place.file).or_default().entry(place.start.line).or_default().push(item);
    }
    let mut out = String::from("TN:comity\n");
    for (file, lines) in files {
        let _ = writeln!(out, "SF:{file}");
        for (line, items) in &lines {
            for (block, item) in items.iter().enumerate() {
                let asked = item.ways.iter().any(|(_, count)| *count > 0);
                for (branch, (_, count)) in item.ways.iter().enumerate() {
                    let taken = if asked { count.to_string() } else { "-".to_owned() };
                    let _ = writeln!(out, "BRDA:{line},{block},{branch},{taken}");
                }
            }
        }
        let (gone, all) = reached(lines.values().flatten().copied());
        let _ = writeln!(out, "BRF:{all}\nBRH:{gone}");
        let counts = |items: &[&Item]| items.iter().map(|item| most(item)).max().unwrap_or(0);
        for (line, items) in &lines {
            let _ = writeln!(out, "DA:{line},{}", counts(items));
        }
        let hit = lines.values().filter(|items| counts(items) > 0).count();
        let _ = writeln!(out, "LF:{}\nLH:{hit}\nend_of_record", lines.len());
    }
    out
}

/// How often something was reached, at least.
fn most(item: &Item) -> u64 {
    item.ways.iter().map(|(_, count)| *count).max().unwrap_or(0)
}
