//! Diagrams as one SVG that needs nothing else: for light and dark surroundings, with every text as wide as was
//! reckoned for it.

use super::layout::{Layout, Link, Point, Size, layout};
use super::markup::markup;
use super::text::{Font, width, wrap};
use super::{Arrow, Card, Diagram, Kind, Line};
use std::collections::BTreeSet;
use std::fmt::Write;

const STYLE: &str = include_str!("style.css");

const MARGIN: f64 = 32.0;
/// Texts on cards are no wider.
const WIDEST: f64 = 270.0;
const TITLE: f64 = 13.0;
const SMALL: f64 = 11.5;
const LINE: f64 = 16.0;
/// Of the heading.
const NARROWEST: f64 = 460.0;

/// Draws diagrams below each other, with a legend of what occurs in them.
pub fn svg(diagrams: &[Diagram]) -> String {
    let mut body = String::new();
    let mut widest = NARROWEST;
    let mut down = MARGIN;
    for (index, diagram) in diagrams.iter().enumerate() {
        if index > 0 {
            down += 28.0;
        }
        let drawn = Drawn::of(diagram);
        widest = widest.max(drawn.width());
        let _ = writeln!(body, "<g transform=\"translate({} {})\">", px(MARGIN), px(down));
        drawn.write(&mut body);
        body.push_str("</g>\n");
        down += drawn.height();
    }
    down += 44.0;
    legend(&mut body, diagrams, widest, &mut down);
    let (width, height) = (widest + 2.0 * MARGIN, down + MARGIN - 8.0);
    let names: Vec<&str> = diagrams.iter().map(|diagram| diagram.name.as_str()).collect();
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\">\n",
        w = px(width),
        h = px(height)
    );
    let _ = writeln!(out, "<title>{}</title>", markup(&names.join(", ")));
    let _ = writeln!(out, "<style>\n{STYLE}</style>");
    out.push_str("<defs>\n");
    for (name, class) in
        [("go", "tip"), ("yes", "tip tip-yes"), ("no", "tip tip-no"), ("stop", "tip tip-stop")]
    {
        let _ = writeln!(
            out,
            "<marker id=\"{name}\" viewBox=\"0 0 10 10\" refX=\"8.5\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" \
             markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path class=\"{class}\" d=\"M1 1.2 9 5 1 8.8 3 5z\"/></marker>"
        );
    }
    out.push_str("</defs>\n");
    let _ = writeln!(out, "<rect class=\"ground\" width=\"{}\" height=\"{}\"/>", px(width), px(height));
    out + &body + "</svg>\n"
}

/// A card, measured.
struct Face {
    title: Vec<String>,
    lines: Vec<String>,
    size: (f64, f64),
}

impl Face {
    fn of(card: &Card) -> Face {
        let title = wrap(&card.title, Font::Bold, TITLE, WIDEST - 24.0, 3);
        let lines: Vec<String> =
            card.lines.iter().flat_map(|line| wrap(line, Font::Mono, SMALL, WIDEST, 6)).collect();
        let of_title = title.iter().map(|line| width(line, Font::Bold, TITLE)).fold(0.0, f64::max);
        let of_lines = lines.iter().map(|line| width(line, Font::Mono, SMALL)).fold(0.0, f64::max);
        if is_pill(card.kind) {
            return Face {
                size: (of_title + 44.0, 12.0 + LINE * title.len() as f64 + 2.0),
                title,
                lines: Vec::new(),
            };
        }
        let wide = (of_title + 24.0).max(of_lines).max(84.0) + 18.0 + 16.0;
        let high = 11.0 + LINE * title.len() as f64 + LINE * lines.len() as f64 + 9.0;
        Face { title, lines, size: (wide.ceil(), high) }
    }
}

fn is_pill(kind: Kind) -> bool {
    matches!(kind, Kind::Again | Kind::Together | Kind::Join | Kind::End)
}

