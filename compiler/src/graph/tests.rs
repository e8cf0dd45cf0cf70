use super::*;
use crate::source::{Project, SourceFile};

const ALL: &str = r#"
profile { email: email? push_token: text? phone: phone? timezone: timezone = "UTC" visits: int = 0 }
event start { size: int, name: text }
event stop {}
channel email { to profile.email }
channel push { to device profile.push_token }
purpose news { opt_in on email, push }
class c
arbitrate { rank c }
experiment trial { arms a 50%, b 50% }
message m { class c purpose news via email, push content email { subject "s" body "b" } content push { text "t" } }
message n { class c purpose news on start via push content push { text "t" } }
journey other { on start send m }
journey j {
  class c
  on start where size > 1 and name != "<&\">"
  key trigger.name
  stop on stop
  stop when profile.visits > 100
  goal stop within 2d
  wait 30m restart on start up to 4h
  send m via push then email within 1h else { emit nobody { who: trigger.name } }
  wait for opened(m) or clicked(m) up to 1d then { exit } else { set profile.visits = profile.visits + 1 }
  split trial { a { wait until 10:00 on monday } b {} }
  repeat 3 times { if profile.visits > 3 { send m } wait 1d }
  together { { wait 1h send m } { wait 2h } }
  enter other
}
stop c journeys on stop
"#;

fn plan() -> std::sync::Arc<Plan> {
    let project = Project::single(SourceFile::new("p.comity", ALL));
    let compiled = crate::compile(&project);
    let said: Vec<_> = compiled.analysis.diagnostics.iter().map(|one| &one.message).collect();
    compiled.plan.unwrap_or_else(|| panic!("{said:?}"))
}

fn journey(plan: &Plan, name: &str) -> Diagram {
    let id = plan.journeys.iter().position(|journey| journey.name == name).expect("the journey");
    diagrams(plan, Some(JourneyId::at(id))).remove(0)
}

/// A line for each arrow.
fn lines(diagram: &Diagram) -> Vec<String> {
    let of = |card: usize| diagram.cards[card].title.as_str();
    let arrow = |arrow: &Arrow| {
        let label = arrow.label.as_ref().map(|label| format!(" ({label})")).unwrap_or_default();
        format!("{} {:?}{label} {}", of(arrow.from), arrow.line, of(arrow.to))
    };
    diagram.arrows.iter().map(arrow).collect()
}

#[test]
fn every_statement_is_a_card_and_every_way_an_arrow() {
    let plan = plan();
    let diagram = journey(&plan, "j");
    assert_eq!(
        lines(&diagram),
        [
            "start Plain wait 30m",
            "wait 30m Plain m",
            "m Plain wait for",
            "m Fallback (can't be sent) emit nobody",
            "emit nobody Plain wait for",
            "wait for Yes (it happens) exit",
            "wait for No (not within 1d) set",
            "set Plain split trial",
            "split trial Plain (a 50%) wait until 10:00 on monday",
            "split trial Plain (b 50%) repeat 3 times",
            "wait until 10:00 on monday Plain repeat 3 times",
            "repeat 3 times Plain if",
            "if Yes (yes) m",
            "if No (no) wait 1d",
            "m Plain wait 1d",
            "wait 1d Plain done 3 times?",
            "done 3 times? Back (again) repeat 3 times",
            "done 3 times? Yes (yes) together",
            "together Plain wait 1h",
            "together Plain wait 2h",
            "wait 1h Plain m",
            "m Plain all have ended",
            "wait 2h Plain all have ended",
            "all have ended Plain enter other",
            "enter other Plain end",
        ]
    );
    assert_eq!(diagram.cards[0].lines, [r#"where size > 1 and name != "<&\">""#]);
    assert_eq!(diagram.cards[1].lines, ["restart on start, up to 4h"]);
    assert_eq!(diagram.cards[2].lines, ["via push then email", "next if not delivered in 1h"]);
    let facts: Vec<_> = diagram.facts.iter().map(|(what, value)| format!("{what}: {value}")).collect();
    assert_eq!(
        facts,
        [
            "key: trigger.name",
            "stop on: stop",
            "stop on: stop",
            "stop when: profile.visits > 100",
            "goal: stop within 2d"
        ]
    );
}

#[test]
fn the_flow_leads_from_events_to_channels() {
    let plan = plan();
    let flow = diagrams(&plan, None).remove(0);
    assert_eq!(
        lines(&flow),
        [
            "start Plain j",
            "stop Stop j",
            "j Plain m",
            "start Plain other",
            "other Plain m",
            "m Plain email",
            "m Plain push",
            "start Plain n",
            "n Plain push",
        ]
    );
    assert_eq!(diagrams(&plan, None).len(), 3);
}

/// What stands between the quotes of an attribute, of every element of a class.
fn numbers<'s>(element: &'s str, name: &str) -> Option<&'s str> {
    element.split(&format!(" {name}=\"")).nth(1)?.split('"').next()
}

