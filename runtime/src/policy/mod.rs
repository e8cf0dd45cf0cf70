//! A plan, ready to decide by: its engine, and what it means for each type of event.

pub(crate) mod crowds;
pub(crate) mod entrances;
pub(crate) mod journeys;
pub(crate) mod watches;

use crate::history::Layout;
use crate::intake::Schema;
use crate::journey::Proposal;
use crate::profile::{Record, zone_in};
use crate::state::TextPlaces;
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

/// A policy that runs. Shared by all profiles; nothing in it changes. What is shared within it belongs to other versions
/// of the policy, too, that differ in some messages only.
pub struct Policy {
    /// What it decides by.
    pub plan: Arc<Plan>,
    /// What evaluates its expressions.
    pub engine: Engine,
    /// How events are read.
    pub schema: Arc<Schema>,
    /// What of the past is kept, and for which questions.
    pub history: Arc<Layout>,
    /// How the state of customers names texts.
    pub(crate) texts: Arc<TextPlaces>,
    /// `name@sha256`, as it stands in records.
    pub version: SmolStr,
    /// The first bytes of that hash: they tell to which version of a policy the state of a customer belongs.
    pub(crate) fingerprint: [u8; 8],
    /// What is known of a customer of whom nothing is known: attributes, and the time zone that they say.
    pub(crate) blank: (Record, &'static Zone),
    /// By event type.
    pub(crate) events: Arc<[OnEvent]>,
    /// By segment.
    pub(crate) enter: Arc<[Vec<TriggerRef>]>,
    /// By segment.
    pub(crate) leave: Arc<[Vec<TriggerRef>]>,
    /// What is looked at again when something changes.
    pub(crate) watches: Arc<Watches>,
    /// By atom: whether its answer lasts as long as nothing about the customer changes; others depend on the event
    /// that proposes.
    pub(crate) lasting: Vec<bool>,
    /// By message: whether consent to its channels depends on events alone.
    pub(crate) closable: Arc<[bool]>,
    /// By message: its tags, as sends keep them.
    pub(crate) tags: Arc<[Arc<[TagId]>]>,
    /// By message: whether its guard asks for what takes time to find out, so that it is judged clause by clause.
    pub(crate) costly: Vec<bool>,
    /// What journeys and experiments need to know of the plan.
    pub(crate) journeys: JourneyIndex,
    /// The messages of each placement.
    pub(crate) placements: Arc<[Vec<MessageId>]>,
    /// By event: what it proposes at once.
    pub(crate) crowds: Vec<Option<Crowd>>,
    /// By placement: what it shows at once.
    pub(crate) displayed: Vec<Option<Crowd>>,
    /// The slots that the proposing event fills.
    pub(crate) event_slots: Arc<[SlotId]>,
    /// Attributes to which some channel's grants belong.
    pub(crate) addresses: Arc<[AttributeId]>,
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
        let closable: Arc<[bool]> =
            plan.messages.iter().map(|message| watches::is_closable(&plan, message)).collect();
        let event_slots = event_slots(&engine);
        let journeys = JourneyIndex::new(&engine);
        let history = Layout::new(&plan);
        let [crowds, displayed] = crowds::crowds(&engine, &history, &journeys);
        let [enter, leave] = segment_triggers(&plan);
        let mut policy = Policy {
            schema: Arc::new(Schema::new(&plan)),
            history: Arc::new(history),
            texts: Arc::new(TextPlaces::of(&plan)),
            version: version(&plan, &hash),
            fingerprint: fingerprint(&hash),
            blank: (Record::blank(&plan), Zone::utc()),
            events: events(&engine).into(),
            enter: enter.into(),
            leave: leave.into(),
            watches: Arc::new(Watches::new(&engine, &closable)),
            lasting: plan.atoms.iter().map(|atom| lasts(&engine, &event_slots, atom)).collect(),
            costly: (0..plan.messages.len()).map(|at| is_costly(&engine, MessageId::at(at))).collect(),
            tags: plan.messages.iter().map(|message| tags(&message.tags)).collect(),
            closable,
            journeys,
            placements: placements(&plan).into(),
            crowds,
            displayed,
            event_slots,
            addresses: addresses(&plan),
            remember_sends: remember_sends(&plan),
            engine,
            plan,
        };
        policy.blank.1 = zone_in(&policy, &policy.blank.0);
        policy
    }