/// A diagram, laid out.
struct Drawn<'d> {
    diagram: &'d Diagram,
    faces: Vec<Face>,
    layout: Layout,
    /// The arrows that lead on, in the order of the layout's paths.
    onward: Vec<&'d Arrow>,
    /// Those that lead back, with how far to the right they go.
    backward: Vec<(&'d Arrow, f64)>,
    facts: Vec<(String, Vec<String>)>,
    wide: f64,
}

impl Drawn<'_> {
    fn of(diagram: &Diagram) -> Drawn<'_> {
        let faces: Vec<Face> = diagram.cards.iter().map(Face::of).collect();
        let turned = |(wide, high): (f64, f64)| match diagram.in_columns {
            true => Size { across: high, down: wide },
            false => Size { across: wide, down: high },
        };
        let sizes: Vec<Size> = faces.iter().map(|face| turned(face.size)).collect();
        let (backward, onward): (Vec<&Arrow>, Vec<&Arrow>) =
            diagram.arrows.iter().partition(|arrow| arrow.line == Line::Back);
        let links: Vec<Link> = onward
            .iter()
            .map(|arrow| Link {
                from: arrow.from,
                to: arrow.to,
                label: arrow
                    .label
                    .as_ref()
                    .map(|label| turned((width(label, Font::Plain, SMALL) + 16.0, 20.0))),
            })
            .collect();
        let columns = columns(diagram);
        let layout = layout(&sizes, &links, columns.as_deref());
        let mut wide = if diagram.in_columns { layout.down } else { layout.across };
        let mut returning = Vec::new();
        for arrow in backward {
            let (top, bottom) = (layout.cards[arrow.to].down, layout.cards[arrow.from].down);
            let cards =
                layout.cards.iter().zip(&faces).map(|(at, face)| (at.down, at.across + face.size.0 / 2.0));
            let bends = layout.paths.iter().flatten().map(|point| (point.down, point.across));
            let labels = layout.labels.iter().zip(&links).filter_map(|(at, link)| {
                let at = (*at)?;
                Some((at.down, at.across + link.label.map_or(0.0, |size| size.across / 2.0)))
            });
            let before = returning.iter().filter(|(_, other, at): &&(&Arrow, usize, f64)| {
                let from = layout.cards[*other].down;
                *at > 0.0 && top <= from && from <= bottom
            });
            let inner = before.map(|(_, _, at)| *at + 12.0).fold(0.0, f64::max);
            let right = cards.chain(bends).chain(labels).filter(|(down, _)| top <= *down && *down <= bottom);
            let right = right.map(|(_, right)| right).fold(0.0, f64::max).max(inner) + 26.0;
            let label =
                arrow.label.as_ref().map_or(0.0, |label| width(label, Font::Plain, SMALL) / 2.0 + 8.0);
            wide = wide.max(right + label);
            returning.push((arrow, arrow.to, right));
        }
        let backward = returning.into_iter().map(|(arrow, _, right)| (arrow, right)).collect();
        let facts: Vec<(String, Vec<String>)> = diagram
            .facts
            .iter()
            .map(|(what, value)| (what.clone(), wrap(value, Font::Mono, SMALL, 560.0, 4)))
            .collect();
        Drawn { diagram, faces, layout, onward, backward, facts, wide }
    }

    fn head(&self) -> f64 {
        let facts: f64 = self.facts.iter().map(|(_, lines)| LINE * lines.len() as f64 + 2.0).sum();
        46.0 + facts + if self.facts.is_empty() { 6.0 } else { 16.0 }
    }

    fn width(&self) -> f64 {
        let facts =
            self.facts.iter().flat_map(|(_, lines)| lines).map(|line| 88.0 + width(line, Font::Mono, SMALL));
        let name = width(&self.diagram.name, Font::Bold, 19.0)
            + width(&self.diagram.caption, Font::Plain, 12.0)
            + 24.0;
        facts.fold(self.wide, f64::max).max(name)
    }

    fn height(&self) -> f64 {
        self.head() + if self.diagram.in_columns { self.layout.across } else { self.layout.down }
    }

    fn write(&self, out: &mut String) {
        let name = &self.diagram.name;
        text(out, "name", Font::Bold, 19.0, (0.0, 18.0), name);
        let beside = width(name, Font::Bold, 19.0) + 12.0;
        text(out, "muted", Font::Plain, 12.0, (beside, 18.0), &self.diagram.caption);
        let mut down = 46.0;
        for (what, lines) in &self.facts {
            text(out, "muted", Font::Plain, 12.0, (0.0, down), what);
            for line in lines {
                text(out, "mono", Font::Mono, SMALL, (88.0, down), line);
                down += LINE;
            }
            down += 2.0;
        }
        let _ = writeln!(out, "<g transform=\"translate(0 {})\">", px(self.head()));
        self.write_arrows(out);
        for (index, card) in self.diagram.cards.iter().enumerate() {
            let (x, y) = self.point(self.layout.cards[index]);
            let (wide, high) = self.faces[index].size;
            write_card(out, card, &self.faces[index], (x - wide / 2.0, y - high / 2.0));
        }
        out.push_str("</g>\n");
    }

    fn point(&self, point: Point) -> (f64, f64) {
        if self.diagram.in_columns { (point.down, point.across) } else { (point.across, point.down) }
    }

    fn write_arrows(&self, out: &mut String) {
        for (arrow, path) in self.onward.iter().zip(&self.layout.paths) {
            let (class, tip) = look(arrow.line);
            let points: Vec<(f64, f64)> = path.iter().map(|point| self.point(*point)).collect();
            let d = curve(&points, self.diagram.in_columns);
            let _ = writeln!(out, "<path class=\"{class}\" d=\"{d}\" marker-end=\"url(#{tip})\"/>");
        }
        for (arrow, right) in &self.backward {
            self.write_back(out, arrow, *right);
        }
        for (arrow, at) in self.onward.iter().zip(&self.layout.labels) {
            if let (Some(label), Some(at)) = (&arrow.label, at) {
                write_label(out, arrow.line, label, self.point(*at));
            }
        }
    }

    /// Out at the right, up, and in again.
    fn write_back(&self, out: &mut String, arrow: &Arrow, right: f64) {
        let (from, to) = (self.point(self.layout.cards[arrow.from]), self.point(self.layout.cards[arrow.to]));
        let start = from.0 + self.faces[arrow.from].size.0 / 2.0;
        let end = to.0 + self.faces[arrow.to].size.0 / 2.0;
        let (class, tip) = look(arrow.line);
        let radius = 10.0;
        let _ = writeln!(
            out,
            "<path class=\"{class}\" d=\"M{} {}H{}Q{r} {} {r} {}V{}Q{r} {} {} {}H{}\" marker-end=\"url(#{tip})\"/>",
            px(start),
            px(from.1),
            px(right - radius),
            px(from.1),
            px(from.1 - radius),
            px(to.1 + radius),
            px(to.1),
            px(right - radius),
            px(to.1),
            px(end),
            r = px(right),
        );
        if let Some(label) = &arrow.label {
            write_label(out, arrow.line, label, (right, (from.1 + to.1) / 2.0));
        }
    }
}