#[test]
fn drawings_are_sound_and_texts_stay_on_their_cards() {
    let plan = plan();
    let all = diagrams(&plan, None);
    let drawn = svg(&all);
    assert!(drawn.contains("&lt;&amp;\\&quot;&gt;"), "{drawn}");
    assert!(!drawn.contains("NaN") && !drawn.contains("inf"), "{drawn}");
    // Elements are closed in the order in which they were opened.
    let mut open: Vec<&str> = Vec::new();
    for element in drawn.split('<').skip(1) {
        let inside = element.split('>').next().expect("the element's end");
        let name = inside.trim_end_matches('/').split_whitespace().next().expect("a name");
        if let Some(name) = name.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "{element}");
        } else if !inside.ends_with('/') {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    // Every text of a card ends before the card does.
    let mut card = 0.0;
    let mut texts = 0;
    for element in drawn.split('<') {
        if element.contains("class=\"face\"") || element.contains("class=\"pill\"") {
            card = numbers(element, "width").expect("a width").parse().expect("a number");
        }
        if element.contains("class=\"title\"") || element.contains("class=\"mono\"") {
            let at = |name| numbers(element, name).expect(name).parse::<f64>().expect("a number");
            // Facts have no card around them.
            if card > 0.0 && at("y") < 200.0 && at("x") < 80.0 {
                assert!(at("x") + at("textLength") <= card, "{element} is wider than its card, {card}");
                texts += 1;
            }
        }
        if element.starts_with("/g") {
            card = 0.0;
        }
    }
    assert!(texts > 30, "{texts}");
}

#[test]
fn cards_and_labels_lie_apart() {
    let plan = plan();
    for diagram in diagrams(&plan, None) {
        let sizes: Vec<layout::Size> = diagram
            .cards
            .iter()
            .map(|card| layout::Size { across: 60.0 + card.title.len() as f64, down: 30.0 })
            .collect();
        let links: Vec<layout::Link> = diagram
            .arrows
            .iter()
            .filter(|arrow| arrow.line != Line::Back)
            .map(|arrow| layout::Link {
                from: arrow.from,
                to: arrow.to,
                label: arrow.label.as_ref().map(|_| layout::Size { across: 50.0, down: 20.0 }),
            })
            .collect();
        let columns: Vec<usize> = diagram.cards.iter().map(|card| card.column as usize).collect();
        let laid = layout::layout(&sizes, &links, diagram.in_columns.then_some(&columns[..]));
        let labels = laid.labels.iter().flatten().map(|at| (*at, layout::Size { across: 50.0, down: 20.0 }));
        let all: Vec<_> = laid.cards.iter().copied().zip(sizes).chain(labels).collect();
        for (index, (a, of_a)) in all.iter().enumerate() {
            for (b, of_b) in &all[index + 1..] {
                let across = (a.across - b.across).abs() - (of_a.across + of_b.across) / 2.0;
                let down = (a.down - b.down).abs() - (of_a.down + of_b.down) / 2.0;
                assert!(across > -0.01 || down > -0.01, "{a:?} and {b:?} overlap in {}", diagram.name);
            }
        }
        // Arrows lead on.
        for path in &laid.paths {
            assert!(path.windows(2).all(|pair| pair[0].down <= pair[1].down + 0.01), "{path:?}");
        }
    }
}

#[test]
fn texts_are_broken_where_they_may() {
    use text::{Font, width, wrap};
    let long = "profile.lifetime_value > 200 EUR and any purchase within 30d";
    let lines = wrap(long, Font::Mono, 11.5, 170.0, 9);
    assert!(lines.len() > 2 && lines.iter().all(|line| width(line, Font::Mono, 11.5) <= 170.0), "{lines:?}");
    assert_eq!(lines.join(" "), long);
    let word = "x".repeat(100);
    let lines = wrap(&word, Font::Plain, 12.0, 100.0, 3);
    assert_eq!(lines.len(), 3);
    assert!(
        lines[2].ends_with('…') && lines.iter().all(|line| width(line, Font::Plain, 12.0) <= 100.0),
        "{lines:?}"
    );
    assert_eq!(wrap("漢字漢字", Font::Plain, 10.0, 20.0, 9), ["漢字", "漢字"]);
    assert!(wrap("", Font::Plain, 10.0, 20.0, 9).is_empty());
}

#[test]
fn other_programs_get_what_they_understand() {
    let plan = plan();
    let all = diagrams(&plan, None);
    let dot = dot(&all);
    assert!(dot.starts_with("digraph policy {") && dot.ends_with("}\n"));
    assert!(dot.contains(r#"where size > 1 and name != \"<&\\\">\""#), "{dot}");
    assert_eq!(dot.matches("subgraph").count(), 3);
    let mermaid = mermaid(&all);
    assert!(mermaid.starts_with("flowchart TB\n"));
    assert_eq!(mermaid.matches("  end\n").count(), 3);
    assert!(mermaid.contains("#60;#38;"), "{mermaid}");
}
