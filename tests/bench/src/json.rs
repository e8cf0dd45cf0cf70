//! What it takes to read the same lines with `serde_json` into structs, and to do nothing with them.

use crate::project;
use crate::race::Contender;
use crate::workload::Workload;
use serde::Deserialize;
use std::ops::Range;

/// A line of the log.
#[derive(Deserialize)]
#[allow(dead_code)] // Reading is all that is measured.
struct EventLine<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    kind: &'a str,
    subject: &'a str,
    time: &'a str,
    #[serde(borrow)]
    data: Activity<'a>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Activity<'a> {
    action: &'a str,
    category: &'a str,
    value: f64,
    source: &'a str,
    local_hour: i32,
}

/// A line of the profiles.
#[derive(Deserialize)]
#[allow(dead_code)]
struct ProfileLine<'a> {
    subject: &'a str,
    #[serde(borrow)]
    attributes: Attributes<'a>,
    consents: Vec<Consent<'a>>,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Consent<'a> {
    purpose: &'a str,
    channel: &'a str,
}

#[derive(Deserialize)]
#[allow(dead_code)]
struct Attributes<'a> {
    device: &'a str,
    tier: &'a str,
    country: &'a str,
    language: &'a str,
    age: i32,
    lifetime_value: f64,
    orders_90d: i32,
    days_since_order: i32,
    last_category: &'a str,
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
}

impl Reading {
    /// Reads events, or profiles and events.
    pub fn new(workload: &Workload, with_profile: bool) -> Reading {
        let line = |(index, row)| {
            (with_profile.then(|| project::profile(index, row)), project::event(index, row, 0))
        };
        Reading { lines: workload.rows.iter().enumerate().map(line).collect(), with_profile }
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
        format!("serde_json into structs, {what}")
    }

    fn answers(&self) -> bool {
        false
    }

    fn run(&mut self, rows: Range<usize>, answers: &mut [Option<u32>]) {
        for ((profile, event), answer) in self.lines[rows].iter().zip(answers) {
            let profile =
                profile.as_deref().map(|line| serde_json::from_str::<ProfileLine<'_>>(line).expect("JSON"));
            let event: EventLine<'_> = serde_json::from_str(event).expect("JSON");
            *answer = u32::try_from(event.data.local_hour).ok();
            std::hint::black_box((&profile, &event));
        }
    }
}
