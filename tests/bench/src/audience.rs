//! Which customers each message is for: the workload without its events, as a project, as SQL and in figures; and how
//! long it takes Comity and DuckDB to find out.

use crate::machine::Machine;
use crate::project::{self, Features};
use crate::report::grouped;
use crate::workload::rules::{Atom, Rules, Test};
use crate::workload::slots::{Of, Row, SLOTS};
use crate::workload::{Workload, json};
use comity_compiler::engine::Engine;
use comity_compiler::ids::MessageId;
use comity_runtime::audience::{Audience, Judge, Part, ROWS, Target};
use comity_runtime::policy::Policy;
use cpu_time::ThreadTime;
use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// Customers who are read, and judged, together.
const TOGETHER: usize = 1 << 16;

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
    std::fs::create_dir_all(folder)?;
    project::write_policy(&folder.join("policy"), &rules, Features::Plain)?;
    let mut profiles = BufWriter::new(std::fs::File::create(folder.join("profiles.ndjson"))?);
    for (index, row) in workload.rows.iter().enumerate() {
        writeln!(profiles, "{}", line(index, row))?;
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

fn line(index: usize, row: &Row) -> String {
    let attributes = json(row, Of::Profile).replacen('{', r#"{"device":"here","#, 1);
    format!(r#"{{"subject":"c{index}","attributes":{attributes}}}"#)
}

/// Measures over the files in a folder, which are written where they aren't there: judging alone in this process, then
/// `comity` and DuckDB in turns. Gives the page's section.
///
/// # Errors
/// Where something can't be run, or the answers differ.
pub fn measure(
    folder: &Path,
    workload: &Workload,
    rounds: usize,
    comity: &Path,
    python: &Path,
) -> Result<String, String> {
    let failed = |error: std::io::Error| error.to_string();
    if !folder.join("predicates.json").exists() {
        write(folder, workload).map_err(failed)?;
    }
    let judging = judge(workload, rounds)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/duckdb.py");
    let call = Command::new(python)
        .arg(script)
        .arg(folder)
        .args(["--comity".as_ref(), comity.as_os_str()])
        .args(["--rounds", &rounds.to_string()])
        .output()
        .map_err(|error| format!("{}: {error}", python.display()))?;
    if !call.status.success() {
        return Err(String::from_utf8_lossy(&call.stderr).into_owned());
    }
    let found = serde_json::from_slice(&call.stdout).map_err(|error| error.to_string())?;
    Ok(section(&found, judging))
}

/// Seconds of CPU time of one core to judge all customers, who lie as columns in memory; the median of the rounds.
fn judge(workload: &Workload, rounds: usize) -> Result<f64, String> {
    let rules = about_customers(&workload.rules);
    let compiled = comity_compiler::compile(&project::project(&rules, Features::Plain));
    let plan = compiled.plan.ok_or("the policy has errors")?;
    let policy = Arc::new(Policy::new(Engine::jit(plan).map_err(|error| error.to_string())?));
    let targets: Vec<Target> =
        (0..rules.messages.len()).map(|at| Target::Message(MessageId::at(at))).collect();
    let audience = Audience::new(Arc::clone(&policy), &targets, 0);
    let mut parts = Vec::new();
    for (chunk, rows) in workload.rows.chunks(TOGETHER).enumerate() {
        let mut part = Part::new(&audience);
        for (at, row) in rows.iter().enumerate() {
            let line = line(chunk * TOGETHER + at, row);
            part.push(policy.schema.profile(line.as_bytes()).map_err(|error| error.to_string())?);
        }
        parts.push(part);
    }
    let mut judge = Judge::new(&audience);
    let mut seconds = Vec::new();
    for _ in 0..=rounds {
        let mut counts = vec![0; targets.len()];
        let start = ThreadTime::now();
        for part in &parts {
            for start in (0..part.len()).step_by(ROWS) {
                let verdicts = judge.block(part, start);
                counts.iter_mut().enumerate().for_each(|(at, count)| *count += verdicts.counts(at).0);
            }
        }
        seconds.push(start.elapsed().as_secs_f64());
        for (at, message) in rules.messages.iter().enumerate() {
            let right = workload.rows.iter().filter(|row| rules.eligible(message, row)).count() as u64;
            if at % 97 == 0 && counts[at] != right {
                return Err(format!("message {at}: {} customers, {right} is right", counts[at]));
            }
        }
    }
    // The first round meets everything for the first time.
    let mut seconds = seconds.split_off(1);
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[seconds.len() / 2])
}

const START: &str = "<!-- audiences -->\n";
const END: &str = "<!-- end of audiences -->\n";

/// So many verdicts per second and core are wanted.
const WANTED: f64 = 200e6;

/// The page's section.
fn section(found: &serde_json::Value, judging: f64) -> String {
    let number = |key: &str| found[key].as_f64().unwrap_or(f64::NAN);
    let seconds = |name: &str, which: &str| found["seconds"][name][which].as_f64().unwrap_or(f64::NAN);
    let (rows, messages, cores) = (number("rows"), number("messages"), number("cores"));
    let verdicts = rows * messages;
    let mut text = format!(
        "{START}## Audiences\n\n\
         For whom of {} customers each of {} messages is: the conditions on the customer's 25 attributes,\n\
         from one Parquet file of {:.0} MiB. `comity audience` also reads and compiles the policy, checks that customers can\n\
         be reached, and writes its answer. The policy asks for no consent, except where consents are read: there each\n\
         customer has given it, in a column of the file. DuckDB {} counts by `count(*) FILTER (WHERE …)`, a hundred to a query, of\n\
         the first {} customers only, for it takes long. All counts are the same, and of the first two thousand\n\
         customers the lists of messages. Medians of {:.0} rounds in turns, {}, {cores:.0} cores.\n\n\
         | what | CPU time | from start to end | verdicts per second and core |\n\
         | --- | ---: | ---: | ---: |\n",
        grouped(rows),
        grouped(messages),
        number("bytes") / 1024.0 / 1024.0,
        found["duckdb"].as_str().unwrap_or_default(),
        grouped(number("some")),
        number("rounds"),
        Machine::here().processor,
    );
    let _ = writeln!(
        text,
        "| Comity, judging alone, columns in memory, one core | {judging:.2} s | | {} million |",
        grouped(verdicts / judging / 1e6)
    );
    for (name, what) in [
        ("comity_count_1", "Comity, counts, one core"),
        ("comity_consents_1", "Comity, counts, each customer's consents read, one core"),
        ("comity_lines_1", "Comity, lists as NDJSON, one core"),
        ("comity_parquet_1", "Comity, lists as Parquet, one core"),
        ("comity_some_1", "Comity, counts of fewer customers, one core"),
        ("duckdb_count_1", "DuckDB, counts of fewer customers, one core"),
        ("comity_count_all", "Comity, counts, all cores"),
        ("comity_lines_all", "Comity, lists as NDJSON, all cores"),
        ("comity_parquet_all", "Comity, lists as Parquet, all cores"),
        ("comity_some_all", "Comity, counts of fewer customers, all cores"),
        ("duckdb_count_all", "DuckDB, counts of fewer customers, all cores"),
    ] {
        let (cpu, wall) = (seconds(name, "cpu"), seconds(name, "wall"));
        let is_of_some = name.starts_with("duckdb") || name.starts_with("comity_some");
        let verdicts = messages * if is_of_some { number("some") } else { rows };
        let _ = writeln!(
            text,
            "| {what} | {cpu:.2} s | {wall:.2} s | {} million |",
            grouped(verdicts / cpu / 1e6)
        );
    }
    let _ = write!(
        text,
        "\nFor the same customers DuckDB takes {:.0} times the CPU time on one core, with reading and compiling the policy counted;\n\
         on all cores it takes {:.0} times as long, but DuckDB doesn't share so few customers among them. With fewer messages it is\n\
         nearer: its time grows with the conditions, that of Comity mostly with the customers. {:.0} million pairs of \
         a\ncustomer and a message are written in the lists. Wanted were {:.0} million verdicts per second and core, with all \
         reading and\nwriting.",
        number("ratio_1"),
        number("ratio_all"),
        number("pairs") / 1e6,
        WANTED / 1e6,
    );
    for (name, what) in [
        ("comity_count_1", "Counts"),
        ("comity_lines_1", "Lists as NDJSON"),
        ("comity_parquet_1", "Lists as Parquet"),
    ] {
        let share = verdicts / seconds(name, "cpu") / WANTED;
        if share < 1.0 {
            let _ = write!(text, " {what} reach {:.0}% of that.", share * 100.0);
        }
    }
    let _ = writeln!(text, "\n\n{END}");
    text
}

/// The section of a page, with its marks; empty where it has none.
pub fn section_of(page: &str) -> &str {
    match (page.find(START), page.find(END)) {
        (Some(start), Some(end)) if start < end => &page[start..end + END.len()],
        _ => "",
    }
}

/// A page with this section, in place of the one that it has.
pub fn with_section(page: &str, section: &str) -> String {
    const BEFORE: &str = "## How it is measured\n";
    let page = match section_of(page) {
        "" => page.to_owned(),
        old => page.replace(&format!("{old}\n"), ""),
    };
    match page.find(BEFORE) {
        Some(at) if !section.is_empty() => format!("{}{section}\n{}", &page[..at], &page[at..]),
        _ => page,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_is_kept_and_replaced() {
        let page = "# Page\n\n## How it is measured\n\nSo.\n";
        let [one, other] = ["one", "other"].map(|text| format!("{START}{text}\n{END}"));
        let with = with_section(page, &one);
        assert_eq!(section_of(&with), one);
        assert_eq!(with_section(&with, &other), with_section(page, &other));
        assert_eq!(with_section(page, section_of(page)), page);
    }

    #[test]
    fn judging_counts_right() {
        let workload = Workload::new(1, 200, 3000);
        assert!(judge(&workload, 1).is_ok_and(|seconds| seconds > 0.0));
    }
}
