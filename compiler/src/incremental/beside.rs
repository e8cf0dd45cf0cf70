//! What has to be read beside a message: the journeys that send it, which say what its event is and which data leads to
//! it, with all that these name in their turn.

use super::{Declared, Kind};
use crate::checked::Checked;
use crate::ids::*;
use crate::plan::*;
use crate::source::Project;
use crate::types::Type;
use rustc_hash::FxHashMap;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// A declaration: its file, and its position there.
pub(super) type Position = (FileId, usize);

/// So many declarations at most are read beside a message.
const MOST: usize = 100;

/// What journeys and messages name of each other.
pub(super) struct Relations {
    /// By name, of those that the project itself declares.
    declared: FxHashMap<SmolStr, Position>,
    /// By journey: the messages that it sends, and the journeys that it enters or that enter it.
    journeys: Vec<(Vec<MessageId>, Vec<JourneyId>)>,
    senders: FxHashMap<MessageId, Vec<JourneyId>>,
    /// They are asked for by what isn't sent or entered: segments, rules, windows.
    asked_messages: Vec<MessageId>,
    asked_journeys: Vec<JourneyId>,
    /// Some data is only for some purposes, and a journey carries over what an attribute says.
    carries_data: bool,
}

impl Relations {
    pub(super) fn of(
        project: &Project,
        declared: &[Vec<Declared>],
        checked: &Checked,
        plan: &Plan,
    ) -> Relations {
        let own = declared.iter().enumerate().map(|(file, all)| (FileId::at(file), all));
        let own = own.filter(|(file, _)| project.is_own(*file));
        let places = own.flat_map(|(file, all)| {
            let named = all.iter().enumerate().filter_map(|(at, one)| Some((one.kind.name()?, at)));
            named.map(move |(name, at)| (name.clone(), (file, at)))
        });
        let mut relations = Relations {
            declared: places.collect(),
            journeys: vec![Default::default(); plan.journeys.len()],
            senders: FxHashMap::default(),
            asked_messages: asked_messages(plan),
            asked_journeys: Vec::new(),
            carries_data: false,
        };
        let mut sets = Vec::new();
        for (id, journey) in (0..).map(JourneyId).zip(&plan.journeys) {
            for step in &journey.steps {
                match step.kind {
                    StepKind::Send { message, .. } => {
                        relations.journeys[id.index()].0.push(message);
                        relations.senders.entry(message).or_default().push(id);
                    }
                    StepKind::Enter { journey, .. } => {
                        relations.journeys[id.index()].1.push(journey);
                        relations.journeys[journey.index()].1.push(id);
                    }
                    StepKind::Set { .. } => sets.push(id),
                    _ => {}
                }
            }
        }
        let asked = plan.slots.iter().filter_map(|slot| match slot.source {
            Source::InJourney(journey) => Some(journey),
            _ => None,
        });
        relations.asked_journeys = asked.collect();
        if is_restricted(checked) && !sets.is_empty() {
            // By an attribute that a journey sets data comes to messages that the journey doesn't send.
            relations.carries_data = true;
            relations.asked_journeys.extend(sets);
        }
        relations
    }

    /// The declarations that are to be read beside a message, ascending; `None` where they are too many, or what the message
    /// says can matter to messages that aren't among them.
    pub(super) fn beside(&self, plan: &Plan, message: MessageId) -> Option<BTreeSet<Position>> {
        if self.carries_data && self.senders.contains_key(&message) {
            // A journey goes on by what becomes of it, and sets what others read.
            return None;
        }
        let mut messages = BTreeSet::new();
        let mut journeys = BTreeSet::new();
        let mut open = self.asked_journeys.clone();
        let named = self.asked_messages.iter().chain([&message]);
        for message in named {
            messages.insert(*message);
            open.extend(self.senders.get(message).into_iter().flatten());
        }
        while let Some(journey) = open.pop() {
            if !journeys.insert(journey) {
                continue;
            }
            let (sent, entered) = &self.journeys[journey.index()];
            open.extend(entered);
            for message in sent {
                if messages.insert(*message) {
                    open.extend(self.senders.get(message).into_iter().flatten());
                }
            }
            if messages.len() + journeys.len() > MOST {
                return None;
            }
        }
        messages.remove(&message);
        let messages = messages.iter().map(|id| &plan.messages[id.index()].name);
        let journeys = journeys.iter().map(|id| &plan.journeys[id.index()].name);
        messages.chain(journeys).map(|name| self.declared.get(name).copied()).collect()
    }
}

/// The messages for which expressions ask.
fn asked_messages(plan: &Plan) -> Vec<MessageId> {
    let cells = plan.exprs.iter().flat_map(|node| match &node.op {
        Op::Constant(cell) if node.ty == Type::Message => std::slice::from_ref(cell),
        Op::In(a, cells) if plan.expr(*a).ty == Type::Message => cells,
        _ => &[],
    });
    let mut messages: Vec<MessageId> =
        cells.filter_map(|cell| u32::try_from(*cell).ok()).map(MessageId).collect();
    messages.sort_unstable();
    messages.dedup();
    messages
}

/// Whether some data is only for some purposes.
fn is_restricted(checked: &Checked) -> bool {
    let fields = checked.events.iter().flat_map(|event| &event.fields);
    checked.attributes.iter().any(|one| !one.only_for.is_empty())
        || checked.events.iter().any(|one| !one.only_for.is_empty())
        || fields.into_iter().any(|one| !one.only_for.is_empty())
}

impl Kind {
    fn name(&self) -> Option<&SmolStr> {
        match self {
            Kind::Message(name) | Kind::Journey(name) => Some(name),
            Kind::Suppress | Kind::Other => None,
        }
    }
}
