//! Charts as SVG, drawn by hand: estimates with their intervals, and bars. Colours come from the page's style.

use comity_compiler::graph::markup;
use comity_runtime::report::Estimate;
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
/// Room for the names on the left, and for the figures on the right.
const LEFT: f64 = 150.0;
const RIGHT: f64 = 215.0;
const ROW: f64 = 34.0;
const AXIS: f64 = 26.0;

/// An estimate of one arm; the colour tells arms apart.
pub(super) struct Row<'a> {
    pub(super) name: &'a str,
    pub(super) colour: usize,
    pub(super) estimate: Estimate,
}

/// Estimates with their intervals, a line to each, over one axis.
pub(super) fn intervals(title: &str, rows: &[Row<'_>], print: &dyn Fn(f64) -> String) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let ends = rows.iter().flat_map(|row| [row.estimate.low, row.estimate.high, 0.0]);
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| (low.min(end), high.max(end)));
    let ticks = ticks(low, high);
    let (Some(first), Some(last)) = (ticks.first().copied(), ticks.last().copied()) else {
        return String::new();
    };
    let (from, until) = (low.min(first), high.max(last));
    let x = |value: f64| LEFT + (value - from) / (until - from) * (WIDTH - LEFT - RIGHT);
    let height = rows.len() as f64 * ROW + AXIS;
    let mut svg = begin(title, height);
    for tick in &ticks {
        let (at, bottom) = (x(*tick), height - AXIS);
        let kind = if *tick == 0.0 { "zero" } else { "grid" };
        _ = write!(svg, r#"<line class="{kind}" x1="{at:.1}" x2="{at:.1}" y1="0" y2="{bottom:.1}"/>"#);
        let text = print(*tick);
        _ = write!(svg, r#"<text class="tick" x="{at:.1}" y="{:.1}">{text}</text>"#, bottom + 17.0);
    }
    for (at, Row { name, colour, estimate }) in rows.iter().enumerate() {
        let y = (at as f64 + 0.5) * ROW;
        let (low, middle, high) = (x(estimate.low), x(estimate.estimate), x(estimate.high));
        label(&mut svg, "name", (LEFT - 14.0, y + 4.5), name);
        _ = write!(
            svg,
            r#"<line class="whisker s{colour}" x1="{low:.1}" x2="{high:.1}" y1="{y:.1}" y2="{y:.1}"/>"#
        );
        _ = write!(svg, r#"<circle class="dot s{colour}" cx="{middle:.1}" cy="{y:.1}" r="6"/>"#);
        let figures =
            format!("{} ({} to {})", print(estimate.estimate), print(estimate.low), print(estimate.high));
        label(&mut svg, "figure", (WIDTH - RIGHT + 14.0, y + 4.5), &figures);
    }
    svg + "</svg>"
}

/// Bars from a common zero, with their counts.
pub(super) fn bars(title: &str, rows: &[(String, u64)]) -> String {
    let most = rows.iter().map(|(_, count)| *count).max().unwrap_or_default();
    if most == 0 {
        return String::new();
    }
    let left = LEFT + 70.0;
    let row = 24.0;
    let mut svg = begin(title, rows.len() as f64 * row);
    for (at, (name, count)) in rows.iter().enumerate() {
        let y = at as f64 * row;
        let width = *count as f64 / most as f64 * (WIDTH - left - 80.0);
        label(&mut svg, "name", (left - 12.0, y + 16.5), name);
        _ = write!(
            svg,
            r#"<rect class="bar" x="{left:.1}" y="{:.1}" width="{width:.1}" height="15" rx="3"/>"#,
            y + 4.0
        );
        let count = crate::table::grouped(*count);
        label(&mut svg, "figure", (left + width + 8.0, y + 16.5), &count);
    }
    svg + "</svg>"
}

/// A text at a place.
fn label(svg: &mut String, class: &str, (x, y): (f64, f64), text: &str) {
    let text = markup(text);
    _ = write!(svg, r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#);
}

fn begin(title: &str, height: f64) -> String {
    let title = markup(title);
    format!(r#"<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}"><title>{title}</title>"#)
}

/// Round numbers from below `low` to above `high`, about five of them, 0 among them where it lies between.
fn ticks(low: f64, high: f64) -> Vec<f64> {
    let span = high - low;
    if !span.is_finite() || span <= 0.0 {
        return vec![0.0, 1.0];
    }
    let rough = span / 4.0;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|factor| factor * power).into_iter().find(|step| *step >= rough);
    let step = step.unwrap_or(10.0 * power);
    let (first, last) = ((low / step).floor() as i64, (high / step).ceil() as i64);
    (first..=last).map(|at| at as f64 * step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose() {
        assert_eq!(ticks(0.0, 0.19), [0.0, 0.05, 0.1, 0.15000000000000002, 0.2]);
        assert_eq!(ticks(-0.3, 1.4), [-0.5, 0.0, 0.5, 1.0, 1.5]);
        assert_eq!(ticks(0.0, 0.0), [0.0, 1.0]);
    }

    #[test]
    fn names_do_no_harm() {
        let estimate = Estimate { estimate: 0.1, low: 0.05, high: 0.2 };
        let svg = intervals("<b>", &[Row { name: "a<script>&\"", colour: 0, estimate }], &|value| {
            value.to_string()
        });
        assert!(
            svg.contains("a&lt;script&gt;&amp;&quot;") && !svg.contains("<script>") && !svg.contains("<b>")
        );
    }
}
