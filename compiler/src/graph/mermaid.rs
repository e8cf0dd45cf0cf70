//! Diagrams in the language of Mermaid, which many places show that show Markdown.

use super::{Diagram, Kind, Line};
use std::fmt::Write;

/// One flowchart, a subgraph for each diagram.
pub fn mermaid(diagrams: &[Diagram]) -> String {
    let mut out = String::from("flowchart TB\n");
    for (index, diagram) in diagrams.iter().enumerate() {
        let heading = std::iter::once(format!("{} ({})", diagram.name, diagram.caption));
        let facts = diagram.facts.iter().map(|(what, value)| format!("{what} {value}"));
        let heading: Vec<String> = heading.chain(facts).collect();
        let _ = writeln!(out, "  subgraph d{index}[\"{}\"]", escaped(&heading));
        let direction = if diagram.in_columns { "LR" } else { "TB" };
        let _ = writeln!(out, "    direction {direction}");
        for (card, one) in diagram.cards.iter().enumerate() {
            let label: Vec<String> = std::iter::once(one.title.clone()).chain(one.lines.clone()).collect();
            let (open, close) = shape(one.kind);
            let _ = writeln!(out, "    d{index}c{card}{open}\"{}\"{close}", escaped(&label));
        }
        for arrow in &diagram.arrows {
            let line = match arrow.line {
                Line::Fallback | Line::Back => "-.->",
                Line::Stop => "-.-x",
                Line::Plain | Line::Yes | Line::No => "-->",
            };
            let label =
                arrow.label.as_ref().map(|label| format!("|\"{}\"|", escaped(std::slice::from_ref(label))));
            let _ = writeln!(
                out,
                "    d{index}c{} {line}{} d{index}c{}",
                arrow.from,
                label.unwrap_or_default(),
                arrow.to
            );
        }
        out.push_str("  end\n");
    }
    out
}

fn shape(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Event => ("([", "])"),
        Kind::Branch | Kind::Split => ("{", "}"),
        Kind::Wait | Kind::Await => ("{{", "}}"),
        Kind::End => ("((", "))"),
        Kind::Together | Kind::Join | Kind::Again | Kind::Repeat => ("(", ")"),
        Kind::Channel | Kind::Placement => ("[[", "]]"),
        _ => ("[", "]"),
    }
}

/// Lines within quotes: what means something to Mermaid or to HTML is written by its number.
fn escaped(lines: &[String]) -> String {
    let line = |line: &String| {
        line.chars().fold(String::new(), |out, c| match c {
            '"' | '#' | '&' | '<' | '>' | '`' | '\\' | ';' => out + &format!("#{};", c as u32),
            c if c.is_control() => out + " ",
            c => out + c.encode_utf8(&mut [0; 4]),
        })
    };
    lines.iter().map(line).collect::<Vec<_>>().join("<br>")
}
