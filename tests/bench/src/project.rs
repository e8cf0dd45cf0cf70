//! The workload as a Comity project.

use crate::workload::Workload;
use crate::workload::rules::{Atom, CLASSES, Message, Rules, Test};
use crate::workload::slots::{Kind, Of, Row, SLOTS};
use comity_compiler::source::{Project, SourceFile};
use std::fmt::Write as _;

/// How much of the language a project uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Features {
    /// Conditions, classes and scores.
    Plain,
    /// Consent, caps, suppression, quiet hours, a window over the history and active dates as well. They are asked
    /// each time and stand in nobody's way, so that the decisions are the same.
    All,
}

/// All customers' events are of this type.
pub const EVENT: &str = "activity";
/// The events of the first round.
pub const START: &str = "2026-03-02T10:00:00Z";

const MANIFEST: &str = "[policy]\nname = \"bench\"\nedition = \"2026\"\n";

/// The name of a message: in the order of the names they stand in the order of the rules.
pub fn name(message: usize) -> String {
    format!("m{message:05}")
}

/// So many messages are in one file.
const PER_FILE: usize = 500;

/// The file of a message.
pub fn file_of(message: usize) -> String {
    format!("messages{:02}.comity", message / PER_FILE)
}

/// The project's files: vocabulary, then messages, five hundred to a file.
pub fn files(rules: &Rules, features: Features) -> Vec<(String, String)> {
    let mut files = vec![("vocabulary.comity".to_owned(), vocabulary(features))];
    for (file, messages) in rules.messages.chunks(PER_FILE).enumerate() {
        let first = file * PER_FILE;
        let numbered = (first..).zip(messages);
        let text = numbered.map(|(index, one)| message(rules, index, one, features)).collect();
        files.push((file_of(first), text));
    }
    files
}

/// The text of a message's file in which it has another weight of a customer's churn, and these conditions besides.
pub fn with_message(text: &str, rules: &Rules, index: usize, (weight, besides): (f64, &str)) -> String {
    let start = text.find(&format!("message {} {{", name(index))).expect("the message's file");
    let end = text[start..].find("\n}\n").map_or(text.len(), |end| start + end + 3);
    let changed = Message { churn_weight: weight, ..rules.messages[index].clone() };
    let changed = message(rules, index, &changed, Features::All);
    format!(
        "{}{}{}",
        &text[..start],
        changed.replacen("\n  value ", &format!("{besides}\n  value "), 1),
        &text[end..]
    )
}

/// The project as the compiler takes it.
pub fn project(rules: &Rules, features: Features) -> Project {
    let files = files(rules, features).into_iter().map(|(name, text)| SourceFile::new(name, text));
    Project::new(SourceFile::new("comity.toml", MANIFEST), files.collect())
}

