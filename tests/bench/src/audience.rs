//! Which customers each message is for: the workload without its events, as a project, as SQL and in figures.

use crate::project::{self, Features};
use crate::workload::rules::{Atom, Rules, Test};
use crate::workload::slots::{Of, SLOTS};
use crate::workload::{Workload, json};
use std::io::{BufWriter, Write as _};
use std::path::Path;

/// The rules as far as they are about the customer: what they ask of events is left out, and so are messages that ask for nothing else.
fn about_customers(rules: &Rules) -> Rules {
    let mut rules = rules.clone();
    for message in &mut rules.messages {
        for clause in &mut message.clauses {
            clause.retain(|literal| SLOTS[rules.atoms[literal.atom].slot].of == Of::Profile);
        }
        message.clauses.retain(|clause| !clause.is_empty());
    }
    rules.messages.retain(|message| !message.clauses.is_empty());
    rules
}

/// Writes `policy/`, `profiles.ndjson` and `predicates.json`: the conditions in SQL, and for how many of the customers
/// they hold.
///
/// # Errors
/// Where that can't be written.
pub fn write(folder: &Path, workload: &Workload) -> std::io::Result<()> {
    let rules = about_customers(&workload.rules);
    project::write_policy(&folder.join("policy"), &rules, Features::Plain)?;
    let mut profiles = BufWriter::new(std::fs::File::create(folder.join("profiles.ndjson"))?);
    for (index, row) in workload.rows.iter().enumerate() {
        writeln!(profiles, r#"{{"subject":"c{index}","attributes":{}}}"#, json(row, Of::Profile))?;
    }
    profiles.flush()?;
    let count = |message| workload.rows.iter().filter(|row| rules.eligible(message, row)).count();
    let predicates: Vec<String> =
        rules.messages.iter().map(|message| rules.condition(message, [" AND ", " OR "], sql)).collect();
    let all = serde_json::json!({
        "rows": workload.rows.len(),
        "predicates": predicates,
        "counts": rules.messages.iter().map(count).collect::<Vec<_>>(),
    });
    std::fs::write(folder.join("predicates.json"), all.to_string())
}

fn sql(atom: &Atom, negated: bool) -> String {
    let slot = &SLOTS[atom.slot];
    let (name, not) = (slot.name, if negated { "NOT " } else { "" });
    let text = |member: f64| format!("'{}'", slot.member(member));
    match &atom.test {
        Test::Compare(how, constant) => format!("{name} {} {}", how.sign(), slot.json(*constant)),
        Test::Is(member) => format!("{name} {} {}", if negated { "<>" } else { "=" }, text(*member)),
        Test::In(members) => {
            let members: Vec<String> = members.iter().map(|member| text(*member)).collect();
            format!("{name} {not}IN ({})", members.join(", "))
        }
        Test::Holds => format!("{not}{name}"),
    }
}
