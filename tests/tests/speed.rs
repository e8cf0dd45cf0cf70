//! How long reading and checking take, as a ratio to reading the files. Times mean something in a release build only:
//! `cargo xtask speed`.

use comity_compiler::model::{Format, Scorer, Scratch, read};
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

/// A forest as LightGBM saves it: so many trees of so many leaves, over features between 0 and 1.
fn forest(trees: usize, leaves: usize, features: usize) -> String {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as usize
    };
    let names: Vec<String> = (0..features).map(|at| format!("f{at}")).collect();
    let mut text = format!(
        "tree\nversion=v4\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx={}\nobjective=binary sigmoid:1\nfeature_names={}\n",
        features - 1,
        names.join(" ")
    );
    let list = |numbers: &[String]| numbers.join(" ");
    for tree in 0..trees {
        // Each split but the first takes the place of a leaf of those before; new leaves stand to the right.
        let (mut left, mut right) = (vec![-1_i64], vec![-2_i64]);
        for split in 1..leaves - 1 {
            let leaf = -((random() % (split + 1)) as i64) - 1;
            let place = left
                .iter_mut()
                .chain(&mut right)
                .find(|child| **child == leaf)
                .expect("each leaf stands once");
            *place = split as i64;
            left.push(leaf);
            right.push(-(split as i64) - 2);
        }
        let splits = 0..leaves - 1;
        let parts = [
            splits.clone().map(|_| (random() % features).to_string()).collect::<Vec<_>>(),
            splits.clone().map(|_| format!("0.{:03}", random() % 250 * 4)).collect(),
            splits.map(|_| "10".to_owned()).collect(),
            left.iter().map(i64::to_string).collect(),
            right.iter().map(i64::to_string).collect(),
            (0..leaves).map(|_| format!("0.0{}", random() % 1000)).collect(),
        ];
        let [features, thresholds, decisions, left, right, values] = parts.each_ref().map(|part| list(part));
        let _ = write!(
            text,
            "\nTree={tree}\nnum_leaves={leaves}\nnum_cat=0\nsplit_feature={features}\nthreshold={thresholds}\ndecision_type={decisions}\nleft_child={left}\nright_child={right}\nleaf_value={values}\n"
        );
    }
    text + "\nend of trees\n"
}

/// A row of a usual model; `tests/models/single_row.py` measures LightGBM's own call on such a one.
#[test]
#[ignore = "a measurement: cargo xtask speed"]
fn how_long_a_model_takes_to_answer() {
    const ROWS: usize = 2_000;
    let model = read(Format::LightGbm, forest(200, 31, 20).as_bytes()).expect("a model");
    let rows: Vec<Vec<f64>> = (0..ROWS)
        .map(|row| (0..20).map(|at| ((row * 7 + at * 13) as f64 * 0.618_034).fract()).collect())
        .collect();
    let mut scratch = Scratch::default();
    let mut time = |scorer: &Scorer| {
        let all = shortest(|| {
            for row in &rows {
                std::hint::black_box(scorer.predict(row, &mut scratch));
            }
        });
        all.as_secs_f64() * 1e9 / ROWS as f64
    };
    let (fast, walk) = (time(&Scorer::new(&model.ensemble)), time(&Scorer::walking(&model.ensemble)));
    println!("a row of 200 trees x 31 leaves x 20 features {fast:>7.0} ns; walking the trees {walk:.0} ns");
    assert!(cfg!(debug_assertions) || fast < 5_000.0, "{fast} ns");
}

fn run(binary: &Path, folder: &Path) -> bool {
    let mut command = Command::new(binary);
    command.args(["check", "--quiet"]).arg(folder).stdout(Stdio::null());
    command.status().unwrap().success()
}
