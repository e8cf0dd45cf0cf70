//! What is known of one customer.

mod carry;
mod import;
mod ledger;
mod pack;
mod record;
mod seen;
mod sends;

pub(crate) use record::Record;

pub use ledger::{Grant, Ledger, Verdict, Withdrawal};
pub use sends::{Attempt, Send, Sends};

use crate::history::History;
use crate::journey::{Journeys, Proposal};
use crate::policy::Policy;
use crate::policy::watches::{ASLEEP, Standing};
use crate::record::ShortText;
use crate::zone::Zone;
use comity_compiler::frame::Frame;
use comity_compiler::ids::*;
use comity_compiler::plan::Plan;
use comity_compiler::value::Value;
use seen::Seen;
use smol_str::SmolStr;
use std::fmt::Write as _;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// The state of one customer: all that a step reads and changes.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The customer's id.
    pub subject: SmolStr,
    /// The highest time seen, µs; [`i64::MIN`] before the first event.
    pub now: i64,
    /// Local time, as the attribute `timezone` says; UTC where the policy has none.
    pub zone: &'static Zone,
    /// The events that some rule can still ask for.
    pub history: History,
    /// Consents given and withdrawn.
    pub ledger: Ledger,
    /// What was sent and shown lately.
    pub sends: Sends,
    /// Messages that wait for quiet hours to end.
    pub deferred: Vec<Deferred>,
    /// The journeys that the customer is in.
    pub journeys: Journeys,
    /// The hash of the last record.
    pub last_record: Option<[u8; 32]>,
    attributes: Record,
    /// Imported, and no step has been done since.
    pub(crate) untouched: bool,
    /// When each watch is due, µs: [`i64::MIN`] for at once, [`i64::MAX`] for never by time alone.
    pub(crate) watches: Box<[i64]>,
    /// By watch: what came of it when it was last judged. In a segment is who passes all its clauses.
    pub(crate) standings: Box<[Standing]>,
    /// By schedule: the local date for which it was last due.
    pub(crate) last_dates: Box<[i64]>,
    /// The earliest of all that is due.
    due: i64,
    /// All timers before this instant, µs, have had their turn. An event of an earlier time can come yet: it finds
    /// the schedules between as they went.
    pub(crate) timers_done: i64,
    seen: Seen,
}

/// An event as far as the messages that it proposes look at it.
#[derive(Clone, Debug, PartialEq)]
pub struct Snapshot {
    /// The event's id.
    pub id: SmolStr,
    /// Its type.
    pub event: EventId,
    /// By position.
    pub fields: Box<[Option<Value>]>,
}

/// Why a message was proposed.
#[derive(Clone, Debug, PartialEq)]
pub enum Cause {
    /// An event.
    Event(Arc<Snapshot>),
    /// The customer entered a segment, at an instant (µs).
    Entered(SegmentId, i64),
    /// The customer left a segment, at an instant (µs).
    Left(SegmentId, i64),
    /// A schedule, for a local date.
    Schedule(i64),
    /// A placement was asked for, at an instant (µs).
    Placement(PlacementId, i64),
    /// A journey came to a `send`.
    Journey(Box<Proposal>),
}

impl Cause {
    /// The event that `event.x` looks at: the one that proposed a message, or started the journey that did.
    pub(crate) fn event(&self) -> Option<&Arc<Snapshot>> {
        match self {
            Cause::Event(event) => Some(event),
            Cause::Journey(proposal) => proposal.origin.event(),
            _ => None,
        }
    }

    /// As a part of ids.
    pub(crate) fn text(&self, plan: &Plan) -> ShortText {
        let mut text = ShortText::default();
        self.put(plan, &mut text);
        text
    }

