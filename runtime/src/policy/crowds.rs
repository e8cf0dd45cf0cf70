//! What one occasion proposes at once, where an index decides about it ([`comity_compiler::index`]).

use super::TriggerRef;
use super::journeys::JourneyIndex;
use crate::history::Layout;
use comity_compiler::engine::Engine;
use comity_compiler::ids::*;
use comity_compiler::index::{Occasion, Slate, SlateId};
use comity_compiler::plan::{Plan, Source, StepKind, Trigger};
use std::sync::Arc;

/// The messages that an occasion proposes.
#[derive(Clone)]
pub(crate) struct Crowd {
    /// Those that the index decides about.
    pub(crate) slate: SlateId,
    /// The slots of attributes that the index looks at.
    pub(crate) attributes: Vec<(SlotId, AttributeId)>,
    /// The slots of questions to the history, with their places in the record of the answers.
    pub(crate) aggregates: Vec<(SlotId, usize)>,
    /// Its slots that aren't of attributes or the proposing event: those questions, too, where the answer isn't known.
    pub(crate) others: Vec<SlotId>,
    /// The messages that the index doesn't know, as they are proposed by an event.
    pub(crate) loose: Arc<[TriggerRef]>,
    /// The channels of messages of the slate that have quiet hours.
    pub(crate) quiet: Vec<ChannelId>,
    /// The holdouts that messages of the slate can be held out by.
    pub(crate) holdouts: Vec<HoldoutId>,
    /// Experiments whose arm a score or a gate of a channel asks for: until the customer is exposed to them, each message is
    /// looked at by itself.
    pub(crate) arms: Vec<ExperimentId>,
    /// Whether what journeys do within a step can change what is proposed.
    pub(crate) follows_journeys: bool,
}

impl Crowd {
    /// Whether the index decides about a message.
    pub(crate) fn has(&self, engine: &Engine, message: MessageId) -> bool {
        engine.slates().get(self.slate).messages.binary_search(&message).is_ok()
    }

    /// The same, where some of its messages ask for something else now.
    pub(super) fn amended(&self, engine: &Engine, history: &Layout, journeys: &JourneyIndex) -> Crowd {
        let slate = engine.slates().get(self.slate);
        let Slots { attributes, aggregates, others } = slots(engine.plan(), history, slate);
        Crowd { attributes, aggregates, others, arms: arms(slate, journeys), ..self.clone() }
    }
}

/// The crowds of all occasions that an index knows, by event and by placement.
pub(super) fn crowds(engine: &Engine, history: &Layout, journeys: &JourneyIndex) -> [Vec<Option<Crowd>>; 2] {
    let plan = engine.plan();
    let mut by_event: Vec<Option<Crowd>> = plan.events.iter().map(|_| None).collect();
    let mut by_placement: Vec<Option<Crowd>> = plan.placements.iter().map(|_| None).collect();
    for (index, slate) in engine.slates().all.iter().enumerate() {
        // Who is held back by an arm alone is exposed to it: that is found out message by message (reference §11).
        if slate.messages.iter().any(|message| journeys.arms[message.index()].iter().any(|asked| asked.guard))
        {
            continue;
        }
        let crowd = Some(crowd(engine, SlateId(index as u32), history, journeys));
        match slate.occasion {
            Occasion::Event(event) => by_event[event.index()] = crowd,
            Occasion::Placement(placement) => by_placement[placement.index()] = crowd,
        }
    }
    [by_event, by_placement]
}

/// The experiments for which the gates of the channels, or the scores, of a slate's messages ask.
fn arms(slate: &Slate, journeys: &JourneyIndex) -> Vec<ExperimentId> {
    let asked = slate.messages.iter().flat_map(|message| &journeys.arms[message.index()]);
    let mut arms: Vec<_> = asked.filter(|asked| asked.ways).map(|asked| asked.experiment).collect();
    arms.sort_unstable();
    arms.dedup();
    arms
}

/// The slots that a slate looks at.
struct Slots {
    attributes: Vec<(SlotId, AttributeId)>,
    aggregates: Vec<(SlotId, usize)>,
    /// Those of no attribute and not of the proposing event.
    others: Vec<SlotId>,
}

fn slots(plan: &Plan, history: &Layout, slate: &Slate) -> Slots {
    let (mut attributes, mut aggregates, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for slot in &slate.slots {
        match plan.slots[slot.index()].source {
            Source::Attribute(attribute) => attributes.push((*slot, attribute)),
            Source::Event(_) => {}
            ref source => {
                if let Source::Window(window) = source {
                    aggregates.extend(history.aggregate(*window).map(|place| (*slot, place)));
                }
                others.push(*slot);
            }
        }
    }
    Slots { attributes, aggregates, others }
}

fn crowd(engine: &Engine, id: SlateId, history: &Layout, journeys: &JourneyIndex) -> Crowd {
    let plan = engine.plan();
    let slate = engine.slates().get(id);
    let (members, occasion) = (&slate.messages, slate.occasion);
    let mut loose = Vec::new();
    for (index, message) in plan.messages.iter().enumerate() {
        let id = MessageId::at(index);
        for (trigger, on) in message.triggers.iter().enumerate() {
            let is_asked = matches!(on, Trigger::Event { event, .. } if occasion == Occasion::Event(*event));
            if is_asked && members.binary_search(&id).is_err() {
                loose.push(TriggerRef { message: id, trigger: trigger as u32 });
            }
        }
    }
    let messages = || members.iter().map(|id| &plan.messages[id.index()]);
    let class = |id: ClassId| &plan.classes[id.index()];
    let mut quiet: Vec<ChannelId> = messages()
        .filter(|message| !class(message.class).ignores_quiet)
        .flat_map(|message| {
            let shown = message.displays.iter().map(|display| display.route.channel);
            message.routes.iter().map(|route| route.channel).chain(shown)
        })
        .filter(|channel| !plan.channels[channel.index()].quiet.is_empty())
        .collect();
    quiet.sort_unstable();
    quiet.dedup();
    let governs = |holdout: &HoldoutId| {
        let classes = &plan.holdouts[holdout.index()].classes;
        messages().any(|m| classes.contains(&m.class) && !class(m.class).ignores_holdout)
    };
    let sets = |kind: &StepKind| matches!(kind, StepKind::Set { .. });
    let asks = |source: &Source| matches!(source, Source::InJourney(_));
    let Slots { attributes, aggregates, others } = slots(plan, history, slate);
    Crowd {
        slate: id,
        attributes,
        aggregates,
        others,
        loose: loose.into(),
        arms: arms(slate, journeys),
        quiet,
        holdouts: (0..plan.holdouts.len()).map(HoldoutId::at).filter(governs).collect(),
        follows_journeys: plan
            .journeys
            .iter()
            .flat_map(|journey| &journey.steps)
            .any(|step| sets(&step.kind))
            || plan.slots.iter().any(|slot| asks(&slot.source)),
    }
}
