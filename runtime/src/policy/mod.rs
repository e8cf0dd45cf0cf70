//! A plan, ready to decide by: its engine, and what it means for each type of event.

pub(crate) mod crowds;
pub(crate) mod entrances;
pub(crate) mod journeys;
pub(crate) mod watches;

use crate::history::Layout;
use crate::intake::Schema;
use crate::journey::Proposal;
use crate::profile::{Record, zone_in};
use crate::zone::Zone;
use comity_compiler::engine::Engine;
use comity_compiler::ids::*;
use comity_compiler::plan::{Atom, CapSpan, ChannelKind, Field, Plan, Source, StepKind, Trigger};
use comity_compiler::value::Value;
use crowds::Crowd;
use entrances::Entrances;
use journeys::JourneyIndex;
use smol_str::SmolStr;
use std::sync::Arc;
use watches::Watches;

/// A policy that runs. Shared by all profiles; nothing in it changes.
pub struct Policy {
    /// What it decides by.
    pub plan: Arc<Plan>,
    /// What evaluates its expressions.
    pub engine: Engine,
    /// How events are read.
    pub schema: Schema,
    /// What of the past is kept, and for which questions.
    pub history: Layout,
    /// `name@sha256`, as it stands in records.
    pub version: SmolStr,
    /// The first bytes of that hash: they tell to which version of a policy the state of a customer belongs.
    pub(crate) fingerprint: [u8; 8],
    /// What is known of a customer of whom nothing is known: attributes, and the time zone that they say.
    pub(crate) blank: (Record, &'static Zone),
    /// By event type.
    pub(crate) events: Vec<OnEvent>,
    /// By segment.
    pub(crate) enter: Vec<Vec<TriggerRef>>,
    /// By segment.
    pub(crate) leave: Vec<Vec<TriggerRef>>,
    /// What is looked at again when something changes.
    pub(crate) watches: Watches,
    /// By atom: whether its answer lasts as long as nothing about the customer changes; others depend on the event
    /// that proposes.
    pub(crate) lasting: Vec<bool>,
    /// By message: whether consent to its channels depends on events alone.
    pub(crate) closable: Vec<bool>,
    /// By message: its tags, as sends keep them.
    pub(crate) tags: Vec<Arc<[TagId]>>,
    /// By message: whether its guard asks for what takes time to find out, so that it is judged clause by clause.
    pub(crate) costly: Vec<bool>,
    /// What journeys and experiments need to know of the plan.
    pub(crate) journeys: JourneyIndex,
    /// The messages of each placement.
    pub(crate) placements: Vec<Vec<MessageId>>,
    /// By event: what it proposes at once.
    pub(crate) crowds: Vec<Option<Crowd>>,
    /// By placement: what it shows at once.
    pub(crate) displayed: Vec<Option<Crowd>>,
    /// The slots that the proposing event fills.
    pub(crate) event_slots: Vec<SlotId>,
    /// Attributes to which some channel's grants belong.
    pub(crate) addresses: Vec<AttributeId>,
    /// How long sends are remembered, µs.
    pub(crate) remember_sends: i64,
}

/// What an event of one type can matter to.
#[derive(Default)]
pub(crate) struct OnEvent {
    /// The messages that it may propose.
    pub(crate) triggers: Vec<TriggerRef>,
    /// The parts of the history that it may enter.
    pub(crate) streams: Entrances,
    /// Whether it can end, move or start an instance of a journey, or meet a goal.
    pub(crate) moves_journeys: bool,
    /// The journeys that it may start.
    pub(crate) starts: Vec<JourneyId>,
    /// Whether it can end an instance.
    pub(crate) stops_journeys: bool,
    /// Which of its fields fill which slots of the proposing event.
    pub(crate) slots: Vec<(SlotId, u32)>,
}

/// One `on` of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TriggerRef {
    pub(crate) message: MessageId,
    /// Position in the message's triggers.
    pub(crate) trigger: u32,
}

/// Reports on a message (opens, failures) are matched to sends for at least this long.
const REPORTS_COME_WITHIN: i64 = 30 * 24 * 3_600_000_000;
/// A calendar month, and what a change of zone can add to it.
const LONGEST_CALENDAR_CAP: i64 = 34 * 24 * 3_600_000_000;

/// Those who have none share one list.
fn tags(tags: &[TagId]) -> Arc<[TagId]> {
    if tags.is_empty() { Arc::default() } else { tags.into() }
}

