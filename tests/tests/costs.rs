//! What fixed cases cost, so that it shows where one comes to cost more: allocations as a snapshot, and instructions
//! against `costs.tsv`, counted by callgrind where valgrind is installed.
//!
//! `COSTS_UPDATE=1 cargo test -p comity-tests --test costs` writes `costs.tsv` anew. Counts of instructions hold for one
//! version of the compiler and one kind of processor; for others the test says that it has compared nothing.

use alloc_counter::{AllocCounter, count_alloc};
use comity_compiler::frame::Frame;
use comity_compiler::ids::{MessageId, PlacementId};
use comity_compiler::index::{Occasion, Row, Scan, SlateId};
use comity_runtime::audience::{Audience, Judge, Part, ROWS, Target};
use comity_runtime::intake::Event;
use comity_runtime::policy::Policy;
use comity_runtime::profile::Profile;
use comity_runtime::step::{Detail, Stepper, Taken};
use comity_tests::{plan, policies};
use std::alloc::System;
use std::fmt::Write as _;
use std::process::Command;
use std::sync::Arc;

#[global_allocator]
static ALLOCATOR: AllocCounter<System> = AllocCounter(System);

/// What a case is asked for is in this variable, where this binary runs under valgrind.
const CASE: &str = "COMITY_COSTS_CASE";
/// How often each case is repeated, after as many repetitions that aren't counted.
const TIMES: usize = 16;
/// A count may be higher by so much: where things lie in memory, and which `memcpy` the processor gets, makes a little
/// difference. That something has come to cost less is no fault.
const TOLERANCE: f64 = 0.05;

const VOCABULARY: &str = r#"
enum Tier ordered { bronze, silver, gold }
profile {
  device: text?
  tier: Tier = bronze
  country: country = "DE"
  visits: int = 0
  spent: number = 0
}
event view { product: text, price: number }
event ping {}
event note { text: text }
channel push { to device profile.device }
channel web { inbound }
placement hero { on web  show 1 }
purpose offers { opt_in on push  always on web }
class urgent
class usual
cap weekly at most 1000 per 7d for urgent, usual
suppress usual when profile.visits > 1000
arbitrate { rank urgent, usual  score value  pick 1 }
segment keen = count of view within 7d >= 1000
"#;

/// One of very many: its conditions overlap with those of the others.
fn message(index: usize, asks_for: &str) -> String {
    let class = if index.is_multiple_of(5) { "urgent" } else { "usual" };
    let (tier, price) = (["bronze", "silver", "gold"][index % 3], index % 50);
    format!(
        "message m{index:03} {{ class {class} purpose offers {asks_for} when profile.tier >= {tier} and event.price > {price}.5 \
         and (profile.visits < {} or profile.country in [\"DE\", \"FR\"]) value {}.25 * profile.spent + event.price \
         via push content push {{ text \"{{event.product}}\" }} }}\n",
        index % 7 + 3,
        index % 11,
    )
}

fn display(index: usize) -> String {
    let country = ["DE", "FR", "IT"][index % 3];
    format!(
        "message d{index:03} {{ class urgent purpose offers at hero when profile.country in [\"{country}\"] \
         and profile.visits >= {} value {} content hero {{ title \"{index}\" }} }}\n",
        index % 9,
        index % 13,
    )
}

/// So few messages are decided one by one, and so many by rows.
const FEW: usize = 24;
const MANY: usize = 100;

