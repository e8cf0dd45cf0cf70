//! How long reading and checking take, as a ratio to reading the files. Times mean something in a release build only:
//! `cargo xtask speed`.

use comity_compiler::source::{Project, SourceFile};
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BASE: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile {
  email: email? personal
  push_token: text?
  country: country = "DE"
  timezone: timezone = "Europe/Berlin"
  tier: Tier = bronze
  visits: int = 0
}
event view { product: text, category: text, price: money EUR }
event buy { order: text, category: text, amount: money EUR }
channel email { to profile.email  quiet 21:00..08:00 }
channel push { to device profile.push_token }
class service { ignores quiet, caps, suppression, holdout }
class promotional
purpose marketing { double_opt_in on email when profile.country in ["DE"]  opt_in on email, push }
every message has { category: text = "none" }
cap weekly at most 3 per 7d for promotional
arbitrate { rank service, promotional  score propensity * value * lever  pick 1 per channel }
"#;

/// 1,000 messages and 200 segments in 20 files.
fn files() -> Vec<(String, String)> {
    let mut files = vec![("base.comity".to_owned(), BASE.to_owned())];
    for file in 0..20 {
        let mut text = String::new();
        for index in file * 10..file * 10 + 10 {
            let (days, times) = (1 + index % 30, 1 + index % 5);
            let _ = writeln!(
                text,
                "segment seg_{index} = count of (view where category == \"c{index}\") within {days}d >= {times} and no buy within 2d"
            );
        }
        for index in file * 50..file * 50 + 50 {
            let (segment, price) = (index % 200, 1 + index % 90);
            let _ = write!(
                text,
                "
message m_{index} {{
  class    promotional
  purpose  marketing
  tags     t{tag}, news
  category = \"c{segment}\"
  on       view where price > {price} EUR
  when     seg_{segment} and profile.tier >= silver or profile.visits > {visits}
  unless   any buy within 3d
  value    sum of buy.amount within 30d * 0.3
  expires  2d
  via      email, push
  content email {{
    subject \"Still thinking about {{event.product}}?\"
    body    \"It costs {{event.price}} now, and you came {{profile.visits}} times.\"
  }}
  content push {{ text \"News {index}\" }}
}}
",
                tag = index % 17,
                visits = index % 40
            );
        }
        files.push((format!("part{file:02}.comity"), text));
    }
    files
}

/// The shortest of some tries.
fn shortest(mut work: impl FnMut()) -> Duration {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    (0..10).map(once).min().unwrap_or_default()
}

#[test]
#[ignore = "a measurement: cargo xtask speed"]
fn how_long_reading_and_checking_take() {
    let files = files();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("comity.toml"), "[policy]\nname = \"large\"\nedition = \"2026\"\n")
        .unwrap();
    files.iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    let read = shortest(|| {
        for (name, _) in &files {
            std::hint::black_box(std::fs::read(folder.path().join(name)).unwrap());
        }
    });
    let tell = |what: &str, took: Duration, most: u64| {
        let ratio = took.as_secs_f64() / read.as_secs_f64();
        println!("{what:<44} {took:>9.1?}, {ratio:>6.0} times reading the files; at most {most} ms");
        assert!(cfg!(debug_assertions) || took < Duration::from_millis(most), "{what} took {took:?}");
    };
    println!("reading {} files                             {read:>9.1?}", files.len());

    let mut lines: String =
        files.iter().flat_map(|(_, text)| text.split_inclusive('\n')).take(10_000).collect();
    // Cut off in the middle of a message.
    lines.truncate(lines.rfind("\nmessage").unwrap_or_default());
    let errors = comity_grammar::parse(&lines).errors;
    assert!(errors.is_empty(), "{errors:?}");
    tell("lexing and parsing 10,000 lines", shortest(|| drop(comity_grammar::parse(&lines))), 60);

    let sources = files.iter().map(|(name, text)| SourceFile::new(name.clone(), text.clone())).collect();
    let project = Project::new(
        SourceFile::new("comity.toml", "[policy]\nname = \"large\"\nedition = \"2026\"\n"),
        sources,
    );
    let analysis = comity_compiler::check(&project);
    assert!(!analysis.has_errors(), "{:?}", analysis.diagnostics.first());
    tell(
        "checking 1,000 messages and 200 segments",
        shortest(|| drop(comity_compiler::check(&project))),
        150,
    );

    if let Some(binary) = std::env::var_os("COMITY_BINARY") {
        let took = shortest(|| assert!(run(Path::new(&binary), folder.path())));
        tell("`comity check`, from the start of the process", took, 150);
    }
}

fn run(binary: &Path, folder: &Path) -> bool {
    let mut command = Command::new(binary);
    command.args(["check", "--quiet"]).arg(folder).stdout(Stdio::null());
    command.status().unwrap().success()
}
