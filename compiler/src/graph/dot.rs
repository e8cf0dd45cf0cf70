//! Diagrams in the language of Graphviz.

use super::{Diagram, Kind, Line};
use std::fmt::Write;

/// One graph, a cluster for each diagram.
pub fn dot(diagrams: &[Diagram]) -> String {
    let mut out = String::from(
        "digraph policy {\n  rankdir=TB\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=11]\n  \
         edge [fontname=\"Helvetica\", fontsize=10]\n",
    );
    for (index, diagram) in diagrams.iter().enumerate() {
        let heading = std::iter::once(format!("{} ({})", diagram.name, diagram.caption));
        let facts = diagram.facts.iter().map(|(what, value)| format!("{what} {value}"));
        let heading: Vec<String> = heading.chain(facts).collect();
        let _ = writeln!(out, "  subgraph cluster_{index} {{");
        let _ = writeln!(out, "    label={}\n    labeljust=l", quoted(&heading));
        for (card, one) in diagram.cards.iter().enumerate() {
            let label: Vec<String> = std::iter::once(one.title.clone()).chain(one.lines.clone()).collect();
            let _ = writeln!(out, "    d{index}_{card} [label={}{}]", quoted(&label), shape(one.kind));
        }
        for arrow in &diagram.arrows {
            let mut attributes: Vec<String> = Vec::new();
            if let Some(label) = &arrow.label {
                attributes.push(format!("label={}", quoted(std::slice::from_ref(label))));
            }
            match arrow.line {
                Line::Fallback => attributes.push("style=dashed".to_owned()),
                Line::Stop => attributes.push("style=dashed, arrowhead=tee".to_owned()),
                Line::Back => attributes.push("style=dashed, constraint=false".to_owned()),
                Line::Plain | Line::Yes | Line::No => {}
            }
            let attributes =
                if attributes.is_empty() { String::new() } else { format!(" [{}]", attributes.join(", ")) };
            let _ = writeln!(out, "    d{index}_{} -> d{index}_{}{attributes}", arrow.from, arrow.to);
        }
        out.push_str("  }\n");
    }
    out + "}\n"
}

fn shape(kind: Kind) -> &'static str {
    match kind {
        Kind::Event => ", shape=cds",
        Kind::Branch | Kind::Split => ", shape=diamond, style=solid",
        Kind::Wait | Kind::Await => ", shape=hexagon, style=solid",
        Kind::End => ", shape=oval, style=solid",
        Kind::Together | Kind::Join | Kind::Again | Kind::Repeat => ", style=\"rounded,filled\"",
        Kind::Channel | Kind::Placement => ", shape=component, style=solid",
        _ => "",
    }
}

/// Lines as a quoted string.
fn quoted(lines: &[String]) -> String {
    let escaped = |line: &String| {
        line.chars().fold(String::new(), |out, c| match c {
            '"' => out + "\\\"",
            '\\' => out + "\\\\",
            c if c.is_control() => out + " ",
            c => out + c.encode_utf8(&mut [0; 4]),
        })
    };
    format!("\"{}\"", lines.iter().map(escaped).collect::<Vec<_>>().join("\\n"))
}