    fn put(&self, plan: &Plan, text: &mut ShortText) {
        // What is written to memory doesn't fail.
        let _ = match self {
            Cause::Event(event) => {
                text.push("event:");
                text.push(&event.id);
                Ok(())
            }
            Cause::Entered(segment, at) => write!(text, "enter:{}:{at}", plan.segments[segment.index()].name),
            Cause::Left(segment, at) => write!(text, "leave:{}:{at}", plan.segments[segment.index()].name),
            Cause::Schedule(date) => write!(text, "every:{date}"),
            Cause::Placement(placement, at) => {
                write!(text, "placement:{}:{at}", plan.placements[placement.index()].name)
            }
            Cause::Journey(proposal) => {
                let origin = &proposal.origin;
                let journey = plan.journeys.get(origin.journey.index()).map_or("", |journey| &journey.name);
                let (key, twin, act) = (origin.key, origin.twin, proposal.act);
                let written = write!(text, "journey:{journey}:{key:x}:{twin}:{act}:");
                origin.cause.put(plan, text);
                written
            }
        };
    }
}

/// A message that quiet hours hold back.
#[derive(Clone, Debug)]
pub struct Deferred {
    /// Which message.
    pub message: MessageId,
    /// Which of its `on`s proposed it: proposed again by the same, the newer replaces the older.
    pub trigger: u32,
    /// Why.
    pub cause: Cause,
    /// Whether the event that proposed it came late.
    pub late: bool,
    /// µs
    pub proposed: i64,
    /// The channel whose quiet hours hold it back.
    pub channel: ChannelId,
    /// When it passes all gates again, µs.
    pub due: i64,
    /// In another arm of this experiment it would wait: it is tried, for the exposure, and never leaves.
    pub counterfactual: Option<ExperimentId>,
}

impl Profile {
    /// A customer of whom nothing is known yet.
    pub fn new(policy: &Policy, subject: SmolStr) -> Profile {
        Profile { zone: policy.blank.1, ..Profile::blank(policy, subject) }
    }

    /// The same, whose time zone is still to be found.
    fn blank(policy: &Policy, subject: SmolStr) -> Profile {
        Profile::with(policy, subject, policy.blank.0.clone())
    }

    /// The same, of whom these attributes are known.
    fn with(policy: &Policy, subject: SmolStr, attributes: Record) -> Profile {
        let plan = &policy.plan;
        Profile {
            subject,
            now: i64::MIN,
            zone: Zone::utc(),
            history: History::default(),
            ledger: Ledger::default(),
            sends: Sends::default(),
            deferred: Vec::new(),
            journeys: Journeys::default(),
            last_record: None,
            attributes,
            watches: vec![i64::MIN; plan.segments.len() + policy.watches.schedules.len()].into(),
            standings: vec![ASLEEP; plan.segments.len() + policy.watches.schedules.len()].into(),
            last_dates: vec![i64::MIN; policy.watches.schedules.len()].into(),
            due: i64::MAX,
            timers_done: i64::MIN,
            untouched: false,
            seen: Seen::default(),
        }
    }

    /// The value of an attribute; `None` where it is unknown.
    pub fn attribute(&self, id: AttributeId) -> Option<Value> {
        self.attributes.get(id.index())
    }

    /// The characters of an attribute that is a text; `None` where it is unknown.
    pub fn attribute_text<'p>(&'p self, policy: &'p Policy, id: AttributeId) -> Option<&'p str> {
        text_in(policy, &self.attributes, id)
    }

    /// Fills the slots of attributes in a frame, those that aren't filled.
    #[inline]
    pub(crate) fn fill(&self, slots: &[(SlotId, AttributeId)], frame: &mut Frame) {
        self.attributes.fill(slots, frame);
    }

    /// Sets an attribute as of an instant (µs), unless a later one has set it; `None` makes it unknown, or what
    /// the policy says where nothing is known. Says whether the customer's time zone is another now.
    pub fn set_attribute(
        &mut self,
        policy: &Policy,
        id: AttributeId,
        value: Option<Value>,
        time: i64,
    ) -> bool {
        if policy.addresses.contains(&id) {
            let text = value.as_ref().and_then(|value| text_of(policy, value));
            if self.ledger.address_changes(id, time, text.as_deref()) {
                self.ledger.address(id, time, text);
            }
        }
        if time < self.attributes.since(id.index()) {
            return false;
        }
        let default = || policy.plan.attributes[id.index()].default.as_ref().map(|default| default.value());
        self.attributes.set(id.index(), value.or_else(default), time);
        policy.plan.timezone == Some(id) && self.follow_zone(policy)
    }

