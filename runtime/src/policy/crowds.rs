//! What one occasion proposes at once, where an index decides about it ([`comity_compiler::index`]).

use super::TriggerRef;
use comity_compiler::engine::Engine;
use comity_compiler::ids::*;
use comity_compiler::index::{Occasion, SlateId};
use comity_compiler::plan::{Plan, Source, StepKind, Trigger};

/// The messages that an occasion proposes.
pub(crate) struct Crowd {
    /// Those that the index decides about.
    pub(crate) slate: SlateId,
    /// The slots of attributes that the index looks at.
    pub(crate) attributes: Vec<(SlotId, AttributeId)>,
    /// Its other slots, except those of the proposing event.
    pub(crate) others: Vec<SlotId>,
    /// The messages that the index doesn't know, as they are proposed by an event.
    pub(crate) loose: Vec<TriggerRef>,
    /// The channels of messages of the slate that have quiet hours.
    pub(crate) quiet: Vec<ChannelId>,
    /// The holdouts that messages of the slate can be held out by.
    pub(crate) holdouts: Vec<HoldoutId>,
    /// Whether what journeys do within a step can change what is proposed.
    pub(crate) follows_journeys: bool,
}

impl Crowd {
    /// Whether the index decides about a message.
    pub(crate) fn has(&self, engine: &Engine, message: MessageId) -> bool {
        engine.slates().get(self.slate).messages.binary_search(&message).is_ok()
    }
}

/// The crowds of all occasions that an index knows, by event and by placement.
pub(super) fn crowds(engine: &Engine, guard_arms: &[Vec<ExperimentId>]) -> [Vec<Option<Crowd>>; 2] {
    let plan = engine.plan();
    let mut by_event: Vec<Option<Crowd>> = plan.events.iter().map(|_| None).collect();
    let mut by_placement: Vec<Option<Crowd>> = plan.placements.iter().map(|_| None).collect();
    for (index, slate) in engine.slates().all.iter().enumerate() {
        // Who is held back by an arm alone is exposed to it: that is found out message by message (reference §11).
        if slate.messages.iter().any(|message| !guard_arms[message.index()].is_empty()) {
            continue;
        }
        let mut crowd = crowd(plan, SlateId(index as u32), &slate.messages, slate.occasion);
        for slot in &slate.slots {
            match plan.slots[slot.index()].source {
                Source::Attribute(attribute) => crowd.attributes.push((*slot, attribute)),
                Source::Event(_) => {}
                _ => crowd.others.push(*slot),
            }
        }
        let crowd = Some(crowd);
        match slate.occasion {
            Occasion::Event(event) => by_event[event.index()] = crowd,
            Occasion::Placement(placement) => by_placement[placement.index()] = crowd,
        }
    }
    [by_event, by_placement]
}

fn crowd(plan: &Plan, slate: SlateId, members: &[MessageId], occasion: Occasion) -> Crowd {
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
    Crowd {
        slate,
        attributes: Vec::new(),
        others: Vec::new(),
        loose,
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