/// The cases, with the messages of their policy and with what happens in each: a customer's events of a type at a price,
/// requests for the placement, and what isn't about one decision.
const CASES: [(&str, Happens); 12] = [
    ("reading an event's line", Happens::Line),
    ("reading a profile's line", Happens::ProfileLine),
    ("an event that nothing asks for", Happens::Event("ping", "{}")),
    ("an event that enters the history", Happens::Event("note", r#"{"text":"t"}"#)),
    ("24 messages, none is sent", Happens::Event("view", r#"{"product":"p","price":0.25}"#)),
    ("24 messages, one is sent", Happens::Event("view", r#"{"product":"p","price":40.25}"#)),
    ("a placement with 16 messages", Happens::Request),
    ("100 messages, none is sent", Happens::Many(r#"{"product":"p","price":0.25}"#)),
    ("100 messages, one is sent", Happens::Many(r#"{"product":"p","price":40.25}"#)),
    ("100 messages, a record of each", Happens::Recorded(r#"{"product":"p","price":60.25}"#)),
    ("why 100 messages are ruled out", Happens::Explained),
    ("1024 customers and 100 messages", Happens::Audience),
];

#[derive(Clone, Copy)]
enum Happens {
    /// A line is read.
    Line,
    /// A line of profiles is read.
    ProfileLine,
    /// An event of this type, with this data.
    Event(&'static str, &'static str),
    /// The placement asks.
    Request,
    /// A view with this data, of many messages.
    Many(&'static str),
    /// The same, where it is also recorded what became of each.
    Recorded(&'static str),
    /// The rows that a customer was in are asked of each of many messages.
    Explained,
    /// A block of customers is judged.
    Audience,
}

impl Happens {
    fn messages(self) -> usize {
        match self {
            Happens::Many(_) | Happens::Recorded(_) | Happens::Explained | Happens::Audience => MANY,
            _ => FEW,
        }
    }
}

const PROFILE: &str = r#"{"subject":"c1","attributes":{"device":"here","tier":"gold","visits":4,"spent":12.5},"consents":[{"purpose":"offers","channel":"push"}]}"#;

/// A case, ready to be done time and again.
struct Case {
    policy: Arc<Policy>,
    stepper: Stepper,
    profile: Profile,
    happens: Happens,
    events: Vec<(String, Event)>,
    /// The slate of views, and the rows of a customer who is no one in particular.
    rows: (SlateId, Box<[Row]>),
    block: Option<(Judge<'static>, Part)>,
}

impl Case {
    fn new(happens: Happens) -> Case {
        let messages: String = (0..happens.messages()).map(|index| message(index, "on view")).collect();
        let displays: String = (0..16).map(display).collect();
        let reader = "message reader { class usual purpose offers on note when count of note within 1d > 9999 via push content push { text \"t\" } }\n";
        let [_, policy] = policies(&plan(&format!("{VOCABULARY}{messages}{displays}{reader}")));
        let mut profile = Profile::new(&policy, "c1".into());
        let known = policy.schema.profile(PROFILE.as_bytes()).expect("a profile");
        for (attribute, value) in known.attributes {
            profile.set_attribute(&policy, attribute, value, i64::MIN);
        }
        for consent in known.consents {
            profile.ledger.grant(comity_runtime::profile::Grant {
                receipt: "r1".into(),
                purpose: consent.purpose.expect("a purpose"),
                channel: consent.channel,
                time: i64::MIN,
                source: None,
                confirmed: true,
            });
        }
        let (kind, data) = match happens {
            Happens::Event(kind, data) => (kind, data),
            Happens::Many(data) | Happens::Recorded(data) => ("view", data),
            _ => ("view", r#"{"product":"p","price":40.25}"#),
        };
        let event = |at: usize| {
            // Weeks apart, so that no window and no cap fills.
            let time =
                jiff::Timestamp::from_second(1_780_000_000 + at as i64 * 30 * 86_400).expect("an instant");
            let line =
                format!(r#"{{"id":"e{at}","type":"{kind}","subject":"c1","time":"{time}","data":{data}}}"#);
            let event = policy.schema.event(line.as_bytes()).expect("an event");
            (line, event)
        };
        let events = (0..2 * TIMES).map(event).collect();
        let detail = Detail { blocked: matches!(happens, Happens::Recorded(_)), ..Detail::default() };
        let stepper = Stepper::new(Arc::clone(&policy), detail);
        let block = matches!(happens, Happens::Audience).then(|| block(&policy));
        Case { rows: rows(&policy), policy, stepper, profile, happens, events, block }
    }

    /// Does what happens in some of the repetitions; says how many effects that has.
    #[inline(never)]
    fn counted(&mut self, times: std::ops::Range<usize>) -> usize {
        let mut effects = Vec::with_capacity(TIMES);
        for at in times {
            let (line, event) = &mut self.events[at];
            let (profile, order) = (&mut self.profile, at as u64);
            match self.happens {
                Happens::Line => assert!(self.policy.schema.event(line.as_bytes()).is_ok()),
                Happens::ProfileLine => assert!(self.policy.schema.profile(PROFILE.as_bytes()).is_ok()),
                Happens::Explained => {
                    explain_all(&self.policy, &self.rows);
                }
                Happens::Audience => {
                    let (judge, part) = self.block.as_mut().expect("customers");
                    assert!(judge.block(part, 0).counts(0).0 > 0);
                }
                Happens::Event(..) | Happens::Many(_) | Happens::Recorded(_) => {
                    let taken = self.stepper.event(profile, event, order, None, &mut effects);
                    assert_eq!(taken, Taken::Accepted);
                }
                Happens::Request => {
                    self.stepper.decide(profile, PlacementId(0), event.time, order, &mut effects);
                }
            }
        }
        effects.len()
    }
}

/// The slate of views, and the rows of a customer of whom nothing is known.
fn rows(policy: &Policy) -> (SlateId, Box<[Row]>) {
    let view = policy.plan.events.iter().position(|event| event.name == "view").expect("views");
    let is_of_views = |occasion| matches!(occasion, Occasion::Event(event) if event.index() == view);
    let at =
        policy.engine.slates().all.iter().position(|slate| is_of_views(slate.occasion)).expect("a slate");
    let (slate, mut scan, mut frame) = (SlateId(at as u32), Scan::default(), Frame::new(&policy.plan));
    policy.engine.begin(slate, &mut frame.values(&policy.plan), 0, |_| true, &mut scan);
    (slate, scan.rows().into())
}

/// Asks the rows why each message is ruled out. Not a part of `counted`: where a closure in it begins, callgrind would
/// cease to count.
fn explain_all(policy: &Policy, (slate, rows): &(SlateId, Box<[Row]>)) {
    for at in 0..MANY {
        assert!(policy.engine.explain(*slate, rows, MessageId::at(at)).is_some());
    }
}

/// A block of customers, to be judged for all messages.
fn block(policy: &Arc<Policy>) -> (Judge<'static>, Part) {
    let targets: Vec<Target> =
        (0..policy.plan.messages.len()).map(|at| Target::Message(MessageId::at(at))).collect();
    // As long as the process.
    let audience: &Audience = Box::leak(Box::new(Audience::new(Arc::clone(policy), &targets, 0)));
    let mut part = Part::new(audience);
    for at in 0..ROWS {
        let line = PROFILE.replace("c1", &format!("c{at}")).replace("4,", &format!("{},", at % 20));
        part.push(policy.schema.profile(line.as_bytes()).expect("a profile"));
    }
    (Judge::new(audience), part)
}

#[test]
fn allocations() {
    let mut table = String::new();
    for (name, happens) in CASES {
        let mut case = Case::new(happens);
        case.counted(0..TIMES);
        let ((allocations, reallocations, _), effects) = count_alloc(|| case.counted(TIMES..2 * TIMES));
        let _ = writeln!(table, "{name}: {allocations} and {reallocations} grown, {effects} effects");
    }
    insta::assert_snapshot!(table);
}

/// What valgrind runs.
#[test]
#[ignore = "run by `instructions`, under valgrind"]
fn one_case() {
    let Ok(name) = std::env::var(CASE) else { return };
    let (_, happens) = CASES.into_iter().find(|(one, _)| *one == name).expect("a case of this name");
    let mut case = Case::new(happens);
    warm(&mut case);
    case.counted(TIMES..2 * TIMES);
}

#[inline(never)]
fn warm(case: &mut Case) {
    // Not by its name: callgrind begins to count where `counted` is entered.
    for at in 0..TIMES {
        let (line, event) = &mut case.events[at];
        let mut effects = Vec::new();
        match case.happens {
            Happens::Line => assert!(case.policy.schema.event(line.as_bytes()).is_ok()),
            // What is asked first takes no more than what is asked later.
            Happens::ProfileLine | Happens::Explained | Happens::Audience => {}
            Happens::Event(..) | Happens::Many(_) | Happens::Recorded(_) => {
                _ = case.stepper.event(&mut case.profile, event, at as u64, None, &mut effects);
            }
            Happens::Request => {
                case.stepper.decide(&mut case.profile, PlacementId(0), event.time, at as u64, &mut effects);
            }
        }
    }
}

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/costs.tsv");

#[test]
fn instructions() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        return skip("valgrind is not installed (`apt-get install valgrind`)");
    }
    let on = format!("{}, {}", said_by("rustc", "--version"), std::env::consts::ARCH);
    let known = std::fs::read_to_string(FILE).unwrap_or_default();
    let update = std::env::var_os("COSTS_UPDATE").is_some();
    if !update && known.lines().next() != Some(&on) {
        return skip(&format!("the counts that are kept are not those of {on}"));
    }
    let mut file = format!("{on}\n");
    let mut wrong = Vec::new();
    for (name, _) in CASES {
        let count = instructions_of(name);
        let _ = writeln!(file, "{name}\t{count}");
        let kept = known.lines().find_map(|line| line.strip_prefix(name)?.trim().parse::<f64>().ok());
        let off = kept.map_or(f64::INFINITY, |kept| count as f64 / kept - 1.0);
        if off > TOLERANCE {
            let kept = kept.map_or("nothing".to_owned(), |kept| format!("{kept:.0}"));
            wrong.push(format!("{name}: {count} instructions, {kept} are kept, {:+.1}%", off * 100.0));
        }
    }
    if update {
        return std::fs::write(FILE, file).expect("costs.tsv can be written");
    }
    let help = "where that is as it should be: COSTS_UPDATE=1 cargo test -p comity-tests --test costs";
    assert!(wrong.is_empty(), "{}\n{help}", wrong.join("\n"));
}

/// Written past the test harness, which shows nothing of tests that pass.
fn skip(why: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "costs: INSTRUCTIONS WERE NOT COMPARED: {why}");
}

fn said_by(program: &str, argument: &str) -> String {
    let output = Command::new(program).arg(argument).output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default()
}

/// Runs this binary under callgrind, which counts while the case is at work.
fn instructions_of(name: &str) -> u64 {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null", "--toggle-collect=*Case*counted*"])
        .arg(std::env::current_exe().expect("this binary"))
        .args(["--exact", "one_case", "--ignored", "--test-threads=1"])
        .env(CASE, name)
        .output()
        .expect("valgrind runs");
    let said = String::from_utf8_lossy(&output.stderr);
    let collected = said.lines().find_map(|line| line.split("Collected :").nth(1));
    let count = collected.and_then(|count| count.trim().parse().ok());
    count.filter(|count| *count > 0).unwrap_or_else(|| panic!("{name}: callgrind counted nothing:\n{said}"))
}