/// Writes a project into a folder.
///
/// # Errors
/// Where that can't be written.
pub fn write_policy(folder: &std::path::Path, rules: &Rules, features: Features) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join("comity.toml"), MANIFEST)?;
    for (name, text) in files(rules, features) {
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Writes a project with its events and profiles into a folder.
///
/// # Errors
/// Where that can't be written.
pub fn write(folder: &std::path::Path, workload: &Workload, features: Features) -> std::io::Result<()> {
    write_policy(folder, &workload.rules, features)?;
    let rows = || workload.rows.iter().enumerate();
    let profiles: String = rows().map(|(index, row)| profile(index, row) + "\n").collect();
    let events: String = rows().map(|(index, row)| event(index, row, 0) + "\n").collect();
    std::fs::write(folder.join("profiles.ndjson"), profiles)?;
    std::fs::write(folder.join("events.ndjson"), events)
}

/// A customer as a line of a profiles file.
pub fn profile(index: usize, row: &Row) -> String {
    let attributes = crate::workload::json(row, Of::Profile).replacen('{', r#"{"device":"here","#, 1);
    format!(
        r#"{{"subject":"c{index}","attributes":{attributes},"consents":[{{"purpose":"offers","channel":"push"}}]}}"#
    )
}

/// A customer's event of a round as a line of a log. Rounds are so far apart that nothing of one matters in the next.
pub fn event(index: usize, row: &Row, round: usize) -> String {
    let start: jiff::Timestamp = START.parse().expect("an instant");
    let time = start + jiff::SignedDuration::from_hours(31 * 24 * round as i64);
    let data = crate::workload::json(row, Of::Event);
    format!(
        r#"{{"id":"e{round}-{index}","type":"{EVENT}","subject":"c{index}","time":"{time}","data":{data}}}"#
    )
}

fn vocabulary(features: Features) -> String {
    let mut text = String::new();
    let mut enums: Vec<&str> = Vec::new();
    for slot in SLOTS {
        if let Kind::Member { ty, names, quoted: false } = slot.kind
            && !enums.contains(&ty)
        {
            enums.push(ty);
            let _ = writeln!(text, "enum {ty} {{ {} }}", names.join(", "));
        }
    }
    let fields = |of: Of| SLOTS.into_iter().filter(move |slot| slot.of == of);
    text.push_str("\nprofile {\n  device: text?\n");
    if features == Features::All {
        text.push_str("  timezone: timezone = \"UTC\"\n");
    }
    for slot in fields(Of::Profile) {
        let (name, ty) = (slot.name, type_of(slot.kind));
        let default = match slot.kind {
            Kind::Member { names, quoted, .. } => constant(names[0], quoted),
            Kind::Int | Kind::Number(_) => "0".to_owned(),
            Kind::Bool => "false".to_owned(),
        };
        let _ = writeln!(text, "  {name}: {ty} = {default}");
    }
    let _ = writeln!(text, "}}\n\nevent {EVENT} {{");
    for slot in fields(Of::Event) {
        let _ = writeln!(text, "  {}: {},", slot.name, type_of(slot.kind));
    }
    text.push_str("}\n\n");
    let classes: Vec<String> = (0..CLASSES).map(|class| format!("c{class}")).collect();
    classes.iter().for_each(|class| {
        let _ = writeln!(text, "class {class}");
    });
    let rank = classes.join(", ");
    text.push_str(&match features {
        Features::Plain => {
            "channel push { to device profile.device }\npurpose offers { always on push }\n".to_owned()
        }
        Features::All => format!(
            "channel push {{ to device profile.device  quiet 23:00..06:00 }}\n\
             purpose offers {{ opt_in on push }}\n\
             cap weekly at most 20 per 7d for {rank}\n\
             cap same at most 3 per 7d for any per message\n\
             suppress {rank} when profile.open_tickets > 20\n\
             let visits = count of {EVENT} within 7d\n"
        ),
    });
    let _ = writeln!(text, "arbitrate {{ rank {rank}  score value  pick 1 }}");
    text
}

fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Member { ty, .. } => ty,
        Kind::Int => "int",
        Kind::Number(_) => "number",
        Kind::Bool => "bool",
    }
}

fn constant(name: &str, quoted: bool) -> String {
    if quoted { format!("\"{name}\"") } else { name.to_owned() }
}

fn message(rules: &Rules, index: usize, message: &Message, features: Features) -> String {
    let name = name(index);
    let mut condition = rules.condition(message, [" and ", " or "], atom);
    let mut active = "";
    if features == Features::All {
        condition.push_str(" and visits < 100");
        active = "\n  active  2026-01-01..2039-12-31";
    }
    let Message { class, churn_weight, value_weight, .. } = message;
    format!(
        "message {name} {{
  class   c{class}
  purpose offers{active}
  on      {EVENT}
  when    {condition}
  value   {churn_weight:?} * profile.churn + {value_weight:?} * profile.conversion * event.value
  via     push
  content push {{ text \"{name}\" }}
}}
"
    )
}

fn atom(atom: &Atom, negated: bool) -> String {
    let slot = &SLOTS[atom.slot];
    let path = slot.path();
    let member = |position: f64| {
        let quoted = matches!(slot.kind, Kind::Member { quoted: true, .. });
        constant(slot.member(position), quoted)
    };
    let not = if negated { "not " } else { "" };
    match &atom.test {
        Test::Compare(how, constant) => format!("{path} {} {}", how.sign(), slot.json(*constant)),
        Test::Is(one) => format!("{path} {} {}", if negated { "!=" } else { "==" }, member(*one)),
        Test::In(members) => {
            let members: Vec<String> = members.iter().map(|one| member(*one)).collect();
            format!("{path} {not}in [{}]", members.join(", "))
        }
        Test::Holds => format!("{not}{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_check() {
        let workload = Workload::new(1, 200, 10);
        for features in [Features::Plain, Features::All] {
            let analysis = comity_compiler::check(&project(&workload.rules, features));
            let errors: Vec<String> =
                analysis.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
            assert!(!analysis.has_errors(), "{errors:#?}");
        }
    }
}
