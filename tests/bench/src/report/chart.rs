//! Time of a decision by the number of messages, on two logarithmic axes, as SVG that follows light and dark.

use super::time;
use crate::measure::Results;
use crate::race::Timing;
use std::fmt::Write as _;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 520.0;
const LEFT: f64 = 70.0;
/// Room for the names of the lines.
const RIGHT: f64 = 320.0;
const TOP: f64 = 20.0;
const BOTTOM: f64 = 50.0;

/// Colours that can be told apart by the colour-blind (Okabe, Ito), Comity's first; lines in those that follow are dashed.
const COLOURS: [&str; 13] = [
    "#d55e00", "#0072b2", "#56b4e9", "#009e73", "#cc79a7", "#e69f00", "#8c6bb1", "#7f7f7f", "#a6611a",
    "#7a8b00", "#00a5b5", "#b2334f", "#5d6cb3",
];
const SOLID: usize = 8;

/// One engine: messages and ns.
struct Line<'r> {
    name: &'r str,
    points: Vec<(f64, f64)>,
}

/// The chart.
pub fn chart(results: &Results) -> String {
    let lines = lines(results);
    let all = || lines.iter().flat_map(|line| &line.points);
    let (mut low, mut high) = (f64::INFINITY, 1.0_f64);
    for (_, ns) in all() {
        (low, high) = (low.min(*ns), high.max(*ns));
    }
    let most = all().map(|(messages, _)| *messages).fold(10.0, f64::max);
    let (low, high) = (low.max(0.1).log10().floor(), high.log10().ceil());
    let x = |messages: f64| LEFT + messages.log10() / most.log10() * (WIDTH - LEFT - RIGHT);
    let y = |ns: f64| HEIGHT - BOTTOM - (ns.log10() - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Time of a decision by the number of messages\">\n{STYLE}"
    );
    for power in low as i32..=high as i32 {
        let (ns, at) = (10_f64.powi(power), y(10_f64.powi(power)));
        let end = WIDTH - RIGHT;
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{end}\"/>");
        let label = time(ns).replace(".0", "");
        let _ =
            writeln!(svg, "<text x=\"{}\" y=\"{:.1}\" class=\"right\">{label}</text>", LEFT - 8.0, at + 4.0);
    }
    for size in &results.sizes {
        let at = x(size.shape.messages as f64);
        let _ = writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {TOP}V{}\"/>", HEIGHT - BOTTOM);
        let (below, messages) = (HEIGHT - BOTTOM + 18.0, size.shape.messages);
        let _ = writeln!(svg, "<text x=\"{at:.1}\" y=\"{below}\" class=\"middle\">{messages}</text>");
    }
    let middle = (LEFT + WIDTH - RIGHT) / 2.0;
    let _ = writeln!(svg, "<text x=\"{middle}\" y=\"{}\" class=\"middle\">messages</text>", HEIGHT - 8.0);
    let mut ends: Vec<(f64, usize)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let points: Vec<String> =
            line.points.iter().map(|(messages, ns)| format!("{:.1},{:.1}", x(*messages), y(*ns))).collect();
        let colour = COLOURS[index % COLOURS.len()];
        let width = if line.name.starts_with("Comity") { 3.5 } else { 1.8 };
        let dash = if index >= SOLID { " stroke-dasharray=\"5 3\"" } else { "" };
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dash} points=\"{}\"/>",
            points.join(" ")
        );
        if let Some((_, ns)) = line.points.last() {
            ends.push((y(*ns), index));
        }
    }
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    for ((at, index), name_at) in ends.iter().copied().zip(apart(&ends)) {
        let (line, colour) = (&lines[index], COLOURS[index % COLOURS.len()]);
        let (from, last) = (x(line.points.last().map_or(1.0, |point| point.0)), WIDTH - RIGHT + 14.0);
        let _ = writeln!(
            svg,
            "<path fill=\"none\" stroke=\"{colour}\" stroke-width=\"0.7\" d=\"M{from:.1} {at:.1}L{:.1} {name_at:.1}\"/>",
            last - 3.0
        );
        let name = escaped(line.name);
        let _ = writeln!(
            svg,
            "<text x=\"{last}\" y=\"{:.1}\" style=\"fill: {colour}\">{name}</text>",
            name_at + 4.0
        );
    }
    svg.push_str("</svg>\n");
    svg
}

const STYLE: &str = "\
<style>
text { font: 13px system-ui, sans-serif; fill: #444 }
.right { text-anchor: end }
.middle { text-anchor: middle }
.grid { stroke: #8884; fill: none }
@media (prefers-color-scheme: dark) { text { fill: #bbb } }
</style>
";

/// Where names stand that are not to lie upon each other, as near to where they belong as there is room.
fn apart(ends: &[(f64, usize)]) -> Vec<f64> {
    const LINE: f64 = 16.0;
    let mut places: Vec<f64> = Vec::new();
    for (at, _) in ends {
        places.push(places.last().map_or(*at, |above| at.max(above + LINE)));
    }
    let mut below = HEIGHT - BOTTOM + LINE;
    for place in places.iter_mut().rev() {
        *place = place.min(below - LINE);
        below = *place;
    }
    places
}

/// Comity first, then as they were measured.
fn lines(results: &Results) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    for size in &results.sizes {
        for Timing { name, ns, .. } in &size.best {
            let point = (size.shape.messages as f64, *ns);
            match lines.iter_mut().find(|line| line.name == name) {
                Some(line) => line.points.push(point),
                None => lines.push(Line { name, points: vec![point] }),
            }
        }
    }
    lines.sort_by_key(|line| !line.name.starts_with("Comity"));
    lines
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