/// The columns of a diagram that has any, those without cards left out.
fn columns(diagram: &Diagram) -> Option<Vec<usize>> {
    if !diagram.in_columns {
        return None;
    }
    let used: BTreeSet<u32> = diagram.cards.iter().map(|card| card.column).collect();
    Some(diagram.cards.iter().map(|card| used.range(..card.column).count()).collect())
}

/// How an arrow is drawn, and with which tip.
fn look(line: Line) -> (&'static str, &'static str) {
    match line {
        Line::Plain => ("arrow", "go"),
        Line::Yes => ("arrow yes", "yes"),
        Line::No => ("arrow no", "no"),
        Line::Fallback => ("arrow dashed stop", "stop"),
        Line::Back => ("arrow dashed", "go"),
        Line::Stop => ("arrow dashed stop", "stop"),
    }
}

/// A smooth line through points, which leaves and reaches cards at a right angle.
fn curve(points: &[(f64, f64)], in_columns: bool) -> String {
    let mut d = String::new();
    let Some(&(x, y)) = points.first() else { return d };
    let _ = write!(d, "M{} {}", px(x), px(y));
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        if (x0 - x1).abs() < 0.5 && !in_columns || (y0 - y1).abs() < 0.5 && in_columns {
            let _ = write!(d, "L{} {}", px(x1), px(y1));
        } else if in_columns {
            let middle = (x0 + x1) / 2.0;
            let _ = write!(d, "C{m} {} {m} {} {} {}", px(y0), px(y1), px(x1), px(y1), m = px(middle));
        } else {
            let middle = (y0 + y1) / 2.0;
            let _ = write!(d, "C{} {m} {} {m} {} {}", px(x0), px(x1), px(x1), px(y1), m = px(middle));
        }
    }
    d
}

