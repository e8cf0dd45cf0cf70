//! Which event leads to which message, and on which channel or placement it goes out.

use super::journey::occasion;
use super::{Arrow, Card, Diagram, Kind, Line};
use crate::plan::{Plan, StepKind, Trigger};
use std::collections::BTreeMap;

/// The columns.
const STARTS: u32 = 0;
const JOURNEYS: u32 = 1;
const MESSAGES: u32 = 2;
const WAYS: u32 = 3;

/// Where there are more messages, their cards name the channels: nobody could follow so many arrows.
const CROWD: usize = 12;

/// The message flow of a policy; nothing where it has no message.
pub(super) fn diagram(plan: &Plan) -> Diagram {
    if plan.messages.is_empty() {
        return Diagram::default();
    }
    let mut builder = Builder { plan, cards: Vec::new(), arrows: Vec::new(), starts: BTreeMap::new() };
    builder.build();
    Diagram {
        name: plan.policy.to_string(),
        caption: "message flow".to_owned(),
        facts: Vec::new(),
        cards: builder.cards,
        arrows: builder.arrows,
        in_columns: true,
    }
}

/// The channels and placements of a message.
fn ways(plan: &Plan, message: &crate::plan::Message) -> String {
    let channels = message.routes.iter().filter_map(|way| plan.channels.get(way.channel.index()));
    let placements = message.displays.iter().filter_map(|one| plan.placements.get(one.placement.index()));
    let names = channels.map(|one| one.name.as_str()).chain(placements.map(|one| one.name.as_str()));
    names.collect::<Vec<_>>().join(", ")
}

struct Builder<'p> {
    plan: &'p Plan,
    cards: Vec<Card>,
    arrows: Vec<Arrow>,
    /// By what they say.
    starts: BTreeMap<String, usize>,
}

impl Builder<'_> {
    fn build(&mut self) {
        let plan = self.plan;
        // What starts something comes first, so that cards have the order of the policy's names.
        for journey in &plan.journeys {
            let stops = journey.stops.iter().map(|stop| &stop.on);
            journey.triggers.iter().chain(stops).for_each(|on| _ = self.start(on));
        }
        for message in &plan.messages {
            message.triggers.iter().for_each(|on| _ = self.start(on));
        }
        let is_crowded = plan.messages.len() > CROWD;
        let journeys: Vec<usize> = plan.journeys.iter().map(|one| self.journey(one)).collect();
        let messages: Vec<usize> = plan
            .messages
            .iter()
            .map(|message| {
                let class = plan.classes.get(message.class.index()).map_or("?", |class| &class.name);
                let mut lines = vec![class.to_owned()];
                if is_crowded {
                    lines.push(ways(plan, message));
                }
                self.add(Kind::Message, message.name.to_string(), lines, MESSAGES)
            })
            .collect();
        if is_crowded {
            return self.connect(&journeys, &messages, &[], &[]);
        }
        let used = |id: usize| {
            plan.messages.iter().any(|one| one.routes.iter().any(|way| way.channel.index() == id))
        };
        let channels: Vec<Option<usize>> = (0..plan.channels.len())
            .map(|id| {
                used(id)
                    .then(|| self.add(Kind::Channel, plan.channels[id].name.to_string(), Vec::new(), WAYS))
            })
            .collect();
        let shown = |id: usize| {
            plan.messages.iter().any(|one| one.displays.iter().any(|display| display.placement.index() == id))
        };
        let placements: Vec<Option<usize>> = (0..plan.placements.len())
            .map(|id| {
                let on = plan
                    .channels
                    .get(plan.placements[id].channel.index())
                    .map_or("?", |channel| &channel.name);
                let lines = vec![format!("on {on}")];
                shown(id)
                    .then(|| self.add(Kind::Placement, plan.placements[id].name.to_string(), lines, WAYS))
            })
            .collect();
        self.connect(&journeys, &messages, &channels, &placements);
    }

    /// The arrows between the cards of journeys, messages, channels and placements.
    fn connect(
        &mut self,
        journeys: &[usize],
        messages: &[usize],
        channels: &[Option<usize>],
        placements: &[Option<usize>],
    ) {
        let plan = self.plan;
        for (journey, &card) in plan.journeys.iter().zip(journeys) {
            for on in &journey.triggers {
                let start = self.start(on);
                self.arrow(start, card, Line::Plain);
            }
            for stop in &journey.stops {
                let start = self.start(&stop.on);
                self.arrow(start, card, Line::Stop);
            }
            for step in &journey.steps {
                if let StepKind::Send { message, .. } = step.kind
                    && let Some(message) = messages.get(message.index())
                {
                    self.arrow(card, *message, Line::Plain);
                }
            }
        }
        for (message, &card) in plan.messages.iter().zip(messages) {
            for on in &message.triggers {
                let start = self.start(on);
                self.arrow(start, card, Line::Plain);
            }
            let ways =
                message.routes.iter().filter_map(|way| channels.get(way.channel.index()).copied().flatten());
            let displays = message.displays.iter();
            let displays =
                displays.filter_map(|one| placements.get(one.placement.index()).copied().flatten());
            for way in ways.chain(displays) {
                self.arrow(card, way, Line::Plain);
            }
        }
    }

    fn journey(&mut self, journey: &crate::plan::Journey) -> usize {
        let entered = journey.steps.iter().filter_map(|step| match step.kind {
            StepKind::Enter { journey, .. } => self.plan.journeys.get(journey.index()),
            _ => None,
        });
        let mut lines: Vec<String> = entered.map(|other| format!("enters {}", other.name)).collect();
        lines.dedup();
        self.add(Kind::Journey, journey.name.to_string(), lines, JOURNEYS)
    }

    /// The card of what starts something; which of the events is left to the journeys and messages.
    fn start(&mut self, on: &Trigger) -> usize {
        let (name, _) = occasion(self.plan, on);
        if let Some(known) = self.starts.get(&name) {
            return *known;
        }
        let card = self.add(Kind::Event, name.clone(), Vec::new(), STARTS);
        self.starts.insert(name, card);
        card
    }

    fn add(&mut self, kind: Kind, title: String, lines: Vec<String>, column: u32) -> usize {
        self.cards.push(Card { kind, title, lines, column });
        self.cards.len() - 1
    }

    fn arrow(&mut self, from: usize, to: usize, line: Line) {
        let arrow = Arrow { from, to, label: None, line };
        if !self.arrows.contains(&arrow) {
            self.arrows.push(arrow);
        }
    }
}