    /// The same policy, where its plan differs in some messages only ([`comity_compiler::incremental::Edited`]), to be
    /// evaluated by this engine; `hash` is the plan's.
    pub fn amended(&self, engine: Engine, messages: &[MessageId], hash: [u8; 32]) -> Policy {
        let plan = Arc::clone(engine.plan());
        let keeps = Kept::amended(self, &plan);
        let event_slots = match keeps.slots {
            true => event_slots(&engine),
            false => Arc::clone(&self.event_slots),
        };
        let mut lasting = self.lasting.clone();
        let new = plan.atoms.iter().skip(lasting.len());
        lasting.extend(new.map(|atom| lasts(&engine, &event_slots, atom)));
        let mut costly = self.costly.clone();
        for message in messages {
            costly[message.index()] = is_costly(&engine, *message);
        }
        let is_scheduled = |trigger: &Trigger| matches!(trigger, Trigger::Every { .. });
        let mut changed = messages.iter().map(|message| &plan.messages[message.index()]);
        let watches = match keeps.history || changed.any(|message| message.triggers.iter().any(is_scheduled))
        {
            true => Arc::new(Watches::new(&engine, &self.closable)),
            false => Arc::clone(&self.watches),
        };
        let history = match keeps.history {
            true => Arc::new(Layout::new(&plan)),
            false => Arc::clone(&self.history),
        };
        let journeys = self.journeys.amended(&engine, messages, keeps.slots || keeps.texts);
        let of_slate =
            |crowd: &Option<Crowd>| crowd.as_ref().map(|crowd| crowd.amended(&engine, &history, &journeys));
        Policy {
            schema: match keeps.slots || keeps.texts {
                true => Arc::new(self.schema.amended(&plan)),
                false => Arc::clone(&self.schema),
            },
            texts: match keeps.texts {
                true => Arc::new(TextPlaces::of(&plan)),
                false => Arc::clone(&self.texts),
            },
            version: version(&plan, &hash),
            fingerprint: fingerprint(&hash),
            blank: self.blank.clone(),
            events: match keeps.slots {
                true => events(&engine).into(),
                false => Arc::clone(&self.events),
            },
            enter: Arc::clone(&self.enter),
            leave: Arc::clone(&self.leave),
            watches,
            lasting,
            costly,
            tags: Arc::clone(&self.tags),
            closable: Arc::clone(&self.closable),
            placements: Arc::clone(&self.placements),
            crowds: self.crowds.iter().map(of_slate).collect(),
            displayed: self.displayed.iter().map(of_slate).collect(),
            history,
            journeys,
            event_slots,
            addresses: Arc::clone(&self.addresses),
            remember_sends: self.remember_sends,
            engine,
            plan,
        }
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
}

/// What an amended plan keeps otherwise than the one before.
struct Kept {
    texts: bool,
    /// What slots hold, which is otherwise wherever windows are.
    slots: bool,
    history: bool,
}

impl Kept {
    fn amended(before: &Policy, plan: &Plan) -> Kept {
        let before = &before.plan;
        let history = plan.windows != before.windows || plan.streams != before.streams;
        Kept {
            texts: plan.texts_in_order != before.texts_in_order || plan.texts.len() != before.texts.len(),
            slots: history || plan.slots != before.slots,
            history,
        }
    }
}

/// As it stands in records.
fn version(plan: &Plan, hash: &[u8; 32]) -> SmolStr {
    let hash = hash.iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
    SmolStr::new(format!("{}@{hash}", plan.policy))
}

fn fingerprint(hash: &[u8; 32]) -> [u8; 8] {
    let mut fingerprint = [0; 8];
    fingerprint.copy_from_slice(&hash[..8]);
    fingerprint
}

/// What each type of event can matter to.
fn events(engine: &Engine) -> Vec<OnEvent> {
    let plan = engine.plan();
    let mut events: Vec<OnEvent> = plan.events.iter().map(|_| OnEvent::default()).collect();
    for (on, reference) in triggers(plan) {
        if let Trigger::Event { event, .. } = on {
            events[event.index()].triggers.push(reference);
        }
    }
    for (index, slot) in plan.slots.iter().enumerate() {
        let Source::Event(name) = slot.source else { continue };
        for (event, on) in plan.events.iter().zip(&mut events) {
            let same = |field: &Field| field.name == plan.texts[name.index()] && field.ty == slot.ty;
            if let Some(field) = event.fields.iter().position(same) {
                on.slots.push((SlotId::at(index), field as u32));
            }
        }
    }
    for event in journeys::stops(plan) {
        events[event.index()].stops_journeys = true;
    }
    for (index, journey) in plan.journeys.iter().enumerate() {
        for event in journey.triggers.iter().filter_map(journeys::event_of) {
            let starts = &mut events[event.index()].starts;
            // Several of its `on`s can ask for one event.
            if starts.last() != Some(&JourneyId::at(index)) {
                starts.push(JourneyId::at(index));
            }
        }
    }
    for event in journeys::events(plan) {
        events[event.index()].moves_journeys = true;
    }
    for (index, stream) in plan.streams.iter().enumerate() {
        events[stream.event.index()].streams.add(plan, StreamId::at(index), engine.is_counting());
    }
    events
}

/// All `on`s of messages.
fn triggers(plan: &Plan) -> impl Iterator<Item = (&Trigger, TriggerRef)> {
    plan.messages.iter().enumerate().flat_map(|(index, message)| {
        let message = (message, MessageId::at(index));
        let triggers = message.0.triggers.iter().zip(0..);
        triggers.map(move |(on, trigger)| (on, TriggerRef { message: message.1, trigger }))
    })
}

/// By segment the messages that entering, and that leaving proposes.
fn segment_triggers(plan: &Plan) -> [Vec<Vec<TriggerRef>>; 2] {
    let [mut enter, mut leave] = [0, 1].map(|_| vec![Vec::new(); plan.segments.len()]);
    for (on, reference) in triggers(plan) {
        match *on {
            Trigger::Enter(segment) => enter[segment.index()].push(reference),
            Trigger::Leave(segment) => leave[segment.index()].push(reference),
            // The schedules are watches.
            Trigger::Event { .. } | Trigger::Every { .. } => {}
        }
    }
    [enter, leave]
}

/// The messages of each placement.
fn placements(plan: &Plan) -> Vec<Vec<MessageId>> {
    let mut placements = vec![Vec::new(); plan.placements.len()];
    for (index, message) in plan.messages.iter().enumerate() {
        for on in &message.displays {
            placements[on.placement.index()].push(MessageId::at(index));
        }
    }
    placements
}

/// The slots that the proposing event fills, and those of questions to the history that are compared with it.
fn event_slots(engine: &Engine) -> Arc<[SlotId]> {
    let plan = engine.plan();
    let source = |slot: &SlotId| &plan.slots[slot.index()].source;
    let of_event = |slot: &SlotId| match source(slot) {
        Source::Event(_) => true,
        Source::Window(window) => plan.windows[window.index()].filter.is_some_and(|filter| {
            engine.slots(filter).iter().any(|slot| matches!(source(slot), Source::Event(_)))
        }),
        _ => false,
    };
    (0..plan.slots.len()).map(SlotId::at).filter(of_event).collect()
}

fn lasts(engine: &Engine, event_slots: &[SlotId], atom: &Atom) -> bool {
    !engine.slots(atom.expr).iter().any(|slot| event_slots.binary_search(slot).is_ok())
}

fn is_costly(engine: &Engine, message: MessageId) -> bool {
    let source = |slot: &SlotId| &engine.plan().slots[slot.index()].source;
    let takes_time =
        |slot: &SlotId| matches!(source(slot), Source::Window(_) | Source::Consent(..) | Source::Predict(_));
    engine.guard_slots(message).iter().any(takes_time)
}

fn addresses(plan: &Plan) -> Arc<[AttributeId]> {
    let mut addresses = Vec::new();
    for channel in &plan.channels {
        if let ChannelKind::Address(attribute) = channel.kind
            && !addresses.contains(&attribute)
        {
            addresses.push(attribute);
        }
    }
    addresses.into()
}

fn remember_sends(plan: &Plan) -> i64 {
    let caps = plan.caps.iter().map(|cap| match cap.span {
        CapSpan::Rolling(length) => length,
        CapSpan::Day | CapSpan::Week | CapSpan::Month => LONGEST_CALENDAR_CAP,
    });
    // Journeys wait for reports on what they sent as long as they say.
    let waits = journeys::longest_wait(plan).saturating_add(REPORTS_COME_WITHIN);
    caps.fold(waits, i64::max)
}
