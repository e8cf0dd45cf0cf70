//! The rules as Rust, compiled by `rustc` with all optimizations: what a program would do that somebody wrote by hand
//! for these rules and no others.

use crate::race::Contender;
use crate::record::Record;
use crate::workload::rules::{Atom, CLASSES, Message, Rules, Test};
use crate::workload::slots::{Kind, Row, SLOTS, at};
use crate::workload::{Set, Workload};
use libloading::Library;
use std::fmt::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use xxhash_rust::xxh3::xxh3_64;

/// How the code goes through the messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One after the other, as they are written.
    Straight,
    /// Class by class, the highest first; what follows isn't looked at where a class has a message to send.
    ByClass,
    /// One after the other, and all that are eligible are written down.
    AllEligible,
}

impl Order {
    /// As tables name it.
    pub fn name(self) -> &'static str {
        match self {
            Order::Straight | Order::AllEligible => "straight-line Rust",
            Order::ByClass => "Rust, sorted by class",
        }
    }
}

/// One function takes minutes to compile where it has ten thousand conditions: it has so many at most.
const TOGETHER: usize = 500;

/// Code that was compiled and loaded.
pub struct Code {
    order: Order,
    /// Holds the code of `function`.
    _library: Library,
    function: extern "C" fn(&Record, *mut u32) -> u32,
    /// What `rustc` took when it was compiled, CPU time.
    pub took: Duration,
    /// Of the library, bytes.
    pub size: u64,
}

impl Code {
    /// Compiles the rules, unless the very same text has been compiled before.
    ///
    /// # Errors
    /// Where `rustc` or the file system fails.
    pub fn compile(rules: &Rules, order: Order, folder: &Path) -> Result<Code, String> {
        let text = source(rules, order);
        let stem = format!("{order:?}-{}-{:016x}", rules.messages.len(), xxh3_64(text.as_bytes()));
        let path = |extension: &str| folder.join(format!("{stem}.{extension}"));
        let (source, library, time) = (path("rs"), path("so"), path("seconds"));
        if !time.exists() {
            std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
            std::fs::write(&source, &text).map_err(|error| error.to_string())?;
            let seconds = rustc(&source, &library)?.as_secs_f64().to_string();
            std::fs::write(&time, seconds).map_err(|error| error.to_string())?;
        }
        let seconds = std::fs::read_to_string(&time).ok().and_then(|text| text.trim().parse().ok());
        let size = std::fs::metadata(&library).map_or(0, |metadata| metadata.len());
        let (_library, function) = load(&library).map_err(|error| error.to_string())?;
        Ok(Code {
            order,
            _library,
            function,
            took: Duration::from_secs_f64(seconds.unwrap_or_default()),
            size,
        })
    }
}

fn rustc(source: &Path, library: &Path) -> Result<Duration, String> {
    let before = cpu_of_children();
    let output = Command::new("rustc")
        .args(["--edition", "2024", "--crate-type", "cdylib", "-O", "-C", "opt-level=3", "-C", "panic=abort"])
        .args(["--crate-name", "rules", "-A", "warnings", "-o"])
        .args([library, source])
        .output()
        .map_err(|error| format!("rustc: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    Ok(cpu_of_children().saturating_sub(before))
}

/// CPU time of all programs that were run and have ended, as Linux tells it.
fn cpu_of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let ticks: u64 = fields.skip(13).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // A tick is a hundredth of a second for all programs.
    Duration::from_millis(10 * ticks)
}

type Function = extern "C" fn(&Record, *mut u32) -> u32;

#[allow(unsafe_code)]
fn load(library: &Path) -> Result<(Library, Function), libloading::Error> {
    // SAFETY: `source` wrote the text of the library: it has no initializers, and its one function is of this type.
    // `Record` is the same text on both sides and `repr(C)`. The caller keeps the library as long as the function.
    unsafe {
        let library = Library::new(library)?;
        let function: Function = *library.get(b"decide")?;
        Ok((library, function))
    }
}

/// Where compiled code is kept.
pub fn cache() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench/rules"))
}

const NO_MESSAGE: u32 = u32::MAX;

fn source(rules: &Rules, order: Order) -> String {
    let mut text = include_str!("record.rs").to_owned();
    let mut groups: Vec<Vec<usize>> = match order {
        Order::Straight | Order::AllEligible => vec![(0..rules.messages.len()).collect()],
        Order::ByClass => (0..CLASSES).map(|class| of_class(rules, class)).collect(),
    };
    groups.retain(|group| !group.is_empty());
    text.push_str("pub struct Best { message: u32, class: u8, score: f64, all: *mut u32, count: u32 }\n");
    let mut main = String::new();
    for (group, messages) in groups.iter().enumerate() {
        for (part, messages) in messages.chunks(TOGETHER).enumerate() {
            let _ = writeln!(text, "fn part_{group}_{part}(r: &Record, best: &mut Best) {{");
            for index in messages {
                text.push_str(&rule(rules, *index, order));
            }
            text.push_str("}\n");
            let _ = writeln!(main, "    part_{group}_{part}(r, &mut best);");
        }
        if order == Order::ByClass {
            let _ = writeln!(main, "    if best.message != {NO_MESSAGE} {{ return best.message; }}");
        }
    }
    let answer = if order == Order::AllEligible { "count" } else { "message" };
    let _ = writeln!(
        text,
        "#[unsafe(no_mangle)] pub extern \"C\" fn decide(r: &Record, all: *mut u32) -> u32 {{
    let mut best = Best {{ message: {NO_MESSAGE}, class: 255, score: f64::NEG_INFINITY, all, count: 0 }};
{main}    best.{answer}
}}"
    );
    text
}