impl Policy {
    /// Makes a plan ready, to be evaluated by this engine.
    pub fn new(engine: Engine) -> Policy {
        let plan = Arc::clone(engine.plan());
        let hash = plan.hash();
        let mut fingerprint = [0; 8];
        fingerprint.copy_from_slice(&hash[..8]);
        let hash = hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        let closable: Vec<bool> =
            plan.messages.iter().map(|message| watches::is_closable(&plan, message)).collect();
        let mut policy = Policy {
            schema: Schema::new(&plan),
            history: Layout::new(&plan),
            version: SmolStr::new(format!("{}@{hash}", plan.policy)),
            fingerprint,
            blank: (Record::blank(&plan), Zone::utc()),
            events: plan.events.iter().map(|_| OnEvent::default()).collect(),
            enter: plan.segments.iter().map(|_| Vec::new()).collect(),
            leave: plan.segments.iter().map(|_| Vec::new()).collect(),
            watches: Watches::new(&engine, &closable),
            lasting: Vec::new(),
            costly: Vec::new(),
            tags: plan.messages.iter().map(|message| tags(&message.tags)).collect(),
            closable,
            journeys: JourneyIndex::new(&engine),
            placements: plan.placements.iter().map(|_| Vec::new()).collect(),
            crowds: Vec::new(),
            displayed: Vec::new(),
            event_slots: Vec::new(),
            addresses: Vec::new(),
            remember_sends: REPORTS_COME_WITHIN,
            engine,
            plan: Arc::clone(&plan),
        };
        policy.blank.1 = zone_in(&policy, &policy.blank.0);
        [policy.crowds, policy.displayed] = crowds::crowds(&policy.engine, &policy.journeys.guard_arms);
        policy.index_messages(&plan);
        policy.index_slots(&plan);
        for event in journeys::stops(&plan) {
            policy.events[event.index()].stops_journeys = true;
        }
        for (index, journey) in plan.journeys.iter().enumerate() {
            for event in journey.triggers.iter().filter_map(journeys::event_of) {
                let starts = &mut policy.events[event.index()].starts;
                // Several of its `on`s can ask for one event.
                if starts.last() != Some(&JourneyId::at(index)) {
                    starts.push(JourneyId::at(index));
                }
            }
        }
        for event in journeys::events(&plan) {
            policy.events[event.index()].moves_journeys = true;
        }
        for (index, stream) in plan.streams.iter().enumerate() {
            let counting = policy.engine.is_counting();
            policy.events[stream.event.index()].streams.add(&plan, StreamId::at(index), counting);
        }
        for channel in &plan.channels {
            if let ChannelKind::Address(attribute) = channel.kind
                && !policy.addresses.contains(&attribute)
            {
                policy.addresses.push(attribute);
            }
        }
        for cap in &plan.caps {
            let span = match cap.span {
                CapSpan::Rolling(length) => length,
                CapSpan::Day | CapSpan::Week | CapSpan::Month => LONGEST_CALENDAR_CAP,
            };
            policy.remember_sends = policy.remember_sends.max(span);
        }
        // Journeys wait for reports on what they sent as long as they say.
        let waits = journeys::longest_wait(&plan).saturating_add(REPORTS_COME_WITHIN);
        policy.remember_sends = policy.remember_sends.max(waits);
        policy
    }

    /// A text as it is kept.
    pub(crate) fn text(&self, text: &str) -> Value {
        match self.engine.text_id(text) {
            Some(id) => Value::Cell(u64::from(id.0)),
            None => Value::Text(text.into()),
        }
    }

    /// The channels of a journey's message that have not been tried.
    pub(crate) fn via(&self, proposal: &Proposal) -> &[ChannelId] {
        let journey = self.plan.journeys.get(proposal.origin.journey.index());
        match journey.and_then(|journey| journey.steps.get(proposal.step as usize)).map(|step| &step.kind) {
            Some(StepKind::Send { via, .. }) => via.get(usize::from(proposal.tried)..).unwrap_or_default(),
            _ => &[],
        }
    }

    fn index_messages(&mut self, plan: &Plan) {
        for (index, message) in plan.messages.iter().enumerate() {
            for (trigger, on) in message.triggers.iter().enumerate() {
                let reference = TriggerRef { message: MessageId::at(index), trigger: trigger as u32 };
                match *on {
                    Trigger::Event { event, .. } => self.events[event.index()].triggers.push(reference),
                    Trigger::Enter(segment) => self.enter[segment.index()].push(reference),
                    Trigger::Leave(segment) => self.leave[segment.index()].push(reference),
                    // A watch.
                    Trigger::Every { .. } => {}
                }
            }
            for on in &message.displays {
                self.placements[on.placement.index()].push(MessageId::at(index));
            }
        }
    }

    fn index_slots(&mut self, plan: &Plan) {
        let source = |slot: &SlotId| &plan.slots[slot.index()].source;
        // Also what a question to the history compares with the event.
        let of_event = |slot: &SlotId| match source(slot) {
            Source::Event(_) => true,
            Source::Window(window) => plan.windows[window.index()].filter.is_some_and(|filter| {
                self.engine.slots(filter).iter().any(|slot| matches!(source(slot), Source::Event(_)))
            }),
            _ => false,
        };
        self.event_slots = (0..plan.slots.len()).map(SlotId::at).filter(of_event).collect();
        let lasts = |atom: &Atom| !self.engine.slots(atom.expr).iter().any(of_event);
        self.lasting = plan.atoms.iter().map(lasts).collect();
        let takes_time = |slot: &SlotId| {
            matches!(source(slot), Source::Window(_) | Source::Consent(..) | Source::Predict(_))
        };
        let messages = (0..plan.messages.len()).map(MessageId::at);
        self.costly = messages.map(|id| self.engine.guard_slots(id).iter().any(takes_time)).collect();
        for (index, slot) in plan.slots.iter().enumerate() {
            let Source::Event(name) = slot.source else { continue };
            for (event, on) in plan.events.iter().zip(&mut self.events) {
                let same = |field: &Field| field.name == plan.texts[name.index()] && field.ty == slot.ty;
                if let Some(field) = event.fields.iter().position(same) {
                    on.slots.push((SlotId::at(index), field as u32));
                }
            }
        }
    }
}