fn write_label(out: &mut String, line: Line, label: &str, (x, y): (f64, f64)) {
    let wide = width(label, Font::Plain, SMALL);
    let class = match line {
        Line::Yes => "label label-yes",
        Line::Fallback | Line::Stop => "label label-stop",
        _ => "label",
    };
    let _ = writeln!(
        out,
        "<rect class=\"chip\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"20\" rx=\"10\"/>",
        px(x - wide / 2.0 - 8.0),
        px(y - 10.0),
        px(wide + 16.0)
    );
    text(out, class, Font::Plain, SMALL, (x - wide / 2.0, y + 4.0), label);
}

fn write_card(out: &mut String, card: &Card, face: &Face, (x, y): (f64, f64)) {
    let (wide, high) = face.size;
    let kind = class(card.kind);
    let _ = writeln!(out, "<g class=\"{kind}\" transform=\"translate({} {})\">", px(x), px(y));
    let whole: Vec<&str> = std::iter::once(&card.title).chain(&card.lines).map(String::as_str).collect();
    let _ = writeln!(out, "<title>{}</title>", markup(&whole.join("\n")));
    if is_pill(card.kind) {
        let _ = writeln!(
            out,
            "<rect class=\"pill\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            px(wide),
            px(high),
            px(high.min(30.0) / 2.0)
        );
        icon(out, card.kind, (12.0, (high - 16.0) / 2.0));
        for (index, line) in face.title.iter().enumerate() {
            text(out, "title", Font::Bold, TITLE, (32.0, 19.0 + LINE * index as f64), line);
        }
        out.push_str("</g>\n");
        return;
    }
    let _ = writeln!(out, "<rect class=\"face\" width=\"{}\" height=\"{}\" rx=\"9\"/>", px(wide), px(high));
    let _ = writeln!(
        out,
        "<rect class=\"stripe\" x=\"7\" y=\"9\" width=\"3\" height=\"{}\" rx=\"1.5\"/>",
        px(high - 18.0)
    );
    icon(out, card.kind, (18.0, 10.5));
    let mut down = 23.0;
    for line in &face.title {
        text(out, "title", Font::Bold, TITLE, (41.0, down), line);
        down += LINE;
    }
    for line in &face.lines {
        text(out, "mono", Font::Mono, SMALL, (18.0, down), line);
        down += LINE;
    }
    out.push_str("</g>\n");
}

/// A text that is as wide as was reckoned, whatever the font.
fn text(out: &mut String, class: &str, font: Font, size: f64, (x, y): (f64, f64), text: &str) {
    if text.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "<text class=\"{class}\" x=\"{}\" y=\"{}\" font-size=\"{size}\" textLength=\"{}\" \
         lengthAdjust=\"spacingAndGlyphs\">{}</text>",
        px(x),
        px(y),
        px(width(text, font, size)),
        markup(text)
    );
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => "k-event",
        Kind::Journey | Kind::Enter => "k-journey",
        Kind::Wait | Kind::Await => "k-wait",
        Kind::Message => "k-message",
        Kind::Branch | Kind::Split => "k-branch",
        Kind::Channel | Kind::Placement => "k-channel",
        Kind::Repeat | Kind::Again | Kind::Together | Kind::Join | Kind::Set | Kind::Emit | Kind::End => {
            "k-other"
        }
    }
}