fn of_class(rules: &Rules, class: usize) -> Vec<usize> {
    (0..rules.messages.len()).filter(|index| rules.messages[*index].class == class).collect()
}

fn rule(rules: &Rules, index: usize, order: Order) -> String {
    let message = &rules.messages[index];
    let condition = rules.condition(message, [" && ", " || "], atom);
    let Message { class, churn_weight, value_weight, .. } = message;
    let score = format!("{churn_weight:?} * r.churn + {value_weight:?} * r.conversion * r.value");
    let better = match order {
        Order::AllEligible => {
            return format!(
                "    if {condition} {{ unsafe {{ *best.all.add(best.count as usize) = {index}; }} best.count += 1; }}\n"
            );
        }
        Order::Straight => format!("{class} < best.class || ({class} == best.class && score > best.score)"),
        Order::ByClass => "score > best.score".to_owned(),
    };
    format!(
        "    if {condition} {{
        let score = {score};
        if {better} {{ best.message = {index}; best.class = {class}; best.score = score; }}
    }}\n"
    )
}

fn atom(atom: &Atom, negated: bool) -> String {
    let slot = &SLOTS[atom.slot];
    let (name, not) = (slot.name, if negated { "!" } else { "" });
    match &atom.test {
        Test::Compare(how, constant) => format!("r.{name} {} {}", how.sign(), slot.json(*constant)),
        Test::Is(member) => format!("r.{name} {} {member}", if negated { "!=" } else { "==" }),
        Test::In(members) => {
            let members: Vec<String> = members.iter().map(f64::to_string).collect();
            format!("{not}matches!(r.{name}, {})", members.join(" | "))
        }
        Test::Holds => {
            debug_assert_eq!(slot.kind, Kind::Bool);
            format!("{not}r.{name}")
        }
    }
}

/// A row as generated code has it.
pub fn record(row: &Row) -> Record {
    let (int, member, bool) =
        (|at: usize| row[at] as i32, |at: usize| row[at] as u8, |at: usize| row[at] == 1.0);
    Record {
        lifetime_value: row[at::LIFETIME_VALUE],
        churn: row[at::CHURN],
        conversion: row[at::CONVERSION],
        value: row[at::VALUE],
        age: int(at::AGE),
        orders_90d: int(at::ORDERS_90D),
        days_since_order: int(at::DAYS_SINCE_ORDER),
        open_tickets: int(at::OPEN_TICKETS),
        sends_7d: int(at::SENDS_7D),
        email_sends_7d: int(at::EMAIL_SENDS_7D),
        sms_sends_7d: int(at::SMS_SENDS_7D),
        utc_offset: int(at::UTC_OFFSET),
        local_hour: int(at::LOCAL_HOUR),
        tier: member(at::TIER),
        country: member(at::COUNTRY),
        language: member(at::LANGUAGE),
        last_category: member(at::LAST_CATEGORY),
        action: member(at::ACTION),
        category: member(at::CATEGORY),
        source: member(at::SOURCE),
        email_ok: bool(at::EMAIL_OK),
        sms_ok: bool(at::SMS_OK),
        push_ok: bool(at::PUSH_OK),
        ads_ok: bool(at::ADS_OK),
        marketing_ok: bool(at::MARKETING_OK),
        personal_ok: bool(at::PERSONAL_OK),
        has_app: bool(at::HAS_APP),
        vip: bool(at::VIP),
        newcomer: bool(at::NEWCOMER),
        active_shopper: bool(at::ACTIVE_SHOPPER),
    }
}

/// The code at work on the rows.
pub struct Native<'a> {
    code: &'a Code,
    records: Vec<Record>,
    /// Room for all messages.
    eligible: Vec<u32>,
}

impl<'a> Native<'a> {
    pub fn new(code: &'a Code, workload: &Workload) -> Native<'a> {
        let records = workload.rows.iter().map(record).collect();
        Native { code, records, eligible: vec![0; workload.rules.messages.len()] }
    }
}

impl Contender<Option<u32>> for Native<'_> {
    fn name(&self) -> String {
        self.code.order.name().to_owned()
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for (record, answer) in self.records[rows].iter().zip(answers) {
            let message = (self.code.function)(record, std::ptr::null_mut());
            *answer = (message != NO_MESSAGE).then_some(message);
        }
    }
}

impl Contender<Set> for Native<'_> {
    fn name(&self) -> String {
        self.code.order.name().to_owned()
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Set]) {
        for (record, answer) in self.records[rows].iter().zip(answers) {
            let count = (self.code.function)(record, self.eligible.as_mut_ptr());
            *answer = self.eligible[..count as usize].iter().copied().collect();
        }
    }
}
