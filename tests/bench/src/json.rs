//! What it takes to read the same lines with `serde_json` into structs, and to do nothing with them: structs that own their
//! texts, as values do that are kept, or structs that borrow them from the line, which can't read a text with an escape.

use crate::project;
use crate::race::Contender;
use crate::workload::Workload;
use serde::Deserialize;
use std::ops::Range;

/// A line of the log; `T` is what texts are read into.
#[derive(Deserialize)]
#[allow(dead_code)] // Reading is all that is measured.
struct EventLine<T> {
    id: T,
    #[serde(rename = "type")]
    kind: T,
    subject: T,
    time: T,
    data: Activity<T>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Activity<T> {
    action: T,
    category: T,
    value: f64,
    source: T,
    local_hour: i32,
}

/// A line of the profiles.
#[derive(Deserialize)]
#[allow(dead_code)]
struct ProfileLine<T> {
    subject: T,
    attributes: Attributes<T>,
    consents: Vec<Consent<T>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Consent<T> {
    purpose: T,
    channel: T,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Attributes<T> {
    device: T,
    tier: T,
    country: T,
    language: T,
    age: i32,
    lifetime_value: f64,
    orders_90d: i32,
    days_since_order: i32,
    last_category: T,
    open_tickets: i32,
    email_ok: bool,
    sms_ok: bool,
    push_ok: bool,
    ads_ok: bool,
    marketing_ok: bool,
    personal_ok: bool,
    churn: f64,
    conversion: f64,
    sends_7d: i32,
    email_sends_7d: i32,
    sms_sends_7d: i32,
    has_app: bool,
    utc_offset: i32,
    vip: bool,
    newcomer: bool,
    active_shopper: bool,
}

/// Reads the lines of the rows.
pub struct Reading {
    /// The profile where it is read too, and the event.
    lines: Vec<(Option<String>, String)>,
    with_profile: bool,
    borrows: bool,
}

impl Reading {
    /// Reads events, or profiles and events.
    pub fn new(workload: &Workload, with_profile: bool, borrows: bool) -> Reading {
        let line = |(index, row)| {
            (with_profile.then(|| project::profile(index, row)), project::event(index, row, 0))
        };
        Reading { lines: workload.rows.iter().enumerate().map(line).collect(), with_profile, borrows }
    }

    /// How long the lines of a row are, bytes.
    pub fn bytes(&self) -> f64 {
        let bytes: usize =
            self.lines.iter().map(|(one, other)| one.as_ref().map_or(0, String::len) + other.len()).sum();
        bytes as f64 / self.lines.len() as f64
    }
}

impl Contender<Option<u32>> for Reading {
    fn name(&self) -> String {
        let what = if self.with_profile { "the profile and the event" } else { "the event" };
        format!("serde_json into structs{}, {what}", if self.borrows { BORROWS } else { "" })
    }

    fn answers(&self) -> bool {
        false
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for ((profile, event), answer) in self.lines[rows].iter().zip(answers) {
            let hour = match self.borrows {
                true => read::<&str>(profile.as_deref(), event),
                false => read::<String>(profile.as_deref(), event),
            };
            *answer = u32::try_from(hour).ok();
        }
    }
}

/// In the names of those that borrow.
pub const BORROWS: &str = " that borrow texts";

/// The local hour of the event.
fn read<'l, T: Deserialize<'l>>(profile: Option<&'l str>, event: &'l str) -> i32 {
    let profile = profile.map(|line| serde_json::from_str::<ProfileLine<T>>(line).expect("JSON"));
    let event: EventLine<T> = serde_json::from_str(event).expect("JSON");
    std::hint::black_box((&profile, &event));
    event.data.local_hour
}