/// Drawn on 16 by 16.
fn icon(out: &mut String, kind: Kind, (x, y): (f64, f64)) {
    let d = match kind {
        Kind::Event => "M9 1.5 3.5 9H8L7 14.5 12.5 7H8z",
        Kind::Journey => {
            "M4 2.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM12 9.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM6 4.5h3.5a2.5 2.5 0 0 1 0 5h-3a2 2 0 0 0 0 4H10"
        }
        Kind::Wait => "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.6V8l2.3 1.6",
        Kind::Await => "M4 2h8M4 14h8M5 2v2.4L8 8l3-3.6V2M5 14v-2.4L8 8l3 3.6V14",
        Kind::Message => {
            "M3.2 3.5h9.6a1.4 1.4 0 0 1 1.4 1.4v6.2a1.4 1.4 0 0 1-1.4 1.4H3.2a1.4 1.4 0 0 1-1.4-1.4V4.9a1.4 1.4 0 0 1 1.4-1.4zM2.4 4.6 8 8.8l5.6-4.2"
        }
        Kind::Branch => "M8 1.8 14.2 8 8 14.2 1.8 8z",
        Kind::Split => "M8 14V9.5M8 9.5 3.5 5V2M8 9.5 12.5 5V2",
        Kind::Repeat | Kind::Again => "M13.2 8.2A5.2 5.2 0 1 1 11.6 4.4M13 1.8v3.4H9.6",
        Kind::Together | Kind::Join => "M3.5 3v10M8 3v10M12.5 3v10",
        Kind::Set => "M2.5 13.5 3.4 10 10.9 2.5l2.6 2.6L6 12.6z",
        Kind::Emit => "M8 13.5V3M4 7l4-4 4 4",
        Kind::Enter => "M2.5 8h10M8.8 4.2 12.6 8l-3.8 3.8",
        Kind::End => "M8 3.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2z",
        Kind::Channel => "M1.8 7.4 14.2 1.8l-3.6 12.4-3-5.6z",
        Kind::Placement => "M2 3h12v10H2zM2 6h12",
    };
    let _ = writeln!(out, "<path class=\"icon\" transform=\"translate({} {})\" d=\"{d}\"/>", px(x), px(y));
}

/// What the cards and arrows mean, in rows.
fn legend(out: &mut String, diagrams: &[Diagram], wide: f64, down: &mut f64) {
    let mut kinds: Vec<Kind> =
        diagrams.iter().flat_map(|diagram| &diagram.cards).map(|card| card.kind).collect();
    kinds.sort_unstable();
    kinds.dedup_by_key(|kind| kind.words());
    let lines: Vec<Line> =
        diagrams.iter().flat_map(|diagram| &diagram.arrows).map(|arrow| arrow.line).collect();
    let mut across = 0.0;
    let _ = writeln!(out, "<g class=\"legend\" transform=\"translate({} 0)\">", px(MARGIN));
    let mut next = |words: &str, down: &mut f64| {
        let room = 24.0 + width(words, Font::Plain, SMALL) + 18.0;
        if across + room > wide && across > 0.0 {
            across = 0.0;
            *down += 24.0;
        }
        across += room;
        (across - room, *down)
    };
    for kind in kinds {
        let (x, y) = next(kind.words(), down);
        let _ = writeln!(out, "<g class=\"{}\">", class(kind));
        icon(out, kind, (x, y - 12.0));
        out.push_str("</g>\n");
        text(out, "muted", Font::Plain, SMALL, (x + 24.0, y), kind.words());
    }
    for (line, words) in [(Line::Fallback, "where it can't be sent"), (Line::Stop, "ends it")] {
        if lines.contains(&line) {
            let (x, y) = next(words, down);
            let (class, tip) = look(line);
            let _ = writeln!(
                out,
                "<path class=\"{class}\" d=\"M{} {y}H{}\" marker-end=\"url(#{tip})\"/>",
                px(x),
                px(x + 17.0),
                y = px(y - 4.0)
            );
            text(out, "muted", Font::Plain, SMALL, (x + 24.0, y), words);
        }
    }
    out.push_str("</g>\n");
}

/// Pixels, to a tenth.
fn px(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0 + 0.0;
    format!("{rounded}")
}