    /// The zone that the attribute says.
    fn find_zone(&self, policy: &Policy) -> &'static Zone {
        zone_in(policy, &self.attributes)
    }

    /// Looks the time zone up again; says whether it is another.
    fn follow_zone(&mut self, policy: &Policy) -> bool {
        let zone = self.find_zone(policy);
        let other = !std::ptr::eq(zone, self.zone);
        self.zone = zone;
        other
    }

    /// The customer's language, where the policy has the attribute and it is known.
    pub fn language(&self, policy: &Policy) -> Option<SmolStr> {
        policy.plan.language.and_then(|id| text_of(policy, &self.attribute(id)?))
    }

    /// Whether an event of this id came within the last seven days; remembers it.
    pub(crate) fn knows(&mut self, event: &str, now: i64) -> bool {
        self.seen.enter(xxh3_128(event.as_bytes()), now)
    }

    /// The next instant (µs) at which something happens by time alone; [`i64::MAX`] for never.
    pub fn due(&self) -> i64 {
        self.due
    }

    /// Works [`Profile::due`] out anew.
    pub(crate) fn find_due(&mut self) {
        let watches = self.watches.iter().copied().min().unwrap_or(i64::MAX);
        let deferred = self.deferred.iter().map(|deferred| deferred.due).min().unwrap_or(i64::MAX);
        self.due = watches.min(deferred).min(self.journeys.due());
    }

    /// Takes over the attributes of another customer, who turned out to be this one: the latest `identify` wins.
    pub(crate) fn merge_attributes(&mut self, policy: &Policy, other: &Profile) -> bool {
        for at in 0..self.attributes.len() {
            let since = other.attributes.since(at);
            if since > self.attributes.since(at) {
                self.attributes.set(at, other.attributes.get(at), since);
            }
        }
        self.follow_zone(policy)
    }

    /// The place of a message among those that wait; what would wait in another arm doesn't.
    pub(crate) fn waiting(&self, message: MessageId) -> Option<usize> {
        let mut deferred = self.deferred.iter();
        deferred.position(|deferred| deferred.message == message && deferred.counterfactual.is_none())
    }

    /// What would wait in other arms is forgotten where the exposure that it is kept for has been recorded.
    pub(crate) fn forget_counterfactuals(&mut self) {
        let journeys = &self.journeys;
        self.deferred.retain(|deferred| !deferred.counterfactual.is_some_and(|of| journeys.is_exposed(of)));
    }

    /// Takes over the ids of the events of another customer, so that they are not taken twice.
    pub(crate) fn merge_seen(&mut self, other: &mut Profile) {
        self.seen.merge(std::mem::take(&mut other.seen));
    }
}

/// The characters of a text in a record.
fn text_in<'p>(policy: &'p Policy, record: &'p Record, id: AttributeId) -> Option<&'p str> {
    match (record.cell(id.index()), record.other(id.index())) {
        (Some(cell), _) => policy.plan.texts.get(cell as usize).map(SmolStr::as_str),
        (_, Some(Value::Text(text))) => Some(text),
        _ => None,
    }
}

/// The time zone that a record says.
pub(crate) fn zone_in(policy: &Policy, record: &Record) -> &'static Zone {
    let name = policy.plan.timezone.and_then(|id| text_in(policy, record, id));
    name.and_then(Zone::named).unwrap_or_else(Zone::utc)
}

/// The characters of a text value.
pub(crate) fn text_of(policy: &Policy, value: &Value) -> Option<SmolStr> {
    match value {
        Value::Cell(id) => policy.plan.texts.get(*id as usize).cloned(),
        Value::Text(text) => Some(text.clone()),
        Value::Set(_) => None,
    }
}
